"""Looking things up in the configuration's tree of groups. Keys there are distinct (`wire.entries`)."""

from __future__ import annotations

from typing import TypeVar

from verifier.errors import EvidenceError
from verifier.fabric.config_messages import ConfigGroup, Policy
from verifier.fabric.wire import read

Message = TypeVar("Message")


def groups_of(group: ConfigGroup) -> dict[str, ConfigGroup]:
    """By key, sorted."""
    return {e.key: e.value for e in sorted(group.groups, key=lambda e: e.key) if e.value is not None}


def value_octets(group: ConfigGroup, key: str, at: str) -> bytes:
    """Raises EvidenceError CONFIG_VALUE_MISSING."""
    for entry in group.values:
        if entry.key == key and entry.value is not None:
            return entry.value.value
    raise EvidenceError("CONFIG_VALUE_MISSING", at, key)


def value_of(group: ConfigGroup, key: str, cls: type[Message], at: str) -> Message:
    """Raises EvidenceError CONFIG_VALUE_MISSING, WIRE_…"""
    return read(cls, value_octets(group, key, at), f"{at}.{key}")


def policy_of(group: ConfigGroup, key: str, at: str) -> Policy:
    """Raises EvidenceError CONFIG_VALUE_MISSING."""
    for entry in group.policies:
        if entry.key == key and entry.value is not None and entry.value.policy is not None:
            return entry.value.policy
    raise EvidenceError("CONFIG_VALUE_MISSING", at, f"policy {key}")
