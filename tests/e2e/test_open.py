"""A ledger is open when the organisations know it: its first batch is not refused by one that lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger import chain_state
from ledger.anchor import anchor
from ledger.chain_state import open_on_chain
from ledger.create import create_ledger
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import Chain, close, connect, evaluate_all
from ledger.fabric.refusal import Refusal
from ledger.handle import Ledger
from ledger.settings import Settings
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN
from tests.people import KINDS

Answers = tuple[dict[str, bytes], tuple[Refusal, ...]]


@pytest.fixture
def chain(network_home: RunningNetwork) -> Iterator[Chain]:
    made = connect(read_connection(network_home.connection))
    yield made
    close(made)


def new_ledger(chain: Chain, home: Path) -> Ledger:
    settings = Settings(
        origin=ORIGIN,
        operator="QingheTownship",
        role="ledger",
        channel=chain.connection.channel,
        chaincode=chain.connection.chaincode,
        connection="connection.json",
        kinds=KINDS,
    )
    return create_ledger(home, settings)


def test_one_that_lags_is_waited_for(chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[str]] = []
    last = chain.organisations[-1]

    def lagging(chain: Chain, arguments: Sequence[bytes]) -> Answers:
        """The first three times the last organisation answers as it did before there was such a ledger."""
        answers, refusals = evaluate_all(chain, arguments)
        if len(asked) < 3:
            answers[last] = b"the ledger, as it would open it"
        asked.append(set(answers))
        return answers, refusals

    monkeypatch.setattr(chain_state, "evaluate_all", lagging)
    ledger = new_ledger(chain, tmp_path)
    assert open_on_chain(ledger, chain)
    assert len(asked) > 3
    assert asked[-1] == set()
    monkeypatch.undo()
    # Everybody knows it, each by its own word.
    answers, refusals = evaluate_all(
        chain, [b"Open", ORIGIN.encode(), ledger.public_key.hex().encode(), b"ledger"]
    )
    assert answers == {}
    assert {one.msp: one.code for one in refusals} == dict.fromkeys(chain.organisations, "LEDGER_EXISTS")
    anchored = anchor(ledger, chain)
    assert anchored is not None
    assert anchored.endorsed_by == chain.organisations
    assert not open_on_chain(ledger, chain)
    ledger.close()


def test_one_that_goes_on_lagging_is_not_waited_for_for_ever(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_state, "OPEN_SECONDS", 0.2)
    monkeypatch.setattr(chain_state, "evaluate_all", lambda *_: ({"YunlingAudit": b"open"}, ()))
    ledger = new_ledger(chain, tmp_path)
    assert open_on_chain(ledger, chain)
    ledger.close()
