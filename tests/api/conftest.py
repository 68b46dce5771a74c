"""An office whose network is made but not running: its certificates are real, and no chain answers."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert

from ledger.create import create_ledger
from ledger.fabric.blocks import carried
from ledger.settings import Settings
from ledger.store.engine import writing
from ledger.store.tables import configuration
from network.layout import layout
from network.make import ensure_made, write_contracts
from network.progress import silent
from tests.api.asking import Ask, asker
from tests.people import ARCHIVE, TOWN, certified, enrol_all
from verifier.canonical import encode
from verifier.fabric.block import block_json

ORIGIN = "qinghe.yunling.example/archives"
CLERK, REVIEWER = "王五", "赵六"
# Who takes a folder in, and what its files are where no table says so.
TAKING = ("--as", CLERK, "--carrier", "electronic")


@dataclass(frozen=True)
class Office:
    """`ask` runs a command with --json in this process."""

    home: Path
    ask: Ask


@pytest.fixture(scope="session")
def made_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("office") / "home"
    places = layout(home)
    consortium, marker = ensure_made(places, None, silent)
    write_contracts(places, consortium, marker)
    settings = Settings(
        origin=ORIGIN,
        operator="QingheTownship",
        role="ledger",
        channel=marker.channel,
        chaincode="archive",
        connection="network/connection.json",
        kinds={"QingheTownship": "township", "YunlingArchives": "archive"},
    )
    ledger = create_ledger(home, settings)
    block = encode(block_json(carried(places.genesis.read_bytes())))
    with writing(ledger.engine) as connection:
        connection.execute(insert(configuration).values(number=0, block=block))
    enrol_all(ledger, home, [certified(home, home, TOWN, CLERK), certified(home, home, ARCHIVE, REVIEWER)])
    ledger.close()
    return home


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asker(capsys, monkeypatch)


@pytest.fixture
def office(made_office: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Office:
    home = tmp_path / "home"
    shutil.copytree(made_office, home)
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(home))
    return Office(home, ask)
