"""Whose keys signed: who certified and who enrolled each, and whether it was revoked later, in words."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.clock import instant_words
from verifier.report import KeyReport, Report, Step
from verifier.texts import Speech
from verifier.wording_step import organisation_name, who


def key_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    return tuple(line for key in report.keys for line in _lines(key, report, speech))


def _lines(key: KeyReport, report: Report, speech: Speech) -> Iterator[str]:
    step = _step_of(key, report)
    yield "  " + speech.say(
        "keys.line",
        who=who(step, report, speech) if step is not None else key.agent[:8],
        certified=organisation_name(key.certified_by, report),
        first=organisation_name(key.enrolled_by[0], report),
        second=organisation_name(key.enrolled_by[1], report),
        when=instant_words(key.enrolled_at, speech.language),
    )
    if key.revoked_at is None:
        return
    when = instant_words(key.revoked_at, speech.language)
    reason = speech.code("reason", key.reason) if key.reason is not None else ""
    yield "    " + speech.say("keys.revoked", when=when, reason=reason)
    if key.in_doubt:
        yield "    " + speech.say("keys.doubt", n=key.in_doubt)


def _step_of(key: KeyReport, report: Report) -> Step | None:
    """One that says the person's name, or else any of his."""
    steps = [step for told in report.records for step in told.steps]
    steps += [step for told in report.lists for step in told.steps]
    own = [step for step in steps if step.agent == key.agent]
    named = (step for step in own if dict(step.disclosed).get("agent_name"))
    return next(named, own[0] if own else None)
