"""Who vouches, what is not proved, what to do next, and every check with its result, in words."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.clock import instant_words
from verifier.printable import printable
from verifier.report import CheckName, CheckResult, Outcome, Reason, Report, Verdict
from verifier.texts import Speech, reasons
from verifier.trust import fingerprint_text
from verifier.wording_custody import only_custody_lacks
from verifier.wording_files import NO_FILE, holds_not
from verifier.wording_step import organisation_name

MOST_REASONS = 5
_LIMITS = ("truth", "outside", "person", "{handling}", "code", "complete")


def vouching_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    return tuple(_vouching(report, speech))


def _vouching(report: Report, speech: Speech) -> Iterator[str]:
    witnesses = report.witnesses
    if report.anchor_time is None or not witnesses:
        yield speech.say("vouch.none")
        return
    names = {w.msp: organisation_name(w.msp, report) for w in witnesses}
    asked = sum(w.asked_to_endorse for w in witnesses)
    endorsed = [names[w.msp] for w in witnesses if w.endorsed]
    attested = [names[w.msp] for w in witnesses if w.attested]
    silent = [names[w.msp] for w in witnesses if w.asked_to_attest and not w.attested]
    count = sum(w.asked_to_attest for w in witnesses)
    yield speech.say("vouch.endorsed", n=asked, k=len(endorsed), names=speech.join(endorsed))
    if attested:
        yield speech.say("vouch.attested", n=count, k=len(attested), names=speech.join(attested))
    if report.attested_at is not None:
        when = instant_words(report.attested_at, speech.language, upper=True)
        yield speech.say("vouch.when", when=when)
    if silent:
        yield speech.say("vouch.missing", names=speech.join(silent))
    least = report.least_attesters or 1
    if len(attested) < least:
        yield speech.say("vouch.least", least=least, k=len(attested))
    yield speech.say("vouch.whose")


def receipt_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    said = [speech.reason(r.code) for r in report.reasons if r.code in ("RECEIPT_INVALID", "RECEIPT_LATE")]
    receipt = report.receipt
    if receipt is None:
        return tuple(said)
    accepted = instant_words(receipt.accepted_at, speech.language)
    due = instant_words(receipt.due, speech.language)
    lines = [speech.say("receipt.line", accepted=accepted, due=due)]
    if receipt.logged:
        return (*lines, speech.say("receipt.logged"), *said)
    lines.append(speech.say("receipt.pending" if receipt.known else "receipt.unknown"))
    # Instants compare as strings.
    if receipt.known and report.anchor_time is not None and report.anchor_time > receipt.due:
        when = instant_words(report.anchor_time, speech.language)
        lines.append(speech.say("receipt.overdue", when=when))
    return tuple(lines)


def limit_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    judged = any(c.check is CheckName.CUSTODY and c.outcome is not Outcome.NOT_RUN for c in report.checks)
    names = (name.format(handling="duty" if judged else "workflow") for name in _LIMITS)
    return tuple("  " + speech.say("limits.line", text=speech.say(f"limits.{name}")) for name in names)


def next_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    keys = {
        Verdict.CONSISTENT: "next.consistent",
        Verdict.INCONSISTENT: "next.inconsistent",
        Verdict.INCOMPLETE: _next_incomplete(report),
        Verdict.CANNOT_CHECK: "next.broken" if holds_not(report) else "next.cannot",
    }
    return (speech.say(keys[report.verdict]),)


def _next_incomplete(report: Report) -> str:
    if only_custody_lacks(report):
        return "next.custody"
    return "next.give_files" if _only_files_lack(report) else "next.incomplete"


def _only_files_lack(report: Report) -> bool:
    lacking = {r.code for r in report.reasons if (spec := reasons().get(r.code)) and spec.kind == "missing"}
    return lacking == {NO_FILE}


def check_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    """A line for each check, followed by its reasons; one reason that all share is said once."""
    shared = {check.reasons for check in report.checks}
    once = len(shared) == 1 and all(c.outcome is Outcome.NOT_RUN and c.reasons for c in report.checks)
    lines: list[str] = []
    for number, check in enumerate(report.checks, 1):
        name = speech.say(f"check.{check.check.value}")
        lines.append(
            "  " + speech.say("checks.line", number=number, name=name, outcome=_outcome(check, speech))
        )
        if not once:
            lines += ["     " + line for line in _reason_lines(check, speech)]
    if once:
        said = speech.clauses(_reason_lines(report.checks[0], speech))
        lines.append("  " + speech.say("checks.all_not_run", reason=said))
    return tuple(lines)


def _outcome(check: CheckResult, speech: Speech) -> str:
    if check.outcome is Outcome.PASSED:
        return speech.say("checks.passed", n=check.subjects)
    if check.outcome is Outcome.FAILED:
        return speech.say("checks.failed")
    if check.subjects:
        return speech.say("checks.not_finished", n=check.subjects)
    return speech.say("checks.not_run")


def _reason_lines(check: CheckResult, speech: Speech) -> Iterator[str]:
    for reason in check.reasons[:MOST_REASONS]:
        text = speech.reason(reason.code)
        yield speech.say("checks.reason", text=text, facts=_facts(reason, speech), code=reason.code)
    left = len(check.reasons) - MOST_REASONS
    if left > 0:
        yield speech.say("checks.more", n=left)


def _facts(reason: Reason, speech: Speech) -> str:
    needed = reason.expected.split()
    if reason.code == "PREREQUISITE" and set(needed) <= {name.value for name in CheckName}:
        return speech.say("facts.needs", list=speech.join(speech.say(f"check.{name}") for name in needed))
    facts = []
    if reason.at:
        facts.append(speech.say("facts.at", at=printable(reason.at)))
    if reason.expected:
        facts.append(speech.say("facts.expected", expected=printable(reason.expected)))
    if reason.found:
        facts.append(speech.say("facts.found", found=printable(reason.found)))
    return speech.say("facts.all", list=speech.clauses(facts)) if facts else ""


def basis_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    if not report.ledger:
        return ()
    origin, channel = printable(report.origin), printable(report.channel)
    lines = [speech.say("basis.ledger", origin=origin, channel=channel)]
    lines.append(speech.say("basis.id", ledger=printable(report.ledger)))
    if report.anchor_batch is not None and report.anchor_size is not None:
        lines.append(speech.say("basis.anchor", batch=report.anchor_batch, size=report.anchor_size))
    if report.verdict is not Verdict.CANNOT_CHECK:
        lines += [speech.say("basis.record", id=printable(record.record)) for record in report.records]
    return tuple(lines)


def fingerprint_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    if not report.fingerprint:
        return (speech.say("fingerprint.none"),)
    groups = fingerprint_text(report.fingerprint).split("-")
    halves = (groups[: len(groups) // 2], groups[len(groups) // 2 :])
    first, second = ("-".join(half) for half in halves)
    return (
        speech.say("fingerprint.line"),
        f"  {first}-",
        f"  {second}",
        speech.say("fingerprint.advice"),
    )
