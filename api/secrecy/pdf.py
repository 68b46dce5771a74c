"""The text of a PDF as far as its streams are plain or deflated and its fonts say what their codes mean.

A page is not laid out. Strings are read as GBK, as UTF-16, and by every ToUnicode table that the file holds;
a marking of which the grade and the star are set in two fonts is two strings next to each other.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

from api.secrecy.budget import MOST_PART, Budget, inflate
from ledger.secrecy import STARS, Bears, borne

PDF = b"%PDF-"
_STREAM = re.compile(rb"stream\r?\n")
_SHOWN = re.compile(rb"<([0-9A-Fa-f\s]{2,8192})>|\(((?:[^()\\]|\\.){1,4096})\)", re.DOTALL)
_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CHAR = re.compile(rb"<([0-9A-Fa-f]{2,8})>\s*<([0-9A-Fa-f]{4,32})>")
_RANGE = re.compile(
    rb"<([0-9A-Fa-f]{2,8})>\s*<([0-9A-Fa-f]{2,8})>\s*(?:<([0-9A-Fa-f]{4,32})>|\[([^\]]{0,65536})\])"
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b""}
_MOST_TABLES, _MOST_CODES = 32, 70_000
_AT_ONCE, _OVERLAP = 1024, 32
_SOUGHT = frozenset("密" + STARS)

# (octets of a code, code → text)
_Table = tuple[int, Mapping[int, str]]


def borne_by_pdf(data: bytes | mmap.mmap, budget: Budget) -> Bears:
    if data.find(b"/Encrypt") >= 0:
        budget.left_unread()
    tables = list(islice(_tables(data), _MOST_TABLES))
    found = Bears.NOTHING
    for body in _streams(data, budget):
        if b"begincmap" not in body:
            found |= _borne(body, tables)
    return found


def _borne(body: bytes, tables: Sequence[_Table]) -> Bears:
    found, before = Bears.NOTHING, list[list[str]]()
    strings = _strings(body)
    while some := list(islice(strings, _AT_ONCE)):
        read = [*before, *(_readings(one, tables) for one in some)]
        # As if they were one line in each reading, as when every glyph is a string of its own.
        for number in range(len(read[0])):
            found |= borne("".join(of[number] for of in read), head=True)
        # What two fonts share: the grade in one, the star in the other.
        for one, other in pairwise(read):
            for text in one:
                if text.rstrip().endswith("密"):
                    for after in other:
                        found |= borne(text[-8:] + after[:8])
        before = read[-_OVERLAP:]
    return found


def _streams(data: bytes | mmap.mmap, budget: Budget) -> Iterator[bytes]:
    """Each stream, inflated where its dictionary says that it is deflated. Other filters hold pictures."""
    at = 0
    while match := _STREAM.search(data, at):
        start = match.end()
        at = data.find(b"endstream", start)
        if at < 0:
            return
        at += len(b"endstream")
        head = data[max(0, match.start() - 512) : match.start()].rpartition(b"obj")[2]
        if b"/Image" in head:
            continue
        if b"FlateDecode" in head or b"/Fl " in head or b"/Fl>" in head:
            yield inflate(data[start : min(at, start + MOST_PART)], budget)
        elif b"/Filter" in head:
            budget.left_unread()
        else:
            yield data[start : start + min(at - start, budget.part())]


def _tables(data: bytes | mmap.mmap) -> Iterator[_Table]:
    """Of the fonts that have any character of a marking. The same streams are then read again."""
    for body in _streams(data, Budget()):
        if b"begincmap" in body:
            yield from _table(body)


def _table(body: bytes) -> Iterator[_Table]:
    codes: dict[int, str] = {}
    width = 2
    for kind, section in _SECTION.findall(body):
        if kind == b"bfchar":
            for code, text in _CHAR.findall(section):
                codes[int(code, 16)], width = _text(text), len(code) // 2
            continue
        for first, last, text, several in _RANGE.findall(section):
            low, high, width = int(first, 16), int(last, 16), len(first) // 2
            named = [_text(one) for one in re.findall(rb"<([0-9A-Fa-f]{4,32})>", several)]
            for code in range(low, min(high, low + _MOST_CODES - len(codes)) + 1):
                if named:
                    if code - low < len(named):
                        codes[code] = named[code - low]
                else:
                    codes[code] = _following(_text(text), code - low)
    if not _SOUGHT.isdisjoint("".join(codes.values())):
        yield width, codes


def _following(text: str, places: int) -> str:
    point = ord(text[-1]) + places if text else 0
    return text[:-1] + chr(point) if 0 < point < 0x110000 else ""


def _text(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()[: len(digits) // 4 * 4]).decode("utf-16-be", "ignore")


def _strings(body: bytes) -> Iterator[bytes]:
    for digits, plain in _SHOWN.findall(body):
        if digits:
            packed = b"".join(digits.split())
            yield bytes.fromhex((packed + b"0" * (len(packed) % 2)).decode())
        else:
            yield _ESCAPE.sub(_unescaped, plain)


def _unescaped(match: re.Match[bytes]) -> bytes:
    said = match[1]
    return bytes([int(said, 8) & 255]) if said[:1] in b"01234567" else _ESCAPED.get(said, said)


def _readings(one: bytes, tables: Sequence[_Table]) -> list[str]:
    """As GBK, as UTF-16, and by each table; "" where a table does not know it."""
    return [
        one.decode("gb18030", "ignore"),
        one.decode("utf-16-be", "ignore"),
        *(_by_table(one, *table) for table in tables),
    ]


def _by_table(one: bytes, width: int, codes: Mapping[int, str]) -> str:
    found = (codes.get(int.from_bytes(one[at : at + width], "big"), "") for at in range(0, len(one), width))
    return "".join(found)
