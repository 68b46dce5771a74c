"""The ledger's own transaction is found invalid, comes too late, or is sent again: anchoring goes on, and
every batch is anchored exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import ledger.anchor
from ledger.anchor import anchor
from ledger.batch import EncodedBatch
from ledger.chain_state import anchor_bytes, head
from ledger.fabric.gateway import Chain, Endorsed, commit_status, submit
from ledger.handle import Ledger
from ledger.seal import seal
from ledger.store.engine import reading
from ledger.store.tables import anchor_attempt
from tests.e2e.invalid import MVCC_READ_CONFLICT, VALID, held, order
from tests.e2e.world import World
from tests.ledger.ledger_copy import copy_of
from verifier.anchor import parse_anchor
from verifier.errors import ChainError
from verifier.report import Verdict

FILES = {"a.txt": b"a"}
Submit = Callable[[Chain, Endorsed], None]


def attempts(world: World) -> list[tuple[str, str | None]]:
    """(transaction id, outcome) of every try to anchor the newest batch, oldest first."""
    with reading(world.ledger.engine) as connection:
        rows = connection.execute(select(anchor_attempt).order_by(anchor_attempt.c.id)).all()
    last = max(row.batch for row in rows)
    return [(row.txid.hex(), row.outcome) for row in rows if row.batch == last]


def goes_on(world: World, record: str) -> None:
    """The record is proved, and the next batch is anchored as ever."""
    world.act("shelve", record, state="in_place", location="02库-03架")
    world.anchor_all()
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report
    assert len(report.records[0].steps) == 2


def test_a_twin_anchored_the_same_batch_between_our_endorsement_and_our_submit(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.receive("户档", FILES)
    seal(world.ledger)
    twin = copy_of(world.ledger, tmp_path / "twin")
    sent: list[str] = []

    def second(chain: Chain, endorsed: Endorsed) -> None:
        monkeypatch.setattr(ledger.anchor, "submit", submit)
        first = anchor(twin, chain)
        assert first is not None
        sent.extend((first.anchor.txid.hex(), endorsed.txid))
        submit(chain, endorsed)

    monkeypatch.setattr(ledger.anchor, "submit", second)
    settled = anchor(world.ledger, world.chain)
    twin.close()
    assert settled is not None
    assert settled.anchor.txid.hex() == sent[0]
    assert commit_status(world.chain, sent[1]).code == MVCC_READ_CONFLICT
    assert attempts(world) == [(sent[1], "TRANSACTION_INVALID")]
    goes_on(world, record)


def test_the_first_try_seemed_lost_and_is_ordered_before_the_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.receive("户档", FILES)
    seal(world.ledger)
    sent: list[Endorsed] = []

    def unreliable(chain: Chain, endorsed: Endorsed) -> None:
        sent.append(endorsed)
        if len(sent) == 1:
            raise ChainError("CHAIN_UNREACHABLE", "orderer", "an answer", "none")
        assert order(chain, sent[0]).code == VALID
        submit(chain, endorsed)

    monkeypatch.setattr(ledger.anchor, "submit", unreliable)
    settled = anchor(world.ledger, world.chain)
    monkeypatch.setattr(ledger.anchor, "submit", submit)
    assert settled is not None
    assert settled.anchor.txid.hex() == sent[0].txid
    assert attempts(world) == [(sent[0].txid, "VALID"), (sent[1].txid, "TRANSACTION_INVALID")]
    goes_on(world, record)


def test_the_first_try_comes_after_the_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that hung somewhere reaches the orderers when its number is long taken."""
    record = world.receive("户档", FILES)
    seal(world.ledger)
    late: list[Endorsed] = []

    def slow(chain: Chain, endorsed: Endorsed) -> None:
        monkeypatch.setattr(ledger.anchor, "submit", submit)
        late.append(endorsed)
        raise ChainError("CHAIN_UNREACHABLE", "orderer", "an answer", "none")

    monkeypatch.setattr(ledger.anchor, "submit", slow)
    settled = anchor(world.ledger, world.chain)
    assert settled is not None
    before = anchor_bytes(world.ledger, world.chain, 1)
    assert order(world.chain, late[0]).code == MVCC_READ_CONFLICT
    assert anchor_bytes(world.ledger, world.chain, 1) == before == settled.data
    goes_on(world, record)


def test_endorsed_for_a_number_that_another_anchor_took(world: World, tmp_path: Path) -> None:
    """The one kept back is another batch, of a copied ledger: it never takes the number, nor a later one."""
    twin = copy_of(world.ledger, tmp_path / "twin")
    assert seal(twin, empty=True) is not None
    kept = held(replace(world, ledger=twin))
    twin.close()
    record = world.receive("户档", FILES)
    world.anchor_all()
    taken = anchor_bytes(world.ledger, world.chain, 1)
    assert order(world.chain, kept).code == MVCC_READ_CONFLICT
    assert anchor_bytes(world.ledger, world.chain, 1) == taken
    newest = head(world.ledger, world.chain)
    assert newest is not None
    assert newest.batch == 1
    goes_on(world, record)


def test_a_committed_transaction_sent_again_changes_nothing(world: World) -> None:
    seal(world.ledger, empty=True)
    kept = held(world)
    first = order(world.chain, kept)
    assert first.code == VALID
    # An orderer may remember it, and say so; if it is ordered a second time, the peers mark it a repetition.
    assert refusal_of(world.chain, kept) in ("", "CHAIN_UNREACHABLE")
    assert anchor(world.ledger, world.chain) is not None
    data = anchor_bytes(world.ledger, world.chain, 1)
    assert data is not None
    assert parse_anchor(data).txid.hex() == kept.txid
    assert commit_status(world.chain, kept.txid).block == first.block
    assert anchor(world.ledger, world.chain) is None


def refusal_of(chain: Chain, endorsed: Endorsed) -> str:
    """The code with which the orderers did not take it; empty if they did."""
    try:
        submit(chain, endorsed)
    except ChainError as error:
        return error.code
    return ""


def test_refused_because_another_process_was_quicker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the chain and the proposal: the anchor that is there is ours."""
    record = world.receive("档案", FILES)
    assert seal(world.ledger) is not None
    ask = ledger.anchor.endorse_batch

    def outrun(of: Ledger, chain: Chain, encoded: EncodedBatch) -> Endorsed:
        monkeypatch.setattr(ledger.anchor, "endorse_batch", ask)
        assert anchor(of, chain) is not None
        return ask(of, chain, encoded)

    monkeypatch.setattr(ledger.anchor, "endorse_batch", outrun)
    second = anchor(world.ledger, world.chain)
    assert second is not None
    assert second.anchor.batch == 1
    goes_on(world, record)
