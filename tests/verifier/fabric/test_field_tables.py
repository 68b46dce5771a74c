"""The field tables are Fabric's, and docs/formats.md section 14 prints them as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from tests.verifier.fabric.official import official_of, our_messages, slots
from verifier.fabric.wire import Kind, Presence, Slot

FORMATS = Path(__file__).parents[3] / "docs" / "formats.md"
KINDS = {
    FieldDescriptor.TYPE_UINT32: (Kind.NUMBER, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (Kind.NUMBER, 2**64 - 1),
    FieldDescriptor.TYPE_INT32: (Kind.NUMBER, 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (Kind.NUMBER, 2**63 - 1),
    FieldDescriptor.TYPE_ENUM: (Kind.NUMBER, 2**31 - 1),
    FieldDescriptor.TYPE_BOOL: (Kind.FLAG, 1),
    FieldDescriptor.TYPE_STRING: (Kind.TEXT, 0),
    FieldDescriptor.TYPE_BYTES: (Kind.OCTETS, 0),
    FieldDescriptor.TYPE_MESSAGE: (Kind.MESSAGE, 0),
}
# Fields of the official messages that nothing of ours writes: where they occur, the message is refused.
REFUSED = {
    "ChaincodeProposalPayload.TransientMap",
    "ChaincodeSpec.timeout",
    "ChaincodeInput.decorations",
    "ChaincodeInput.is_init",
}
# Nested messages that are kept as octets, and refused (or not looked at) as a whole.
KEPT_AS_OCTETS = {
    "FabricMSPConfig.signing_identity",
    "KVRWSet.range_queries_info",
    "KVRWSet.metadata_writes",
    "NsReadWriteSet.collection_hashed_rwset",
}


@pytest.mark.parametrize("cls", our_messages(), ids=lambda cls: cls.__name__)
def test_each_table_has_the_fields_of_the_official_message(cls: type[Any]) -> None:
    official = official_of(cls).DESCRIPTOR
    for name, slot in slots(cls):
        field = official.fields_by_number[slot.number]
        assert field.name == name
        assert (field.label == FieldDescriptor.LABEL_REPEATED) == slot.repeated
        kind, high = KINDS[field.type]
        if f"{cls.__name__}.{name}" in KEPT_AS_OCTETS:
            assert (kind, slot.kind) == (Kind.MESSAGE, Kind.OCTETS)
            continue
        assert (slot.kind, slot.high) == (kind, high)
        if slot.message is not None:
            assert official_of(slot.message()).DESCRIPTOR.full_name == field.message_type.full_name


def test_only_the_fields_named_here_are_left_out() -> None:
    missing = {
        f"{cls.__name__}.{field.name}"
        for cls in our_messages()
        for field in official_of(cls).DESCRIPTOR.fields
        if field.number not in {slot.number for _, slot in slots(cls)}
    }
    assert missing == REFUSED


def _printed(name: str, slot: Slot) -> str:
    if slot.message is not None:
        kind = slot.message().__name__
    elif slot.kind is Kind.NUMBER:
        kind = {2**32 - 1: "uint32", 2**64 - 1: "uint64", 2**31 - 1: "int32", 2**63 - 1: "int64"}[slot.high]
    else:
        kind = {Kind.FLAG: "bool", Kind.OCTETS: "bytes", Kind.TEXT: "string"}[slot.kind]
    mark = "{}" if slot.distinct_keys else "*" if slot.repeated else ""
    if not slot.repeated and slot.presence is Presence.ALWAYS:
        mark = "!"
    if slot.kind is not Kind.MESSAGE and slot.presence is Presence.CHOICE:
        mark = "?"
    return f"{slot.number} {name} {kind}{mark}"


def test_formats_prints_the_tables() -> None:
    section = FORMATS.read_text(encoding="utf-8").split("\n## 14. Field tables\n")[1].split("\n## ")[0]
    printed = dict(re.findall(r"^    (\w+): *(.*)$", section, re.MULTILINE))
    expected = {cls.__name__: ", ".join(_printed(n, s) for n, s in slots(cls)) for cls in our_messages()}
    assert printed == expected
