"""Many submissions judged by several processes get just what one process gives, in their order."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import judge as judging
from ledger import side_by_side
from ledger.accept import SubmissionsRefusedError
from ledger.examine import Rules
from ledger.judge import judge
from ledger.membership import ders
from ledger.processes import processes
from ledger.side_by_side import judge_all
from ledger.submission import Submission
from tests.ledger.ledger_world import ORIGIN, World, make_world, new_uuid

pytestmark = pytest.mark.usefixtures("database")

MANY = 600


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(side_by_side, "WORTH_STARTING", MANY)
    return make_world(tmp_path)


def _rules(world: World) -> Rules:
    return Rules(
        origin=ORIGIN,
        person_cas=ders(world.person_cas(world.ledger)),
        kinds=world.ledger.settings.kinds,
        accepted_at="2026-01-12T09:30:02.000Z",
        due="2026-01-13T09:30:02.000Z",
    )


def _submissions(world: World) -> list[Submission]:
    """Sound ones, one with another's signature, a list and something that is no statement at all."""
    key = world.person()
    sound = [world.receive(key, new_uuid()) for _ in range(MANY)]
    first, second = (one.statement.rpartition(b".") for one in sound[:2])
    wrong = replace(sound[0], statement=first[0] + b"." + second[2])
    return [
        *sound,
        wrong,
        world.receive_list(key, [new_uuid() for _ in range(40)]),
        Submission(b"?", key.certificate_der),
    ]


def test_as_one_process_would(world: World) -> None:
    submissions, rules = _submissions(world), _rules(world)
    judged = list(judge_all(submissions, rules))
    assert judged == [judge(one, rules) for one in submissions]
    assert [[reason.code for reason in reasons] for _, reasons in judged if reasons] == [
        ["STATEMENT_SIGNATURE"],
        ["STATEMENT_FORM"],
    ]


def test_one_list_as_one_process_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its items are shared out; what is wrong with them is told in their order."""
    monkeypatch.setattr(side_by_side, "WORTH_STARTING", 40)
    monkeypatch.setattr(side_by_side, "PART", 16)
    rules, key = _rules(world), world.person()
    sound, other = (world.receive_list(key, [new_uuid() for _ in range(40)]) for _ in range(2))
    spoiled = list(sound.items)
    spoiled[3], spoiled[39] = (replace(one, disclosures=()) for one in (other.items[39], other.items[3]))
    spoiled[20] = replace(sound.items[20], disclosures=sound.items[21].disclosures)
    unread = [*spoiled[:25], replace(sound.items[25], data=b"?"), *spoiled[26:]]
    lists = [sound, replace(sound, items=tuple(spoiled)), other, replace(sound, items=tuple(unread))]
    whole = [judge(one, rules) for one in lists]
    monkeypatch.setattr(judging, "PART", 16)
    assert list(judge_all(lists, rules)) == whole == [judge(one, rules) for one in lists]
    assert [[(reason.code, reason.at) for reason in reasons] for _, reasons in whole] == [
        [],
        [("LIST_ROOTS", "items"), ("SD_NOT_BOUND", "items[20]")],
        [],
        [("JSON_SYNTAX", "items[25]")],
    ]


@pytest.mark.parametrize("size", range(1, 18))
def test_the_roots_of_the_parts_make_the_root_of_the_list(
    world: World, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(judging, "PART", 4)
    one = world.receive_list(world.person(), [new_uuid() for _ in range(size)])
    _, reasons = judge(one, _rules(world))
    assert reasons == []


def test_a_process_that_is_killed_costs_nothing(world: World) -> None:
    submissions, rules = _submissions(world)[:MANY], _rules(world)
    expected = list(judge_all(submissions, rules))
    for process in list(processes()._processes.values()):
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    assert list(judge_all(submissions, rules)) == expected
    assert list(judge_all(submissions, rules)) == expected


def test_all_of_a_call_or_nothing(world: World) -> None:
    submissions = _submissions(world)
    with pytest.raises(SubmissionsRefusedError) as refused:
        world.accept(submissions)
    assert [refusal.number for refusal in refused.value.refusals] == [MANY, MANY + 2]
    accepted = world.accept([submissions[n] for n in range(len(submissions)) if n not in (MANY, MANY + 2)])
    assert not any(one.duplicate for one in accepted)
