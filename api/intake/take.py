"""Reading each file once: hashed and stored in one pass, unless the journal has it already."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from api.intake.drafts import TakenFile, TakenRecord
from api.intake.fault import Fault
from api.intake.folder import stat_of
from api.intake.journal import Journal
from api.intake.source import SourceFile, SourceRecord, Stat
from api.output import printable
from api.secrecy.look import Looked
from verifier.digests import Digests, both_of_chunks
from verifier.errors import CallerError

# Files noted in the journal at a time: what a crash makes to be read again.
_NOTED_AT_ONCE = 200


# What the ledger says of a file that it could not store, as intake reports it.
_FAULTS = {
    "FILE_ABSENT": "FILE_MISSING",
    "FILE_NOT_REGULAR": "FILE_SPECIAL",
    "FILE_UNREADABLE": "FILE_UNREADABLE",
    "FILE_CHANGED": "FILE_CHANGED",
}


class Store(Protocol):
    """Hashes and keeps one file, on the disk when it returns. Raises CallerError FILE_…, OSError."""

    def __call__(self, path: Path) -> tuple[Digests, int]: ...


Look: TypeAlias = Callable[[Path], Looked]


def hash_file(path: Path) -> tuple[Digests, int]:
    """Its digests and size. Raises OSError."""
    with path.open("rb") as stream:
        return both_of_chunks(iter(lambda: stream.read(1 << 18), b""))


@dataclass
class Taking:
    """`store` keeps a file; `holds` says whether a digest is kept; `mode` is copy or reference. `look` says
    what a file bears, before any of its record is kept. `erased`: SHA-256 of what was erased as received by
    mistake and is not taken in again. `secret`: places of records refused for either.

    Without `noting` the journal is only read.
    """

    journal: Journal
    store: Store
    holds: Callable[[bytes], bool]
    mode: str
    look: Look
    erased: frozenset[bytes] = frozenset()
    noting: bool = True
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0
    secret: set[str] = field(default_factory=set)
    _noted: list[tuple[Path, Stat, str, Digests]] = field(default_factory=list)
    _seen: dict[bytes, str] = field(default_factory=dict)

    def take(self, records: Iterable[SourceRecord], advance: Callable[[int], None]) -> Iterator[TakenRecord]:
        """The records of which every file could be kept, in order; the others are among `faults`."""
        for source in records:
            if self._secret(source):
                advance(len(source.files))
                continue
            files = [self._file(source, file) for file in source.files]
            advance(len(files))
            if len(self._noted) >= _NOTED_AT_ONCE:
                self._note()
            if any(file is None for file in files):
                self.left_out += 1
                continue
            yield TakenRecord(source, str(uuid.uuid4()), tuple(file for file in files if file is not None))
        self._note()

    def _secret(self, source: SourceRecord) -> bool:
        """Before any of the record's files is kept: none of them may bear a secrecy marking, or have been
        erased."""
        notes: list[Fault] = []
        for file in source.files:
            if self._was_erased(file):
                return self._refuse("FILE_ERASED", source)
            if self.journal.file(file.path, file.stat, self.mode) is not None:
                continue  # looked at when it was taken, and not changed since
            try:
                looked = self.look(file.path)
            except OSError:
                continue  # told with its reason when the file is stored
            if looked.secret:
                return self._refuse("SECRET", source)
            codes = {"MARKED_INTERNAL": looked.internal, "NOT_LOOKED_THROUGH": looked.partly}
            notes += [
                Fault(code, source.place, printable(file.name)) for code, holds in codes.items() if holds
            ]
        self.faults += notes
        return False

    def _refuse(self, code: str, source: SourceRecord) -> bool:
        self.faults.append(Fault(code, source.unnamed))
        self.secret.add(source.place)
        self.left_out += 1
        return True

    def _was_erased(self, file: SourceFile) -> bool:
        """Read once more for it only where something was ever erased."""
        if not self.erased:
            return False
        digests = self.journal.file(file.path, file.stat, self.mode)
        if digests is None:
            try:
                digests = hash_file(file.path)[0]
            except OSError:
                return False  # told with its reason when the file is stored
        return digests.sha256 in self.erased

    def _file(self, source: SourceRecord, file: SourceFile) -> TakenFile | None:
        digests = self.journal.file(file.path, file.stat, self.mode)
        if digests is None or not self.holds(digests.sha256):
            digests = self._read(source.place, file)
            if digests is None:
                return None
            self._noted.append((file.path, file.stat, self.mode, digests))
        name = f"{source.place} {file.name}"
        first = self._seen.setdefault(digests.sha256, name)
        if first != name:
            self.faults.append(Fault("FILE_DUPLICATE", source.place, printable(file.name), printable(first)))
        return TakenFile(file.name, digests, file.stat.size)

    def _read(self, place: str, file: SourceFile) -> Digests | None:
        shown = printable(file.name)
        try:
            digests, size = self.store(file.path)
            after = stat_of(file.path.lstat())
        except CallerError as error:
            if error.code not in _FAULTS:
                raise
            self.faults.append(Fault(_FAULTS[error.code], place, shown, error.found))
            return None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.faults.append(Fault("FILE_UNREADABLE", place, shown, error.strerror or str(error)))
            return None
        # The content was another while it was read: what was hashed may be half of each.
        if after != file.stat or size != file.stat.size:
            self.faults.append(Fault("FILE_CHANGED", place, shown))
            return None
        return digests

    def _note(self) -> None:
        if self.noting:
            self.journal.keep_files(self._noted)
        self._noted.clear()
