"""How many records one reader has on loan at once: counted under the lock; a refusal says whose, how many."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from api.failure import problem_of
from ledger.accept import SubmissionsRefusedError
from ledger.refusals import refusals
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from tests.ledger.at_once import ACCEPTED, handed_in_at_once
from tests.ledger.handling_office import Office
from tests.ledger.ledger_world import ORIGIN, make_world, new_uuid
from verifier.custody_tables import tables

pytestmark = pytest.mark.usefixtures("database")
MOST = tables().loans_at_once
READER, OTHER = "周九", "周久"
COUNTED, UNNAMED = "LOAN_COUNT", "LOAN_READER_UNNAMED"


class Counter(Office):
    """Records that two readers were granted, and a clerk who lends them."""

    def __init__(self, folder: Path, count: int = 3 * MOST) -> None:
        super().__init__(make_world(folder))
        self.records = [new_uuid() for _ in range(count)]
        self.take(self.world.receive_list(self.key("王五"), self.records))
        self.granted = {name: self._granted(name) for name in (READER, OTHER)}

    def _granted(self, reader: str) -> bytes:
        for_him = {"fields": {"reader_name": reader, "purpose": "勘验"}}
        applied = self.take(
            self.listed("access.apply", "孙八", self.records, new_uuid(), basis="mediation", **for_him)
        )
        said = {"answers": (applied,), "outcome": "granted"}
        self.take(self.listed("access.approve", "赵六", self.records, new_uuid(), **said))
        return applied

    def said(self, reader: str | None, **said: Any) -> dict[str, Any]:
        granted = self.granted.get(reader or READER, self.granted[READER])
        fields = {"agent_name": "孙八", "reader_name": reader or READER, "purpose": "勘验"}
        return {
            "event": "borrow.out", "occurred_at": "2026-01-08", "basis": "mediation", "due": "2026-03-30",
            "state": "on_loan", "answers": (granted,), "fields": fields, **said,
        }  # fmt: skip

    def lend(self, number: int, reader: str | None = READER, **said: Any) -> Submission:
        """`reader`: None to keep the name from the ledger."""
        draft = Draft(record=self.records[number], **self.said(reader, **said))
        made = sign_statement(self.key("孙八"), ORIGIN, draft)
        return made if reader is not None else replace(made, disclosures=())

    def lend_many(self, numbers: Sequence[int], *readers: str) -> Submission:
        """On one list; with `readers`, each item names its own, in turn."""
        records = [self.records[n] for n in numbers]
        said = self.said(READER)
        state = said.pop("state")
        items = [ItemDraft(record, state=state) for record in records]
        if readers:
            said["fields"].pop("reader_name")
            said["answers"] = tuple(sorted(self.granted.values()))
            names = [readers[n % len(readers)] for n in range(len(records))]
            items = [
                ItemDraft(record, state=state, fields={"reader_name": name})
                for record, name in zip(records, names, strict=True)
            ]
        return sign_list(self.key("孙八"), ORIGIN, Draft(**said), new_uuid(), items)

    def back(self, number: int, lent: bytes) -> Submission:
        said = {"answers": (lent,), "outcome": "intact", "state": "in_place"}
        return self.signed("borrow.return", "孙八", self.records[number], **said)

    def refused(self, *submissions: Submission) -> list[tuple[int, str]]:
        """Which of them, with which code."""
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.world.accept(submissions)
        self.error = caught.value
        return [(one.number, reason.code) for one in caught.value.refusals for reason in one.reasons]


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def test_one_more_than_the_limit(counter: Counter) -> None:
    assert counter.refused(counter.lend_many(range(MOST + 1))) == [(0, COUNTED)]
    lent = counter.take(counter.lend_many(range(MOST)))
    more, second = counter.lend(MOST), counter.lend(MOST + 1)
    assert counter.refused(more, second) == [(0, COUNTED), (1, COUNTED)]
    (reason,) = counter.error.refusals[1].reasons
    assert (reason.at, reason.expected, reason.found) == (f"reader_name {READER}", f"≤ {MOST}", str(MOST + 2))
    told = problem_of(counter.error)
    assert told is not None
    assert all(word in told.zh for word in (READER, f"≤ {MOST}", str(MOST + 1), "归还"))
    assert all(word in told.en for word in (READER, f"≤ {MOST}", str(MOST + 1), "Take some back"))
    # What is kept of it names nobody: it could not be erased there.
    kept = [one for one in refusals(counter.world.ledger) if one.code == COUNTED]
    assert {(one.place, one.event, one.found) for one in kept} >= {
        ("reader_name", "borrow.out", str(MOST + 1))
    }
    assert not any(READER in f"{one.place}{one.expected}{one.found}" for one in kept)
    # Another reader, and one of the same name with another number, are other people.
    counter.take(counter.lend(MOST + 2, OTHER))
    # What comes back makes room, in the same call too.
    assert counter.refused(more, counter.back(0, lent)) == [(0, COUNTED)]
    counter.world.accept([counter.back(0, lent), more])
    assert counter.refused(second) == [(0, COUNTED)]


def test_each_item_of_a_list_counts_for_its_own_reader(counter: Counter) -> None:
    counter.take(counter.lend_many(range(2 * MOST), READER, OTHER))
    assert counter.refused(counter.lend(2 * MOST, OTHER)) == [(0, COUNTED)]
    assert counter.refused(counter.lend(2 * MOST, READER)) == [(0, COUNTED)]


def test_numbers_tell_people_of_one_name_apart(counter: Counter) -> None:
    """A number is in clear; of a loan without one, the ledger takes the name for the person."""
    first, second = counter.key("甲").agent, counter.key("乙").agent
    for_first, for_second = [counter.take(_numbered(counter, who)) for who in (first, second)]
    many = range(MOST)
    for n in many:
        counter.take(counter.lend(n, subject=first, answers=(for_first,)))
    assert counter.refused(counter.lend(MOST, subject=first, answers=(for_first,))) == [(0, COUNTED)]
    assert counter.refused(counter.lend(MOST)) == [(0, COUNTED)]
    counter.take(counter.lend(MOST, subject=second, answers=(for_second,)))
    # A number that is nobody's makes no new reader.
    nobody = new_uuid()
    said: dict[str, Any] = {"subject": nobody, "answers": (counter.take(_numbered(counter, nobody)),)}
    assert counter.refused(counter.lend(MOST + 1, **said)) == [(0, COUNTED)]


def _numbered(counter: Counter, reader: str) -> Submission:
    """An approved application of somebody who has a number; its approval is answered."""
    said = {"fields": {"reader_name": READER, "purpose": "勘验"}, "basis": "mediation", "subject": reader}
    applied = counter.take(counter.listed("access.apply", "孙八", counter.records, new_uuid(), **said))
    granted = {"answers": (applied,), "outcome": "granted"}
    return counter.listed("access.approve", "赵六", counter.records, new_uuid(), **granted)


def test_a_loan_whose_reader_is_kept_from_the_ledger_is_refused(counter: Counter) -> None:
    assert counter.refused(counter.lend(0, None)) == [(0, "USE_PURPOSE"), (0, UNNAMED)]
    # Too long to be looked up; or another only by a blank that nobody sees.
    for name in ("周" * 201, f"{READER} ", f"\u3000{READER}", " ", "周\u200b九", "Ａ周九"):
        fields = {"agent_name": "孙八", "reader_name": name, "purpose": "勘验"}
        assert (0, UNNAMED) in counter.refused(counter.lend(0, fields=fields)), name


def test_what_an_older_register_lent_is_counted_and_not_refused(counter: Counter) -> None:
    """It is out already. Nothing that needs an approval is let through by the mark."""
    counter.take(counter.lend_many(range(MOST)))
    fresh = new_uuid()
    counter.take(counter.world.receive(counter.key("王五"), fresh))
    counter.records.append(fresh)
    old: dict[str, Any] = {"late": "old_register"}
    assert (0, COUNTED) in counter.refused(counter.lend(MOST, **old))
    assert (0, "CUSTODY_UNAPPROVED") in counter.refused(counter.lend(MOST, answers=(), **old))
    counter.take(counter.lend(-1, answers=(), **old))
    counter.take(counter.lend(MOST, OTHER))


def test_of_two_at_once_one_is_refused(tmp_path: Path) -> None:
    """Neither can see the other's before it asks; the write lock puts one after the other."""
    counter = Counter(tmp_path, MOST + 1)
    counter.take(counter.lend_many(range(MOST - 1)))
    both = [counter.lend(number) for number in (MOST - 1, MOST)]
    assert handed_in_at_once(counter.world, tmp_path, both) == [COUNTED, ACCEPTED]


def test_what_is_asked_does_not_grow_with_the_loans_of_others(counter: Counter) -> None:
    """As many queries, whatever others borrowed."""

    def asked(act: Callable[[], object]) -> int:
        queries: list[str] = []

        def note(_c: Any, _cursor: Any, query: str, *_: Any) -> None:
            queries.append(re.sub(r"\s+", " ", query))

        sql_event.listen(counter.world.ledger.engine, "before_cursor_execute", note)
        act()
        sql_event.remove(counter.world.ledger.engine, "before_cursor_execute", note)
        return len(queries)

    counter.take(counter.lend(0))
    before = asked(lambda: counter.take(counter.lend(1)))
    counter.take(counter.lend_many(range(2, 2 + MOST), OTHER))
    assert asked(lambda: counter.take(counter.lend(2 + MOST))) == before
