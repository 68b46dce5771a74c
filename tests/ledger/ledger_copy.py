"""A ledger copied as it lies on the disk: an old back-up, or a second ledger made of the first."""

from __future__ import annotations

import shutil
from pathlib import Path

from ledger.handle import Ledger, open_ledger


def saved(ledger: Ledger, target: Path) -> Path:
    """`target`, a new data folder with the copy."""
    target.mkdir()
    shutil.copytree(ledger.paths.root, target / "ledger")
    return target


def copy_of(ledger: Ledger, target: Path) -> Ledger:
    """The copy, opened."""
    return open_ledger(saved(ledger, target))
