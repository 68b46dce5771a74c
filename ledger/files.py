"""Files of records: copied into the content-addressed folder, or referenced where they lie.

A copy stands at files/ab/cd/<sha256>; once there it never changes. A reference keeps the absolute path, with
size and time of last change, and is only as safe as the place it lies in.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from sqlalchemy import insert, select, update

from ledger.durable import sync_folder
from ledger.handle import Ledger
from ledger.paths import LedgerPaths
from ledger.store.engine import reading, writing
from ledger.store.tables import file
from ledger.unfinished import unfinished_file
from verifier.digests import CHUNK, Digests, both_of_chunks
from verifier.errors import CallerError, LedgerError
from verifier.shape import instant_of

Mode: TypeAlias = Literal["copy", "reference"]
# What the store has; beside it stand the rows of what was destroyed, or is about to be (`destroy_files`).
LIVE = ("copy", "reference")
ERASING, DESTROYED = "erasing", "destroyed"
Progress: TypeAlias = Callable[[int], None]
# Digests, and where the file stands until it is kept.
Admit: TypeAlias = Callable[[Digests, Path], None]


@dataclass(frozen=True)
class StoredFile:
    """`path`: absolute. `size` in octets."""

    digests: Digests
    size: int
    mode: Mode
    path: Path


def store_file(
    ledger: Ledger, source: Path, mode: Mode = "copy", progress: Progress = lambda octets: None
) -> StoredFile:
    """Hash the file once for both digests and keep it; durable when this returns. May be repeated.

    `progress` is told how many octets were read. Raises CallerError FILE_ABSENT, FILE_NOT_REGULAR,
    FILE_UNREADABLE, FILE_CHANGED (while it was read); LedgerError FILE_SPACE, FILE_READONLY.
    """
    with _opened(source) as reader:
        before = os.fstat(reader.fileno())
        chunks = _chunks(reader, before.st_size, progress)
        if mode == "copy":
            digests, size = _copy(ledger.paths, chunks)
            kept = content_path(ledger.paths, digests.sha256)
        else:
            digests, size = both_of_chunks(chunks)
            kept = source.resolve()
        after = os.fstat(reader.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise CallerError("FILE_CHANGED", str(source))
    stored = StoredFile(digests, size, mode, kept)
    _remember(ledger, stored, after.st_mtime_ns if mode == "reference" else None)
    return stored


def store_chunks(ledger: Ledger, chunks: Iterator[bytes], admit: Admit) -> StoredFile:
    """Keep what comes in pieces, hashed as it comes; what `chunks` or `admit` raises leaves nothing behind.

    `admit` is asked before the file gets its name. Durable when this returns. Raises LedgerError FILE_SPACE,
    FILE_READONLY.
    """
    digests, size = _copy(ledger.paths, chunks, admit)
    stored = StoredFile(digests, size, "copy", content_path(ledger.paths, digests.sha256))
    _remember(ledger, stored, None)
    return stored


def content_path(paths: LedgerPaths, sha256: bytes) -> Path:
    """Where a copy with this digest stands."""
    name = sha256.hex()
    return paths.files / name[:2] / name[2:4] / name


def stored_files(ledger: Ledger, sha256: bytes) -> tuple[StoredFile, ...]:
    """Where content with this digest is kept, copies first; empty if nowhere."""
    with reading(ledger.engine) as connection:
        query = select(file).where(file.c.sha256 == sha256, file.c.mode.in_(LIVE)).order_by(file.c.mode)
        rows = connection.execute(query).all()
    return tuple(
        StoredFile(Digests(r.sha256, r.sm3), r.size, r.mode, resolve(ledger.paths, r.mode, r.path))
        for r in rows
    )


def resolve(paths: LedgerPaths, mode: str, path: str) -> Path:
    """The absolute path of a row of `file`."""
    # A reference's is absolute, and stays so.
    return Path(path) if mode == "reference" else paths.files / path


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    try:
        # Not blocking, so that a named pipe is refused and not waited for.
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise CallerError("FILE_ABSENT", str(source)) from None
    except OSError as error:
        raise CallerError("FILE_UNREADABLE", str(source), found=os.strerror(error.errno or 0)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CallerError("FILE_NOT_REGULAR", str(source))
    with os.fdopen(descriptor, "rb") as reader:
        yield reader


def _chunks(reader: BinaryIO, size: int, progress: Progress) -> Iterator[bytes]:
    """At most one octet more than the file had at first: enough to see that it grows, and then to stop."""
    left = size + 1
    while left and (chunk := reader.read(min(CHUNK, left))):
        left -= len(chunk)
        progress(len(chunk))
        yield chunk


def _copy(
    paths: LedgerPaths, chunks: Iterator[bytes], admit: Admit = lambda digests, path: None
) -> tuple[Digests, int]:
    """Write a temporary copy while hashing, then give it the name of its digest."""
    try:
        paths.files.mkdir(exist_ok=True)
        with unfinished_file(paths.files, "incoming-") as (temporary, writer):

            def written() -> Iterator[bytes]:
                for chunk in chunks:
                    writer.write(chunk)
                    yield chunk

            digests, size = both_of_chunks(written())
            writer.flush()
            admit(digests, temporary)
            os.fsync(writer.fileno())
            place = content_path(paths, digests.sha256)
            _make_folder(place.parent, paths.files)
            # What stood there had the same digest, or was damaged and is now whole again.
            temporary.replace(place)
            sync_folder(place.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LedgerError("FILE_SPACE", str(paths.files)) from error
        # The source is open: what is denied here is denied by our own folder.
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise LedgerError("FILE_READONLY", str(paths.files), found=os.strerror(error.errno)) from error
        raise
    return digests, size


def _make_folder(folder: Path, files: Path) -> None:
    for one in (files, folder.parent, folder):
        if one.is_dir():
            _keep_name(one)
        else:
            one.mkdir(exist_ok=True)
            sync_folder(one.parent)


@functools.cache
def _keep_name(folder: Path) -> None:
    """Who made it may have been killed before its name was durable. Once in a process is enough."""
    sync_folder(folder.parent)


def _remember(ledger: Ledger, stored: StoredFile, modified_ns: int | None) -> None:
    copy = stored.mode == "copy"
    path = str(stored.path.relative_to(ledger.paths.files) if copy else stored.path)
    with writing(ledger.engine) as connection:
        place = (file.c.sha256 == stored.digests.sha256) & (file.c.path == path)
        known = connection.execute(select(file.c.mode).where(place)).scalar()
        if known in LIVE:
            return
        if known is not None:
            # Destroyed before, and brought again. Files are deleted under this lock, rows changed with them.
            if not stored.path.is_file():
                raise LedgerError("STORE_BUSY", str(stored.path))
            now = instant_of(ledger.now())
            again = update(file).where(place).values(mode=stored.mode, stored_at=now, modified_ns=modified_ns)
            connection.execute(again)
            return
        connection.execute(
            insert(file).values(
                sha256=stored.digests.sha256,
                path=path,
                sm3=stored.digests.sm3,
                size=stored.size,
                mode=stored.mode,
                modified_ns=modified_ns,
                stored_at=instant_of(ledger.now()),
            )
        )
