"""A ledger of its own for each test, on the session's one real network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.asking import Ask, asker
from tests.conftest import RunningNetwork
from tests.e2e.office import open_office
from tests.e2e.world import World, make_world


@pytest.fixture
def world(network_home: RunningNetwork, tmp_path: Path) -> Iterator[World]:
    made = make_world(network_home, tmp_path)
    yield made
    made.close()


@pytest.fixture
def ask(
    network_home: RunningNetwork,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Ask:
    """Commands in a data folder of their own, where a ledger is opened and two people are enrolled."""
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(tmp_path / "home"))
    asked = asker(capsys, monkeypatch)
    open_office(asked, network_home)
    return asked
