"""The verdict's first lines: which files are the same, which differ, what is missing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from verifier.catalogue import event
from verifier.clock import date_words, day_of
from verifier.printable import apart, printable
from verifier.report import (
    CheckName,
    FileResult,
    FileStatus,
    Outcome,
    Reason,
    RecordReport,
    Report,
    Step,
    Verdict,
)
from verifier.texts import Speech, reasons
from verifier.verify_files import ERASE_FILES
from verifier.wording_custody import custody_lines, only_custody_lacks

_APPROVED = ("approved", "approved_with_remarks")
_SAID_OF_PENDING = frozenset({"NO_ANCHOR", "PENDING"})
NO_FILE = "NO_FILE_GIVEN"
_ABOUT_ANCHOR = frozenset({"entry", "log", "block", "endorsement", "committed"})


def headline(report: Report, speech: Speech) -> str:
    if report.verdict is Verdict.CONSISTENT:
        kind = _kind(report, speech)
        if _uncompared_files(report):
            recorded = sum(r.files for r in report.records)
            return speech.say("verdict.consistent_part", kind=kind, n=_compared(report), recorded=recorded)
        return speech.say("verdict.consistent_kind", kind=kind) if kind else speech.say("verdict.consistent")
    if report.verdict is Verdict.INCONSISTENT:
        broken = report.receipt is not None and not _file_failed(report)
        return speech.say("verdict.inconsistent_receipt" if broken else "verdict.inconsistent")
    if report.verdict is Verdict.CANNOT_CHECK:
        return speech.say("verdict.cannot")
    return speech.say("verdict.incomplete_custody" if only_custody_lacks(report) else "verdict.incomplete")


def _compared(report: Report) -> int:
    """How many files were given, but that copies of one file are not several."""
    given = [f for f in report.files if f.given]
    others = sum(f.status is not FileStatus.SAME for f in given)
    return len(_counterparts(given)) + others


def _counterparts(files: Iterable[FileResult]) -> set[tuple[str, int | None]]:
    """The recorded files that some of these are the same as."""
    return {(f.record, f.place) for f in files if f.status is FileStatus.SAME}


def summary(report: Report, speech: Speech) -> tuple[str, ...]:
    if report.verdict is Verdict.CANNOT_CHECK:
        return tuple(_cannot(report, speech))
    lines: list[str] = []
    if report.verdict is Verdict.INCONSISTENT:
        lines += _inconsistent(report, speech)
    else:
        for record in report.records:
            lines += _agreement(report, record, speech)
        lines += _uncompared([f for f in report.files if not f.record], speech)
    lines += custody_lines(report, speech)
    lines += _renamed(report.files, speech)
    if any(f.copy == "enhanced" and f.status is FileStatus.SAME for f in report.files):
        lines.append(speech.say("files.enhanced"))
    if report.verdict is Verdict.INCOMPLETE and not only_custody_lacks(report):
        lines += _lacking(report, speech)
    return tuple(lines)


def _renamed(files: Iterable[FileResult], speech: Speech) -> Iterator[str]:
    """Who reads a file by its name must know that it was recorded under another."""
    for file in files:
        if file.status is FileStatus.SAME and file.name and _another(_last_name(file), file.name):
            yield speech.say("files.renamed", given=apart(file.given), name=apart(file.name))


def _another(given: str, recorded: str) -> bool:
    # One name may be composed or decomposed (macOS): it reads the same.
    return unicodedata.normalize("NFC", given) != unicodedata.normalize("NFC", recorded)


def file_name(file: FileResult, speech: Speech) -> str:
    """The disclosed name, else what the person calls it, else its number."""
    name = file.name or file.given
    if name:
        return speech.say("quoted", text=apart(name))
    return speech.say("files.unnamed", number=(file.place or 0) + 1)


def file_names(files: Iterable[FileResult], speech: Speech) -> str:
    return speech.join(file_name(file, speech) for file in files)


def _file_failed(report: Report) -> bool:
    return any(c.check is CheckName.FILE and c.outcome is Outcome.FAILED for c in report.checks)


def _uncompared_files(report: Report) -> bool:
    """Whether some file was given, and some current file is none of those."""
    given = {bool(file.given) for file in report.files}
    return given == {True, False}


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
    every = _of(record, report, FileStatus.SAME)
    same = [f for f in every if f.place is not None]
    absent = [f for f in _of(record, report, FileStatus.NOT_GIVEN) if not f.given]
    hidden = [f for f in _of(record, report, FileStatus.WITHHELD) if not f.given]
    pending = [f for f in same if _pending(f)]
    fixed = [f for f in same if not _pending(f)]
    if fixed:
        key = "files.some_same"
        if not absent and not hidden and not pending:
            key = "files.all_same" if len(fixed) == record.files else "files.all_same_repeated"
        version = version_words(record, speech)
        n = len(_counterparts(fixed)) if key == "files.some_same" else len(fixed)
        yield speech.say(key, n=n, version=version, recorded=record.files)
    if fixed:
        yield from _reviewed_otherwise(record, speech)
    sent_back = next((f.rejected_by for f in fixed if f.rejected_by is not None), None)
    if sent_back is not None:
        yield _sent_back(record.steps, sent_back, speech)
    if pending:
        date = date_words(day_of(_pending_set(record).occurred_at), speech.language)
        yield speech.say("pending.same", n=len(pending), date=date)
        yield speech.say("pending.what")
    if absent:
        key = "files.not_given" if every else "files.none_given"
        yield speech.say(key, n=len(absent), names=file_names(absent, speech))
    yield from _uncompared(_of(record, report, FileStatus.WITHHELD), speech)
    yield from _kept_no_longer(report, record, [f for f in every if f.place is None], speech)


def _kept_no_longer(
    report: Report, record: RecordReport, given: Sequence[FileResult], speech: Speech
) -> Iterator[str]:
    """Files that the record had: who still has one holds what was recorded; nobody misses them."""
    if given:
        yield speech.say("files.gone_same", n=len(given), names=file_names(given, speech))
    erased = sum(s.files for s in record.steps if s.event == ERASE_FILES and s.index is not None)
    if erased:
        yield speech.say("files.erased", n=erased)
    notes = [note for check in report.checks for note in check.reasons if note.code == "FILES_DESTROYED"]
    for step in record.steps:
        for note in notes:
            if note.at == step.statement:
                date = date_words(day_of(step.occurred_at), speech.language)
                yield speech.say("files.destroyed", n=int(note.found), date=date)
                erased += 1
    if not record.files:
        yield speech.say("files.none_left" if erased or given else "files.none_recorded")


def _pending(file: FileResult) -> bool:
    return file.status is FileStatus.SAME and file.since is None


def _sent_back(steps: Sequence[Step], statement: str, speech: Speech) -> str:
    step = next(step for step in steps if step.statement == statement)
    date = date_words(day_of(step.occurred_at), speech.language)
    if step.reason is None:
        return speech.say("files.current_rejected", date=date)
    reason = speech.code("reason", step.reason)
    return speech.say("files.current_rejected_reason", date=date, reason=reason)


def version_words(record: RecordReport, speech: Speech) -> str:
    """The record's current version, and the final review that it passed, if it did."""
    final = _final_review(record)
    if final is not None:
        date = date_words(day_of(final.occurred_at), speech.language)
        if record.version is not None:
            return speech.say("version.final", date=date, version=record.version)
        return speech.say("version.final_unnumbered", date=date)
    if record.version is not None:
        return speech.say("version.numbered", version=record.version)
    return speech.say("version.recorded")


