"""A ledger copied as it lies on the disk: an old back-up, or a second ledger made of the first."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from ledger.handle import Ledger, open_ledger
from ledger.paths import LedgerPaths
from ledger.settings import write_settings
from ledger.store.address import Postgres
from tests.ledger.databases import IN_USE, name_of


def saved(ledger: Ledger, target: Path) -> Path:
    """`target`, a new data folder with the copy."""
    target.mkdir()
    if isinstance(ledger.place, Postgres):
        ledger.close()
    shutil.copytree(ledger.paths.root, target / "ledger")
    if isinstance(ledger.place, Postgres):
        copied = IN_USE[-1].new(template=name_of(ledger.place))
        settings = write_settings(replace(ledger.settings, database=copied))
        LedgerPaths(target).settings.write_bytes(settings)
    return target


def copy_of(ledger: Ledger, target: Path) -> Ledger:
    """The copy, opened."""
    return open_ledger(saved(ledger, target))
