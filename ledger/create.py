"""Making a ledger: settings, key, tables and the first, empty batch; whole, or not there at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ledger.checkpoint_key import create_checkpoint_key
from ledger.durable import sync_folder, write_durably
from ledger.handle import Clock, Ledger, open_ledger, system_clock
from ledger.paths import LedgerPaths
from ledger.seal import seal
from ledger.settings import Settings, write_settings
from ledger.store.engine import open_engine
from ledger.store.revision import upgrade_store
from ledger.unfinished import unfinished_folder
from verifier.errors import CallerError

WriteKey: TypeAlias = Callable[[LedgerPaths], None]


def _new_key(paths: LedgerPaths) -> None:
    create_checkpoint_key(paths.checkpoint_key)


def create_ledger(
    home: Path, settings: Settings, now: Clock = system_clock, write_key: WriteKey = _new_key
) -> Ledger:
    """A new ledger with a key of its own, batch 0 sealed and not yet anchored.

    `write_key` writes another: that of a ledger that there was before.
    Raises CallerError LEDGER_EXISTS, EvidenceError for settings of a wrong form.
    """
    paths = LedgerPaths(home.expanduser().resolve())
    if paths.root.exists():
        raise CallerError("LEDGER_EXISTS", str(paths.root))
    data = write_settings(settings)
    paths.home.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(paths.home, "ledger.new-") as folder:
        making = LedgerPaths(folder)
        _fill(making, data, now, write_key)
        os.rename(making.root, paths.root)  # noqa: PTH104  refuses a folder that holds anything
    sync_folder(paths.home)
    return open_ledger(paths.home, now)


def _fill(paths: LedgerPaths, settings: bytes, now: Clock, write_key: WriteKey) -> None:
    paths.root.mkdir()
    write_durably(paths.settings, settings)
    write_key(paths)
    paths.files.mkdir()
    engine = open_engine(paths.database)
    try:
        upgrade_store(engine)
    finally:
        engine.dispose()
    ledger = open_ledger(paths.home, now)
    try:
        seal(ledger, empty=True)
    finally:
        ledger.close()
    sync_folder(paths.root)