def _reviewed_otherwise(record: RecordReport, speech: Speech) -> Iterator[str]:
    """That files came in after a final review does not make them the reviewed ones."""
    review, added = _review(record)
    if review is not None and added:
        date = date_words(day_of(review.occurred_at), speech.language)
        acts = speech.join(dict.fromkeys(speech.event(step.event) for step in added))
        n = sum(step.files for step in added)
        yield speech.say("files.reviewed_before", date=date, n=n, acts=acts)
        return
    reviews = [s for s in record.steps if s.event == "review.final" and s.outcome in _APPROVED]
    logged = [step for step in reviews if step.index is not None]
    if logged and review is None:
        date = date_words(day_of(logged[-1].occurred_at), speech.language)
        yield speech.say("files.reviewed_otherwise", date=date)


def _final_review(record: RecordReport) -> Step | None:
    """The last approval of these files after which none came in, nor was the record sent back."""
    review, added = _review(record)
    return None if added else review


def _review(record: RecordReport) -> tuple[Step | None, list[Step]]:
    """The last approval of this version after which it was not sent back, and the steps by which files were
    added to it since, as an enhanced copy is."""
    logged = {step.statement: step for step in record.steps if step.index is not None}
    found = brought = None
    added: list[Step] = []
    for step in logged.values():
        spec = event(step.event)
        if spec is None:
            continue
        if step.event == "review.final" and step.outcome in _APPROVED:
            found, added = step if _is_of(step, brought, record.version, logged) else None, []
        elif spec.rejects or (step.files and spec.files == "set"):
            found, added = None, []
            brought = brought if spec.rejects else step
        elif step.files and spec.files == "add":
            added.append(step)
            brought = step
    return found, added if found is not None else []


