"""One house for the tests of a module that leave it as it was; one of their own for those that do not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.paths import LedgerPaths
from ledger.settings import read_settings, write_settings
from tests.api.http.house import House, open_house
from tests.people import KINDS


@pytest.fixture(scope="session")
def furnished(made_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that knows the kind of all four organisations, to be copied."""
    home = tmp_path_factory.mktemp("house") / "home"
    shutil.copytree(made_office, home)
    path = LedgerPaths(home).settings
    path.write_bytes(write_settings(replace(read_settings(path.read_bytes()), kinds=KINDS)))
    return home


@pytest.fixture(scope="module")
def house(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home) as opened:
        yield opened


@pytest.fixture
def own_home(furnished: Path, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(furnished, home)
    return home


@pytest.fixture
def own_house(own_home: Path) -> Iterator[House]:
    with open_house(own_home, own_home) as opened:
        yield opened


def read_log(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
