"""A back-up is a folder: the store, the files, the keys, the connection, and a manifest written last.

Without its manifest a folder is no back-up. It holds the ledger's own key and people's (encrypted) keys, with
the network also that network's, and must be kept as they are. `ledger/backup_restore.py` puts it back.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ledger.backup_manifest import MANIFEST, Manifest, ManifestFile, NetworkPart, write_manifest
from ledger.connection_copy import FOLDER as CONNECTION
from ledger.connection_copy import keep_connection
from ledger.durable import write_durably
from ledger.handle import Ledger
from ledger.paths import LedgerPaths
from ledger.store.address import Postgres
from ledger.store.copy import alone, copy_to_file
from ledger.store.engine import reading
from verifier.digests import CHUNK, both_of_chunks
from verifier.errors import CallerError
from verifier.shape import instant_of

# (octets done, path of the file being done)
Progress: TypeAlias = Callable[[int, str], None]
# Entered, with the back-up's folder, around the moment at which the store is copied.
Moment: TypeAlias = Callable[[Path], AbstractContextManager[None]]


@dataclass(frozen=True)
class BackupReport:
    manifest: Manifest
    octets: int


def backup(
    ledger: Ledger,
    target: Path,
    progress: Progress = lambda done, path: None,
    moment: Moment = lambda target: nullcontext(),
    network: NetworkPart = NetworkPart.ELSEWHERE,
) -> BackupReport:
    """A consistent back-up while the ledger goes on. `target` is made; it must not hold anything. What fails
    leaves nothing there.

    `moment` may put further files into `target`, as of the same moment as the store; they are kept with it.
    `network` says what it did of the network. Raises CallerError BACKUP_TARGET.
    """
    with _making(target):
        paths = LedgerPaths(target)
        with moment(target):
            # Before the files: whatever file the store names was on the disk before.
            paths.root.mkdir(mode=0o700)
            _copy_store(ledger, paths.database)
        state = _state(paths.database)
        missing = _connection(ledger, target)
        listed, octets = [], 0
        for path in sorted(path for path in target.rglob("*") if path.is_file()):
            listed.append(_listed(target, path))
            octets += listed[-1].size
            progress(octets, str(path))
        damaged = []
        for source, place in _sources(ledger.paths, paths, state):
            if not source.is_file():
                missing.append(str(source))
                continue
            listed.append(copy_durably(target, source, place))
            octets += listed[-1].size
            if place.is_relative_to(paths.files) and listed[-1].digests.sha256.hex() != place.name:
                damaged.append(place.name)
            progress(octets, str(source))
        manifest = Manifest(
            channel=ledger.settings.channel,
            created_at=instant_of(ledger.now()),
            ledger=ledger.id,
            origin=ledger.origin,
            batch=state.batch,
            size=state.size,
            network=network,
            references=state.references,
            damaged=tuple(sorted(damaged)),
            missing=tuple(sorted(missing)),
            files=tuple(sorted(listed, key=lambda one: one.path)),
        )
        write_durably(target / MANIFEST, write_manifest(manifest))
    return BackupReport(manifest, octets)


def _copy_store(ledger: Ledger, place: Path) -> None:
    """Whatever keeps the ledger, its back-up is a SQLite file: so it goes back to either."""
    if isinstance(ledger.place, Postgres):
        with reading(ledger.engine) as connection:
            copy_to_file(connection, place)
    else:
        copy_database(ledger.place, place)


def copy_database(database: Path, place: Path) -> None:
    """A copy of a SQLite database as of one moment, in one file without a write-ahead log beside it."""
    with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(place)) as copy:
        source.backup(copy)
    alone(place)


def copy_durably(root: Path, source: Path, place: Path) -> ManifestFile:
    """Copy, durably, hashing what is written."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as reader, os.fdopen(descriptor, "wb") as writer:

        def written() -> Iterator[bytes]:
            while chunk := reader.read(CHUNK):
                writer.write(chunk)
                yield chunk

        digests, size = both_of_chunks(written())
        writer.flush()
        os.fsync(writer.fileno())
    return ManifestFile(place.relative_to(root).as_posix(), size, digests)


@dataclass(frozen=True)
class _State:
    """What the snapshot says: its newest batch, the log's size, and the files it names."""

    batch: int
    size: int
    copies: tuple[str, ...]
    references: int


@contextmanager
def _making(target: Path) -> Iterator[None]:
    there = target.exists()
    if there and (not target.is_dir() or any(target.iterdir())):
        raise CallerError("BACKUP_TARGET", str(target), "a new or empty folder")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield
    except BaseException:
        for path in target.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
        if not there:
            target.rmdir()
        raise


def _connection(ledger: Ledger, target: Path) -> list[str]:
    """Keeps the connection; what of it could not be had."""
    source = ledger.settings.connection_path(ledger.paths.home)
    try:
        keep_connection(source, target / CONNECTION)
    except CallerError as error:
        # Not a reason to go without a back-up of all the rest: the manifest says it.
        return [error.at if error.code == "CLIENT_KEY" else str(source)]
    return []


def _sources(paths: LedgerPaths, kept: LedgerPaths, state: _State) -> Iterator[tuple[Path, Path]]:
    """What is to be copied, and where to."""
    yield paths.settings, kept.settings
    if paths.public_key.is_file():
        yield paths.public_key, kept.public_key
    else:
        yield paths.checkpoint_key, kept.checkpoint_key
    if paths.decisions.is_file():
        yield paths.decisions, kept.decisions
    for name in state.copies:
        yield paths.files / name, kept.files / name
    if paths.people.is_dir():
        for path in sorted(path for path in paths.people.rglob("*") if path.is_file()):
            yield path, kept.home / path.relative_to(paths.home)


def _state(database: Path) -> _State:
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as copy:
        newest = copy.execute("SELECT number, size FROM batch ORDER BY number DESC LIMIT 1").fetchone()
        copies = copy.execute("SELECT DISTINCT path FROM file WHERE mode = 'copy' ORDER BY path").fetchall()
        references = copy.execute("SELECT count(*) FROM file WHERE mode = 'reference'").fetchone()
    return _State(newest[0], newest[1], tuple(path for (path,) in copies), references[0])


def _listed(root: Path, path: Path) -> ManifestFile:
    """A file that was copied before: hashed, and made durable."""
    with path.open("rb") as reader:
        digests, size = both_of_chunks(iter(lambda: reader.read(CHUNK), b""))
        os.fsync(reader.fileno())
    return ManifestFile(path.relative_to(root).as_posix(), size, digests)
