"""The verdict's first lines: which files are the same, which differ, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from verifier.clock import day_of, date_words
from verifier.printable import printable
from verifier.report import CheckName, FileResult, FileStatus, Outcome, RecordReport, Report, Step, Verdict
from verifier.texts import Speech, reasons
from verifier.wording_step import pending_set

_APPROVED = ("approved", "approved_with_remarks")


def headline(report: Report, speech: Speech) -> str:
    if report.verdict is Verdict.CONSISTENT:
        kind = _kind(report, speech)
        return speech.say("verdict.consistent_kind", kind=kind) if kind else speech.say("verdict.consistent")
    if report.verdict is Verdict.INCONSISTENT:
        broken = report.receipt is not None and not _file_failed(report)
        return speech.say("verdict.inconsistent_receipt" if broken else "verdict.inconsistent")
    return speech.say("verdict.incomplete" if report.verdict is Verdict.INCOMPLETE else "verdict.cannot")


def summary(report: Report, speech: Speech) -> tuple[str, ...]:
    if report.verdict is Verdict.CANNOT_CHECK:
        return tuple(_cannot(report, speech))
    lines: list[str] = []
    if report.verdict is Verdict.INCONSISTENT:
        lines += _inconsistent(report, speech)
    else:
        for record in report.records:
            lines += _agreement(report, record, speech)
        lines += [_unplaced(f, speech) for f in report.files if not f.record]
    if any(f.copy == "enhanced" and f.status is FileStatus.SAME for f in report.files):
        lines.append(speech.say("files.enhanced"))
    if report.verdict is Verdict.INCOMPLETE:
        lines += _lacking(report, speech)
    return tuple(lines)


def file_name(file: FileResult, speech: Speech) -> str:
    """The disclosed name, else what the person calls it, else its number."""
    name = file.name or file.given
    if name:
        return speech.say("quoted", text=printable(name))
    return speech.say("files.unnamed", number=(file.place or 0) + 1)


def file_names(files: Iterable[FileResult], speech: Speech) -> str:
    return speech.join(file_name(file, speech) for file in files)


def _file_failed(report: Report) -> bool:
    return any(c.check is CheckName.FILE and c.outcome is Outcome.FAILED for c in report.checks)


def _kind(report: Report, speech: Speech) -> str:
    kinds: list[str] = []
    for file in report.files:
        if file.status is FileStatus.SAME:
            scanned = file.copy == "scan" and file.carrier in ("paper", "both")
            kind = "paper_scan" if scanned else file.copy
            kinds.append(speech.say(f"kind.{kind}"))
    return speech.join(dict.fromkeys(kinds))


def _of(record: RecordReport, report: Report, *statuses: FileStatus) -> list[FileResult]:
    return [f for f in report.files if f.record == record.record and f.status in statuses]


def _agreement(report: Report, record: RecordReport, speech: Speech) -> Iterator[str]:
    """What was compared with this record's current files, and what was not."""
    same = _of(record, report, FileStatus.SAME)
    absent = [f for f in _of(record, report, FileStatus.NOT_GIVEN) if not f.given]
    hidden = _of(record, report, FileStatus.WITHHELD)
    pending = [f for f in same if f.since is None]
    fixed = [f for f in same if f.since is not None]
    if fixed:
        whole = not absent and not hidden and not pending
        key = "files.all_same" if whole else "files.some_same"
        yield speech.say(key, n=len(fixed), version=version_words(record, speech))
    if pending:
        step = pending_set(record)
        date = date_words(day_of(step.occurred_at), speech.language) if step else ""
        yield speech.say("pending.same", n=len(pending), date=date)
        yield speech.say("pending.what")
    if absent:
        key = "files.not_given" if same else "files.none_given"
        yield speech.say(key, n=len(absent), names=file_names(absent, speech))
    if hidden:
        yield speech.say("files.withheld", n=len(hidden), names=file_names(hidden, speech))
    if not record.files:
        yield speech.say("files.none_recorded")


def version_words(record: RecordReport, speech: Speech) -> str:
    """The record's current version, and the final review that it passed, if it did."""
    final = _final_review(record.steps)
    if final is not None:
        date = date_words(day_of(final.occurred_at), speech.language)
        if record.version is not None:
            return speech.say("version.final", date=date, version=record.version)
        return speech.say("version.final_unnumbered", date=date)
    if record.version is not None:
        return speech.say("version.numbered", version=record.version)
    return speech.say("version.recorded")


def _final_review(steps: Sequence[Step]) -> Step | None:
    """The last approval after which neither files came in nor the record was sent back."""
    from verifier.catalogue import event
    found = None
    for step in steps:
        spec = event(step.event)
        if step.index is None or spec is None:
            continue
        if step.event == "review.final" and step.outcome in _APPROVED:
            found = step
        elif spec.rejects or (step.files and spec.files in ("set", "add")):
            found = None
    return found
