"""One step of a trail in words: when, who, what, with what result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.catalogue import catalogue, event
from verifier.clock import date_words, day_of, instant_words
from verifier.disclosure import file_field
from verifier.printable import apart, printable
from verifier.report import Report, Step
from verifier.texts import Speech

_WHO = ("agent_name", "agent_duty")
_AS_VALUE = frozenset("::;;【】〈〉“”")
AS_NAME = _AS_VALUE | frozenset("()(),,")


def who(step: Step, report: Report, speech: Speech) -> str:
    """Name as signed, organisation as its certificate shows, duty as signed."""
    shown = dict(step.disclosed)
    organisation = organisation_name(step.iss, report)
    duty = shown.get("agent_duty", "")
    detail = organisation
    if duty:
        detail = speech.say("who.detail_duty", organisation=organisation, duty=said(duty, speech, AS_NAME))
    named = said(shown.get("agent_name", ""), speech, AS_NAME)
    if named:
        if step.role == "service":
            detail = speech.say("who.detail_service", detail=detail)
        return speech.say("who.named", name=named, detail=detail)
    if "agent_name" in step.erased:
        return speech.say("who.erased", detail=detail)
    # A person who left the name empty is no service.
    unnamed = "agent_name" in step.withheld or "agent_name" in shown
    return speech.say("who.withheld" if unnamed else "who.service", detail=detail)


def said(text: str, speech: Speech, marks: frozenset[str] = _AS_VALUE) -> str:
    """What somebody wrote; between quotes if it bears `marks`, by which it could pose as the page's words."""
    shown = printable(text)
    return speech.say("quoted", text=apart(text)) if marks.intersection(shown) else shown


def organisation_name(msp: str, report: Report) -> str:
    names = {witness.msp: witness.name for witness in report.witnesses}
    return printable(names.get(msp) or msp)


def day_words(step: Step, speech: Speech) -> str:
    return date_words(day_of(step.occurred_at), speech.language)


def step_lines(step: Step, report: Report, described: Mapping[str, str], speech: Speech) -> Iterator[str]:
    """The step's line, then what else it discloses; `described` is what the page has already said."""
    details = list(_details(step, speech))
    joint = speech.say("steps.detail_joint")
    date = date_words(step.occurred_at, speech.language)
    yield "  " + speech.say(
        "steps.line",
        date=date,
        who=who(step, report, speech),
        event=speech.event(step.event),
        details=speech.say("steps.details", list=joint.join(details)) if details else "",
        marks=_marks(step, speech),
    )
    more = [
        speech.say("steps.field", name=speech.field(name), value=said(value, speech))
        for name, value in step.disclosed
        if _worth_saying(step, name, value, described)
    ]
    if more:
        yield "      " + speech.clauses(more)


def _worth_saying(step: Step, name: str, value: str, described: Mapping[str, str]) -> bool:
    if name in _WHO or file_field(name) is not None:
        return False
    is_description = name in catalogue().field_sets["record"]
    if name == "volume" and step.event.startswith("volume."):
        return True
    return not is_description or step.event == "metadata.correct" or described.get(name) != value


def _details(step: Step, speech: Speech) -> Iterator[str]:
    if step.outcome is not None:
        yield speech.code("outcome", step.outcome)
    if step.reason is not None:
        yield speech.say("steps.reason", reason=speech.code("reason", step.reason))
    if step.basis is not None:
        yield speech.code("basis", step.basis)
    if step.size is not None:
        yield speech.say("steps.size", n=step.size)
    if step.item is not None:
        yield speech.say("steps.item", number=step.item + 1)
    if step.version is not None:
        yield speech.say("steps.version", version=step.version)
    if step.pages is not None:
        yield speech.say("steps.pages", n=step.pages)
    spec = event(step.event)
    if step.files and spec is not None and spec.files in ("set", "add"):
        yield speech.say("steps.files", n=step.files)
    if step.state is not None:
        yield speech.say("steps.state", state=speech.code("state", step.state))
    if step.due is not None:
        yield speech.say("steps.due", date=date_words(step.due, speech.language))
    if step.uses is not None:
        yield speech.say("steps.uses", n=step.uses)


def _marks(step: Step, speech: Speech) -> str:
    marks = ""
    if step.recorded_at is not None and day_of(step.recorded_at) != day_of(step.occurred_at):
        marks += speech.say("steps.recorded", when=instant_words(step.recorded_at, speech.language))
    if step.late is not None:
        marks += speech.say("steps.late", reason=speech.code("late", step.late))
    if step.duties:
        # Where a rule asks for a duty: column 任职当时有效 of an audit.
        names = (speech.duty(duty) for duty in step.duties)
        marks += speech.say("steps.duties", duties=speech.say("steps.detail_joint").join(names))
    if step.index is None:
        marks += speech.say("steps.pending")
    return marks
