"""Where one ledger lies under the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LedgerPaths:
    """`home` is the data folder: the ledger is in `home/ledger`, people's keys in `home/people`."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "ledger"

    @property
    def settings(self) -> Path:
        return self.root / "ledger.json"

    @property
    def database(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def checkpoint_key(self) -> Path:
        return self.root / "checkpoint.key"

    @property
    def public_key(self) -> Path:
        """There when the key itself was lost: a ledger that came back from replicas."""
        return self.root / "checkpoint.pub"

    @property
    def decisions(self) -> Path:
        """What the operator decided of the ledger's promises; absent until there is something."""
        return self.root / "decisions.jsonl"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def seal_lock(self) -> Path:
        return self.root / "seal.lock"

    @property
    def people(self) -> Path:
        return self.home / "people"
