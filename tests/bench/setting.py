"""What a measurement works in: a folder of its own, and a real network where it needs one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from network.down import down, reset
from network.progress import Step
from network.up import up
from tests.bench.machine import ROOT
from tests.conftest import RunningNetwork


@dataclass(frozen=True)
class Setting:
    """`quick`: the smallest sizes, to see that everything runs; its figures mean nothing."""

    quick: bool
    folder: Path
    network: Callable[[], AbstractContextManager[RunningNetwork]]

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def fresh(self, name: str) -> Path:
        """A new folder under this name."""
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))


@contextmanager
def own_setting(quick: bool) -> Iterator[Setting]:
    """On the disk that the project stands on, not in a folder that may lie in memory."""
    base = ROOT / ".archive-ledger" / "bench"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=base))
    try:
        yield Setting(quick, folder, lambda: own_network(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_network(folder: Path) -> Iterator[RunningNetwork]:
    """Four organisations, twelve processes, with the default settings; gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="network-", dir=folder))
    try:
        found = up(home, _silent)
        assert found.connection is not None
        yield RunningNetwork(found.home, found.connection)
    finally:
        down(home)
        reset(home)


def _silent(_step: Step) -> None:
    pass
