"""Octets that a lenient protobuf reader takes, and this one must not."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.common import common_pb2
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.fabric.forge import good
from verifier.errors import EvidenceError
from verifier.fabric import wire
from verifier.fabric.config_messages import (
    Capabilities,
    ConfigGroup,
    FabricNodeOUs,
    GroupEntry,
    SignaturePolicy,
)
from verifier.fabric.messages import (
    ChannelHeader,
    Envelope,
    IdentifierHeader,
    KVWrite,
    LastConfig,
    Payload,
    Transaction,
    TransactionAction,
    TxReadWriteSet,
    Version,
)
from verifier.fabric.wire import encode, read


def _code(cls: type[Any], octets: bytes) -> str:
    with pytest.raises(EvidenceError) as refused:
        read(cls, octets, "here")
    assert refused.value.at.startswith("here")
    return refused.value.code


def _nested(levels: int) -> bytes:
    """Groups in groups."""
    group = ConfigGroup()
    for _ in range(levels):
        group = ConfigGroup(groups=(GroupEntry("k", group),))
    return encode(group)


def _code_or_same(cls: type[Any], octets: bytes) -> str:
    """The code with which `octets` are refused, or "same" where they are read and encode to themselves."""
    try:
        value = read(cls, octets, "here")
    except EvidenceError as error:
        return error.code
    assert encode(value) == octets
    return "same"


REFUSED = {
    "the same field twice, as last-wins readers allow": (
        Envelope,
        b"\x0a\x01a\x0a\x01b\x12\x01s",
        "WIRE_REPEATED_FIELD",
    ),
    "fields in descending order": (Envelope, b"\x12\x01s\x0a\x01p", "WIRE_ORDER"),
    "the same field twice, apart": (Envelope, b"\x0a\x01a\x12\x01s\x0a\x01b", "WIRE_ORDER"),
    "a field nobody knows": (Envelope, b"\x0a\x01p\x12\x01s\x1a\x01x", "WIRE_UNKNOWN_FIELD"),
    "field number 0": (Envelope, b"\x02\x01p", "WIRE_UNKNOWN_FIELD"),
    "a huge field number": (Envelope, b"\xfa\xff\xff\xff\x0f\x01p", "WIRE_UNKNOWN_FIELD"),
    "octets written as a varint": (Envelope, b"\x08\x01", "WIRE_TYPE"),
    "octets written as a group": (Envelope, b"\x0b\x0c", "WIRE_TYPE"),
    "octets written as fixed64": (Envelope, b"\x09" + bytes(8), "WIRE_TYPE"),
    "a number written as octets": (LastConfig, b"\x0a\x01\x05", "WIRE_TYPE"),
    "a default number": (LastConfig, b"\x08\x00", "WIRE_DEFAULT"),
    "a default flag": (KVWrite, b"\x0a\x01k\x10\x00", "WIRE_DEFAULT"),
    "empty octets": (Envelope, b"\x0a\x00\x12\x01s", "WIRE_DEFAULT"),
    "an empty string": (KVWrite, b"\x0a\x00", "WIRE_DEFAULT"),
    "a flag of 2": (KVWrite, b"\x0a\x01k\x10\x02", "WIRE_RANGE"),
    "a varint with a useless octet": (LastConfig, b"\x08\x85\x00", "WIRE_VARINT"),
    "a tag with a useless octet": (LastConfig, b"\x88\x00\x05", "WIRE_VARINT"),
    "a length with a useless octet": (Envelope, b"\x0a\x81\x00p", "WIRE_VARINT"),
    "a varint of 65 bits": (LastConfig, b"\x08" + b"\xff" * 9 + b"\x02", "WIRE_VARINT"),
    "a varint of 11 octets": (LastConfig, b"\x08" + b"\xff" * 10 + b"\x01", "WIRE_VARINT"),
    "more than uint32": (IdentifierHeader, b"\x08\x80\x80\x80\x80\x10", "WIRE_RANGE"),
    "a negative int32": (ChannelHeader, b"\x08" + b"\xff" * 9 + b"\x01", "WIRE_RANGE"),
    "a varint cut short": (LastConfig, b"\x08\x85", "WIRE_TRUNCATED"),
    "a tag and no more": (LastConfig, b"\x08", "WIRE_TRUNCATED"),
    "a length beyond the end": (Envelope, b"\x0a\x02p", "WIRE_TRUNCATED"),
    "a length far beyond the end": (Envelope, b"\x0a" + b"\xff" * 9 + b"\x01", "WIRE_TRUNCATED"),
    "text that is not UTF-8": (KVWrite, b"\x0a\x01\xff", "WIRE_UTF8"),
    "text with a surrogate": (KVWrite, b"\x0a\x03\xed\xa0\x80", "WIRE_UTF8"),
    "an unknown field in a nested message": (Payload, b"\x0a\x03\x1a\x01x", "WIRE_UNKNOWN_FIELD"),
    "a nested message twice, which lenient readers merge": (
        Payload,
        b"\x0a\x03\x0a\x01a\x0a\x03\x12\x01b",
        "WIRE_REPEATED_FIELD",
    ),
    "a map key twice": (Capabilities, b"\x0a\x05\x0a\x01k\x12\x00" * 2, "WIRE_REPEATED_KEY"),
    "a map entry without key": (Capabilities, b"\x0a\x02\x12\x00", "WIRE_MISSING"),
    "a map entry without value": (Capabilities, b"\x0a\x03\x0a\x01k", "WIRE_MISSING"),
    "an unknown field in an empty message": (
        Capabilities,
        b"\x0a\x07\x0a\x01k\x12\x02\x08\x01",
        "WIRE_UNKNOWN_FIELD",
    ),
    "a field ten thousand times and once more": (Transaction, b"\x0a\x00" * 10_001, "WIRE_REPEATED_OFTEN"),
    "groups without end": (ConfigGroup, _nested(20), "WIRE_DEPTH"),
}


@pytest.mark.parametrize(("cls", "octets", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(cls: type[Any], octets: bytes, code: str) -> None:
    assert _code(cls, octets) == code


TAKEN: dict[str, tuple[type[Any], bytes, Any]] = {
    "a field ten thousand times": (
        Transaction,
        b"\x0a\x00" * 10_000,
        Transaction((TransactionAction(),) * 10_000),
    ),
    "nothing at all": (Envelope, b"", Envelope()),
    "the greatest uint64": (LastConfig, b"\x08" + b"\xff" * 9 + b"\x01", LastConfig(2**64 - 1)),
    "an empty nested message": (Payload, b"\x0a\x00", read(Payload, b"\x0a\x00", "here")),
    "member 0 of a oneof": (SignaturePolicy, b"\x08\x00", SignaturePolicy(signed_by=0)),
    "an empty key of a map": (
        ConfigGroup,
        b"\x12\x04\x0a\x00\x12\x00",
        ConfigGroup(groups=(GroupEntry("", ConfigGroup()),)),
    ),
    "a flag": (FabricNodeOUs, b"\x08\x01", FabricNodeOUs(enable=True)),
}


@pytest.mark.parametrize(("cls", "octets", "value"), TAKEN.values(), ids=TAKEN)
def test_taken(cls: type[Any], octets: bytes, value: Any) -> None:
    assert read(cls, octets, "here") == value
    assert encode(value) == octets


def test_the_official_reader_would_take_two_payloads() -> None:
    """The attack that strict reading is for: one signature, two readings."""
    twice = b"\x0a\x01a\x0a\x01b\x12\x01s"
    assert common_pb2.Envelope.FromString(twice).payload == b"b"
    assert _code(Envelope, twice) == "WIRE_REPEATED_FIELD"


@pytest.mark.parametrize("cls", [Envelope, Payload, ChannelHeader, TxReadWriteSet, Version, ConfigGroup])
@given(octets=st.binary(max_size=40))
def test_what_is_read_encodes_to_itself(cls: type[Any], octets: bytes) -> None:
    code = _code_or_same(cls, octets)
    assert code == "same" or code.startswith("WIRE_")
    assert code != "WIRE_NOT_CANONICAL", "a rule is missing: only the last defence saw it"


@given(position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_a_changed_octet_is_refused_or_encodes_to_itself(position: int, change: int) -> None:
    octets = bytearray(good().block.envelopes[1])
    octets[position % len(octets)] ^= change
    code = _code_or_same(Envelope, bytes(octets))
    assert code == "same" or code.startswith("WIRE_")
    assert code != "WIRE_NOT_CANONICAL"


@given(
    type_=st.integers(0, 2**31 - 1),
    seconds=st.integers(0, 2**63 - 1),
    channel=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    epoch=st.integers(0, 2**64 - 1),
    extension=st.binary(max_size=300),
)
def test_the_official_encoder_and_ours_agree(
    type_: int, seconds: int, channel: str, epoch: int, extension: bytes
) -> None:
    official = common_pb2.ChannelHeader(
        type=type_, timestamp={"seconds": seconds}, channel_id=channel, epoch=epoch, extension=extension
    )
    octets = official.SerializeToString()
    ours = read(ChannelHeader, octets, "here")
    assert encode(ours) == octets
    assert (ours.type, ours.channel_id, ours.epoch, ours.extension) == (type_, channel, epoch, extension)


def test_the_last_defence_does_not_need_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were varints read leniently, the comparison with the octets would still refuse the longer form."""

    def lenient(data: bytes, position: int, at: str) -> tuple[int, int]:
        value = shift = 0
        while data[position] & 0x80:
            value |= (data[position] & 0x7F) << shift
            position, shift = position + 1, shift + 7
        return value | data[position] << shift, position + 1

    assert _code(LastConfig, b"\x08\x85\x00") == "WIRE_VARINT"
    monkeypatch.setattr(wire, "_varint", lenient)
    assert read(LastConfig, b"\x08\x05", "here") == LastConfig(5)
    assert _code(LastConfig, b"\x08\x85\x00") == "WIRE_NOT_CANONICAL"
