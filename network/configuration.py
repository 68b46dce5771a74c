"""Updates of a running channel's configuration, signed by the organisations' administrators."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from network import protos
from network.calls import Caller, CallError, order, orderer_height, query
from network.errors import NetworkError
from network.signing import Signer, envelope

SECONDS = 300.0
# Fabric quotes whole policies in what it says.
_SAID = 300
Change = Callable[[Any], None]


def reconfigure(
    channel: str, admins: Mapping[str, Caller], change: Change, signers: Sequence[str], awaited: Sequence[str]
) -> bool:
    """`change` edits the channel's ConfigGroup; the administrators of `signers` (MSP ids) sign.

    Returns once every peer and orderer of `awaited` has the new configuration; False if `change` changed
    nothing. Raises NetworkError when the update is refused or does not take effect.
    """
    first = admins[signers[0]]
    try:
        number, before = _newest(admins.values(), channel)
        after = protos.configtx.ConfigGroup.FromString(before.channel_group.SerializeToString())
        change(after)
        update = protos.configtx.ConfigUpdate(channel_id=channel)
        if not _differences(before.channel_group, after, update.read_set, update.write_set):
            return False
        order(first, _signed(channel, update, [admins[msp].signer for msp in signers]))
    except CallError as error:
        raise _refused(str(error)[:_SAID]) from error
    deadline, last = time.monotonic() + SECONDS, ""
    while True:
        try:
            if all(_has_newer(admins[msp], channel, number) for msp in awaited):
                return True
        except CallError as error:
            last = str(error)
        if time.monotonic() > deadline:
            raise _late(last)
        time.sleep(0.1)


def _newest(admins: Iterable[Caller], channel: str) -> tuple[int, Any]:
    """Of all peers that answer: one may lag, or have been revoked. Raises CallError when none answers."""
    found, why = [], CallError("no peer")
    for one in admins:
        try:
            found.append(_configuration(one, channel))
        except CallError as error:
            why = error
    if not found:
        raise why
    return max(found, key=lambda pair: pair[0])


def _configuration(one: Caller, channel: str) -> tuple[int, Any]:
    """Block number, and configtx.Config, as this organisation's peer has it. Raises CallError."""
    block = protos.common.Block.FromString(query(one, channel, "cscc", b"GetConfigBlock", channel.encode()))
    payload = protos.common.Payload.FromString(protos.common.Envelope.FromString(block.data.data[0]).payload)
    return block.header.number, protos.configtx.ConfigEnvelope.FromString(payload.data).config


def in_msp(msp: str, change: Change) -> Change:
    """`change` edits an organisation's FabricMSPConfig: one definition, which stands in two groups, and in
    both in the same octets."""

    def changed(root: Any) -> None:
        values = [root.groups[name].groups[msp].values["MSP"] for name in ("Application", "Orderer")]
        config = protos.msp_config.MSPConfig.FromString(values[0].value)
        fabric = protos.msp_config.FabricMSPConfig.FromString(config.config)
        change(fabric)
        config.config = fabric.SerializeToString()
        for value in values:
            value.value = config.SerializeToString()

    return changed


def _has_newer(one: Caller, channel: str, number: int) -> bool:
    newer, _ = _configuration(one, channel)
    height = orderer_height(one, channel)
    return newer > number and height is not None and height > newer


def _differences(before: Any, after: Any, read: Any, write: Any) -> bool:
    """The groups on the way to a changed value or policy stand in both sets with their versions; what is
    changed stands in the write set with the next version (as Fabric's configtxlator computes it)."""
    read.version = write.version = before.version
    changed = False
    for name, value in before.values.items():
        if after.values[name].value != value.value:
            write.values[name].CopyFrom(after.values[name])
            write.values[name].version = value.version + 1
            changed = True
    for name, policy in before.policies.items():
        if after.policies[name].policy != policy.policy:
            write.policies[name].CopyFrom(after.policies[name])
            write.policies[name].version = policy.version + 1
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


def _refused(why: str) -> NetworkError:
    return NetworkError(
        f"通道配置没有改动:网络不接受这次更新({why})。"
        "请先执行 archive-ledger network status,待各机构在线后再试。",
        f"The channel's configuration is unchanged: the network did not take the update ({why}). "
        "See 'archive-ledger network status', and try again when the organisations are up.",
    )


def _late(last: str) -> NetworkError:
    return NetworkError(
        f"更新已交给网络,但 {SECONDS:.0f} 秒内没有在各机构生效。"
        f"请待各机构在线后再执行同一命令,它会接着做。{last}",
        f"The update was handed in but did not take effect at every organisation within {SECONDS:.0f} s. "
        f"Run the same command again once they are up; it goes on from here. {last}",
    )
