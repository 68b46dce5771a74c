"""An archival number names one record: the ledger accepts it for no second one, whoever hands it in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from ledger.accept import SubmissionsRefusedError
from ledger.number_taken import NumbersGiven
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import statement
from ledger.submission import Submission
from tests.ledger.at_once import ACCEPTED, handed_in_at_once
from tests.ledger.ledger_world import ENROLLING, ORIGIN, World, make_world

pytestmark = pytest.mark.usefixtures("database")

A, B = str(uuid.UUID(int=0xA << 64, version=4)), str(uuid.UUID(int=0xB << 64, version=4))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def numbered(world: World, record: str, number: str) -> Submission:
    draft = Draft("number", "2026-01-08", record=record, fields={"number": number, "agent_name": "王五"})
    return sign_statement(world.person(), ORIGIN, draft)


def listed(world: World, *numbers: tuple[str, str]) -> Submission:
    items = [ItemDraft(record=r, fields={"title": "件", "number": n}, pages=1) for r, n in numbers]
    draft = Draft(event="receive", occurred_at="2026-01-08", fields={"agent_name": "王五"})
    return sign_list(world.person(), ORIGIN, draft, str(uuid.uuid4()), items)


def places(world: World, *submissions: Submission) -> list[tuple[int, str, str]]:
    """Of what is refused: which submission, with which code, at which place; nothing was kept."""
    before = _count(world)
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept(list(submissions))
    assert _count(world) == before
    return [(one.number, r.code, r.at) for one in refused.value.refusals for r in one.reasons]


def _count(world: World) -> int:
    with reading(world.ledger.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(statement)).scalar_one())


Given = Callable[[World], list[Submission]]
TAKEN: list[tuple[str, Given, list[tuple[int, str, str]]]] = [
    ("alone", lambda w: [numbered(w, B, "1")], [(0, "NUMBER_TAKEN", "statement number")]),
    ("in a list", lambda w: [listed(w, (B, "2"), (A, "1"), (str(uuid.uuid4()), "1"))],
     [(0, "NUMBER_TAKEN", "items[2] number")]),
    ("twice in one list", lambda w: [listed(w, (B, "3"), (str(uuid.uuid4()), "3"))],
     [(0, "NUMBER_TAKEN", "items[1] number")]),
    ("twice in one call", lambda w: [numbered(w, B, "4"), numbered(w, str(uuid.uuid4()), "4")],
     [(1, "NUMBER_TAKEN", "statement number")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "refused"), TAKEN, ids=[case[0] for case in TAKEN])
def test_another_records_number_is_refused(
    world: World, name: str, given: Given, refused: list[tuple[int, str, str]]
) -> None:
    world.accept([numbered(world, A, "1")])
    assert places(world, *given(world)) == refused, name


FREE: list[tuple[str, Given]] = [
    ("its own again", lambda w: [numbered(w, A, "1")]),
    ("one that was corrected away", lambda w: [numbered(w, A, "9"), numbered(w, B, "1")]),
    ("one that is withheld from the ledger", lambda w: [replace(numbered(w, B, "1"), disclosures=())]),
]


@pytest.mark.parametrize(("name", "given"), FREE, ids=[case[0] for case in FREE])
def test_what_names_no_other_record_is_accepted(world: World, name: str, given: Given) -> None:
    world.accept([numbered(world, A, "1")])
    assert len(world.accept(given(world))) == len(given(world)), name


def test_of_two_processes_at_once_one_is_refused(world: World, tmp_path: Path) -> None:
    """Neither can see the other's before it asks; the write lock puts one after the other."""
    both = [numbered(world, record, "1") for record in (A, B)]
    assert handed_in_at_once(world, tmp_path, both) == ["NUMBER_TAKEN", ACCEPTED]
    assert _count(world) == ENROLLING + 1


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("1234")), max_size=30))
def test_what_was_given_so_far_against_the_naive_definition(given_so_far: list[tuple[str, str]]) -> None:
    now, latest = NumbersGiven(), dict[str, str]()
    for record, number in given_so_far:
        holders = {other for other, its in latest.items() if its == number and other != record}
        found = now.another(record, number)
        assert (found in holders) if holders else found is None
        now.give(record, number)
        latest[record] = number
        assert now.latest == latest
