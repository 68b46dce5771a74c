"""A ledger of its own for each test, on the session's one real network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningNetwork
from tests.database_fixtures import database, databases_of_this_test_alone
from tests.e2e.world import World, make_world

__all__ = ["database", "databases_of_this_test_alone", "world"]


@pytest.fixture
def world(network_home: RunningNetwork, tmp_path: Path) -> Iterator[World]:
    made = make_world(network_home, tmp_path)
    yield made
    made.close()
