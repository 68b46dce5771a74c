"""Our field tables beside Fabric's own message definitions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2, msp_principal_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf import timestamp_pb2

from verifier.fabric import config_messages, messages
from verifier.fabric.wire import Slot

_MODULES: tuple[Any, ...] = (
    common_pb2,
    configtx_pb2,
    configuration_pb2,
    policies_pb2,
    rwset_pb2,
    kv_rwset_pb2,
    identities_pb2,
    msp_config_pb2,
    msp_principal_pb2,
    orderer_pb2,
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
    timestamp_pb2,
)
# Messages that the official definitions nest in another one.
_NESTED: dict[str, Any] = {
    "NOutOf": policies_pb2.SignaturePolicy.NOutOf,
    "GroupEntry": configtx_pb2.ConfigGroup.GroupsEntry,
    "ValueEntry": configtx_pb2.ConfigGroup.ValuesEntry,
    "PolicyEntry": configtx_pb2.ConfigGroup.PoliciesEntry,
    "CapabilityEntry": configuration_pb2.Capabilities.CapabilitiesEntry,
}


def our_messages() -> list[type[Any]]:
    """Every message class, in the order in which they are defined."""
    found: dict[type[Any], None] = {}
    for module in (messages, config_messages):
        for item in vars(module).values():
            if isinstance(item, type) and dataclasses.is_dataclass(item):
                found[item] = None
    return list(found)


def official_of(cls: type[Any]) -> Any:
    """The official class of the same name."""
    if cls.__name__ in _NESTED:
        return _NESTED[cls.__name__]
    return next(getattr(m, cls.__name__) for m in _MODULES if hasattr(m, cls.__name__))


def slots(cls: type[Any]) -> Iterator[tuple[str, Slot]]:
    for field in dataclasses.fields(cls):
        yield field.name, field.metadata["slot"]


def differences(ours: Any, theirs: Any, at: str) -> list[str]:
    """Where a message that we read differs from the same one as the official reader has it."""
    found = []
    for name, slot in slots(type(ours)):
        mine, official = getattr(ours, name), getattr(theirs, name)
        place = f"{at}.{name}"
        if slot.distinct_keys:
            found += _map_differences(mine, official, place)
        elif slot.repeated:
            if len(mine) != len(official):
                found.append(f"{place}: {len(mine)} {len(official)}")
            for n, (a, b) in enumerate(zip(mine, official, strict=False)):
                found += _value_differences(a, b, f"{place}[{n}]")
        elif mine is None:
            if theirs.HasField(name):
                found.append(f"{place}: absent here")
        else:
            found += _value_differences(mine, official, place)
    return found


def _map_differences(entries: Any, official: Any, at: str) -> list[str]:
    if {entry.key for entry in entries} != set(official):
        return [f"{at}: keys"]
    return [d for e in entries for d in _value_differences(e.value, official[e.key], f"{at}.{e.key}")]


def _value_differences(mine: Any, official: Any, at: str) -> list[str]:
    if dataclasses.is_dataclass(mine):
        return differences(mine, official, at)
    if hasattr(official, "SerializeToString"):
        official = official.SerializeToString()
    return [] if mine == official else [f"{at}: {mine!r} {official!r}"]
