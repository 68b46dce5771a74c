"""What the ledger tells of its records, lists and state."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.keys import SigningKey
from ledger.list_query import find_list, list_records, list_steps, lists
from ledger.proof_state import ProofState
from ledger.query import (
    count_records,
    find_record,
    record_steps,
    records,
    search_records,
    statement_by_digest,
)
from ledger.receipt import sign_checkpoint
from ledger.sign import Draft, sign_statement
from ledger.status import counts
from ledger.store.engine import writing
from ledger.store.tables import attestation, batch
from tests.ledger.ledger_world import (
    ENROLLING,
    FIRST,
    FIRST_INDEX,
    ORIGIN,
    RECORD,
    World,
    make_world,
    new_uuid,
)
from verifier.digests import sha256
from verifier.errors import CallerError
from verifier.note import open_note

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def key(world: World) -> SigningKey:
    return world.person()


def test_a_record_is_found_by_its_number_or_its_uuid(world: World, key: SigningKey) -> None:
    other = "6f2a0000-7a44-4d0c-9b7e-0a4a3f6f8a01"
    world.accept(
        [
            world.receive(key, RECORD),
            world.receive(key, other, fields={"title": "李四户", "number": "B-1", "agent_name": "王五"}),
        ]
    )
    row = find_record(world.ledger, "QC03-ZY·TD-021")
    assert (row.record, row.title, row.steps, row.last_event) == (RECORD, "张三户土地承包户档", 1, "receive")
    assert find_record(world.ledger, RECORD[:6]).record == RECORD
    assert find_record(world.ledger, RECORD).number == "QC03-ZY·TD-021"
    with pytest.raises(CallerError) as several:
        find_record(world.ledger, "6f2a")
    assert several.value.code == "RECORD_SEVERAL"
    assert "B-1 李四户" in several.value.found
    for unknown in ("QC99", "6f2", "", "%", "_" * 6):
        with pytest.raises(CallerError, match="RECORD_UNKNOWN"):
            find_record(world.ledger, unknown)
    assert [r.record for r in search_records(world.ledger, "户")] != []
    assert [r.record for r in search_records(world.ledger, "李四")] == [other]
    assert search_records(world.ledger, "%") == ()


def test_a_number_that_two_records_bear_is_not_guessed(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a ledger from before may hold it, which accepted one number for two."""
    monkeypatch.setattr("ledger.accept.numbers_taken", lambda *_: {})
    shared = {"title": "户档", "number": "X-1", "agent_name": "王五"}
    world.accept([world.receive(key, new_uuid(), fields=shared) for _ in range(2)])
    with pytest.raises(CallerError, match="RECORD_SEVERAL"):
        find_record(world.ledger, "X-1")


def test_records_are_listed_by_their_newest_act(world: World, key: SigningKey) -> None:
    first, second = new_uuid(), new_uuid()
    world.accept([world.receive(key, first), world.receive(key, second)])
    world.accept([world.receive_list(key, [first])])
    assert [(r.record, r.steps) for r in records(world.ledger)] == [(first, 2), (second, 1)]
    assert [r.record for r in records(world.ledger, limit=1, offset=1)] == [second]
    assert records(world.ledger)[0].title == "第0件"
    assert count_records(world.ledger) == 2


def test_records_are_chosen_by_their_newest_act(world: World, key: SigningKey) -> None:
    logged, on_list, moved = sorted(new_uuid() for _ in range(3))
    world.accept([world.receive(key, logged), world.receive_list(key, [on_list, moved])])
    world.seal_and_anchor()
    fields = {"location": "02-03", "agent_name": "王五"}
    shelve = Draft("shelve", "2026-01-09", record=moved, state="in_place", fields=fields)
    world.accept([sign_statement(key, ORIGIN, shelve)])

    def chosen(event: str = "", state: str = "", limit: int = 9, offset: int = 0) -> list[str]:
        found = records(world.ledger, limit, offset, event=event or None, state=state or None)
        return [row.record for row in found]

    assert chosen(state="pending") == [moved]
    assert chosen(state="attested") == [on_list, logged]
    assert chosen(event="receive") == [on_list, logged]
    assert chosen(event="receive", limit=1, offset=1) == [logged]
    assert chosen(event="shelve", state="attested") == []
    world.seal()
    assert (chosen(state="pending"), chosen(state="sealed")) == ([], [moved])


