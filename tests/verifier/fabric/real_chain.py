"""A ledger of empty batches on a running network, and an update of its configuration."""

from __future__ import annotations

import datetime
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, ledger_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.orderer import ab_pb2_grpc

from ledger.fabric.blocks import (
    block_by_number,
    carried,
    configurations_after,
    newest_configuration,
    transaction_number,
)
from ledger.fabric.endorse import Judge, endorse_widely
from ledger.fabric.gateway import Chain, commit_status, evaluate, proposal, submit
from network.ca import load_authority
from network.layout import layout
from network.signing import load_signer
from verifier.anchor import absent, anchor_digest, anchor_key, ledger_id, parse_anchor
from verifier.canonical import Json, encode
from verifier.digests import sha256, sm3
from verifier.fabric.anchoring import Place
from verifier.fabric.block import CarriedBlock
from verifier.fabric.endorsement import check_endorsements
from verifier.fabric.history import follow_all, pin
from verifier.fabric.transaction import read_transaction
from verifier.marker import Marker, PreviousAnchor, encode_marker
from verifier.merkle import leaf_hash, root_of

ORIGIN = "qinghe.yunling.example/archives"


@dataclass(frozen=True)
class Written:
    """An anchor on chain: its octets, its block, its number in the block."""

    anchor: bytes
    block: CarriedBlock
    transaction: int


def judge(chain: Chain) -> Judge:
    blocks = [carried(block) for block in configurations_after(chain, -1)]
    newest = follow_all(pin(0, b"", blocks[0].envelopes), blocks[1:]).newest
    return lambda payload: check_endorsements(read_transaction(payload, "answer"), newest, "answer")


def open_ledger(chain: Chain) -> Place:
    """A new ledger, with a checkpoint key that nobody else has."""
    key = os.urandom(32)
    endorsed = endorse_widely(chain, proposal(chain, ["Open", ORIGIN, key.hex(), "ledger"]), judge(chain))
    submit(chain, endorsed)
    assert commit_status(chain, endorsed.txid).code == 0
    return Place(chain.connection.channel, chain.connection.chaincode, ledger_id(ORIGIN, key))


def anchor_empty(chain: Chain, place: Place, before: tuple[Written, ...]) -> Written:
    """Anchors a batch that holds its marker alone, after those of `before`."""
    markers = [_marker(place, before[:number]) for number in range(len(before) + 1)]
    frontier: dict[str, Json] = {"size": len(before)}
    for name, h in (("sha256", sha256), ("sm3", sm3)):
        leaves = [leaf_hash(h, marker.encode()) for marker in markers[:-1]]
        frontier[name] = [root.hex() for root in _frontier(h, leaves)]
    batch: dict[str, Json] = {
        "certificates": [],
        "frontier": frontier,
        "ledger": place.ledger.hex(),
        "links": [],
        "marker": markers[-1],
        "number": len(before),
        "statements": [],
        "version": "archive-ledger batch v1",
    }
    endorsed = endorse_widely(
        chain, proposal(chain, ["Anchor", place.ledger.hex()], {"batch": encode(batch)}), judge(chain)
    )
    submit(chain, endorsed)
    status = commit_status(chain, endorsed.txid)
    assert status.code == 0
    octets = block_by_number(chain, status.block)
    arguments = [b"Get", place.ledger.hex().encode(), str(len(before)).encode()]
    missing = absent(anchor_key(place.ledger, len(before)))
    # Peers have a block one after the other, and the first that has it says so.
    while (anchor := evaluate(chain, place.chaincode, arguments)) == missing:
        time.sleep(0.01)
    return Written(
        anchor=anchor,
        block=carried(octets),
        transaction=transaction_number(octets, endorsed.txid),
    )


def _marker(place: Place, before: tuple[Written, ...]) -> str:
    if not before:
        return encode_marker(Marker(0, place.ledger, 0, None))
    octets = before[-1].anchor
    anchor = parse_anchor(octets)
    previous = PreviousAnchor(anchor_digest(octets), anchor.time, anchor.txid)
    return encode_marker(Marker(len(before), place.ledger, len(before), previous))


