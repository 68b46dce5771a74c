"""From eleven outcomes to one verdict, and the one place that says when it cannot be "consistent"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.report import CheckName, CheckResult, FileStatus, Outcome, Reason, Report, Verdict
from verifier.tally import CANNOT
from verifier.verify_receipt import ReceiptFinding


def decide(checks: Sequence[CheckResult], receipt: ReceiptFinding | None) -> Verdict:
    """In this order:

    - 3 cannot check: something that this verifier cannot judge, or any of checks 2 to 10 failed;
    - 1 inconsistent: a file is not the record's, or the ledger broke the promise of a receipt;
    - 0 consistent: each of the eleven checks ran and passed, and a receipt given was for a statement shown in
      the log;
    - 2 incomplete: everything else. The record is what it was, and something that the claim needs is absent:
      a proof, or a step of its handling.
    """
    if any(_judged_impossible(check) or _evidence_fails(check) for check in checks):
        return Verdict.CANNOT_CHECK
    broken = receipt is not None and receipt.broken
    if broken or any(check.outcome is Outcome.FAILED for check in checks if check.check is CheckName.FILE):
        return Verdict.INCONSISTENT
    still_open = receipt is not None and receipt.open
    # By name: of checks that are not there none would have failed.
    passed = {check.check for check in checks if check.outcome is Outcome.PASSED}
    if not still_open and passed == set(CheckName) and len(passed) == len(checks):
        return Verdict.CONSISTENT
    return Verdict.INCOMPLETE


def _judged_impossible(check: CheckResult) -> bool:
    return any(reason.code in CANNOT for reason in check.reasons)


def _evidence_fails(check: CheckResult) -> bool:
    about_proof = check.check not in (CheckName.FILE, CheckName.CUSTODY)
    return about_proof and check.outcome is Outcome.FAILED


def deciding_reasons(
    verdict: Verdict, checks: Sequence[CheckResult], receipt: ReceiptFinding | None
) -> tuple[Reason, ...]:
    """What the reader is told first: why the verdict is this one, then what to keep in mind beside it."""
    failed = [check for check in checks if check.outcome is Outcome.FAILED]
    # Remarks on a handling that is in order decide nothing.
    passed = CheckName.CUSTODY, Outcome.PASSED
    checks = [check for check in checks if (check.check, check.outcome) != passed]
    own = [reason for check in checks for reason in check.reasons]
    reasons: list[Reason] = []
    if verdict is Verdict.CANNOT_CHECK:
        reasons += [reason for reason in own if reason.code in CANNOT]
        if any(_evidence_fails(check) for check in checks):
            names = " ".join(check.check.value for check in failed)
            reasons.insert(0, Reason("EVIDENCE_DOES_NOT_HOLD", found=names))
            reasons += [check.reasons[0] for check in failed]
        return _once(reasons)
    reasons += [reason for check in failed for reason in check.reasons]
    reasons += receipt.reasons if receipt else ()
    reasons += [r for check in checks if check.outcome is Outcome.NOT_RUN for r in check.reasons]
    reasons += [r for check in checks if check.outcome is Outcome.PASSED for r in check.reasons]
    if any(check.check is CheckName.LOG and check.outcome is Outcome.PASSED for check in checks):
        reasons.append(Reason("LATER_ENTRIES_NOT_PROVED"))
    return _once(reason for reason in reasons if reason.code != "PREREQUISITE")


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


def assert_consistent_is_earned(report: Report) -> None:
    """Raises AssertionError if "consistent" rests on nothing: then the verifier is wrong, not the file."""
    if report.verdict is not Verdict.CONSISTENT:
        return
    names = [check.check for check in report.checks]
    steps = [step for told in report.records for step in told.steps]
    steps += [step for told in report.lists for step in told.steps]
    holds = {
        "eleven checks, each once, in order": names == list(CheckName),
        "every check passed": all(check.outcome is Outcome.PASSED for check in report.checks),
        "no step out of order": not any(told.breaches for told in report.records),
        "every check looked at something": all(check.subjects > 0 for check in report.checks),
        "a record": bool(report.records),
        "steps of each record": all(told.steps for told in report.records),
        "steps of each list": all(told.steps for told in report.lists),
        "every step logged, in an interval": all(
            step.index is not None and step.interval is not None for step in steps
        ),
        "an anchor, attested": report.anchor_time is not None and report.attested_at is not None,
        "enough witnesses": sum(w.attested and w.asked_to_attest for w in report.witnesses)
        >= (report.least_attesters or 1),
        "endorsements": sum(w.endorsed and w.asked_to_endorse for w in report.witnesses) * 2
        > sum(w.asked_to_endorse for w in report.witnesses),
        "every file given is a current one": all(
            file.status is FileStatus.SAME and file.since is not None for file in report.files if file.given
        ),
        "files the same, or none recorded": any(file.status is FileStatus.SAME for file in report.files)
        or not any(told.files for told in report.records),
        "every step by somebody of the channel": {step.iss for step in steps}
        <= {w.msp for w in report.witnesses},
        "a trust root": bool(report.fingerprint and report.ledger and report.channel),
    }
    broken = [rule for rule, kept in holds.items() if not kept]
    if broken:
        raise AssertionError(f"consistent without: {', '.join(broken)}")