def test_a_records_steps_show_how_far_their_proof_has_come(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    world.accept([made])
    assert [s.state for s in record_steps(world.ledger, RECORD)] == [ProofState.PENDING]
    world.seal()
    (step,) = record_steps(world.ledger, RECORD)
    assert (step.state, step.batch, step.index) == (ProofState.SEALED, FIRST, FIRST_INDEX + 1)
    with writing(world.ledger.engine) as connection:
        connection.execute(batch.update().where(batch.c.number < FIRST).values(state="anchored"))
        connection.execute(batch.update().where(batch.c.number == FIRST).values(state="submitted"))
    assert record_steps(world.ledger, RECORD)[0].state is ProofState.SUBMITTED
    with writing(world.ledger.engine) as connection:
        connection.execute(batch.update().where(batch.c.number == FIRST).values(state="anchored"))
    assert record_steps(world.ledger, RECORD)[0].state is ProofState.ANCHORED


def test_a_later_attested_anchor_covers_what_is_before_it(world: World, key: SigningKey) -> None:
    world.accept([world.receive(key, RECORD)])
    world.seal_and_anchor()
    world.accept([world.receive(key, RECORD)])
    world.seal_and_anchor()
    with writing(world.ledger.engine) as connection:
        connection.execute(batch.update().where(batch.c.number == FIRST).values(state="anchored"))
    assert {s.state for s in record_steps(world.ledger, RECORD)} == {ProofState.ATTESTED}


def test_a_step_says_what_was_disclosed_and_what_is_hidden(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    world.accept([made])
    review = Draft(
        "review.final",
        "2026-01-12",
        record=RECORD,
        answers=(sha256(made.statement),),
        outcome="approved",
        late="old_register",
        fields={"agent_name": "赵六", "opinion": "同意"},
    )
    reviewer = world.person()
    world.appoint(reviewer, "township_archivist")
    signed = sign_statement(reviewer, ORIGIN, review)
    kept = tuple(text for text in signed.disclosures if len(text) > len(min(signed.disclosures, key=len)))
    world.accept([type(signed)(signed.statement, signed.certificate, kept)])
    first, second = record_steps(world.ledger, RECORD)
    assert dict(first.shown) == {
        "title": "张三户土地承包户档",
        "number": "QC03-ZY·TD-021",
        "agent_name": "王五",
    }
    assert (first.pages, first.files, first.hidden) == (46, 1, ())
    assert (second.outcome, second.answers) == ("approved", (sha256(made.statement).hex(),))
    assert len(second.shown) == len(second.hidden) == 1


def test_an_items_step_joins_what_the_list_says(world: World, key: SigningKey) -> None:
    list_id = new_uuid()
    world.accept([world.receive_list(key, [new_uuid(), RECORD], list_id)])
    (step,) = record_steps(world.ledger, RECORD)
    assert (step.item, step.list_id, step.record, step.occurred_at) == (1, list_id, RECORD, "2026-01-08")
    assert dict(step.shown) == {"title": "第1件", "number": "QC03-ZY·TD-021", "agent_name": "王五"}
    assert find_record(world.ledger, "QC03-ZY·TD-021").record == RECORD


def test_lists(world: World, key: SigningKey) -> None:
    list_id, listed = new_uuid(), [new_uuid() for _ in range(3)]
    world.accept([world.receive_list(key, listed, list_id)])
    world.accept([world.receive_list(key, listed[:2], list_id), world.receive_list(key, listed[2:])])
    rows = lists(world.ledger)
    assert [(row.items, row.statements) for row in rows] == [(1, 1), (2, 2)]
    assert find_list(world.ledger, list_id[:8]).list_id == list_id
    assert list_records(world.ledger, list_id) == tuple(listed[:2])
    assert [step.item for step in list_steps(world.ledger, list_id)] == [None, None]
    for ask in (list_steps, list_records, find_list):
        with pytest.raises(CallerError, match="LIST_UNKNOWN"):
            ask(world.ledger, new_uuid())


def test_a_statement_is_found_by_its_digest(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    (accepted,) = world.accept([made])
    view = statement_by_digest(world.ledger, sha256(made.statement))
    assert (view.data, view.receipt, view.step.record) == (made.statement, accepted.receipt, RECORD)
    with pytest.raises(CallerError, match="STATEMENT_UNKNOWN"):
        statement_by_digest(world.ledger, bytes(32))
    with pytest.raises(CallerError, match="RECORD_UNKNOWN"):
        record_steps(world.ledger, new_uuid())


def test_the_state_in_figures(world: World, key: SigningKey) -> None:
    before = counts(world.ledger)
    assert (before.statements, before.pending, before.log_size, before.in_flight) == (
        ENROLLING,
        0,
        FIRST_INDEX,
        None,
    )
    world.accept([world.receive(key, RECORD), world.receive_list(key, [new_uuid() for _ in range(3)])])
    world.seal()
    world.accept([world.receive(key, RECORD)])
    now = counts(world.ledger)
    assert (now.statements, now.items, now.records, now.pending, now.entries) == (
        ENROLLING + 3,
        3,
        4,
        1,
        ENROLLING + 5,
    )
    assert (now.log_size, now.batches, now.in_flight, now.last_anchor_batch) == (
        FIRST_INDEX + 6,
        FIRST + 1,
        FIRST,
        FIRST - 1,
    )
    assert dict(now.batches_by_state) == {"sealed": 1, "submitted": 0, "anchored": 0, "attested": FIRST}
    assert (now.overdue, now.oldest_pending_at) == (0, "2026-01-12T09:30:02.000Z")
    world.clock.step(3600 * 25)
    assert counts(world.ledger).overdue == 1
    with writing(world.ledger.engine) as connection:
        connection.execute(
            attestation.insert().values(
                batch=FIRST - 1, payload=b"x", time="2026-01-12T09:30:05.000Z", organisations="A B C"
            )
        )
    assert counts(world.ledger).last_attested_by == ("A", "B", "C")


def test_what_is_set_aside_is_told(world: World) -> None:
    short = world.person(days=2)
    world.seal(empty=True)
    world.accept([world.receive(short, RECORD)])
    world.clock.step(3600 * 24 * 3)
    world.anchor()
    assert world.seal() is None
    assert [s.state for s in record_steps(world.ledger, RECORD)] == [ProofState.SET_ASIDE]
    assert (counts(world.ledger).aside, counts(world.ledger).pending) == (1, 0)


def test_a_checkpoint_is_a_signed_note(world: World) -> None:
    note = sign_checkpoint(world.ledger, 7, sha256(b"root"))
    assert open_note(note, ORIGIN, world.ledger.public_key).startswith(f"{ORIGIN}\n7\n")