def _frontier(h: Any, leaves: list[bytes]) -> list[bytes]:
    """Roots of the complete subtrees, largest first."""
    roots, start = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> bit & 1:
            roots.append(root_of(h, leaves[start : start + (1 << bit)]))
            start += 1 << bit
    return roots


def revoke(chain: Chain, home: Path, msp: str, serial: int) -> None:
    """A configuration update that lists one serial number in the CRL of an organisation's node CA.

    One MSP definition stands in two groups, and both must change alike.
    """
    block = common_pb2.Block.FromString(newest_configuration(chain))
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(block.data.data[0]).payload)
    root = configtx_pb2.ConfigEnvelope.FromString(payload.data).config.channel_group
    update = configtx_pb2.ConfigUpdate(channel_id=chain.connection.channel)
    for read_or_write in (update.read_set, update.write_set):
        read_or_write.version = root.version
        for name in ("Application", "Orderer"):
            read_or_write.groups[name].version = root.groups[name].version
            read_or_write.groups[name].groups[msp].version = root.groups[name].groups[msp].version
    revoking = _with_revoked(root.groups["Orderer"].groups[msp].values["MSP"].value, home, msp, serial)
    for name in ("Application", "Orderer"):
        value = root.groups[name].groups[msp].values["MSP"]
        value.version += 1
        value.value = revoking
        update.write_set.groups[name].groups[msp].values["MSP"].CopyFrom(value)
    _update(chain, home, root, msp, update)


def _with_revoked(value: bytes, home: Path, msp: str, serial: int) -> bytes:
    config = msp_config_pb2.MSPConfig.FromString(value)
    fabric = msp_config_pb2.FabricMSPConfig.FromString(config.config)
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
    )
    fabric.revocation_list.append(crl.public_bytes(Encoding.PEM))
    config.config = fabric.SerializeToString()
    octets: bytes = config.SerializeToString()
    return octets


def _update(chain: Chain, home: Path, root: Any, msp: str, update: Any) -> None:
    """Signed by that organisation's admin, who may change its own MSP alone."""
    signer = load_signer(layout(home).identity(msp, "admin"), msp)
    nonce = os.urandom(24)
    header = common_pb2.SignatureHeader(creator=signer.creator, nonce=nonce).SerializeToString()
    whole = configtx_pb2.ConfigUpdateEnvelope(config_update=update.SerializeToString())
    whole.signatures.add(signature_header=header, signature=signer.sign(header + whole.config_update))
    channel_header = common_pb2.ChannelHeader(
        type=common_pb2.CONFIG_UPDATE,
        channel_id=chain.connection.channel,
        tx_id=sha256(nonce + signer.creator).hex(),
    )
    channel_header.timestamp.GetCurrentTime()
    payload = common_pb2.Payload(
        header=common_pb2.Header(channel_header=channel_header.SerializeToString(), signature_header=header),
        data=whole.SerializeToString(),
    ).SerializeToString()
    envelope = common_pb2.Envelope(payload=payload, signature=signer.sign(payload))
    endpoints = root.groups["Orderer"].groups[msp].values["Endpoints"].value
    address = configuration_pb2.OrdererAddresses.FromString(endpoints).addresses[0]
    tls = next(peer.tls_ca for peer in chain.connection.peers if peer.msp == msp)
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(tls), options=options) as channel:
        answer = next(iter(ab_pb2_grpc.AtomicBroadcastStub(channel).Broadcast(iter([envelope]), timeout=20)))
    assert answer.status == common_pb2.SUCCESS, answer.info


def all_blocks(chain: Chain) -> list[bytes]:
    """Every block that the first gateway's peer has."""
    info = evaluate(chain, "qscc", [b"GetChainInfo", chain.connection.channel.encode()])
    return [block_by_number(chain, n) for n in range(ledger_pb2.BlockchainInfo.FromString(info).height)]
