"""One real network for the whole test session, shared by every worker of pytest-xdist; and the same cases."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from network.down import down, reset
from network.locking import locked
from network.up import up
from tests.postgres_cluster import Cluster, cluster

# Of generated cases the same in every run, however slow the machine: what refuses a change is that change.
# `--hypothesis-profile search` looks for new ones, and prints how to have one again.
_AT_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _AT_ANY_SPEED, derandomize=True)
settings.register_profile("search", _AT_ANY_SPEED, print_blob=True)
settings.load_profile("same")


# Files are taken in this order (make says --no-loadscope-reorder). What waits for a network and what computes
# take turns, so that there is always something to do while others wait; of each, the longest begin first, so
# that at the end no worker waits for another's last file.
_WAITING = ("tests/e2e", "tests/network", "tests/demo")
_FIRST = (
    "tests/e2e/test_crowd.py",
    "tests/e2e/test_two_demos.py",
    "tests/e2e/test_reconfigured.py",
    "tests/network/test_network.py",
    "tests/e2e/test_network_fire.py",
    "tests/e2e",
    "tests/network",
    "tests/fire",
    "tests/api",
    "tests/ledger",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)

    def rank(name: str) -> int:
        return next((n for n, part in enumerate(_FIRST) if name.startswith(part)), len(_FIRST))

    turns: list[tuple[float, str]] = []
    for waiting in (True, False):
        group = sorted((name for name in files if name.startswith(_WAITING) is waiting), key=rank)
        turns += [((place + 0.5) / len(group), name) for place, name in enumerate(group)]
    items[:] = [item for _, name in sorted(turns) for item in files[name]]


@dataclass(frozen=True)
class RunningNetwork:
    """`home` is the network's data folder; `connection` its connection.json."""

    home: Path
    connection: Path


@pytest.fixture(scope="session")
def network_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    """A running network of four organisations with the project's own chaincode. Tests share it: each
    takes a ledger of its own, and none stops a process."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    home, users = base / "shared-network", base / "shared-network-users"
    with locked(base / "shared-network.lock", 1800, lambda: None):
        found = up(home)
        _count(users, 1)
    assert found.connection is not None
    try:
        yield RunningNetwork(found.home, found.connection)
    finally:
        with locked(base / "shared-network.lock", 300, lambda: None):
            if _count(users, -1) == 0:
                down(home)
                reset(home)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL server. Each test takes databases of its own; who stops it starts it again."""
    with cluster() as running:
        yield running


@contextmanager
def network_at(home: Path, chaincode_source: Path | None = None) -> Iterator[RunningNetwork]:
    """A network for a test that stops its processes or changes its configuration; removed at the end."""
    try:
        found = up(home, chaincode_source=chaincode_source)
        assert found.connection is not None
        yield RunningNetwork(home, found.connection)
    finally:
        down(home)
        reset(home)


def _count(users: Path, change: int) -> int:
    """Workers that use the network now, kept in a file that all of them see."""
    now = int(users.read_text() or "0") if users.exists() else 0
    users.write_text(str(now + change))
    return now + change
