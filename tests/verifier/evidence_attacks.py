"""How an attack on evidence is written down: a change of the good story, and exactly what must answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.verifier.forge_evidence import CURRENT, Object, Script, forge, good
from tests.verifier.forge_log import Lines
from tests.verifier.forge_people import Signed, canonical, header_of, sign_bytes
from verifier.report import Outcome, Report, Verdict
from verifier.verify import verify

# What must answer: "check CODE" for each rule that the evidence breaks.
Attacks = Mapping[str, tuple[Script, set[str]]]


def report_on(script: Script) -> Report:
    forged = forge(script)
    return verify(forged.octets, forged.trust_octets, CURRENT)


def broken(report: Report) -> set[str]:
    """Every rule broken, as "check CODE"."""
    return {
        f"{check.check.value} {reason.code}"
        for check in report.checks
        if check.outcome is Outcome.FAILED
        for reason in check.reasons[: _failures(check.reasons)]
    }


def _failures(reasons: tuple[Any, ...]) -> int:
    """How many of a failed check's reasons are rules broken: those before what it lacks and notes."""
    beside = {"PREREQUISITE", "PENDING", "ATTESTERS_FEW", "ATTESTER_MISSING", "NO_ANCHOR", "EVENT_UNKNOWN"}
    beside |= {"CERTIFICATE_DATE_PENDING", "KEY_IN_DOUBT", "KEY_REVOKE_ALONE", "LATER_KEYS_NOT_PROVED"}
    return next((n for n, reason in enumerate(reasons) if reason.code in beside), len(reasons))


def assert_refused(script: Script, expected: set[str]) -> Report:
    """The evidence does not hold, for exactly these reasons, and nothing that it tells is repeated."""
    report = report_on(script)
    assert broken(report) == expected, broken(report)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.reasons[0].code == "EVIDENCE_DOES_NOT_HOLD"
    assert report.checks[0].outcome is Outcome.NOT_RUN, "no file is compared with evidence that does not hold"
    assert (report.records, report.lists, report.files, report.witnesses) == ((), (), (), ())
    return report


def unreadable(evidence: bytes, trust: bytes) -> str:
    """The rule that keeps the evidence from being read at all."""
    report = verify(evidence, trust, CURRENT)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert [reason.code for reason in report.reasons][:-1] == ["EVIDENCE_UNREADABLE"]
    assert all(check.outcome is Outcome.NOT_RUN for check in report.checks)
    return report.reasons[-1].code


def setting(**claims: Any) -> Callable[[Object], None]:
    """An edit that sets members, or with None removes them."""

    def edit(value: Object) -> None:
        for name, new in claims.items():
            if new is None:
                value.pop(name, None)
            else:
                value[name] = new

    return edit


def line(number: int, text: str) -> Callable[[Lines], None]:
    """An edit of one line of an entry, marker or anchor."""

    def edit(lines: Lines) -> None:
        lines[number] = text

    return edit


def resigned(header: Mapping[str, Any] | None = None, *, high: bool = False) -> Callable[[Signed], Signed]:
    """An edit that signs the same payload again, with changes of the header or with high S."""

    def edit(signed: Signed) -> Signed:
        octets = header_of(signed.signer, **(header or {}))
        data = sign_bytes(signed.signer, octets, canonical(signed.payload), high=high)
        return Signed(data, signed.signer, signed.disclosures, signed.items)

    return edit


def statement_of(name: str, change: Callable[[Object], object]) -> Script:
    """An edit of the finished evidence: the statement object of the act named."""

    def edit(evidence: Object) -> None:
        change(evidence["statements"][good().place(name)])

    return Script(evidence=edit)
