"""Statements, lists and items: what Python's ledger would accept, the chaincode anchors, and nothing else."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.submission import Submission
from network.certificates import new_key
from tests.differential.forge_statement import (
    DIGESTS,
    HASH,
    OTHER,
    OTHER_HASH,
    RECORD,
    Make,
    clear,
    file,
    header,
    item,
    item_of_size,
    listed,
    names,
    of_size,
    payload,
    replaced,
    rs,
    says,
    signature,
    text,
)
from tests.differential.judge import Judge
from tests.differential.scene import Scene, by_go, by_python, claims_of, signed, submission
from verifier.anchor import encode_anchor
from verifier.statement import MAX_STATEMENT, P256_ORDER

# What the two call by different names.
_SAME = {
    "CERTIFICATE_MISSING": "CERTIFICATE_ABSENT",
    "HEX": "SHAPE_VALUE",
    "ITEM_RECORD_REPEATED": "LIST_RECORD_REPEATED",
    "ITEM_WITHOUT_LIST": "ITEMS_WITHOUT_LIST",
    "STATEMENT_AUDIENCE": "STATEMENT_ORIGIN",
    "STATEMENT_ISSUER": "CERTIFICATE_ISSUER",
}


def judged(scene: Scene, judge: Judge, submitted: Submission) -> tuple[set[str], str]:
    """Reasons of Python, in the chaincode's words, and the refusal of Go. What both take has one anchor."""
    answer, expected = by_go(scene, judge, [submitted])
    if not answer.code:
        assert answer.anchor == encode_anchor(expected).decode()
    return {_SAME.get(reason.code, reason.code) for reason in by_python(scene, submitted)}, answer.code


HOLD: dict[str, Make] = {
    "the least": says(),
    "with a record": says(record=RECORD),
    "largest numbers": says(
        uses=2**53 - 1, pages=2**53 - 1, version=2**53 - 1, seen={"root": HASH, "size": 2**53 - 1}
    ),
    "smallest numbers": says(uses=1, pages=0, version=0, seen={"root": HASH, "size": 0}),
    "every code": says(basis="a", late="b.c", outcome="d_e", reason="f-1", state="g" * 64, subject=OTHER),
    "year": says(occurred_at="0001", due="9999"),
    "leap day": says(occurred_at="2024-02-29/2000-02", due="2024-02-29T23:59:59-23:59"),
    "span that goes back": says(occurred_at="2026/2025"),
    "64 answers": says(answers=[f"{number:064x}" for number in range(64)]),
    "a file": says(files=[clear()]),
    "the same file twice": says(files=[clear(), clear()], record=RECORD),
    "one SHA-256 with two SM3": says(files=[clear(), {**clear(), "sm3": HASH}]),
    "a file's digest that is another file's SM3": says(files=[clear(), clear(OTHER_HASH)]),
    "a file whose digests are a disclosure": says(
        files=[file(), clear()],
        _sd=DIGESTS,
        fields=["file.0.digests", "file.0.name", "file.1.name"],
    ),
    "a file of no octets and one of many": says(
        files=[{**clear(), "size": 0}, {**clear(), "size": 2**53 - 1}]
    ),
    "digests in any order": says(_sd=DIGESTS[::-1], fields=["a", "b", "c"]),
    "field names": says(_sd=DIGESTS, fields=["a.", "file", "z" * 64]),
    "an enrolment": says(event="key.enrol", key=HASH, subject=RECORD),
    "a revocation": says(event="key.revoke", key=HASH, subject=RECORD, compromised_since="2025-02"),
    "an appointment": says(event="appoint", duty="head", subject=RECORD, unit=OTHER, due="2026-12"),
    "a release": says(event="release", duty="head", subject=RECORD),
    "a hand-over of duties": says(event="duty.handover", duty="head", subject=RECORD, record=RECORD),
    "an erasure": says(event="disclosure.erase", erased=["iss", "title"], record=RECORD),
    "4,096 erased": says(event="disclosure.erase", erased=names(4096)),
    "a list of one": listed([item()]),
    "a list of three": listed(
        [
            item(files=[clear(), clear()]),
            item(_sd=DIGESTS[:1], fields=["title"]),
            item(occurred_at="2025/2026"),
        ],
        basis="plan",
        _sd=DIGESTS[:1],
        fields=["title"],
    ),
    "an item with all that an item may have": listed(
        [
            item(
                answers=[HASH],
                basis="a",
                files=[file()],
                late="a",
                occurred_at="2026",
                outcome="a",
                pages=1,
                reason="a",
                state="a",
                version=2,
                _sd=DIGESTS[:1],
                fields=["file.0.digests"],
            )
        ]
    ),
    "a list about the statement's own files": listed([item(files=[clear()]), item(files=[clear()])]),
    "an item of 65,536 octets": listed([item_of_size(65_536)]),
    "an item of 1,000 files": listed([item(files=[file(format="a", role="a", copy="copy")] * 1000)]),
    "a statement as large as can be": of_size(MAX_STATEMENT - 2),
}

