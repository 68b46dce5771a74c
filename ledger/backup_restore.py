"""Putting a back-up in place as a data folder: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.backup import Progress, copy_durably
from ledger.backup_manifest import MANIFEST, Manifest, NetworkPart, read_manifest
from ledger.connection_copy import FILE, FOLDER
from ledger.durable import sync_folder, write_durably
from ledger.fabric.connection import read_connection
from ledger.fixity import FixityResult, compare
from ledger.paths import LedgerPaths
from ledger.settings import Settings, read_settings, write_settings
from ledger.store.address import Place, Postgres, postgres_at
from ledger.store.copy import copy_rows
from ledger.store.engine import open_engine, reading, writing
from ledger.store.owner import check_empty
from ledger.store.revision import upgrade_store
from ledger.unfinished import unfinished_folder
from verifier.errors import CallerError

# The network's folder, in a data folder as in a back-up.
NETWORK = "network"


@dataclass(frozen=True)
class Restored:
    """`network`: its folder was put back. `connection`: the connection.json that the ledger now uses, None
    when the back-up held none. `place`: where its database now is."""

    manifest: Manifest
    files: int
    network: bool
    connection: Path | None
    place: Place


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


def restore(
    source: Path,
    home: Path,
    progress: Progress = lambda done, path: None,
    *,
    network: bool = True,
    database: str = "",
) -> Restored:
    """Put a back-up in place as the data folder `home`. Without `network` that part stays in the back-up: so
    the ledger is put beside its network which still runs elsewhere. `database`: the address of an empty
    PostgreSQL database, "" for a SQLite file; whichever the ledger was on before.

    Raises CallerError RESTORE_HOME (not empty), STORE_NOT_EMPTY, those of `verify_backup`, and what the
    database raises.
    """
    home = home.expanduser().resolve()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise CallerError("RESTORE_HOME", str(home), "a new or empty folder")
    manifest = verify_backup(source, progress)
    wanted = [one for one in manifest.files if network or not one.path.startswith(f"{NETWORK}/")]
    home.parent.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(home.parent, f".{home.name}.restore-") as making:
        copied = [copy_durably(making, source / one.path, making / one.path) for one in wanted]
        changed = [a.path for a, b in zip(copied, wanted, strict=True) if a != b]
        if changed:
            raise CallerError("BACKUP_DAMAGED", str(source), "as in the manifest", ", ".join(changed))
        LedgerPaths(making).files.mkdir(exist_ok=True)
        connection = _set_connection(LedgerPaths(making))
        with _set_database(LedgerPaths(making), database) as place:
            for folder in _folders(making):
                sync_folder(folder)
            os.rename(making, home)  # noqa: PTH104  replaces an empty folder and no other
    sync_folder(home.parent)
    held = network and manifest.network is NetworkPart.HELD
    kept = place if isinstance(place, Postgres) else LedgerPaths(home).database
    return Restored(manifest, len(wanted), held, home / connection if connection else None, kept)


@contextmanager
def _set_database(paths: LedgerPaths, database: str) -> Iterator[Place]:
    """Around the moment at which the folder gets its name: a server commits after it."""
    settings = read_settings(paths.settings.read_bytes())
    if settings.database != database:
        write_durably(paths.settings, write_settings(replace(settings, database=database)), 0o600)
    if not database:
        yield paths.database
        return
    place, file = postgres_at(database), open_engine(paths.database)
    server = open_engine(place)
    try:
        upgrade_store(file, paths.database)
        upgrade_store(server, place)
        with reading(file) as source, writing(server) as target:
            check_empty(target, place)
            copy_rows(source, target)
            file.dispose()
            for left in paths.root.glob(f"{paths.database.name}*"):
                left.unlink()
            yield place
    finally:
        file.dispose()
        server.dispose()


def _set_connection(paths: LedgerPaths) -> str | None:
    """The path of connection.json by the restored settings, which are changed to the kept one where the one
    they name is not there, or is another network's."""
    settings = read_settings(paths.settings.read_bytes())
    if _leads_to_its_channel(settings, paths.home):
        return settings.connection
    kept = f"{FOLDER}/{FILE}"
    if not (paths.home / kept).is_file():
        return None
    write_durably(paths.settings, write_settings(replace(settings, connection=kept)), 0o600)
    return kept


def _leads_to_its_channel(settings: Settings, home: Path) -> bool:
    try:
        return read_connection(settings.connection_path(home)).channel == settings.channel
    except CallerError:
        return False


def _folders(root: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(root):
        yield Path(path)
