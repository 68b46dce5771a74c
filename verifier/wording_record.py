"""A record or a list in words: what it is, since when it is fixed, who handled it, how it stands now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from verifier.catalogue import catalogue, event
from verifier.clock import date_words, day_of, instant_words
from verifier.disclosure import file_field
from verifier.report import (
    CheckName,
    FileStatus,
    Interval,
    ListReport,
    Outcome,
    RecordReport,
    Report,
    Step,
)
from verifier.texts import Speech
from verifier.wording_custody import state_lines
from verifier.wording_files import file_names
from verifier.wording_step import AS_NAME, day_words, said, step_lines, who

CORRECTION = "metadata.correct"
_IDENTITY = ("title", "number")
_Sections = Iterator[tuple[str, list[str]]]


@dataclass(frozen=True)
class _Description:
    """Descriptive fields as last shown; `stale`: those since corrected without showing how."""

    values: dict[str, str]
    stale: tuple[str, ...]
    pages: int | None
    state: Step | None


def record_sections(
    report: Report, record: RecordReport, place: tuple[int, int], speech: Speech
) -> _Sections:
    """(heading, lines) of each section; `place` is (which record, of how many)."""
    described = _describe(record.steps)
    number, count = place
    heading = speech.say("record.heading", number=number, n=count) if count > 1 else ""
    yield heading, list(_what_it_is(report, record, described, speech))
    yield speech.say("since.heading"), list(_since(report, record, speech))
    yield _steps_heading(report, record.steps, speech), list(_steps(report, record.steps, described, speech))
    now = _now(record, described, speech) if report.anchor_time is not None else ()
    yield _now_heading(report, speech), [*now, speech.say("now.after")]


def list_sections(report: Report, listing: ListReport, speech: Speech) -> _Sections:
    fields = dict(pair for step in listing.steps for pair in step.disclosed)
    named = [said(fields[name], speech) for name in ("list_title", "list_number") if fields.get(name)]
    title = "  ".join(named) or speech.say("list.untitled", id=listing.id)
    sizes = {step.size for step in listing.steps if step.size is not None}
    key = "list.line" if len(sizes) == 1 else "list.line_unsized"
    yield speech.say("list.heading"), [speech.say(key, title=title, n=max(sizes, default=0))]
    described = _Description(fields, (), None, None)
    yield (
        _steps_heading(report, listing.steps, speech),
        list(_steps(report, listing.steps, described, speech)),
    )


def hidden_lines(report: Report, speech: Speech) -> tuple[str, ...]:
    """What the statements hold that is not shown, and what was erased by rule."""
    trails = [record.steps for record in report.records] + [listing.steps for listing in report.lists]
    steps = {(step.statement, step.item): step for trail in trails for step in trail}.values()
    withheld = Counter(speech.field(_kind(name)) for step in steps for name in step.withheld)
    erased = Counter(speech.field(_kind(name)) for step in steps for name in step.erased)
    if not withheld and not erased:
        return (speech.say("hidden.none"),)
    lines = []
    if withheld:
        listed = speech.join(_counted(withheld, speech))
        lines.append(speech.say("hidden.fields", list=listed, n=withheld.total()))
        if any(name.endswith(".digests") for step in steps for name in step.withheld):
            lines.append(speech.say("hidden.digests"))
    if erased:
        lines.append(speech.say("hidden.erased", list=speech.join(_counted(erased, speech))))
    return tuple(lines)


def _kind(name: str) -> str:
    place = file_field(name)
    return f"file.{place[1]}" if place else name


def _counted(names: Counter[str], speech: Speech) -> Iterator[str]:
    for name, count in names.items():
        yield speech.say("hidden.times" if count > 1 else "hidden.once", name=name, n=count)


def _describe(steps: Sequence[Step]) -> _Description:
    values: dict[str, str] = {}
    stale: dict[str, None] = {}
    pages, state = None, None
    names = catalogue().field_sets["record"]
    for step in steps:
        spec = event(step.event)
        shown = {name: value for name, value in step.disclosed if name in names}
        if spec is None or not names <= spec.fields:
            # An application to read names what it wants to read; it does not name the record.
            shown = {name: value for name, value in shown.items() if name not in _IDENTITY}
        if step.index is None:
            # What is pending describes only what nothing anchored does.
            shown = {name: value for name, value in shown.items() if name not in values}
        values.update(shown)
        for name in shown:
            stale.pop(name, None)
        if step.event == CORRECTION:
            stale |= dict.fromkeys(name for name in (*step.withheld, *step.erased) if name in names)
        if step.pages is not None and spec is not None and spec.pages == "record":
            pages = step.pages if step.index is not None or pages is None else pages
        if step.state is not None and step.index is not None:
            state = step
    return _Description(values, tuple(stale), pages, state)


def _what_it_is(
    report: Report, record: RecordReport, described: _Description, speech: Speech
) -> Iterator[str]:
    values = described.values
    held = any("title" in (*step.withheld, *step.erased) for step in record.steps)
    title = said(values["title"], speech) if values.get("title") else ""
    title = title or speech.say("record.untitled" if held else "record.no_title")
    parts = [title] + [said(values[name], speech) for name in ("number", "retention") if values.get(name)]
    if described.pages is not None:
        parts.append(speech.say("record.pages", n=described.pages))
    yield speech.say("record.line", text="  ".join(parts))
    if described.stale:
        yield speech.say("record.stale", fields=speech.join(speech.field(n) for n in described.stale))
    place = "".join(said(values[name], speech) for name in ("custodian", "location") if values.get(name))
    original = [place] if place else []
    if described.state is not None:
        state = speech.code("state", described.state.state or "")
        original.append(speech.say("record.state", state=state))
    if original:
        yield speech.say("record.original", text=speech.say("steps.detail_joint").join(original))
    compared = [
        _comparison(step, report, speech) for step in record.steps if step.event == "original.compare"
    ]
    if compared:
        yield speech.say("record.compared", text=speech.clauses(compared))
        yield from _brought_since(record, speech)


def _brought_since(record: RecordReport, speech: Speech) -> Iterator[str]:
    """A comparison speaks of the files that were there: of later ones it says nothing."""
    last = max(n for n, step in enumerate(record.steps) if step.event == "original.compare")
    for step in record.steps[last + 1 :]:
        spec = event(step.event)
        if step.files and spec is not None and spec.files in ("set", "add"):
            date = date_words(day_of(step.occurred_at), speech.language)
            yield speech.say("record.brought_since", date=date, event=speech.event(step.event))
            return


def _comparison(step: Step, report: Report, speech: Speech) -> str:
    named = dict(step.disclosed).get("agent_name")
    return speech.say(
        "record.compared_one",
        who=said(named, speech, AS_NAME) if named and step.role != "service" else who(step, report, speech),
        date=day_words(step, speech),
        pages=step.pages or 0,
        outcome=speech.code("outcome", step.outcome or ""),
    )


def _since(report: Report, record: RecordReport, speech: Speech) -> Iterator[str]:
    same = [f for f in report.files if f.record == record.record and f.status is FileStatus.SAME]
    if not same:
        return
    groups = {file.since: [f for f in same if f.since == file.since] for file in same}
    for span in sorted((s for s in groups if s is not None), key=lambda s: s.by):
        yield _since_group(span, file_names(groups[span], speech), speech)
    if None in groups:
        yield speech.say("since.pending", names=file_names(groups[None], speech))
    if len(groups) > (None in groups):
        if not _passed(report, CheckName.COMMITTED):
            yield speech.say("since.unconfirmed")
        asked = [witness for witness in report.witnesses if witness.asked_to_endorse]
        endorsed = sum(witness.endorsed for witness in asked)
        yield speech.say("since.clocks", n=len(asked), k=endorsed)
        yield speech.say("since.before")


def _since_group(span: Interval, names: str, speech: Speech) -> str:
    by = instant_words(span.by, speech.language, upper=True)
    if span.after is None:
        return speech.say("since.group", by=by, names=names)
    return speech.say(
        "since.group_after", by=by, after=instant_words(span.after, speech.language), names=names
    )


def _passed(report: Report, name: CheckName) -> bool:
    return any(check.check is name and check.outcome is Outcome.PASSED for check in report.checks)


def _gapless(report: Report) -> bool:
    """Whether the numbers of what is logged were found without gaps: pending steps have none."""
    entry = next((check for check in report.checks if check.check is CheckName.ENTRY), None)
    if entry is None or entry.outcome is Outcome.FAILED:
        return False
    return entry.outcome is Outcome.PASSED or all(reason.code == "PENDING" for reason in entry.reasons)


def _steps_heading(report: Report, steps: Sequence[Step], speech: Speech) -> str:
    pending = sum(step.index is None for step in steps)
    logged = len(steps) - pending
    if not _gapless(report):
        return speech.say("steps.heading_plain", n=len(steps))
    if not pending:
        return speech.say("steps.heading", n=logged)
    key = "steps.heading_pending" if logged else "steps.heading_pending_only"
    return speech.say(key, n=logged, pending=pending)


def _steps(report: Report, steps: Sequence[Step], described: _Description, speech: Speech) -> Iterator[str]:
    for step in steps:
        yield from step_lines(step, report, described.values, speech)
    if steps:
        yield speech.say("steps.dates")


def _now_heading(report: Report, speech: Speech) -> str:
    if report.anchor_time is None:
        return speech.say("now.heading_pending")
    return speech.say("now.heading", when=instant_words(report.anchor_time, speech.language))


def _now(record: RecordReport, described: _Description, speech: Speech) -> Iterator[str]:
    logged = [step for step in record.steps if step.index is not None]
    if described.state is not None:
        state = speech.code("state", described.state.state or "")
        name = speech.event(described.state.event)
        yield speech.say("now.state", state=state, date=day_words(described.state, speech), event=name)
    yield from state_lines(record, speech)
    due = _open(logged, ("borrow.out", "borrow.renew"), ("borrow.return",))
    if due is not None and due.due is not None:
        yield speech.say("now.due", date=date_words(due.due, speech.language))
    held = _open(logged, ("disposal.hold",), ("disposal.release",))
    if held is not None:
        yield speech.say("now.held", date=day_words(held, speech))
    returned = _open(logged, _rejecting(logged), ("resubmit", "version.add", "review.final"))
    if returned is not None:
        yield speech.say("now.returned", date=day_words(returned, speech))
    issued = [step for step in logged if step.event == "certificate.issue"]
    if issued:
        yield speech.say("now.certified", n=len(issued))
    changed = False
    for name, key in ((CORRECTION, "now.corrected"), ("certificate.revoke", "now.revoked")):
        found = [step for step in logged if step.event == name]
        if found:
            changed = True
            yield speech.say(key, n=len(found), date=day_words(found[-1], speech))
    if not changed:
        yield speech.say("now.none")


def _rejecting(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple({step.event for step in steps if (spec := event(step.event)) and spec.rejects})


def _open(steps: Sequence[Step], opening: Sequence[str], closing: Sequence[str]) -> Step | None:
    """The last opening step that no closing step follows."""
    found = None
    for step in steps:
        if step.event in opening:
            found = step
        elif step.event in closing:
            found = None
    return found
