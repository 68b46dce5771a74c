"""Attacks on disclosures (check 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, setting, statement_of
from tests.verifier.forge_evidence import CURRENT, Object, Script, field_of, forge, good
from tests.verifier.forge_people import Payload, canonical, digest_of, disclosure, url
from verifier.report import Verdict
from verifier.verify import verify


def _shown(change: Callable[[list[str]], list[str]]) -> Callable[[Object], None]:
    """An edit of the disclosures of a statement object; they are sorted again."""

    def edit(statement: Object) -> None:
        statement["disclosures"] = sorted(change(list(statement["disclosures"])))

    return edit


def _instead(name: str, text: str) -> Callable[[Object], None]:
    return _shown(lambda texts: [text if field_of(t) == name else t for t in texts])


def _moved(evidence: Object) -> None:
    """The title of one statement beside another."""
    texts = evidence["statements"][good().place("receive")]["disclosures"]
    title = next(t for t in texts if field_of(t) == "title")
    other = evidence["statements"][good().place("scan")]
    other["disclosures"] = sorted([*other["disclosures"], title])


def _committed(name: str, text: str) -> Callable[[Payload], None]:
    """The statement itself commits to the disclosure `text` under `name`, by an adversary who signs."""

    def edit(payload: Payload) -> None:
        digests = dict(zip(payload["fields"], payload["_sd"], strict=True)) | {name: digest_of(text)}
        payload["fields"] = sorted(digests)
        payload["_sd"] = [digests[field] for field in payload["fields"]]

    return edit


def _shows(name: str, text: str) -> Script:
    """The statement commits to it, and it is shown."""

    def edit(evidence: Object) -> None:
        received = next(s for s in evidence["statements"] if "number" in map(field_of, s["disclosures"]))
        received["disclosures"] = sorted([*received["disclosures"], text])

    return Script(claims={"receive": _committed(name, text)}, evidence=edit)


def _swapped(payload: Payload) -> None:
    payload["fields"] = sorted({*payload["fields"], "note"} - {"title"})


TITLE_TEXT = disclosure("title", "别的题名", "another salt")
# Disclosures stand in the order of their texts: this one after the true title.
LATER_TITLE = max(disclosure("title", "别的题名", f"salt {number}") for number in range(2000))
NESTED = url(canonical([url(b"0" * 16), "note", {"_sd": [digest_of("x")]}]))
ARRAY = url(canonical([url(b"0" * 16), "an element"]))
SHORT_SALT = url(canonical([url(b"0" * 15), "note", "text"]))
CLEAR = disclosure("record", "0")
JWT = disclosure("exp", "0")
LATE_FILE = disclosure("file.7.name", "name")
FILE_DIGEST = disclosure("file.0.digests", {"sha256": "00" * 32, "size": 1, "sm3": "00" * 32})
NUMBERED = disclosure("file.01.name", "name")

ATTACKS: Attacks = {
    "another title": (
        statement_of("receive", _instead("title", TITLE_TEXT)),
        {"disclosure SD_NOT_BOUND"},
    ),
    "another salt": (
        statement_of("receive", _instead("title", disclosure("title", "土地承包户档", "other"))),
        {"disclosure SD_NOT_BOUND"},
    ),
    "one more": (
        statement_of("receive", _shown(lambda texts: [*texts, TITLE_TEXT])),
        {"disclosure SD_NOT_BOUND"},
    ),
    "of another statement": (Script(evidence=_moved), {"disclosure SD_NOT_BOUND"}),
    "a name that the statement does not list": (
        Script(claims={"receive": _swapped}),
        {"disclosure SD_NOT_BOUND", "entry EVENT_FIELD_MISSING"},
    ),
    "not base64url": (
        statement_of("receive", _instead("title", "A===")),
        {"disclosure BASE64URL"},
    ),
    "not a triple": (
        statement_of("receive", _instead("title", ARRAY)),
        {"disclosure SD_FORM"},
    ),
    "a short salt": (
        statement_of("receive", _instead("title", SHORT_SALT)),
        {"disclosure SD_FORM"},
    ),
    "nested": (statement_of("receive", _instead("title", NESTED)), {"disclosure SD_FORM"}),
    "named as a clear claim": (
        statement_of("receive", _instead("title", CLEAR)),
        {"disclosure SD_CLEAR_CLAIM"},
    ),
    "named as a JWT claim": (
        statement_of("receive", _instead("title", JWT)),
        {"disclosure SD_CLEAR_CLAIM"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)


SIGNED: Attacks = {
    "a clear claim among the fields": (
        Script(claims={"receive": _committed("record", CLEAR)}),
        {"signature SD_CLEAR_CLAIM"},
    ),
    "fewer names than digests": (
        Script(claims={"receive": lambda p: p["fields"].remove("title")}),
        {"signature SD_COUNT"},
    ),
    "a digest twice": (
        Script(claims={"receive": lambda p: p["_sd"].append(p["_sd"][-1])}),
        {"signature SHAPE_ORDER"},
    ),
    "names out of order": (
        Script(claims={"receive": lambda p: p["fields"].reverse()}),
        {"signature SHAPE_ORDER"},
    ),
    "a file that is not there": (
        _shows("file.7.name", LATE_FILE),
        {"disclosure SD_FILE"},
    ),
    "digests of a file with clear ones": (
        _shows("file.0.digests", FILE_DIGEST),
        {"disclosure SD_FILE"},
    ),
    "a file's number with a zero before it": (
        _shows("file.01.name", NUMBERED),
        {"disclosure SD_FILE", "entry EVENT_FIELD_EXTRA"},
    ),
    "a title under another name's digest": (
        _shows("note", TITLE_TEXT),
        {"disclosure SD_NOT_BOUND"},
    ),
    "two titles": (
        _shows("note", LATER_TITLE),
        {"disclosure SD_REPEATED"},
    ),
    "a decoy without a name": (
        Script(claims={"receive": setting(_sd=sorted([digest_of("decoy")]))}),
        {"signature SD_COUNT"},
    ),
}


@pytest.mark.parametrize("attack", SIGNED)
def test_refused_though_signed(attack: str) -> None:
    script, expected = SIGNED[attack]
    assert_refused(script, expected)


def test_withheld_is_no_fault() -> None:
    """A disclosure left out is listed as withheld; only the erased one is called erased."""
    forged = forge(Script(withhold=frozenset({("receive", "holder"), ("receive", "title")})))
    report = verify(forged.octets, forged.trust_octets, CURRENT)
    step = report.records[0].steps[0]
    assert report.verdict is Verdict.CONSISTENT
    assert step.withheld == ("title",)
    assert step.erased == ("holder",)
