"""Canonical JSON, hex, base64, base64url, dates and instants: one form each, everything else refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from verifier.canonical import (
    MAX_INTEGER,
    base64_bytes,
    base64_text,
    base64url_bytes,
    base64url_text,
    encode,
    hex_bytes,
    parse,
)
from verifier.errors import EvidenceError, found_text
from verifier.shape import date_or_span, datetime_of, instant, instant_of, is_date, members

VALUES = st.recursive(
    st.booleans() | st.integers(0, MAX_INTEGER) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(EvidenceError) as refused:
        call()
    return refused.value.code


def _depth(value: Any) -> int:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else None
    return 0 if inner is None else 1 + max((_depth(v) for v in inner), default=0)


@given(VALUES)
def test_what_is_encoded_is_read(value: Any) -> None:
    octets = encode(value)
    assert octets == rfc8785.dumps(value)
    if _depth(value) <= 8:
        assert parse(octets, "here") == value


@given(st.binary(max_size=60))
def test_no_octets_raise_anything_else(octets: bytes) -> None:
    codes = []
    try:
        assert encode(parse(octets, "here")) == octets
    except EvidenceError as error:
        codes.append((error.code[:5], error.at))
    assert codes in ([], [("JSON_", "here")])


REFUSED = {
    b"": "JSON_SYNTAX",
    b" 1": "JSON_NOT_CANONICAL",
    b"1 ": "JSON_NOT_CANONICAL",
    b"01": "JSON_SYNTAX",
    b"+1": "JSON_SYNTAX",
    b"-0": "JSON_NUMBER",
    b"-1": "JSON_NUMBER",
    b"1.0": "JSON_NUMBER",
    b"1e0": "JSON_NUMBER",
    b"9007199254740992": "JSON_NUMBER",
    b"Infinity": "JSON_NUMBER",
    b"-Infinity": "JSON_NUMBER",
    b"NaN": "JSON_NUMBER",
    b"null": "JSON_NULL",
    b"[null]": "JSON_NULL",
    b'{"a":{"b":null}}': "JSON_NULL",
    b'{"b":1,"a":2}': "JSON_NOT_CANONICAL",
    b'{"a":1,"a":1}': "JSON_REPEATED_MEMBER",
    b'{"a":1,"\\u0061":2}': "JSON_REPEATED_MEMBER",
    b'"\\u0061"': "JSON_NOT_CANONICAL",
    b'"\\/"': "JSON_NOT_CANONICAL",
    b'"\\u000A"': "JSON_NOT_CANONICAL",
    b'"\\ud800"': "JSON_NOT_CANONICAL",
    b'"\n"': "JSON_SYNTAX",
    b"'a'": "JSON_SYNTAX",
    b"[1,]": "JSON_SYNTAX",
    b"[1]]": "JSON_SYNTAX",
    b"\xef\xbb\xbf1": "JSON_SYNTAX",
    b'"\xff"': "JSON_SYNTAX",
    b'"\xed\xa0\x80"': "JSON_SYNTAX",
    b"\x00": "JSON_SYNTAX",
}


@pytest.mark.parametrize("octets", REFUSED)
def test_refused_json(octets: bytes) -> None:
    assert _code(lambda: parse(octets, "here")) == REFUSED[octets]


PIECES = [
    "[",
    "]",
    ",",
    '"a"',
    '"b c"',
    '"\\u0061"',
    '"\\n"',
    '"é"',
    '{"a":1}',
    '{"b":1,"a":1}',
    "1",
    "01",
    "-0",
    "true",
]


@given(
    st.lists(st.sampled_from([*PIECES, " ", "\t", "\n"]), max_size=8).map(
        lambda some: "[" + "".join(some) + "]"
    )
)
def test_what_is_read_is_as_it_would_be_written(text: str) -> None:
    try:
        value = parse(text.encode(), "here")
    except EvidenceError:
        return
    assert rfc8785.dumps(value).decode() == text


@pytest.mark.parametrize("text", ['["a","b"]', '["a b"]', "[1,true]", '["é"]', '[{"a":1},[]]'])
def test_arrays_that_are_read(text: str) -> None:
    assert rfc8785.dumps(parse(text.encode(), "here")).decode() == text


@pytest.mark.parametrize("text", ['["a", "b"]', '["\\u0061"]', "[ ]", "[1\n]", '["a"]\t', '[{"b":1,"a":1}]'])
def test_arrays_written_otherwise(text: str) -> None:
    assert _code(lambda: parse(text.encode(), "here")) == "JSON_NOT_CANONICAL"


def test_members_sort_by_utf16() -> None:
    """RFC 8785 section 3.2.3: by UTF-16 code units, where a supplementary character comes before U+FB33."""
    assert parse('{"\U0001f600":1,"\ufb33":2}'.encode(), "here") == {"\U0001f600": 1, "\ufb33": 2}
    assert _code(lambda: parse('{"\ufb33":2,"\U0001f600":1}'.encode(), "here")) == "JSON_NOT_CANONICAL"


@pytest.mark.parametrize("text", ["A", "0", "0g", "AB", " ab", "ab ", "ab\n", "ａｂ"])
def test_refused_hex(text: str) -> None:
    assert _code(lambda: hex_bytes(text, None, "here")) == "HEX"


def test_hex_of_another_size() -> None:
    assert hex_bytes("", 0, "here") == b""
    assert hex_bytes("00ff", 2, "here") == b"\x00\xff"
    assert _code(lambda: hex_bytes("00ff", 3, "here")) == "HEX"
    assert _code(lambda: hex_bytes("00", 0, "here")) == "HEX"


@given(st.binary(max_size=40))
def test_base64_both_ways(octets: bytes) -> None:
    assert base64_bytes(base64_text(octets), "here") == octets
    assert base64url_bytes(base64url_text(octets), "here") == octets


@pytest.mark.parametrize(
    "text", ["YQ", "YQ=", "YR==", "YWI", "YWJ=", "Y Q==", "YQ==\n", "-_8=", "====", "é==="]
)
def test_refused_base64(text: str) -> None:
    assert _code(lambda: base64_bytes(text, "here")) == "BASE64"


@pytest.mark.parametrize("text", ["YQ==", "YR", "YWJ", "A", "+/8", "Y Q", "YQ\n", "é"])
def test_refused_base64url(text: str) -> None:
    assert _code(lambda: base64url_bytes(text, "here")) == "BASE64URL"


@given(st.text("AQgwEIz09-_+/=. \né", max_size=9))
def test_base64url_is_read_only_as_it_is_written(text: str) -> None:
    try:
        octets = base64url_bytes(text, "here")
    except EvidenceError:
        return
    assert base64url_text(octets) == text


INSTANTS = ["2026-01-12T09:30:00.123Z", "2024-02-29T23:59:59.999Z", "0001-01-01T00:00:00.000Z"]
NO_INSTANTS = [
    *("2026-01-12T09:30:00Z", "2026-01-12T09:30:00.12Z", "2026-01-12T09:30:00.1234Z"),
    *("2026-01-12t09:30:00.123Z", "2026-01-12T09:30:00.123z", "2026-01-12 09:30:00.123Z"),
    *("2026-01-12T09:30:00.123+00:00", "2026-02-29T09:30:00.123Z", "2026-01-12T24:00:00.000Z"),
    *("2026-01-12T09:60:00.123Z", "2026-01-12T09:30:60.123Z", "2026-13-12T09:30:00.123Z"),
    *("２026-01-12T09:30:00.123Z", "2026-01-12T09:30:00.123Z\n", "", "0000-01-01T00:00:00.000Z"),
]


@pytest.mark.parametrize("text", INSTANTS)
def test_instants(text: str) -> None:
    assert instant(text, "here") == text
    assert instant_of(datetime_of(text)) == text or text.startswith("0001")


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_no_instants(text: str) -> None:
    assert _code(lambda: instant(text, "here")) == "SHAPE_VALUE"


def test_instants_are_cut_not_rounded() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=8))
    when = datetime.datetime(2026, 1, 12, 17, 30, 0, 123_999, zone)
    assert instant_of(when) == "2026-01-12T09:30:00.123Z"


DATES = [
    *("1998", "1998-09", "1998-09-30", "2026-01-12T09:30:00Z", "2026-01-12T09:30:00+08:00"),
    *("1998-01/1998-09", "1998/1999-12-31"),
]
NO_DATES = [
    *("98", "1998-9", "1998-13", "1998-09-31", "1998-09-30T09:30", "1998-09-30T09:30:00"),
    *("1998-09-30T09:30:00.1Z", "1998-09-30T09:30:00+24:00", "1998-09-30T09:30:00+08:99"),
    *("1998-09-30T25:00:00Z", "/", "1998/", "1998/1999/2000", "1998 - 1999", "1998-W01", "１９９８", ""),
]


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    assert date_or_span(text, "here") == text


@pytest.mark.parametrize("text", NO_DATES)
def test_no_dates(text: str) -> None:
    assert _code(lambda: date_or_span(text, "here")) == "SHAPE_VALUE"
    assert not is_date(text)


def test_a_span_is_no_date() -> None:
    assert not is_date("1998/1999")


def test_members_are_closed() -> None:
    assert members({"a": 1}, "here", ("a",), ("b",)).integer("a") == 1
    for value, code in (({}, "SHAPE_MEMBERS"), ({"a": 1, "c": 1}, "SHAPE_MEMBERS"), ([], "SHAPE_TYPE")):
        assert _code(lambda value=value: members(value, "here", ("a",), ("b",))) == code  # type: ignore[misc]


READS: dict[str, tuple[Any, Callable[[Any], object], str]] = {
    "text": (1, lambda m: m.text("x"), "SHAPE_TYPE"),
    "integer": ("1", lambda m: m.integer("x"), "SHAPE_TYPE"),
    "true is no integer": (True, lambda m: m.integer("x"), "SHAPE_TYPE"),
    "integer too small": (0, lambda m: m.integer("x", 1), "SHAPE_VALUE"),
    "integer too large": (9, lambda m: m.integer("x", 1, 8), "SHAPE_VALUE"),
    "array": ("a", lambda m: m.array("x", 3), "SHAPE_TYPE"),
    "array too long": ([1, 2, 3, 4], lambda m: m.array("x", 3), "SHAPE_VALUE"),
    "array too short": ([], lambda m: m.array("x", 3, 1), "SHAPE_VALUE"),
    "array of other than texts": ([1], lambda m: m.texts("x", None, 3), "SHAPE_TYPE"),
    "texts out of order": (["b", "a"], lambda m: m.texts("x", None, 3), "SHAPE_ORDER"),
    "texts twice": (["a", "a"], lambda m: m.texts("x", None, 3), "SHAPE_ORDER"),
    "not one of": ("c", lambda m: m.one_of("x", ("a", "b")), "SHAPE_VALUE"),
    "not the constant": ("c", lambda m: m.constant("x", "a"), "SHAPE_VALUE"),
    "no hash": ("ab", lambda m: m.hex32("x"), "HEX"),
    "no proof": (["ab"], lambda m: m.proof("x"), "SHAPE_VALUE"),
    "no base64": ("?", lambda m: m.base64("x"), "BASE64"),
    "no object": ([], lambda m: m.child("x", ()), "SHAPE_TYPE"),
}


@pytest.mark.parametrize("name", READS)
def test_reading_members(name: str) -> None:
    value, read, code = READS[name]
    with pytest.raises(EvidenceError) as refused:
        read(members({"x": value}, "here", ("x",)))
    assert refused.value.code == code
    assert refused.value.at.startswith("here.x")


def test_found_text_is_short_and_printable() -> None:
    assert found_text("a\nb\u202e") == "a�b�"
    assert len(found_text("x" * 500)) == 81
    assert str(EvidenceError("HEX", "here", "a", "b")) == "HEX; at here; expected a; found b"
