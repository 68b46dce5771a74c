"""Real updates of a running channel's configuration, signed by the organisations' administrators."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from network import protos
from network.ca import load_authority
from network.callers import caller
from network.calls import Caller, order, orderer_height, query
from network.consortium import read_consortium
from network.layout import Node, layout
from network.locking import locked
from network.marker import read_marker
from network.processes import running, start, stop
from network.signing import Signer, envelope
from network.site import sites

SECONDS = 60.0
Change = Callable[[Any], None]


def callers(home: Path) -> dict[str, Caller]:
    """Each organisation's administrator, by MSP id."""
    places = layout(home)
    marker = read_marker(places)
    assert marker is not None
    consortium = read_consortium(places.consortium)
    return {site.msp: caller(places, site) for site in sites(consortium, marker.address)}


def reconfigure(home: Path, change: Change, signers: Sequence[str], without: Sequence[str] = ()) -> None:
    """`change` edits the channel's ConfigGroup; `signers` are the organisations whose administrators sign.

    Returns once every peer and orderer has the new configuration, those of `without` apart.
    """
    marker = read_marker(layout(home))
    assert marker is not None
    admins = callers(home)
    with locked(home / "configuration-update.lock", 300, lambda: None):
        number, before = _newest(admins[signers[0]], marker.channel)
        after = protos.configtx.ConfigGroup.FromString(before.channel_group.SerializeToString())
        change(after)
        update = protos.configtx.ConfigUpdate(channel_id=marker.channel)
        assert _differences(before.channel_group, after, update.read_set, update.write_set)
        order(admins[signers[0]], _signed(marker.channel, update, [admins[msp].signer for msp in signers]))
        deadline = time.monotonic() + SECONDS
        awaited = [one for msp, one in admins.items() if msp not in without]
        while not all(_has_newer(one, marker.channel, number) for one in awaited):
            assert time.monotonic() < deadline, "the configuration update did not take effect"
            time.sleep(0.1)


def _newest(one: Caller, channel: str) -> tuple[int, Any]:
    """Block number, and configtx.Config, as this organisation's peer has it."""
    block = protos.common.Block.FromString(query(one, channel, "cscc", b"GetConfigBlock", channel.encode()))
    payload = protos.common.Payload.FromString(protos.common.Envelope.FromString(block.data.data[0]).payload)
    return block.header.number, protos.configtx.ConfigEnvelope.FromString(payload.data).config


def _has_newer(one: Caller, channel: str, number: int) -> bool:
    newer, _ = _newest(one, channel)
    height = orderer_height(one, channel)
    return newer > number and height is not None and height > newer


def _differences(before: Any, after: Any, read: Any, write: Any) -> bool:
    """The groups on the way to a changed value stand in both sets with their versions; the value stands in
    the write set with the next version (as Fabric's configtxlator computes it)."""
    read.version = write.version = before.version
    changed = False
    for name, value in before.values.items():
        if after.values[name].value != value.value:
            write.values[name].CopyFrom(after.values[name])
            write.values[name].version = value.version + 1
            changed = True
    for name, group in before.groups.items():
        reads, writes = protos.configtx.ConfigGroup(), protos.configtx.ConfigGroup()
        if _differences(group, after.groups[name], reads, writes):
            read.groups[name].CopyFrom(reads)
            write.groups[name].CopyFrom(writes)
            changed = True
    return changed


def _signed(channel: str, update: Any, signers: Sequence[Signer]) -> Any:
    whole = protos.configtx.ConfigUpdateEnvelope(config_update=update.SerializeToString())
    for signer in signers:
        header = _header(signer)
        whole.signatures.add(signature_header=header, signature=signer.sign(header + whole.config_update))
    channel_header = protos.common.ChannelHeader(type=protos.common.CONFIG_UPDATE, channel_id=channel)
    channel_header.timestamp.GetCurrentTime()
    header = protos.common.Header(
        channel_header=channel_header.SerializeToString(), signature_header=_header(signers[0])
    )
    return envelope(signers[0], header, whole.SerializeToString())


def _header(signer: Signer) -> bytes:
    nonce = os.urandom(24)
    header: bytes = protos.common.SignatureHeader(creator=signer.creator, nonce=nonce).SerializeToString()
    return header


def in_msp(msp: str, change: Change) -> Change:
    """`change` edits an organisation's FabricMSPConfig: one definition, which stands in two groups."""

    def changed(root: Any) -> None:
        for name in ("Application", "Orderer"):
            value = root.groups[name].groups[msp].values["MSP"]
            config = protos.msp_config.MSPConfig.FromString(value.value)
            fabric = protos.msp_config.FabricMSPConfig.FromString(config.config)
            change(fabric)
            config.config = fabric.SerializeToString()
            value.value = config.SerializeToString()

    return changed


def revoke(home: Path, msp: str, serial: int, without: Sequence[str] = ()) -> None:
    """Lists one serial number in a CRL of the organisation's node CA. Its own administrator may."""
    node = load_authority(layout(home), msp, "node")
    now = datetime.datetime.now(datetime.UTC)
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(node.key.public_key())
    revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(node.certificate.subject)
        .last_update(now)
        .next_update(now + datetime.timedelta(days=365))
        .add_extension(key_id, critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_revoked_certificate(revoked)
        .sign(node.key, hashes.SHA256())
    ).public_bytes(Encoding.PEM)
    reconfigure(home, in_msp(msp, lambda fabric: fabric.revocation_list.append(crl)), [msp], without)


def add_person_ca(home: Path, msp: str, pem: bytes) -> None:
    """One more root of the organisation's MSP. Its own administrator may."""
    reconfigure(home, in_msp(msp, lambda fabric: fabric.root_certs.append(pem)), [msp])


def change_orderer_times(home: Path, signers: Sequence[str], complain: str) -> None:
    """How long an orderer waits before it complains of the leader. A majority of administrators must sign."""

    def change(root: Any) -> None:
        value = root.groups["Orderer"].values["ConsensusType"]
        kind = protos.orderer_configuration.ConsensusType.FromString(value.value)
        options = protos.smartbft.Options.FromString(kind.metadata)
        options.request_complain_timeout = complain
        kind.metadata = options.SerializeToString()
        value.value = kind.SerializeToString()

    reconfigure(home, change, signers)


def restart(home: Path, node: Node) -> None:
    """Stops one process and starts it again as it was."""
    (one,) = [one for one in running(layout(home)) if one.node == node]
    command, environment = tuple(one.process.cmdline()), one.process.environ()
    stop([one], 5)
    start(layout(home), node, one.digest, command, environment, layout(home).node(node))
