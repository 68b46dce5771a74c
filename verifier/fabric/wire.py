"""A strict reader of protobuf. docs/formats.md section 13.

The hashes that orderers and peers sign are unframed, so octets with two readings would carry one signature
under two meanings. A message has one reading here: minimal varints, ascending fields, no unknown field, no
repeated singular field, no default value written; whatever is read encodes to its own octets again.

A message is a frozen dataclass whose fields are made by `octets`, `text`, `number` ... below: the class is
the field table.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from verifier.errors import EvidenceError

Message = TypeVar("Message")

MAX_DEPTH = 32
# Nothing of ours repeats a field so often; without a limit a small file could fill the memory.
MAX_REPEATED = 10_000
UINT32 = 2**32 - 1
INT32 = 2**31 - 1
UINT64 = 2**64 - 1
INT64 = 2**63 - 1
_VARINT, _DELIMITED = 0, 2


class Kind(Enum):
    NUMBER = "number"
    FLAG = "flag"
    OCTETS = "octets"
    TEXT = "text"
    MESSAGE = "message"


class Presence(Enum):
    """When an encoder writes a singular field. None stands for an absent field of presence CHOICE."""

    NOT_DEFAULT = "unless it has the default value"
    CHOICE = "if it was set (messages, members of a oneof)"
    ALWAYS = "always (key and value of a map's entry)"


@dataclass(frozen=True)
class Slot:
    """One field of a message. `high`: greatest number. `message`: gives the class of a nested message."""

    number: int
    kind: Kind
    presence: Presence
    repeated: bool = False
    distinct_keys: bool = False
    high: int = 0
    message: Callable[[], type[Any]] | None = None

    @property
    def wire_type(self) -> int:
        return _VARINT if self.kind in (Kind.NUMBER, Kind.FLAG) else _DELIMITED


def _field(default: object, slot: Slot) -> Any:
    return dataclasses.field(default=default, metadata={"slot": slot})


def number(field: int, high: int) -> Any:
    """An integer 0…`high`. Fabric puts no negative number into anything that is read here."""
    return _field(0, Slot(field, Kind.NUMBER, Presence.NOT_DEFAULT, high=high))


def chosen_number(field: int, high: int) -> Any:
    """An integer that is a member of a oneof, or None."""
    return _field(None, Slot(field, Kind.NUMBER, Presence.CHOICE, high=high))


def flag(field: int) -> Any:
    return _field(False, Slot(field, Kind.FLAG, Presence.NOT_DEFAULT, high=1))


def octets(field: int, presence: Presence = Presence.NOT_DEFAULT) -> Any:
    return _field(b"", Slot(field, Kind.OCTETS, presence))


def text(field: int, presence: Presence = Presence.NOT_DEFAULT) -> Any:
    return _field("", Slot(field, Kind.TEXT, presence))


def message(field: int, of: Callable[[], type[Any]], presence: Presence = Presence.CHOICE) -> Any:
    """A nested message, or None."""
    return _field(None, Slot(field, Kind.MESSAGE, presence, message=of))


def octets_list(field: int) -> Any:
    return _field((), Slot(field, Kind.OCTETS, Presence.ALWAYS, repeated=True))


def messages(field: int, of: Callable[[], type[Any]]) -> Any:
    return _field((), Slot(field, Kind.MESSAGE, Presence.ALWAYS, repeated=True, message=of))


def entries(field: int, of: Callable[[], type[Any]]) -> Any:
    """A map, as the tuple of its entries in the order written. Their `key`s differ."""
    return _field(
        (), Slot(field, Kind.MESSAGE, Presence.ALWAYS, repeated=True, distinct_keys=True, message=of)
    )


@functools.cache
def _table(cls: Any) -> dict[int, tuple[str, Slot]]:
    slots = ((field.name, field.metadata["slot"]) for field in dataclasses.fields(cls))
    return {slot.number: (name, slot) for name, slot in sorted(slots, key=lambda pair: pair[1].number)}


def _slots(cls: Any) -> dict[int, tuple[str, Slot]]:
    """The class's fields by number, ascending."""
    return _table(cls)


def read(cls: type[Message], data: bytes, at: str) -> Message:
    """The message in `data`. `at` names it in errors.

    Raises EvidenceError: WIRE_TRUNCATED, WIRE_VARINT, WIRE_UNKNOWN_FIELD, WIRE_TYPE, WIRE_ORDER,
    WIRE_REPEATED_FIELD, WIRE_REPEATED_KEY, WIRE_REPEATED_OFTEN, WIRE_DEFAULT, WIRE_MISSING, WIRE_RANGE,
    WIRE_UTF8, WIRE_DEPTH, WIRE_NOT_CANONICAL.
    """
    value = _read(cls, data, at, MAX_DEPTH)
    # By the rules above this holds already; it is checked so that it does not hang on their completeness.
    if encode(value) != data:
        raise EvidenceError("WIRE_NOT_CANONICAL", at)
    return value


