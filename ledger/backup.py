"""Back-up and restoring. A back-up is a folder: the store, the files, the keys, and a manifest written last.

Without its manifest a folder is no back-up. It holds the ledger's own key and people's (encrypted) keys, and
must be kept as they are.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ledger.backup_manifest import Manifest, ManifestFile, read_manifest, write_manifest
from ledger.durable import sync_folder, write_durably
from ledger.fixity import FixityResult, compare
from ledger.handle import Ledger
from ledger.paths import LedgerPaths
from ledger.unfinished import unfinished_folder
from verifier.digests import CHUNK, both_of_chunks
from verifier.errors import CallerError
from verifier.shape import instant_of

# (octets done, path of the file being done)
Progress: TypeAlias = Callable[[int, str], None]
MANIFEST = "manifest.json"
_SQLITE = b"SQLite format 3\0"  # a database file's first octets


@dataclass(frozen=True)
class BackupReport:
    """`references`: files that are only referenced, and so not in the back-up. `damaged`: copies that have
    no longer the digest of their name, kept as they are. `missing`: those that are not there at all.
    """

    manifest: Manifest
    octets: int
    references: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]


def backup(
    ledger: Ledger,
    target: Path,
    progress: Progress = lambda done, path: None,
    extra: Sequence[Path] = (),
) -> BackupReport:
    """A consistent back-up while the ledger goes on. `target` is made; it must not hold anything.

    `extra`: further files, by their path under the data folder; those that are not there are left out.
    Raises CallerError BACKUP_TARGET.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CallerError("BACKUP_TARGET", str(target), "a new or empty folder")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = LedgerPaths(target)
    paths.root.mkdir(mode=0o700)
    # The store first: whatever file it names was on the disk before.
    _snapshot(ledger.paths.database, paths.database)
    state = _state(paths.database)
    sources = [
        (ledger.paths.settings, paths.settings),
        (ledger.paths.checkpoint_key, paths.checkpoint_key),
        *((ledger.paths.files / name, paths.files / name) for name in state.copies),
        *((source, target / source.relative_to(ledger.paths.home)) for source in _people(ledger.paths)),
    ]
    listed = [_listed(target, paths.database)]
    listed += [
        _keep_extra(ledger.paths.home, target, one) for one in extra if (ledger.paths.home / one).is_file()
    ]
    octets = sum(one.size for one in listed)
    damaged, missing = [], []
    for source, place in sources:
        if not source.is_file():
            missing.append(str(source))
            continue
        listed.append(_copy(target, source, place))
        octets += listed[-1].size
        if place.is_relative_to(paths.files) and listed[-1].digests.sha256.hex() != place.name:
            damaged.append(place.name)
        progress(octets, str(source))
    manifest = Manifest(
        created_at=instant_of(ledger.now()),
        ledger=ledger.id,
        origin=ledger.origin,
        batch=state.batch,
        size=state.size,
        files=tuple(sorted(listed, key=lambda one: one.path)),
    )
    write_durably(target / MANIFEST, write_manifest(manifest))
    return BackupReport(manifest, octets, state.references, tuple(damaged), tuple(missing))


def verify_backup(source: Path, progress: Progress = lambda done, path: None) -> Manifest:
    """Every file of the back-up has the digests in the manifest.

    Raises CallerError BACKUP_MANIFEST, BACKUP_DAMAGED (naming every file that is not as it was).
    """
    try:
        manifest = read_manifest((source / MANIFEST).read_bytes())
    except OSError as error:
        raise CallerError("BACKUP_MANIFEST", str(source / MANIFEST)) from error
    bad, octets = [], 0
    for one in manifest.files:
        result, _ = compare(source / one.path, one.size, one.digests)
        if result is not FixityResult.SAME:
            bad.append(f"{one.path} ({result})")
        octets += one.size
        progress(octets, one.path)
    if bad:
        raise CallerError("BACKUP_DAMAGED", str(source), "as in the manifest", ", ".join(bad))
    return manifest


def restore(source: Path, home: Path, progress: Progress = lambda done, path: None) -> Manifest:
    """Put a back-up in place as the data folder `home`: whole, or not at all.

    Raises CallerError RESTORE_HOME (not empty), and those of `verify_backup`.
    """
    home = home.expanduser().resolve()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise CallerError("RESTORE_HOME", str(home), "a new or empty folder")
    manifest = verify_backup(source, progress)
    home.parent.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(home.parent, f".{home.name}.restore-") as making:
        copied = [_copy(making, source / one.path, making / one.path) for one in manifest.files]
        changed = [a.path for a, b in zip(copied, manifest.files, strict=True) if a != b]
        if changed:
            raise CallerError("BACKUP_DAMAGED", str(source), "as in the manifest", ", ".join(changed))
        LedgerPaths(making).files.mkdir(exist_ok=True)
        for folder in _folders(making):
            sync_folder(folder)
        os.rename(making, home)  # noqa: PTH104  replaces an empty folder and no other
    sync_folder(home.parent)
    return manifest


@dataclass(frozen=True)
class _State:
    """What the snapshot says: its newest batch, the log's size, and the files it names."""

    batch: int
    size: int
    copies: tuple[str, ...]
    references: int


def _snapshot(database: Path, place: Path) -> None:
    """A copy of a SQLite database as of one moment, in one file without a write-ahead log beside it."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(place)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    place.chmod(0o600)
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_extra(home: Path, target: Path, path: Path) -> ManifestFile:
    source, place = home / path, target / path
    with source.open("rb") as reader:
        is_database = reader.read(len(_SQLITE)) == _SQLITE
    if not is_database:
        return _copy(target, source, place)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _snapshot(source, place)
    return _listed(target, place)


def _state(database: Path) -> _State:
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as copy:
        newest = copy.execute("SELECT number, size FROM batch ORDER BY number DESC LIMIT 1").fetchone()
        copies = copy.execute("SELECT DISTINCT path FROM file WHERE mode = 'copy' ORDER BY path").fetchall()
        references = copy.execute("SELECT count(*) FROM file WHERE mode = 'reference'").fetchone()
    return _State(newest[0], newest[1], tuple(path for (path,) in copies), references[0])


def _people(paths: LedgerPaths) -> Iterator[Path]:
    if paths.people.is_dir():
        yield from sorted(path for path in paths.people.rglob("*") if path.is_file())


def _listed(root: Path, path: Path) -> ManifestFile:
    with path.open("rb") as reader:
        digests, size = both_of_chunks(iter(lambda: reader.read(CHUNK), b""))
    return ManifestFile(path.relative_to(root).as_posix(), size, digests)


def _copy(root: Path, source: Path, place: Path) -> ManifestFile:
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


def _folders(root: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(root):
        yield Path(path)
