"""Input that would cost time or memory is refused before it does."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import pytest

from tests.verifier.evidence_attacks import broken, unreadable
from tests.verifier.forge_evidence import CURRENT, Object, Script, b64, forge, good
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import canonical, item, url
from verifier.canonical import MAX_TOKENS, parse
from verifier.errors import EvidenceError
from verifier.evidence import MANY, MAX_ATTESTATIONS, MAX_CONFIGURATIONS, MAX_EVIDENCE
from verifier.item import MAX_ITEM
from verifier.report import Verdict
from verifier.statement import MAX_STATEMENT
from verifier.tally import MOST_REASONS
from verifier.verify import verify

MEGABYTE = 1_000_000
# Of the processor. Quadratic work on a megabyte takes minutes; linear work far less than a second.
SECONDS = 30.0

HOSTILE: dict[str, tuple[bytes, str]] = {
    "brackets": (b"[" * MEGABYTE, "JSON_DEPTH"),
    "braces": (b'{"a":' * MEGABYTE, "JSON_DEPTH"),
    "nine deep": (b"[" * 9 + b"]" * 9, "JSON_DEPTH"),
    "a string without an end": (b'"' + b"a" * MEGABYTE, "JSON_SYNTAX"),
    "escaped quotes without an end": (b'"' + b'\\"' * MEGABYTE, "JSON_SYNTAX"),
    "backslashes": (b'"' + b"\\" * MEGABYTE, "JSON_SYNTAX"),
    "many values": (b"[" + b"1," * MAX_TOKENS + b"1]", "JSON_TOKENS"),
    "many strings": (b'"a"' * (MAX_TOKENS + 1), "JSON_TOKENS"),
    "a number of a million digits": (b"[" + b"1" * MEGABYTE + b"]", "JSON_NUMBER"),
    "a fraction of a million digits": (b"[0." + b"1" * MEGABYTE + b"]", "JSON_NUMBER"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json(name: str) -> None:
    octets, code = HOSTILE[name]
    began = time.process_time()
    with pytest.raises(EvidenceError) as refused:
        parse(octets, "here")
    assert time.process_time() - began < SECONDS
    assert refused.value.code == code


def test_brackets_in_strings_are_text() -> None:
    value = ["[" * 100, '\\"' + "{" * 100, "\\", '"[[[[[[[[[[']
    assert parse(canonical(value), "here") == value


def test_eight_deep_is_read() -> None:
    assert parse(b"[" * 8 + b"]" * 8, "here") == [[[[[[[[]]]]]]]]


def test_evidence_too_large() -> None:
    assert unreadable(b" " * (MAX_EVIDENCE + 1), good().trust_octets) == "EVIDENCE_SIZE"


def _statement(text: str) -> Callable[[Object], None]:
    return lambda e: e["statements"].__setitem__(0, {"disclosures": [], "items": [], "statement": text})


DEEP = url(b"[" * 30 + b"]" * 30)


def _many(name: str, count: int) -> Callable[[Object], None]:
    return lambda e: e.update({name: sorted(b64(str(n).encode()) for n in range(count))})


COUNTS: dict[str, Callable[[Object], object]] = {
    "attestations": _many("attestations", MAX_ATTESTATIONS + 1),
    "certificates": _many("certificates", MANY + 1),
    "configurations": lambda e: e.update(configurations=[{}] * (MAX_CONFIGURATIONS + 1)),
    "records": lambda e: e["scope"].update(records=[""] * (MANY + 1)),
    "disclosures": lambda e: e["statements"][0].update(disclosures=[""] * (MANY + 1)),
    "envelopes": lambda e: e["anchor"]["block"].update(envelopes=[""] * 10_001),
    "signatures": lambda e: e["anchor"]["block"].update(signatures=[""] * 1_001),
    "hashes in a proof": lambda e: e["entries"][0].update(sm3=[""] * 65),
}


@pytest.mark.parametrize("name", COUNTS)
def test_enormous_counts(name: str) -> None:
    """The count is judged before the elements: each of these would be refused for itself as well."""
    evidence = copy.deepcopy(good().evidence)
    COUNTS[name](evidence)
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    assert report.reasons[-1].code == "SHAPE_VALUE"
    assert report.reasons[-1].expected.endswith("elements")


JUNK: dict[str, tuple[Callable[[Object], object], str]] = {
    "entries": (
        lambda e: e.update(entries=[{"sha256": [], "sm3": [], "text": ""}] * 5_000),
        "entry",
    ),
    "markers": (
        lambda e: e.update(markers=[{"sha256": [], "sm3": [], "text": ""}] * 5_000),
        "log",
    ),
    "certificates": (
        lambda e: e.update(
            certificates=[b64(d) for d in sorted((str(n).encode() for n in range(5_000)), key=sha256)]
        ),
        "signature",
    ),
}


@pytest.mark.parametrize("name", JUNK)
def test_what_is_hopeless_is_not_read_to_its_end(name: str) -> None:
    edit, check = JUNK[name]
    evidence = copy.deepcopy(good().evidence)
    edit(evidence)
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    found = next(c for c in report.checks if c.check.value == check)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert [reason.code for reason in found.reasons].count("MORE_REASONS") == 1


PARTS: dict[str, tuple[Callable[[Object], object], str]] = {
    "a statement too large": (_statement("a." * MAX_STATEMENT), "signature STATEMENT_SIZE"),
    "a header too deep": (_statement(f"{DEEP}.{DEEP}.{url(b'0' * 63 + b'1')}"), "signature JSON_DEPTH"),
    "a disclosure too large": (
        lambda e: e["statements"][0].update(disclosures=["a" * 70_000]),
        "disclosure SD_FORM",
    ),
    "a disclosure too deep": (
        lambda e: e["statements"][0].update(disclosures=[DEEP]),
        "disclosure JSON_DEPTH",
    ),
    "a certificate of a megabyte": (
        lambda e: e.update(certificates=[b64(b"0" * MEGABYTE)]),
        "signature CERTIFICATE_FORM",
    ),
    "an entry of a megabyte": (
        lambda e: e["entries"][0].update(text="archive-ledger entry v1\n" + "0\n" * 500_000),
        "entry LINE_FORM",
    ),
    "an attestation of a megabyte": (
        lambda e: e.update(attestations=[b64(b"\x0a" * MEGABYTE)]),
        "committed WIRE_",
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_hostile_parts(name: str) -> None:
    edit, expected = PARTS[name]
    evidence = copy.deepcopy(good().evidence)
    edit(evidence)
    evidence["statements"].sort(key=lambda s: sha256(s["statement"].encode()))
    began = time.process_time()
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    assert time.process_time() - began < SECONDS
    assert report.verdict is Verdict.CANNOT_CHECK
    assert any(found.startswith(expected) for found in broken(report)), broken(report)


def test_an_item_too_large() -> None:
    def edit(items: list[tuple[bytes, tuple[str, ...]]]) -> None:
        items[0] = item("zhang", "record zhang", answers=["ab" * 32] * (MAX_ITEM // 60))

    forged = forge(Script(items=edit))
    assert "entry ITEM_SIZE" in broken(verify(forged.octets, forged.trust_octets, CURRENT))


def test_a_value_too_large() -> None:
    forged = forge(Script(claims={"receive": lambda p: p.update(note="a" * MAX_STATEMENT)}))
    assert "signature STATEMENT_SIZE" in broken(verify(forged.octets, forged.trust_octets, CURRENT))


def test_reasons_are_counted_out() -> None:
    """Ten thousand malformed entries give a hundred reasons, and the word that there are more."""
    evidence = copy.deepcopy(good().evidence)
    evidence["entries"] = [{"sha256": [], "sm3": [], "text": f"{n}"} for n in range(10_000)]
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    entry = next(check for check in report.checks if check.check.value == "entry")
    assert len(entry.reasons) < MOST_REASONS + 30
    assert "MORE_REASONS" in {reason.code for reason in entry.reasons}


def test_two_thousand_markers() -> None:
    """Nothing here grows faster than the evidence."""
    evidence = copy.deepcopy(good().evidence)
    evidence["markers"] = [dict(marker) for marker in evidence["markers"] for _ in range(400)]
    began = time.process_time()
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    assert time.process_time() - began < SECONDS
    assert report.verdict is Verdict.CANNOT_CHECK
