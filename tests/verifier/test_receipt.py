"""Receipts: a promise is not proof that it was kept, and a broken one is said."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verifier.forge_evidence import (
    CURRENT,
    KEY,
    KEY_OCTETS,
    LEDGER,
    ZHANG,
    Act,
    Script,
    b64,
    forge,
    good,
)
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import ORIGIN, person, state
from verifier.report import Report, Verdict
from verifier.verify import verify

EARLY, LATE = "2026-01-12T09:29:00.000Z", "2026-01-12T09:31:00.000Z"
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def note(
    statement: str,
    due: str = LATE,
    *,
    origin: str = ORIGIN,
    ledger: str = LEDGER,
    key: Ed25519PrivateKey = KEY,
    name: str = ORIGIN,
    first: str = "archive-ledger receipt v1",
) -> str:
    text = f"{first}\n{origin}\n{ledger}\n{statement}\n2026-01-12T09:19:00.500Z\n{due}\n"
    identity = sha256(name.encode() + b"\n\x01" + key.public_key().public_bytes_raw())[:4]
    return f"{text}\n\u2014 {name} {b64(identity + key.sign(text.encode()))}\n"


def _pending(acts: list[Act]) -> None:
    signed = state(person("clerk"), "late", "shelve", {"location": "02库"}, record=ZHANG, state="in_place")
    acts.append(Act("late", None, signed, ""))


def _report(receipt: str, script: Script | None = None) -> Report:
    forged = forge(script) if script else good()
    return verify(forged.octets, forged.trust_octets, CURRENT, receipt)


def _codes(report: Report) -> list[str]:
    return [reason.code for reason in report.reasons]


def test_logged() -> None:
    report = _report(note(good().statement("resubmit")))
    assert report.verdict is Verdict.CONSISTENT
    assert report.receipt is not None
    assert (report.receipt.known, report.receipt.logged) == (True, True)
    assert report.receipt.accepted_at == "2026-01-12T09:19:00.500Z"


def test_logged_late() -> None:
    report = _report(note(good().statement("resubmit"), "2026-01-12T09:20:00.000Z"))
    assert report.verdict is Verdict.CONSISTENT
    assert "RECEIPT_LATE" in _codes(report)


def test_not_in_the_evidence() -> None:
    """Nothing is concluded, and it never counts as passed."""
    report = _report(note("ab" * 32, EARLY))
    assert report.verdict is Verdict.INCOMPLETE
    assert report.receipt is not None
    assert (report.receipt.known, report.receipt.logged) == (False, False)
    assert "RECEIPT_UNKNOWN" in _codes(report)


def test_broken() -> None:
    """Due before the anchor, and not in the log that was anchored."""
    forged = forge(Script(acts=_pending))
    report = _report(note(forged.statement("late"), EARLY), Script(acts=_pending))
    assert report.verdict is Verdict.INCONSISTENT
    assert _codes(report)[0] == "RECEIPT_BROKEN"
    assert report.receipt is not None
    assert (report.receipt.known, report.receipt.logged) == (True, False)


def test_not_due_at_the_anchor() -> None:
    """Attested after the due time: an old anchor may be attested at any time, and says nothing of later."""
    forged = forge(Script(acts=_pending))
    report = _report(note(forged.statement("late"), "2026-01-12T09:30:30.000Z"), Script(acts=_pending))
    assert report.attested_at is not None
    assert report.attested_at > "2026-01-12T09:30:30.000Z"
    assert report.verdict is Verdict.INCOMPLETE
    assert "RECEIPT_PENDING" in _codes(report)


RESUBMITTED = good().statement("resubmit")
TRUE = note(RESUBMITTED)

INVALID: dict[str, tuple[str, str]] = {
    "nothing": ("", "NOTE_FORM"),
    "not a note": ("receipt", "NOTE_FORM"),
    "another text under the signature": (TRUE.replace(LATE, EARLY), "NOTE_SIGNATURE"),
    "another's signature": (note(RESUBMITTED, key=STRANGER), "NOTE_FORM"),
    "another origin": (note(RESUBMITTED, name="elsewhere.example"), "NOTE_FORM"),
    "an origin in the text only": (note(RESUBMITTED, origin="elsewhere.example"), "RECEIPT_LEDGER"),
    "another ledger of the same key": (note(RESUBMITTED, ledger="ab" * 32), "RECEIPT_LEDGER"),
    "something else that the ledger signed": (
        note(RESUBMITTED, first="archive-ledger refusal v1"),
        "LINE_FORM",
    ),
    "signed, and too long": (note(f"{RESUBMITTED}\n{'x' * 5000}"), "NOTE_FORM"),
    "a line more": (note(f"{RESUBMITTED}\n{RESUBMITTED}"), "LINE_FORM"),
    "no last line feed": (TRUE.removesuffix("\n"), "NOTE_FORM"),
    "two signatures": (TRUE + TRUE.rpartition("\n\n")[2], "NOTE_FORM"),
    "a checkpoint": (
        TRUE.replace("archive-ledger receipt v1\n", "", 1),
        "NOTE_SIGNATURE",
    ),
    "too long": ("x" * 5000, "NOTE_FORM"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid(name: str) -> None:
    text, code = INVALID[name]
    report = _report(text)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.receipt is None
    assert _codes(report)[:2] == ["RECEIPT_INVALID", code]


def test_key_is_the_trust_roots() -> None:
    assert good().trust["checkpoint_key"] == KEY_OCTETS.hex()


def test_evidence_that_does_not_hold_says_nothing_of_a_receipt() -> None:
    script = Script(anchor=lambda lines: lines.__setitem__(4, "ab" * 32))
    report = _report(note(RESUBMITTED, EARLY), script)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.receipt is None
