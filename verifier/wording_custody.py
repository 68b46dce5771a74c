"""The handling in words: which step broke a rule, and how far each workflow has come."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.clock import date_words, day_of
from verifier.custody_tables import state_words, table
from verifier.report import CheckName, Outcome, RecordReport, Report, Verdict
from verifier.texts import Speech


def only_custody_lacks(report: Report) -> bool:
    """Whether nothing but the handling keeps the verdict from being "consistent"."""
    if report.verdict is not Verdict.INCOMPLETE or (report.receipt and not report.receipt.logged):
        return False
    return all(
        check.outcome is (Outcome.FAILED if check.check is CheckName.CUSTODY else Outcome.PASSED)
        for check in report.checks
    )


def custody_lines(report: Report, speech: Speech) -> Iterator[str]:
    """Of each record the first step that breaks a rule."""
    broken = [record for record in report.records if record.breaches]
    for record in broken:
        first = record.breaches[0]
        step = record.steps[first.step - 1]
        yield speech.say(
            "custody.broken",
            step=first.step,
            date=date_words(day_of(step.occurred_at), speech.language),
            event=speech.event(step.event),
            reason=speech.reason(first.code),
        )
        if len(record.breaches) > 1:
            yield speech.say("custody.more", n=len(record.breaches) - 1)
    if broken:
        yield speech.say("custody.meaning")


def state_lines(record: RecordReport, speech: Speech) -> Iterator[str]:
    """Where the original is, the page says in a line of its own."""
    for name, state in record.custody:
        if name != "original":
            words = speech.word(state_words(name, state))
            yield speech.say("now.custody", table=speech.word(table(name).words), state=words)