def _read(cls: type[Message], data: bytes, at: str, depth: int) -> Message:
    if depth == 0:
        raise EvidenceError("WIRE_DEPTH", at, f"≤ {MAX_DEPTH}")
    slots = _slots(cls)
    values: dict[str, Any] = {}
    position = last = 0
    while position < len(data):
        tag, position = _varint(data, position, at)
        field, wire_type = tag >> 3, tag & 7
        if field not in slots:
            raise EvidenceError("WIRE_UNKNOWN_FIELD", at, cls.__name__, f"field {field}")
        name, slot = slots[field]
        place = f"{at}.{name}"
        if wire_type != slot.wire_type:
            raise EvidenceError("WIRE_TYPE", place, str(slot.wire_type), str(wire_type))
        if field < last:
            raise EvidenceError("WIRE_ORDER", place, "ascending field numbers", f"{field} after {last}")
        if field == last and not slot.repeated:
            raise EvidenceError("WIRE_REPEATED_FIELD", place)
        last = field
        value, position = _value(slot, data, position, place, depth)
        if slot.repeated:
            values.setdefault(name, []).append(value)
            if len(values[name]) > MAX_REPEATED:
                raise EvidenceError("WIRE_REPEATED_OFTEN", place, f"≤ {MAX_REPEATED}")
        else:
            values[name] = value
    _check_whole(slots, values, at)
    return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})


def _check_whole(slots: dict[int, tuple[str, Slot]], values: dict[str, Any], at: str) -> None:
    for name, slot in slots.values():
        if slot.presence is Presence.ALWAYS and not slot.repeated and name not in values:
            raise EvidenceError("WIRE_MISSING", f"{at}.{name}")
        if slot.distinct_keys:
            keys = [entry.key for entry in values.get(name, ())]
            if len(set(keys)) != len(keys):
                raise EvidenceError("WIRE_REPEATED_KEY", f"{at}.{name}")


def _value(slot: Slot, data: bytes, position: int, place: str, depth: int) -> tuple[Any, int]:
    value: Any
    if slot.wire_type == _VARINT:
        value, position = _varint(data, position, place)
        if value > slot.high:
            raise EvidenceError("WIRE_RANGE", place, f"0…{slot.high}", str(value))
        value = bool(value) if slot.kind is Kind.FLAG else value
    else:
        size, position = _varint(data, position, place)
        if size > len(data) - position:
            raise EvidenceError("WIRE_TRUNCATED", place, f"{size} octets", str(len(data) - position))
        value, position = data[position : position + size], position + size
    if slot.presence is Presence.NOT_DEFAULT and not value:
        raise EvidenceError("WIRE_DEFAULT", place)
    if slot.kind is Kind.TEXT:
        value = _utf8(value, place)
    elif slot.message is not None:
        value = _read(slot.message(), value, place, depth - 1)
    return value, position


def _utf8(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise EvidenceError("WIRE_UTF8", place) from None


def _varint(data: bytes, position: int, at: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if position >= len(data):
            raise EvidenceError("WIRE_TRUNCATED", at, "a varint")
        octet = data[position]
        position += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            if (octet == 0 and shift) or value > UINT64:
                break
            return value, position
    raise EvidenceError("WIRE_VARINT", at, "the shortest form, at most 64 bits")


def encode(value: Any) -> bytes:
    """The octets of a message, as the official encoder for Go writes them."""
    out = bytearray()
    for name, slot in _slots(type(value)).values():
        member = getattr(value, name)
        for item in member if slot.repeated else (member,):
            absent = item is None if slot.presence is Presence.CHOICE else not item
            if absent and slot.presence is not Presence.ALWAYS:
                continue
            out += _encode_varint(slot.number << 3 | slot.wire_type)
            out += _encode_value(slot, item)
    return bytes(out)


def _encode_value(slot: Slot, item: Any) -> bytes:
    if slot.wire_type == _VARINT:
        return _encode_varint(int(item))
    body: bytes
    if slot.kind is Kind.TEXT:
        body = item.encode("utf-8")
    elif slot.kind is Kind.MESSAGE:
        body = encode(item)
    else:
        body = item
    return _encode_varint(len(body)) + body


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
