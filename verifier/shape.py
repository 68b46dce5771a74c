"""Reading members of parsed JSON into typed values, with errors that name the member.

Every function raises EvidenceError: SHAPE_MEMBERS (missing or unknown member), SHAPE_TYPE, or SHAPE_VALUE.
"""

from __future__ import annotations

import datetime
import functools
import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from verifier.canonical import Json, base64_bytes, hex_bytes
from verifier.errors import EvidenceError, found_text

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}\Z")
MSP_ID = re.compile(r"[A-Za-z0-9.-]{1,64}\Z")
ORIGIN = re.compile(r"[a-z0-9./-]{1,200}\Z")
FIELD = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
HEX32 = re.compile(r"[0-9a-f]{64}\Z")
# The last character of 43 bears four bits of the digest and two that must be zero.
DIGEST43 = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
# fromisoformat is asked for the calendar only: which clocks and zones it takes is not the same in every
# Python (24:00 since 3.14, a zone's minutes beyond 59 before).
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_ZONE = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
_INSTANT = re.compile(rf"\d{{4}}-\d\d-\d\dT{_CLOCK}\.\d{{3}}Z\Z", re.ASCII)
_DATE = re.compile(rf"\d{{4}}(-\d\d(-\d\d(T{_CLOCK}{_ZONE})?)?)?\Z", re.ASCII)


Names: TypeAlias = tuple[str, ...] | frozenset[str]
# Of missing and of unknown members so many are named: there may be a million.
_NAMED = 10


@dataclass(frozen=True)
class Members:
    """A JSON object being read: `value`, and `at`, its place for error messages."""

    value: dict[str, Json]
    at: str

    def _place(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def has(self, name: str) -> bool:
        return name in self.value

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self.value[name]
        if not isinstance(value, str):
            raise EvidenceError("SHAPE_TYPE", self._place(name), "string", found_text(value))
        if pattern is not None and not pattern.match(value):
            raise EvidenceError("SHAPE_VALUE", self._place(name), pattern.pattern, found_text(value))
        return value

    def optional_text(self, name: str, pattern: re.Pattern[str] | None = None) -> str | None:
        return self.text(name, pattern) if name in self.value else None

    def constant(self, name: str, expected: str) -> None:
        if self.value[name] != expected:
            raise EvidenceError("SHAPE_VALUE", self._place(name), expected, found_text(self.value[name]))

    def one_of(self, name: str, allowed: Iterable[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise EvidenceError("SHAPE_VALUE", self._place(name), " ".join(allowed), found_text(value))
        return value

    def integer(self, name: str, low: int = 0, high: int = 2**53 - 1) -> int:
        value = self.value[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise EvidenceError("SHAPE_TYPE", self._place(name), "integer", found_text(value))
        if not low <= value <= high:
            raise EvidenceError("SHAPE_VALUE", self._place(name), f"{low}…{high}", str(value))
        return value

    def optional_integer(self, name: str, low: int = 0) -> int | None:
        return self.integer(name, low) if name in self.value else None

    def array(self, name: str, most: int, least: int = 0) -> list[Json]:
        value = self.value[name]
        if not isinstance(value, list):
            raise EvidenceError("SHAPE_TYPE", self._place(name), "array", found_text(value))
        if not least <= len(value) <= most:
            raise EvidenceError("SHAPE_VALUE", self._place(name), f"{least}…{most} elements", str(len(value)))
        return value

    def texts(
        self, name: str, pattern: re.Pattern[str] | None, most: int, least: int = 0, *, ordered: bool = True
    ) -> tuple[str, ...]:
        """An array of strings; with `ordered`, ascending by octets and without repeats."""
        out: list[str] = []
        for number, value in enumerate(self.array(name, most, least)):
            if not isinstance(value, str):
                raise EvidenceError(
                    "SHAPE_TYPE", f"{self._place(name)}[{number}]", "string", found_text(value)
                )
            if pattern is not None and not pattern.match(value):
                raise EvidenceError(
                    "SHAPE_VALUE", f"{self._place(name)}[{number}]", pattern.pattern, found_text(value)
                )
            out.append(value)
        if ordered and out != sorted(set(out)):
            raise EvidenceError("SHAPE_ORDER", self._place(name), "ascending, no repeats")
        return tuple(out)

    def objects(self, name: str, most: int, least: int = 0) -> list[tuple[str, Json]]:
        """The array's elements, each with its place, to be read with `members`."""
        return [(f"{self._place(name)}[{n}]", v) for n, v in enumerate(self.array(name, most, least))]

    def hex32(self, name: str) -> bytes:
        return hex_bytes(self.text(name), 32, self._place(name))

    def base64(self, name: str) -> bytes:
        return base64_bytes(self.text(name), self._place(name))

    def proof(self, name: str) -> tuple[bytes, ...]:
        """A Merkle proof: at most 64 hashes in hex."""
        hashes = self.texts(name, HEX32, 64, ordered=False)
        return tuple(bytes.fromhex(text) for text in hashes)

    def instant(self, name: str) -> str:
        return instant(self.text(name), self._place(name))

    def child(self, name: str, required: Names, optional: Names = ()) -> Members:
        return members(self.value[name], self._place(name), required, optional)


def members(value: Json, at: str, required: Names, optional: Names = ()) -> Members:
    """`value` as an object that has all of `required` and nothing beyond `optional`."""
    if not isinstance(value, dict):
        raise EvidenceError("SHAPE_TYPE", at, "object", found_text(value))
    must, may = _must_and_may(required, optional)
    if not must <= value.keys() <= may:
        missing, unknown = must - value.keys(), value.keys() - may
        first = (heapq.nsmallest(_NAMED, names) for names in (missing, unknown))
        named = [f"{sign}{name}" for sign, names in zip("-+", first, strict=True) for name in names]
        raise EvidenceError("SHAPE_MEMBERS", at, " ".join(sorted(must)), found_text(" ".join(named)))
    return Members(value, at)


# The names stand in the code that asks: the same few again and again.
@functools.lru_cache(maxsize=256)
def _must_and_may(required: Names, optional: Names) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(required), frozenset(required).union(optional)


def instant(text: str, at: str) -> str:
    """`text` if it is an instant of docs/formats.md section 1. Instants compare as strings."""
    if _INSTANT.match(text):
        try:
            datetime.datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return text
    raise EvidenceError("SHAPE_VALUE", at, "YYYY-MM-DDThh:mm:ss.sssZ", found_text(text))


def date_or_span(text: str, at: str) -> str:
    """`text` if it is a date, or two joined by '/'. docs/formats.md section 3."""
    parts = text.split("/")
    if len(parts) > 2 or not all(is_date(part) for part in parts):
        raise EvidenceError("SHAPE_VALUE", at, "YYYY[-MM[-DD[Thh:mm:ss(Z|±hh:mm)]]][/…]", found_text(text))
    return text


def is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    padded = text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text
    try:
        datetime.datetime.fromisoformat(padded)
    except ValueError:
        return False
    return True


def instant_of(when: datetime.datetime) -> str:
    """The instant of an aware datetime, cut to milliseconds."""
    utc = when.astimezone(datetime.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def datetime_of(text: str) -> datetime.datetime:
    """The aware datetime of an instant."""
    return datetime.datetime.fromisoformat(text)
