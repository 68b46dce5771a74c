"""A ledger in the hand: its settings, its store, its key and its clock."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from ledger.checkpoint_key import load_keys
from ledger.paths import LedgerPaths
from ledger.settings import Settings, read_settings
from ledger.store.address import Place, Postgres, place_of
from ledger.store.engine import open_engine
from ledger.store.owner import check_owner
from ledger.store.revision import upgrade_store
from verifier.anchor import ledger_id
from verifier.errors import LedgerError

Clock: TypeAlias = Callable[[], datetime.datetime]


def system_clock() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Ledger:
    """`place`: where its database is. `id`: 32 octets, of the origin and `public_key` (32 octets). `now`
    gives aware datetimes.

    Without `checkpoint_key`, which was lost, it gives no receipts and so accepts nothing.
    """

    settings: Settings
    paths: LedgerPaths
    place: Place
    engine: Engine
    checkpoint_key: Ed25519PrivateKey | None
    public_key: bytes
    id: bytes
    now: Clock

    @property
    def origin(self) -> str:
        return self.settings.origin

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(home: Path, now: Clock = system_clock) -> Ledger:
    """Raises LedgerError LEDGER_ABSENT, SETTINGS_UNREADABLE, CHECKPOINT_KEY, STORE_REVISION_UNKNOWN; on
    PostgreSQL also CallerError DATABASE_ADDRESS, DATABASE_PASSWORD and those of `check_owner`."""
    paths = LedgerPaths(home.expanduser().resolve())
    key_path = paths.public_key if paths.public_key.is_file() else paths.checkpoint_key
    _there(paths, paths.settings)
    settings = read_settings(paths.settings.read_bytes())
    place = place_of(settings.database, paths.database)
    for path in (place, key_path):
        if isinstance(path, Path):
            _there(paths, path)
    key, public = load_keys(paths)
    engine, own = open_engine(place), ledger_id(settings.origin, public)
    try:
        if isinstance(place, Postgres):
            # A file lies in the ledger's own folder; an address may lead anywhere.
            check_owner(engine, place, own)
        upgrade_store(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return Ledger(
        settings=settings,
        paths=paths,
        place=place,
        engine=engine,
        checkpoint_key=key,
        public_key=public,
        id=own,
        now=now,
    )


def _there(paths: LedgerPaths, path: Path) -> None:
    if not path.is_file():
        raise LedgerError("LEDGER_ABSENT", str(paths.root), path.name)
