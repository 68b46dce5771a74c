"""Making a ledger: settings, key, tables and the first, empty batch; whole, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Engine

from ledger.checkpoint_key import create_checkpoint_key, load_keys
from ledger.durable import sync_folder, write_durably
from ledger.handle import Clock, Ledger, open_ledger, system_clock
from ledger.paths import LedgerPaths
from ledger.seal import write_batch
from ledger.settings import Settings, read_settings, write_settings
from ledger.store.address import Place, Postgres, place_of
from ledger.store.engine import open_engine, writing
from ledger.store.owner import check_empty
from ledger.store.revision import upgrade_store
from ledger.unfinished import unfinished_folder
from verifier.anchor import ledger_id
from verifier.errors import CallerError
from verifier.shape import instant_of

WriteKey: TypeAlias = Callable[[LedgerPaths], None]


def _new_key(paths: LedgerPaths) -> None:
    create_checkpoint_key(paths.checkpoint_key)


def create_ledger(
    home: Path, settings: Settings, now: Clock = system_clock, write_key: WriteKey = _new_key
) -> Ledger:
    """A new ledger with a key of its own, batch 0 sealed and not yet anchored.

    `write_key` writes another: that of a ledger that there was before.
    Raises CallerError LEDGER_EXISTS, STORE_NOT_EMPTY (on PostgreSQL), EvidenceError for settings of a wrong
    form, and what the database raises.
    """
    paths = LedgerPaths(home.expanduser().resolve())
    if paths.root.exists():
        raise CallerError("LEDGER_EXISTS", str(paths.root))
    data = write_settings(settings)
    paths.home.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(paths.home, "ledger.new-") as folder:
        making = LedgerPaths(folder)
        making.root.mkdir()
        write_durably(making.settings, data)
        write_key(making)
        making.files.mkdir()
        with _first_batch(making, now):
            os.rename(making.root, paths.root)  # noqa: PTH104  refuses a folder that holds anything
    sync_folder(paths.home)
    return open_ledger(paths.home, now)


def begin_store(home: Path, now: Clock = system_clock) -> None:
    """Batch 0 for a ledger whose PostgreSQL database is empty: its making was broken off at the last moment,
    or the database was lost. Batch 0 of a ledger is the same whenever it is made.

    Raises CallerError STORE_NOT_EMPTY.
    """
    with _first_batch(LedgerPaths(home.expanduser().resolve()), now):
        pass


@contextmanager
def _first_batch(paths: LedgerPaths, now: Clock) -> Iterator[None]:
    """Around the moment at which the folder gets its name: a file must be whole before, and comes along; a
    server commits after, so that no database is left that holds a ledger which nobody has."""
    settings = read_settings(paths.settings.read_bytes())
    _, public = load_keys(paths)
    own, place = ledger_id(settings.origin, public), place_of(settings.database, paths.database)
    with _engine(place) as engine:
        upgrade_store(engine, place)
        with writing(engine) as connection:
            check_empty(connection, place)
            write_batch(connection, own, None, None, (), 0, instant_of(now()))
            sync_folder(paths.root)
            if isinstance(place, Postgres):
                yield
    if not isinstance(place, Postgres):
        sync_folder(paths.root)
        yield


@contextmanager
def _engine(place: Place) -> Iterator[Engine]:
    engine = open_engine(place)
    try:
        yield engine
    finally:
        engine.dispose()