def _is_of(review: Step, brought: Step | None, version: int | None, logged: Mapping[str, Step]) -> bool:
    """Whether the review says that it is of the files that the step `brought` last.

    The ledger decides what is logged first, so coming later is not enough: a reviewer may have signed before
    those files were there. By the version's number; without one, by what the review answers, and what that
    answers in turn, none of it older than the files.
    """
    if review.version is not None:
        return review.version == version
    if brought is None or brought.index is None:
        return True
    grounded, seen, waiting = False, set[str](), [review]
    while waiting:
        for answer in waiting.pop().answers:
            step = logged.get(answer)
            if step is None or step.index is None or answer in seen:
                continue
            seen.add(answer)
            if step.index < brought.index:
                return False
            grounded = True
            if step.index > brought.index:
                waiting.append(step)
    return grounded


def _pending_set(record: RecordReport) -> Step:
    """The last pending step that names files: there is one if a current file is pending."""
    return next(step for step in reversed(record.steps) if step.index is None and step.files)


def _inconsistent(report: Report, speech: Speech) -> Iterator[str]:
    wrong = [f for f in report.files if f.status in (FileStatus.DIFFERENT, FileStatus.OLDER_VERSION)]
    if not wrong:
        yield speech.say("inconsistent.receipt")
        return
    for file in wrong:
        yield _wrong(file, report, speech)
    same = sum(f.status is FileStatus.SAME for f in report.files)
    if same:
        yield speech.say("files.others_same", n=same)
    yield from _left(report, wrong, speech)
    yield from _uncompared([f for f in report.files if f.status is FileStatus.WITHHELD], speech)
    yield speech.say("inconsistent.not_forged")


def _left(report: Report, wrong: Sequence[FileResult], speech: Speech) -> Iterator[str]:
    """The current files that no given one is, but for those in whose place a differing one plainly stands.

    Where it is not plain what a differing file stands for, it may be for any of them: then it is not said
    that they were not given.
    """
    absent = [file for file in report.files if file.status is FileStatus.NOT_GIVEN]
    names = {file.name for file in absent if file.name}
    replaced = {name for file in wrong for name in (_last_name(file), file.name) if name and name in names}
    plain = all(_last_name(file) in names or file.name in names for file in wrong)
    for record in report.records:
        left = [file for file in absent if file.record == record.record and file.name not in replaced]
        if left:
            key = "files.not_given" if plain else "files.without_equal"
            yield speech.say(key, n=len(left), names=file_names(left, speech))


