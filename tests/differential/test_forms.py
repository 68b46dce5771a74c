"""Text forms and canonical JSON: Python and Go take the same texts, and refuse the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.judge import Judge
from verifier import canonical, claims, shape
from verifier.errors import EvidenceError

UUID = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"
DIGEST43 = "x" * 42


def _raises(read: Callable[[str, str], object]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            read(text, "text")
        except EvidenceError:
            return False
        return True

    return holds


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.match(text) is not None


FORMS: dict[str, Callable[[str], bool]] = {
    "base64": _raises(canonical.base64_bytes),
    "base64url": _raises(canonical.base64url_bytes),
    "code": _matches(shape.CODE),
    "date": shape.is_date,
    "field": _matches(shape.FIELD),
    "format": _matches(claims.FORMAT),
    "hex32": _matches(shape.HEX32),
    "instant": _raises(shape.instant),
    "msp": _matches(shape.MSP_ID),
    "origin": _matches(shape.ORIGIN),
    "sd": _matches(shape.DIGEST43),
    "span": _raises(shape.date_or_span),
    "uuid": _matches(shape.UUID),
}

HOLD = {
    "base64": ["", "QQ==", "QUI=", "QUJD", "+/+/"],
    "base64url": ["", "QQ", "QUI", "QUJD", "-_-_"],
    "code": ["a", "a" * 64, "a._-9"],
    "date": [
        *("0001", "9999", "2026-02", "2024-02-29", "2000-02-29", "2026-01-08T00:00:00Z"),
        *("2026-01-08T23:59:59-00:00", "2026-01-08T00:00:00+23:59"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    ],
    "field": ["a", "a" * 64, "file.0.name", "a."],
    "format": ["a", "a" * 100, "0/", "image/svg+xml"],
    "hex32": ["0a" * 32],
    "instant": ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2024-02-29T12:00:00.001Z"],
    "msp": ["A", "-", "a.B-9" * 12 + "aaaa"],
    "origin": ["/", "a" * 200, "a.example/b-1"],
    "sd": [DIGEST43 + last for last in "AEIMQUYcgkosw048"],
    "span": ["2026", "2026/2025", "0001/9999-12-31T23:59:59Z"],
    "uuid": [UUID, UUID[:19] + "8" + UUID[20:], UUID[:19] + "b" + UUID[20:]],
}

BROKEN = {
    "base64": ["=", "QQ", "QQ=", "QR==", "QQ==QQ==", "QUJD\n", "QU\nJD", " QUJD", "-_-_", "QUJ\x00", "QUJé"],
    "base64url": ["Q", "QQ==", "QR", "QUJD\n", "QU\nJD", "+/+/", "QUJ.", "QUJé", "="],
    "code": ["", "a" * 65, "A", "9", ".a", "a\n", "a b", "é", "aé", "a\x00"],
    "date": [
        *(
            "",
            "0000",
            "26",
            "2026-",
            "2026-1",
            "2026-00",
            "2026-13",
            "2026-01-00",
            "2026-02-29",
            "2026-02-30",
        ),
        *(
            "1900-02-29",
            "2026-04-31",
            "20260108",
            "2026-W01-1",
            "2026-008",
            " 2026",
            "2026\n",
            "+2026",
            "-2026",
        ),
        *("2026-01-08T24:00:00Z", "2026-01-08T23:60:00Z", "2026-01-08T23:59:60Z", "2026-01-08T00:00:00"),
        *("2026-01-08T00:00Z", "2026-01-08T00:00:00.0Z", "2026-01-08t00:00:00Z", "2026-01-08T00:00:00z"),
        *("2026-01-08T00:00:00+24:00", "2026-01-08T00:00:00+23:60", "2026-01-08T00:00:00+0800"),
        *("2026-01-08T00:00:00+08", "2026-01-08T00:00:00Z\n", "2026-01-08 00:00:00Z", "２０２６", "٢٠٢٦"),
    ],
    "field": ["", "a" * 65, "a-b", "_sd", "A", "a\n"],
    "format": ["", "a" * 101, "/a", "A/b", "a b", "a/b\n", "a/b;c"],
    "hex32": ["", "0a" * 31, "0a" * 32 + "0", "0A" * 32, "0g" * 32, "0a" * 32 + "\n"],
    "instant": [
        *("", "0000-01-01T00:00:00.000Z", "2026-01-12T24:00:00.000Z", "2026-01-12T23:59:60.000Z"),
        *("2026-02-29T00:00:00.000Z", "2026-01-12T09:30:00Z", "2026-01-12T09:30:00.12Z"),
        *("2026-01-12T09:30:00.1234Z", "2026-01-12T09:30:00,123Z", "2026-01-12T09:30:00.123+00:00"),
        *("2026-01-12T09:30:00.123z", "2026-01-12 09:30:00.123Z", "2026-01-12T09:30:00.123Z\n"),
    ],
    "msp": ["", "a" * 65, "a_b", "镇", "a\n", "a b"],
    "origin": ["", "a" * 201, "A", "a_b", "a\n", "a:1"],
    "sd": ["", DIGEST43, DIGEST43 + "B", DIGEST43 + "A=", DIGEST43 + "AA", "+" * 42 + "A", DIGEST43 + "A\n"],
    "span": ["", "/", "2026/", "/2026", "2026/2026/2026", "2026 / 2026", "2026/2026-02-30", "2026/\n"],
    "uuid": [
        *("", UUID.upper(), UUID.replace("-", ""), f"{{{UUID}}}", UUID + "\n", UUID[:-1], UUID + "0"),
        *(UUID[:14] + "1" + UUID[15:], UUID[:19] + "7" + UUID[20:], UUID[:19] + "c" + UUID[20:]),
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_that_have_the_form(judge: Judge, form: str) -> None:
    for text in HOLD[form]:
        assert (FORMS[form](text), judge.reads(form, text.encode())) == (True, True), text


@pytest.mark.parametrize("form", FORMS)
def test_texts_that_break_it(judge: Judge, form: str) -> None:
    for text in BROKEN[form]:
        assert (FORMS[form](text), judge.reads(form, text.encode())) == (False, False), text


def _near(texts: list[str]) -> st.SearchStrategy[str]:
    """A text of the form with a few characters changed, put in or left out."""
    odd = "0123456789abfgzAFTZ tz.,:+-/_=\n\r\x00\x7fé中٣１"
    edit = st.tuples(st.integers(0, 30), st.sampled_from(["put", "change", "drop"]), st.sampled_from(odd))

    def apply(text: str, edits: list[tuple[int, str, str]]) -> str:
        for place, what, character in edits:
            n = place % (len(text) + 1)
            text = text[:n] + ("" if what == "drop" else character) + text[n + (what != "put") :]
        return text

    return st.builds(apply, st.sampled_from(texts), st.lists(edit, max_size=3))


@pytest.mark.parametrize("form", FORMS)
def test_texts_near_the_form(judge: Judge, form: str) -> None:
    @settings(max_examples=100)
    @given(_near(HOLD[form]))
    def same(text: str) -> None:
        assert FORMS[form](text) == judge.reads(form, text.encode()), text

    same()


CANONICAL = [
    *("{}", "[]", '""', "0", "true", "false", "9007199254740991", '{"a":1,"b":[]}', "[[[[[[[[]]]]]]]]"),
    *(
        '{"a":' * 8 + "1" + "}" * 8,
        '"\\n\\b\\f\\t\\r\\"\\\\/"',
        '"\\u0000\\u001f"',
        '"\x7f\u2028\ufeff\uffff"',
    ),
    *('"é"', '"e\u0301"', '"😀"', '{"😀":1,"\ue000":2}', '{"":0,"\\n":1,"1":2,"é":3}'),
]
NOT_CANONICAL = [
    *("", "null", "[null]", "-0", "-1", "00", "01", "+1", "1.0", "1e1", "9007199254740992", "1" + "0" * 400),
    *("NaN", "Infinity", "-Infinity", "tru", "True", "1true", "'a'", "0x1", "{1:1}", '{"a" :1}', '{"a":1,}'),
    *("[1,]", "[1 2]", "[]]", "{}{}", " 1", "1 ", "1\n", "\ufeff1", '{"b":1,"a":2}', '{"a":1,"a":1}'),
    *("[[[[[[[[[]]]]]]]]]", '{"a":' * 9 + "1" + "}" * 9, '"', '"\\"', '"\\x"', '"\\u00"', '"\\/"', '"\t"'),
    *('"\x00"', '"\\u0041"', '"\\u000a"', '"\\u001F"', '"\\u2028"', '"\\u007f"', '"\\ud83d\\ude00"'),
    *('"\\ud83d"', '"\\ude00\\ud83d"', '{"\ue000":1,"😀":2}', '{"\\u0061":1}'),
]
NO_TEXT = [b'"\xff"', b'"\xed\xa0\xbd"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b"\xff", b'{"\xc3":1}']


def _parses(data: bytes) -> bool:
    try:
        canonical.parse(data, "text")
    except EvidenceError:
        return False
    return True


def test_canonical_json(judge: Judge) -> None:
    for text in CANONICAL:
        assert (_parses(text.encode()), judge.reads("json", text.encode())) == (True, True), text


def test_other_json(judge: Judge) -> None:
    for data in [*(text.encode() for text in NOT_CANONICAL), *NO_TEXT]:
        assert (_parses(data), judge.reads("json", data)) == (False, False), data


_CUTTINGS = [text.encode() for text in (*CANONICAL, *NOT_CANONICAL)] + NO_TEXT
_CRUMBS = [bytes([octet]) for octet in b'{}[]",:\\0 -.\n\xff\x00\x7f'] + [
    b"\\u00",
    b"\\ud83d",
    b"null",
    b'"a":',
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*_CUTTINGS, *_CRUMBS]), min_size=1, max_size=6).map(b"".join), st.data())
def test_json_made_of_scraps(judge: Judge, data: bytes, more: st.DataObject) -> None:
    cut = more.draw(st.integers(0, len(data)))
    for text in (data, data[:cut], b"[" + data + b"]", b'{"a":' + data + b',"b":0}'):
        assert _parses(text) == judge.reads("json", text), text
