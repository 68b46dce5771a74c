"""Portions of a check judged by several processes give just what one process finds, in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import check_beside, check_portions
from ledger.check import check
from ledger.check_beside import judge_portions
from ledger.check_portions import Portion, portions
from ledger.finding import Finding, Subject
from ledger.store.engine import reading
from tests.ledger.ledger_world import ENROLLING, World, make_world, new_uuid
from verifier.report import Outcome

SPOILED = (
    "UPDATE statement SET sm3 = zeroblob(32) WHERE id = 13",
    "UPDATE statement SET receipt = replace(receipt, 'a', 'b') WHERE id = 16",
    "UPDATE item SET sha256 = zeroblob(32) WHERE number = 7",
    "UPDATE disclosure SET value = '别的' WHERE statement_id = 20",
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Eleven for the cast, twelve statements, a list of thirty and one more, in portions of at most eight."""
    monkeypatch.setattr(check_portions, "_MOST", 8)
    made = make_world(tmp_path)
    key = made.person()
    made.accept([made.receive(key, new_uuid()) for _ in range(12)])
    made.accept([made.receive_list(key, [new_uuid() for _ in range(30)])])
    made.accept([made.receive(key, new_uuid())])
    yield made
    made.ledger.close()


def findings(world: World) -> list[Finding]:
    return [one for one in check(world.ledger, membership=world.person_cas) if one.outcome is Outcome.FAILED]


def test_as_one_process_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(world.ledger.paths.database)) as connection:
        for sql in SPOILED:
            assert connection.execute(sql).rowcount > 0
        connection.commit()
    alone = findings(world)
    monkeypatch.setattr(check_beside, "WORTH_STARTING", 0)
    assert findings(world) == alone
    codes = [one.code for one in alone if one.subject is not Subject.DISCLOSURE]
    assert codes == ["STATEMENT_DIGEST", "NOTE_FORM", "ITEM_DIGEST"]
    assert {one.code for one in alone if one.subject is Subject.DISCLOSURE} == {"STORE_COLUMN"}


def test_portions_hold_every_statement_once_and_no_more_than_they_may(world: World) -> None:
    with reading(world.ledger.engine) as connection:
        sizes = [[1 + len(one.items) for one in portion.kept] for portion in portions(connection)]
    assert sizes == [[1] * 8, [1] * 8, [1] * 7, [31], [1]]


def test_where_a_process_is_killed_it_is_judged_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_beside, "WORTH_STARTING", 0)
    with reading(world.ledger.engine) as connection:
        judged = list(judge_portions(killed_elsewhere, portions(connection), 1))
    assert [[one.name for one in found] for _, found in judged] == [["8"], ["8"], ["7"], ["1"], ["1"]]


def test_few_portions_are_in_memory_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_beside, "WORTH_STARTING", 0)
    monkeypatch.setattr(check_portions, "_MOST", 1)
    read = 0

    def counted(found: Iterator[Portion]) -> Iterator[Portion]:
        nonlocal read
        for one in found:
            read += 1
            yield one

    with reading(world.ledger.engine) as connection:
        for done, _ in enumerate(judge_portions(counting, counted(portions(connection)), 1)):
            assert read - done <= (os.cpu_count() or 1) + 2
    assert read == ENROLLING + 14


def counting(portion: Portion) -> list[Finding]:
    return [Finding(Outcome.FAILED, "STATEMENT_DIGEST", Subject.STATEMENT, str(len(portion.kept)))]


def killed_elsewhere(portion: Portion) -> list[Finding]:
    if multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return counting(portion)