PEOPLE = "PEOPLE_CLAIM"
FORM, MEMBERS, TYPE, VALUE, ORDER = (
    "STATEMENT_FORM",
    "SHAPE_MEMBERS",
    "SHAPE_TYPE",
    "SHAPE_VALUE",
    "SHAPE_ORDER",
)
BROKEN: dict[str, tuple[str, Make]] = {
    "white space": ("JSON_NOT_CANONICAL", replaced(b'"agent":', b'"agent": ')),
    "a line end behind": ("JSON_NOT_CANONICAL", payload(lambda data: data + b"\n")),
    "an escape in a name": ("JSON_NOT_CANONICAL", replaced(b'"agent"', b'"\\u0061gent"')),
    "an escape in a value": ("JSON_NOT_CANONICAL", replaced(b'"receive"', b'"rec\\u0065ive"')),
    "an escaped slash": ("JSON_NOT_CANONICAL", replaced(b"qinghe.example/", b"qinghe.example\\/")),
    "members out of order": ("JSON_NOT_CANONICAL", payload(lambda data: b'{"z":0,' + data[1:])),
    "a member twice": ("JSON_REPEATED_MEMBER", replaced(b'"event":', b'"event":"receive","event":')),
    "a byte order mark": ("JSON_SYNTAX", payload(lambda data: b"\xef\xbb\xbf" + data)),
    "not UTF-8": ("JSON_SYNTAX", replaced(b'"receive"', b'"rec\xffive"')),
    "an encoded surrogate": ("JSON_SYNTAX", replaced(b'"receive"', b'"\xed\xa0\xbd"')),
    "nothing": ("JSON_SYNTAX", payload(lambda _: b"")),
    "cut off": ("JSON_SYNTAX", payload(lambda data: data[:-1])),
    "an array": (TYPE, payload(lambda data: b"[" + data + b"]")),
    "nine levels": (
        "JSON_DEPTH",
        payload(lambda data: data[:-1] + b',"z":' + b"[" * 8 + b"]" * 8 + b"}"),
    ),
    "eight levels": (MEMBERS, payload(lambda data: data[:-1] + b',"z":' + b"[" * 7 + b"]" * 7 + b"}")),
    "null": ("JSON_NULL", payload(lambda data: data[:-1] + b',"version":null}')),
    "a fraction": ("JSON_NUMBER", payload(lambda data: data[:-1] + b',"version":1.5}')),
    "an exponent": ("JSON_NUMBER", payload(lambda data: data[:-1] + b',"version":1e3}')),
    "a negative number": ("JSON_NUMBER", payload(lambda data: data[:-1] + b',"version":-1}')),
    "minus nothing": ("JSON_NUMBER", payload(lambda data: data[:-1] + b',"version":-0}')),
    "2^53": ("JSON_NUMBER", payload(lambda data: data[:-1] + b',"version":9007199254740992}')),
    "a boolean for a number": (TYPE, says(pages=True)),
    "a text for a number": (TYPE, says(version="1")),
    "no uses": (VALUE, says(uses=0)),
    "an item with uses": ("SHAPE_MEMBERS", listed([item(uses=1)])),
    "a number for a text": (TYPE, says(reason=1)),
    "an unknown claim": (MEMBERS, says(note="x")),
    "an empty claim": (VALUE, says(reason="")),
    "no event": (MEMBERS, says(event=None)),
    "no time": (MEMBERS, says(occurred_at=None)),
    "a code with a line end": (VALUE, says(reason="a\n")),
    "a long code": (VALUE, says(event="a" * 65)),
    "a line separator": (VALUE, says(reason="a\u2028")),
    "beyond the BMP": (VALUE, says(reason="a😀")),
    "two forms of one letter": (VALUE, says(reason="e\u0301")),
    "NUL": (VALUE, says(reason="a\x00")),
    "DEL": (VALUE, says(reason="a\x7f")),
    "an upper-case uuid": (VALUE, says(record=RECORD.upper())),
    "a uuid of version 1": (VALUE, says(record=RECORD[:14] + "1" + RECORD[15:])),
    "a jti with a line end": (VALUE, says(jti=RECORD + "\n")),
    "30 February": (VALUE, says(occurred_at="2026-02-30")),
    "24 o'clock": (VALUE, says(occurred_at="2026-01-08T24:00:00Z")),
    "year 0": (VALUE, says(occurred_at="0000")),
    "three dates": (VALUE, says(occurred_at="2026/2026/2026")),
    "half a span": (VALUE, says(occurred_at="2026/")),
    "a span that is due": (VALUE, says(due="2026/2027")),
    "another ledger's": ("STATEMENT_ORIGIN", says(aud="qinghe.example/other")),
    "an origin with a capital": (VALUE, says(aud="Qinghe.example")),
    "another agent's": ("CERTIFICATE_AGENT", says(agent=OTHER)),
    "an organisation unknown": ("CERTIFICATE_ISSUER", says(iss="Nobody")),
    "an organisation of another CA": ("CERTIFICATE_ISSUER", says(iss="YunlingArchives")),
    "no answers": (VALUE, says(answers=[])),
    "65 answers": (VALUE, says(answers=[f"{number:064x}" for number in range(65)])),
    "answers unsorted": (ORDER, says(answers=[OTHER_HASH, HASH])),
    "an answer twice": (ORDER, says(answers=[HASH, HASH])),
    "upper-case hex": (VALUE, says(answers=["0A" * 32])),
    "_sd alone": ("SD_COUNT", says(_sd=DIGESTS)),
    "fields alone": ("SD_COUNT", says(fields=["a"])),
    "more digests than fields": ("SD_COUNT", says(_sd=DIGESTS, fields=["a"])),
    "empty _sd": (VALUE, says(_sd=[], fields=[])),
    "a digest with stray bits": (VALUE, says(_sd=["A" * 42 + "B"], fields=["a"])),
    "a digest twice": (ORDER, says(_sd=[DIGESTS[1], DIGESTS[0], DIGESTS[1]], fields=["a", "b", "c"])),
    "a field twice": (ORDER, says(_sd=DIGESTS[:2], fields=["a", "a"])),
    "a claim's name hidden": ("SD_CLEAR_CLAIM", says(_sd=DIGESTS[:1], fields=["reason"])),
    "a list's name hidden": ("SD_CLEAR_CLAIM", says(_sd=DIGESTS[:1], fields=["seen"])),
    "a JWT's name hidden": ("SD_CLEAR_CLAIM", says(_sd=DIGESTS[:1], fields=["exp"])),
    "the name of no file": ("SD_FILE", says(_sd=DIGESTS[:1], fields=["file.0.name"])),
    "the name of a file too many": (
        "SD_FILE",
        says(files=[file()], _sd=DIGESTS[:1], fields=["file.1.name"]),
    ),
    "digests twice": ("SD_FILE", says(files=[clear()], _sd=DIGESTS[:1], fields=["file.0.digests"])),
    "a file's number with a zero": (
        "SD_FILE",
        says(files=[file()], _sd=DIGESTS[:1], fields=["file.00.name"]),
    ),
    "a file's other field": ("SD_FILE", says(files=[file()], _sd=DIGESTS[:1], fields=["file.0.size"])),
    "file and a dot": ("SD_FILE", says(files=[file()], _sd=DIGESTS[:1], fields=["file."])),
    "a file's field of four parts": (
        "SD_FILE",
        says(files=[file()], _sd=DIGESTS[:1], fields=["file.0.name.a"]),
    ),
    "another _sd_alg": (VALUE, says(_sd_alg="sha-512")),
    "no files": (VALUE, says(files=[])),
    "a file of half its digests": (MEMBERS, says(files=[file(sha256=HASH)])),
    "a file with a member more": (MEMBERS, says(files=[file(note="a")])),
    "a file of another carrier": (VALUE, says(files=[file(carrier="stone")])),
    "a file's format with a line end": (VALUE, says(files=[file(format="a/b\n")])),
    "a file's format too long": (VALUE, says(files=[file(format="a" * 101)])),
    "a file's digest in capitals": (VALUE, says(files=[clear("0A" * 32)])),
    "a key elsewhere": (PEOPLE, says(key=HASH)),
    "a duty elsewhere": (PEOPLE, says(duty="head", subject=RECORD)),
    "a unit elsewhere": (PEOPLE, says(unit=RECORD)),
    "compromised elsewhere": (PEOPLE, says(compromised_since="2025")),
    "an enrolment of no key": (PEOPLE, says(event="key.enrol", subject=RECORD)),
    "an enrolment of nobody": (PEOPLE, says(event="key.enrol", key=HASH)),
    "an enrolment with a duty": (PEOPLE, says(event="key.enrol", key=HASH, subject=RECORD, duty="head")),
    "an enrolment with compromise": (
        PEOPLE,
        says(event="key.enrol", key=HASH, subject=RECORD, compromised_since="2025"),
    ),
    "a revocation of no key": (PEOPLE, says(event="key.revoke", subject=RECORD)),
    "an appointment to no duty": (PEOPLE, says(event="appoint", subject=RECORD)),
    "an appointment of a key": (PEOPLE, says(event="appoint", subject=RECORD, duty="head", key=HASH)),
    "a list of enrolments": (PEOPLE, listed([item()], event="key.enrol", key=HASH, subject=RECORD)),
    "a key in capitals": (VALUE, says(event="key.enrol", key="0A" * 32, subject=RECORD)),
    "a compromise over a span": (
        VALUE,
        says(event="key.revoke", key=HASH, subject=RECORD, compromised_since="2024/2025"),
    ),
    "a duty that is no code": (VALUE, says(event="appoint", duty="Head", subject=RECORD)),
    "a unit that is no uuid": (VALUE, says(event="appoint", duty="head", subject=RECORD, unit="1")),
    "erased elsewhere": ("ERASED_CLAIM", says(erased=["title"])),
    "an erasure of nothing": ("ERASED_CLAIM", says(event="disclosure.erase")),
    "an empty erasure": (VALUE, says(event="disclosure.erase", erased=[])),
    "4,097 erased": (VALUE, says(event="disclosure.erase", erased=names(4097))),
    "seen with half": (MEMBERS, says(seen={"root": HASH})),
    "seen in capitals": (VALUE, says(seen={"root": "0A" * 32, "size": 1})),
    "three parts less": (FORM, text(lambda data: data.rpartition(b".")[0])),
    "a fourth part": (FORM, text(lambda data: data + b".")),
    "padding": ("BASE64URL", text(lambda data: data + b"==")),
    "a line end": ("BASE64URL", text(lambda data: data + b"\n")),
    "a space before": ("BASE64URL", text(lambda data: b" " + data)),
    "stray bits": ("BASE64URL", text(lambda data: data[:-1] + bytes([data[-1] + 1]))),
    "standard base64": ("BASE64URL", text(lambda data: data[:-1] + b"+")),
    "r of 0": ("STATEMENT_SIGNATURE_FORM", signature(lambda _, s: rs(0, s))),
    "s of 0": ("STATEMENT_SIGNATURE_FORM", signature(lambda r, _: rs(r, 0))),
    "r of n": ("STATEMENT_SIGNATURE_FORM", signature(lambda _, s: rs(P256_ORDER, s))),
    "high s": ("STATEMENT_SIGNATURE_FORM", signature(lambda r, s: rs(r, P256_ORDER - s))),
    "s just over the half": (
        "STATEMENT_SIGNATURE_FORM",
        signature(lambda r, _: rs(r, P256_ORDER // 2 + 1)),
    ),
    "s of the half": ("STATEMENT_SIGNATURE", signature(lambda r, _: rs(r, P256_ORDER // 2))),
    "r of 1": ("STATEMENT_SIGNATURE", signature(lambda _, s: rs(1, s))),
    "63 octets": ("STATEMENT_SIGNATURE_FORM", signature(lambda r, s: rs(r, s)[1:])),
    "65 octets": ("STATEMENT_SIGNATURE_FORM", signature(lambda r, s: b"\x00" + rs(r, s))),
    "DER": (
        "STATEMENT_SIGNATURE_FORM",
        signature(lambda _, __: new_key().sign(b"", ec.ECDSA(SHA256()))),
    ),
    "another algorithm": (VALUE, header(alg="ES384")),
    "no algorithm": (VALUE, header(alg="none")),
    "another type": (VALUE, header(typ="dc+sd-jwt")),
    "a header more": (MEMBERS, header(kid="a")),
    "a header less": (MEMBERS, header(typ=None)),
    "a short thumbprint": (VALUE, header(**{"x5t#S256": "AAAA"})),
    "another certificate": ("CERTIFICATE_ABSENT", header(**{"x5t#S256": "A" * 43})),
    "items without a list": (
        "ITEMS_WITHOUT_LIST",
        lambda person: submission(person, claims_of(person), [item()]),
    ),
    "a list without items": ("LIST_SIZE", listed([], {"size": 1})),
    "a list of none": (VALUE, listed([], {"size": 0})),
    "a list of 40,001": (VALUE, listed([item()], {"size": 40_001})),
    "a list with one too few": ("LIST_SIZE", listed([item()], {"size": 2})),
    "a list without a root": (MEMBERS, listed([item()], {"sm3": None})),
    "a record twice in a list": ("LIST_RECORD_REPEATED", listed([item(record=RECORD), item(record=RECORD)])),
    "an item twice": ("LIST_RECORD_REPEATED", listed([item(record=RECORD)] * 2)),
    "an item without a record": (MEMBERS, listed([item(record=None)])),
    "an item that is due": (MEMBERS, listed([item(due="2026")])),
    "an item with a subject": (MEMBERS, listed([item(subject=OTHER)])),
    "an item that is no JSON": ("JSON_SYNTAX", listed([b"item"])),
    "an item with a line end": ("JSON_NOT_CANONICAL", listed([item() + b"\n"])),
    "an item of 1,001 files": (
        VALUE,
        listed([item(files=[file(format="a", role="a", copy="copy")] * 1001)]),
    ),
    "an item of 65,537 octets": ("ITEM_SIZE", listed([item_of_size(65_537)])),
    "a statement larger than can be": ("STATEMENT_SIZE", of_size(MAX_STATEMENT + 1)),
    "a list's record": ("LIST_CLAIM_OUTSIDE_ITEM", listed([item()], record=RECORD)),
    "a list's files": ("LIST_CLAIM_OUTSIDE_ITEM", listed([item()], files=[file()])),
    "a list's pages": ("LIST_CLAIM_OUTSIDE_ITEM", listed([item()], pages=1)),
    "a list's version": ("LIST_CLAIM_OUTSIDE_ITEM", listed([item()], version=1)),
    "a list's state": ("LIST_CLAIM_OUTSIDE_ITEM", listed([item()], state="a")),
}


@pytest.mark.parametrize("name", HOLD)
def test_statements_that_hold(scene: Scene, judge: Judge, name: str) -> None:
    assert judged(scene, judge, HOLD[name](scene.person)) == (set(), "")


@pytest.mark.parametrize("name", BROKEN)
def test_statements_refused(scene: Scene, judge: Judge, name: str) -> None:
    code, make = BROKEN[name]
    assert judged(scene, judge, make(scene.person)) == ({code}, code)


def test_one_root_of_a_list_is_not_enough(scene: Scene, judge: Judge) -> None:
    for alg, code in (("sha256", "LIST_SHA256"), ("sm3", "LIST_SM3")):
        reasons, refusal = judged(scene, judge, listed([item()], {alg: HASH})(scene.person))
        assert (reasons, refusal) == ({"LIST_ROOTS"}, code)


def test_items_in_another_order(scene: Scene, judge: Judge) -> None:
    made = listed([item(), item(), item()])(scene.person)
    reasons, refusal = judged(scene, judge, replace(made, items=made.items[::-1]))
    assert (reasons, refusal) == ({"LIST_ROOTS"}, "LIST_SHA256")


_SCRAPS = st.sampled_from(
    [
        *(
            b'"',
            b"\\",
            b",",
            b":",
            b"{",
            b"}",
            b"[",
            b"]",
            b"0",
            b"9",
            b"-",
            b".",
            b"e",
            b" ",
            b"\n",
            b"\x00",
        ),
        *(b"\xff", b"\\u0061", b"null", b"true", b'"a":1,', "é".encode(), b'"files":[],', b"f", b"A"),
    ]
)
_EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 3), _SCRAPS), min_size=1, max_size=3)
_SEEDS = st.sampled_from(sorted(HOLD.keys() - {"a statement as large as can be", "4,096 erased"}))


@settings(max_examples=500)
@given(name=_SEEDS, edits=_EDITS)
def test_changed_payloads(scene: Scene, judge: Judge, name: str, edits: list[tuple[int, int, bytes]]) -> None:
    """`edits`: where, how many octets go, and what comes instead. Signed again by the same person."""
    made = HOLD[name](scene.person)
    part = made.statement.split(b".")[1]
    data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    for place, gone, scrap in edits:
        n = place % (len(data) + 1)
        data = data[:n] + scrap + data[n + gone :]
    again = replace(made, statement=signed(scene.person, data))
    reasons, refusal = judged(scene, judge, again)
    assert bool(reasons) == bool(refusal), (reasons, refusal, data)