def _wrong(file: FileResult, report: Report, speech: Speech) -> str:
    given = apart(file.given)
    if file.status is FileStatus.DIFFERENT:
        return _different(file, report, speech)
    version = speech.say("files.version", version=file.version) if file.version is not None else ""
    version = version or speech.say("files.version_unknown")
    steps = (step for record in report.records for step in record.steps)
    sent_back = next((step for step in steps if step.statement == file.rejected_by), None)
    if sent_back is None:
        return speech.say("files.older", given=given, version=version)
    date = date_words(day_of(sent_back.occurred_at), speech.language)
    if sent_back.reason is None:
        return speech.say("files.rejected", given=given, version=version, date=date)
    reason = speech.code("reason", sent_back.reason)
    return speech.say("files.rejected_reason", given=given, version=version, date=date, reason=reason)


def _different(file: FileResult, report: Report, speech: Speech) -> str:
    """By name, which is a help to the reader only: one of the files not given may bear the same one."""
    given = apart(file.given)
    last = _last_name(file)
    named = [f for f in report.files if f.status is FileStatus.NOT_GIVEN and f.name == last]
    return speech.say("files.different" if named else "files.unknown", given=given)


def _last_name(file: FileResult) -> str:
    return file.given.replace("\\", "/").rpartition("/")[2]


def _uncompared(files: Sequence[FileResult], speech: Speech) -> Iterator[str]:
    """Files whose digests are withheld, and given files of which it is not known whether they are those."""
    hidden = [file for file in files if not file.given]
    given = [file for file in files if file.given]
    if hidden:
        yield speech.say("files.withheld", n=len(hidden), names=file_names(hidden, speech))
    if given:
        yield speech.say("files.uncomparable", names=file_names(given, speech))


def _lacking(report: Report, speech: Speech) -> Iterator[str]:
    table = reasons()
    missing = [r.code for r in report.reasons if r.code in table and table[r.code].kind == "missing"]
    said = _SAID_OF_PENDING if any(_pending(file) for file in report.files) else frozenset()
    for code in dict.fromkeys(code for code in missing if code not in said | {NO_FILE}):
        yield speech.say("incomplete.lacking", reason=speech.reason(code))
    passed = [c.check.value for c in report.checks if c.outcome is Outcome.PASSED]
    not_run = [c.check.value for c in report.checks if c.outcome is Outcome.NOT_RUN]
    can = [speech.say(f"known.{name}") for name in passed]
    # Without an anchor it goes without saying that nobody ordered, checked or confirmed one.
    about_anchor = _ABOUT_ANCHOR if report.anchor_time is None else frozenset()
    cannot = [speech.say(f"known.{name}") for name in not_run if name not in about_anchor]
    if CheckName.LOG.value in not_run:
        cannot.append(speech.say("known.replaced"))
    if can:
        yield speech.say("incomplete.can", list=speech.join(can))
    if cannot:
        yield speech.say("incomplete.cannot", list=speech.join(cannot))


def holds_not(report: Report) -> bool:
    """Whether a check failed, so that it is the evidence file that is wrong."""
    failed = any(check.outcome is Outcome.FAILED for check in report.checks)
    return report.verdict is Verdict.CANNOT_CHECK and failed


def _path(reason: Reason) -> str:
    """The path that could not be read, for a reader who gave several."""
    return printable(reason.at) if reason.code.startswith("INPUT_") else ""


def _cannot(report: Report, speech: Speech) -> Iterator[str]:
    broken = holds_not(report)
    if broken:
        yield speech.say("cannot.broken")
    for code, at in dict.fromkeys((r.code, _path(r)) for r in report.reasons):
        if at:
            yield speech.say("cannot.reason_at", at=at, reason=speech.reason(code))
        elif code != "EVIDENCE_DOES_NOT_HOLD":
            yield speech.say("cannot.reason", reason=speech.reason(code))
    if broken:
        yield speech.say("cannot.not_listed")
        yield speech.say("cannot.files_not_judged")
    if all(check.outcome is Outcome.NOT_RUN for check in report.checks):
        yield speech.say("cannot.nothing")
    if any(reason.code.startswith("TRUST_") for reason in report.reasons):
        yield speech.say("cannot.trust")
