"""Check 1: whether the files on the table are the record's. Run only on evidence that holds otherwise.

A record's current files are those of the last act that *sets* them, and those that later acts *add*; the
event catalogue says which event does which. An act that names no file leaves them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.acts import Act
from verifier.catalogue import event
from verifier.custody_keeping import ELECTRONIC, WITNESS
from verifier.digests import Digests
from verifier.disclosure import FileDigests
from verifier.report import FileResult, FileStatus, Interval
from verifier.tally import Tally

# What it names was received by mistake; the log keeps its digests, the archive not the file.
ERASE_FILES = "file.erase"


@dataclass(frozen=True)
class GivenFile:
    """A file on the table: what the person calls it, its digests and size in octets."""

    name: str
    digests: Digests
    size: int


@dataclass(frozen=True)
class KnownFile:
    """An electronic file that a record has or had. `content` is None while its digests are not shown.
    `destroyed_by`: SHA-256 of the statement of whoever saw it destroyed."""

    record: str
    name: str
    carrier: str
    copy: str
    content: FileDigests | None
    version: int
    since: Interval | None
    rejected_by: str | None = None
    destroyed_by: str | None = None


@dataclass
class _Version:
    """`statements`: digests of those that set it or added to it."""

    number: int
    files: list[KnownFile] = field(default_factory=list)
    rejected_by: str | None = None
    statements: set[bytes] = field(default_factory=set)

    def end(self, statement: str) -> None:
        """What comes later is not destroyed with it."""
        self.files = [replace(one, destroyed_by=one.destroyed_by or statement) for one in self.files]

    def known(self) -> list[KnownFile]:
        return [replace(known, rejected_by=self.rejected_by) for known in self.files]


@dataclass(frozen=True)
class RecordFiles:
    """`older`: files of earlier versions, the latest version first. `version`: the current one's number.
    `erased`: current files that were erased or destroyed by rule, and are kept nowhere."""

    record: str
    version: int | None
    current: tuple[KnownFile, ...]
    older: tuple[KnownFile, ...]
    erased: tuple[KnownFile, ...] = ()


def files_of(record: str, acts: Iterable[Act], spans: Mapping[int, Interval]) -> RecordFiles:
    """`acts`: in log order, pending ones last. What is pending adds to the current files, replacing none."""
    versions: list[_Version] = []
    since: dict[FileDigests, Interval | None] = {}
    gone: set[FileDigests] = set()
    for act in acts:
        spec = event(act.statement.event)
        if act.record != record or spec is None:
            continue
        span = spans.get(act.entry.index) if act.entry else None
        named = _files(act, span, since)
        _apply(act, spec.files, named, versions)
        if act.statement.event == ERASE_FILES and act.entry is not None:
            gone |= {known.content for known in named if known.content is not None}
        if _ends_files(act):
            for version in versions:
                version.end(act.statement.digests.sha256.hex())
        if spec.rejects and versions:
            _meant(act, versions).rejected_by = act.statement.digests.sha256.hex()
    if not versions:
        return RecordFiles(record, None, (), ())
    older = [known for version in reversed(versions[:-1]) for known in version.known()]
    newest = versions[-1].known()
    return RecordFiles(
        record,
        versions[-1].number,
        tuple(known for known in newest if known.content not in gone and not known.destroyed_by),
        tuple(older),
        tuple(known for known in newest if known.content in gone or known.destroyed_by),
    )


def _ends_files(act: Act) -> bool:
    """Whether the electronic copies end with it: only once that is in the log."""
    return (act.statement.event, act.claims.outcome) == (WITNESS, ELECTRONIC) and act.entry is not None


def _meant(act: Act, versions: list[_Version]) -> _Version:
    """The version that the act names by number, else by a statement it answers, else the last one.

    Between signing and logging another version may have come: what is said of one is not said of the other.
    """
    for version in reversed(versions):
        if act.claims.version == version.number:
            return version
    for version in reversed(versions):
        if version.statements.intersection(act.claims.answers):
            return version
    return versions[-1]


def _apply(act: Act, mode: str, found: list[KnownFile], versions: list[_Version]) -> None:
    if mode not in ("set", "add"):
        return
    number = act.claims.version or len(versions) + 1
    if not versions:
        if found:
            versions.append(_Version(number))
    elif mode == "set" and act.entry is not None and (found or act.claims.version is not None):
        # Resubmitted without a change: another version, of the same files.
        kept = [] if found else [replace(known, version=number) for known in versions[-1].files]
        versions.append(_Version(number, kept))
    if versions:
        versions[-1].statements.add(act.statement.digests.sha256)
    if found:
        versions[-1].files += [replace(known, version=versions[-1].number) for known in found]


def _files(act: Act, span: Interval | None, since: dict[FileDigests, Interval | None]) -> list[KnownFile]:
    """The electronic files that the act names: their digests are clear, or a disclosure.

    One that has neither was never fixed, and can be compared with nothing: like one that is withheld.
    """
    found: list[KnownFile] = []
    for number, claim in enumerate(act.claims.files):
        content = None
        shown = act.shown.get(f"file.{number}.digests")
        if claim.digests is not None and claim.size is not None:
            content = FileDigests(claim.digests, claim.size)
        elif shown is not None and isinstance(shown.value, FileDigests):
            content = shown.value
        elif claim.carrier == "paper" and f"file.{number}.digests" not in act.claims.fields:
            continue  # on paper only
        name = act.shown.get(f"file.{number}.name")
        first = span
        if content is not None and act.entry is not None:
            first = since.setdefault(content, span)
        found.append(
            KnownFile(
                record=act.record or "",
                name=name.value if name is not None and isinstance(name.value, str) else "",
                carrier=claim.carrier,
                copy=claim.copy,
                content=content,
                version=0,
                since=first,
            )
        )
    return found


def check_files(given: Sequence[GivenFile], records: Sequence[RecordFiles], tally: Tally) -> list[FileResult]:
    """Every given file is judged, then every current file that none of them is. Without a record in scope
    there is nothing to judge them by."""
    if not records:
        tally.lack("NO_RECORD_IN_SCOPE", "scope")
        return []
    places = [(n, known) for files in records for n, known in enumerate(files.current)]
    # By content, so that many files against many take no longer than all of them together.
    alike: dict[FileDigests, list[int]] = {}
    for n, (_, known) in enumerate(places):
        if known.content is not None:
            alike.setdefault(known.content, []).append(n)
    older = {
        known.content: known
        for files in reversed(records)
        for known in reversed(files.older)
        if known.content is not None
    }
    erased = {known.content: known for files in records for known in files.erased}
    _note_gone([known for files in records for known in files.erased], tally)
    some_withheld = any(known.content is None for _, known in places)
    taken: set[int] = set()
    results: list[FileResult] = []
    for file in given:
        tally.subjects += 1
        same = alike.get(_content(file), [])
        if same:
            chosen = same.pop(0) if len(same) > 1 else same[0]
            taken.add(chosen)
            place, known = places[chosen]
            results.append(_result(FileStatus.SAME, file.name, known, place))
        elif _content(file) in erased:
            results.append(_result(FileStatus.SAME, file.name, erased[_content(file)], None))
        else:
            results.append(_unlike(file, records, older.get(_content(file)), some_withheld))
    contents = {_content(file) for file in given}
    for n, (place, known) in enumerate(places):
        # Digests alone decide: the same content under two names need not be given twice.
        if n in taken or known.content in contents:
            continue
        status = FileStatus.NOT_GIVEN if known.content else FileStatus.WITHHELD
        results.append(_result(status, "", known, place))
    _conclude(given, results, records, tally)
    return results


def _note_gone(gone: Sequence[KnownFile], tally: Tally) -> None:
    """Received by mistake and erased; or destroyed, and by which statement."""
    ends = [known.destroyed_by for known in gone]
    if None in ends:
        tally.note("FILES_ERASED", found=str(ends.count(None)))
    for statement in sorted({one for one in ends if one is not None}):
        tally.note("FILES_DESTROYED", statement, found=str(ends.count(statement)))


def _content(file: GivenFile) -> FileDigests:
    return FileDigests(file.digests, file.size)


def _unlike(
    file: GivenFile, records: Sequence[RecordFiles], older: KnownFile | None, some_withheld: bool
) -> FileResult:
    if older is not None and not some_withheld:
        return _result(FileStatus.OLDER_VERSION, file.name, older, None)
    # It may be one of the current files whose digests are not shown: it is not known to be another.
    status = FileStatus.WITHHELD if some_withheld else FileStatus.DIFFERENT
    record = records[0].record if len(records) == 1 else ""
    return FileResult(status, file.name, "", record, None, "", "", None, None, None)


def _result(status: FileStatus, given: str, known: KnownFile, place: int | None) -> FileResult:
    return FileResult(
        status=status,
        given=given,
        name=known.name,
        record=known.record,
        place=place,
        carrier=known.carrier,
        copy=known.copy,
        version=known.version,
        since=known.since,
        rejected_by=known.rejected_by,
    )


def _conclude(
    given: Sequence[GivenFile], results: Sequence[FileResult], records: Sequence[RecordFiles], tally: Tally
) -> None:
    codes = {FileStatus.DIFFERENT: "FILE_DIFFERENT", FileStatus.OLDER_VERSION: "FILE_OLDER_VERSION"}
    for result in results[: len(given)]:
        if result.status in codes:
            tally.fail(codes[result.status], result.given, found=result.rejected_by or "")
        elif result.status is FileStatus.WITHHELD:
            tally.lack("FILE_DIGESTS_WITHHELD", result.given)
    current = sum(len(files.current) for files in records)
    if not current and any(files.erased for files in records):
        tally.subjects += 1
    elif not current:
        # It was looked whether the records have any.
        tally.subjects += 1
        tally.note("NO_FILES_RECORDED")
    elif not given:
        tally.lack("NO_FILE_GIVEN", "", str(current), "0")
    else:
        _note_left(results[: len(given)], results[len(given) :], current, tally)


def _note_left(judged: Sequence[FileResult], left: Sequence[FileResult], current: int, tally: Tally) -> None:
    """Notes the current files that none of the given ones is.

    They were not given only if every given file is a current one: else one of those may have been given in
    the place of one of these.
    """
    every_one_is_current = all(result.status is FileStatus.SAME for result in judged)
    hidden = sum(result.status is FileStatus.WITHHELD for result in left)
    same = str(current - len(left))
    if len(left) > hidden:
        code = "FILES_NOT_ALL_GIVEN" if every_one_is_current else "FILES_WITHOUT_EQUAL"
        tally.note(code, "", str(current), same)
    if hidden and every_one_is_current:
        tally.note("FILES_WITHHELD", "", str(current), same)
