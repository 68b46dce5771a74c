"""How many records one reader has on loan at once is limited (`loans_at_once`, verifier/data/custody.json).

A rule of the ledger's door, like that of archival numbers: a record's trail shows no loans of other records,
and a reader mostly is a disclosed name, so no verifier can judge it. Whose loan it is, the name in it says
that is disclosed to the ledger; a loan that discloses none is refused. Numbers (`subject`) only tell people
of one name apart, and only people's who have a key. What comes from an older register is counted, and not
refused: it is out already.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from ledger.examined import Examined
from ledger.people_trails import AFTER_ALL, acts_about
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, disclosure, item, set_aside, statement
from verifier.custody_approval import NAMED
from verifier.custody_loan import LEND, RETURN
from verifier.custody_past import OLD_REGISTER
from verifier.custody_tables import tables
from verifier.item import parse_item
from verifier.keys import KeyAct, Keys
from verifier.people import KEYS
from verifier.printable import printable
from verifier.report import Reason
from verifier.statement import parse_statement

COUNT, UNNAMED = "LOAN_COUNT", "LOAN_READER_UNNAMED"


@dataclass(frozen=True)
class _Act:
    """A loan or a return that is handed in. `place`: of the statement in the call. `name`, `number`: of the
    reader; `asked`: whether the limit is asked of it."""

    place: int
    event: str
    record: str
    name: str | None = None
    number: str | None = None
    asked: bool = True


def loan_reasons(connection: Connection, examined: Sequence[Examined]) -> list[list[Reason]]:
    """LOAN_COUNT for each reader who would have more on loan than one may, LOAN_READER_UNNAMED for each loan
    whose reader the ledger is not told. Asked under the write lock, so that of two loans at once the second
    sees the first; what is read depends on what these readers ever borrowed, and on nothing else."""
    found: list[list[Reason]] = [[] for _ in examined]
    if not any(one.statement[5] == LEND for one in examined):
        return found
    acts = [act for place, one in enumerate(examined) for act in _acts(place, one)]
    out = _out(connection, {act.name for act in acts if act.name is not None})
    known = _known(connection, {act.number for act in acts}.union(*(of.values() for of in out.values())))
    out = {name: {of: n if n in known else None for of, n in its.items()} for name, its in out.items()}
    acts = [act if act.number in known else replace(act, number=None) for act in acts]
    over: dict[tuple[int, str], int] = {}
    for act in acts:
        if act.event == RETURN:
            for of in out.values():
                of.pop(act.record, None)
        elif act.name is not None:
            theirs = out.setdefault(act.name, {})
            theirs[act.record] = act.number
            count = sum(number in (None, act.number) or act.number is None for number in theirs.values())
            if act.asked and count > tables().loans_at_once:
                over[act.place, act.name] = count
        elif not found[act.place]:
            found[act.place].append(Reason(UNNAMED, NAMED, "the reader's name", "none"))
    for (place, name), count in over.items():
        found[place].append(Reason(COUNT, f"{NAMED} {name}", f"≤ {tables().loans_at_once}", str(count)))
    return found


def without_name(reason: Reason) -> Reason:
    """As it may be kept: a refusal has no names of people, which could not be erased there."""
    return replace(reason, at=NAMED) if reason.code == COUNT else reason


def _acts(place: int, one: Examined) -> Iterator[_Act]:
    event, own = one.statement[5], one.statement[8]
    if event not in (LEND, RETURN):
        return
    records = {NO_ITEM: own} if own is not None else {number: record for number, record, *_ in one.items}
    if event == RETURN:
        yield from (_Act(place, event, record) for record in records.values())
        return
    said = parse_statement(one.statement[3])
    names = {number: value for number, name, _, value in one.disclosures if name == NAMED}
    items = {number: data for number, _, data, *_ in one.items}
    for number, record in records.items():
        claims = (said.claims, *([parse_item(items[number], number).claims] if number in items else []))
        old = any(c.late == OLD_REGISTER for c in claims) and not any(c.answers for c in claims)
        name = names.get(number, names.get(NO_ITEM)) or ""
        name = name if _is_plain(name) else ""
        yield _Act(place, event, record, name or None, said.subject, asked=not old)


def _is_plain(name: str) -> bool:
    """Whether it is written as it looks: with a blank or a character that nobody sees, or in another width,
    it would be another reader's."""
    shown = printable(name, len(name)).strip("\u2068\u2069")
    return shown == name == unicodedata.normalize("NFKC", name)


def _out(connection: Connection, names: Collection[str]) -> dict[str, dict[str, str | None]]:
    """By name, the records that readers of this name have on loan, each with the reader's number if any."""
    ids: set[int] = set()
    lent = exists().where(statement.c.id == disclosure.c.statement_id, _counts([LEND]))
    for some in portions(sorted(names)):
        named = select(disclosure.c.statement_id).where(
            disclosure.c.name == NAMED, disclosure.c.value.in_(some), lent
        )
        ids |= set(connection.execute(named).scalars())
    loans = {
        record: (key, name, number)
        for key, record, name, number in _loans(connection, ids)
        if name is not None and name in names
    }
    last = _last(connection, loans)
    out: dict[str, dict[str, str | None]] = {}
    for record, (key, name, number) in loans.items():
        if last.get(record) == key:
            out.setdefault(name, {})[record] = number
    return out


def _known(connection: Connection, numbers: Collection[str | None]) -> set[str]:
    """Those under which a key was enrolled: one that is nobody's would make a new reader of each loan."""
    named = sorted(number for number in numbers if number is not None)
    trails = acts_about(connection, KEYS, named, AFTER_ALL) if named else {}
    return {
        number for number, of in trails.items() if Keys(a for a in of if isinstance(a, KeyAct)).enrolments
    }


def _counts(events: Collection[str]) -> ColumnElement[bool]:
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    return and_(statement.c.event.in_(events), ~aside)


def _loans(connection: Connection, ids: Collection[int]) -> Iterator[tuple[int, str, str | None, str | None]]:
    """Of these statements, in order: id, record, reader's name and number, of each record lent."""
    for some in portions(sorted(ids)):
        names: dict[tuple[int, int], str | None] = {}
        told = select(disclosure.c.statement_id, disclosure.c.item_number, disclosure.c.value).where(
            disclosure.c.statement_id.in_(some), disclosure.c.name == NAMED
        )
        for row in connection.execute(told):
            names[row.statement_id, row.item_number] = row.value
        listed: dict[int, list[tuple[int, str]]] = {}
        on_lists = select(item.c.statement_id, item.c.number, item.c.record).where(
            item.c.statement_id.in_(some)
        )
        for row in connection.execute(on_lists):
            listed.setdefault(row.statement_id, []).append((row.number, row.record))
        query = select(statement.c.id, statement.c.record, statement.c.data).where(statement.c.id.in_(some))
        for row in connection.execute(query.order_by(statement.c.id)):
            number = parse_statement(row.data).subject
            records = [(NO_ITEM, row.record)] if row.record is not None else listed.get(row.id, [])
            for place, record in records:
                name = names.get((row.id, place), names.get((row.id, NO_ITEM)))
                yield row.id, record, name, number


def _last(connection: Connection, records: Mapping[str, object]) -> dict[str, int]:
    """Of each record, the id of the last statement that lent it or took it back."""
    last: dict[str, int] = {}
    counts = _counts([LEND, RETURN])
    for some in portions(sorted(records)):
        single = select(statement.c.record, statement.c.id).where(statement.c.record.in_(some), counts)
        counted = exists().where(statement.c.id == item.c.statement_id, counts)
        listed = select(item.c.record, item.c.statement_id).where(item.c.record.in_(some), counted)
        for record, key in (*connection.execute(single), *connection.execute(listed)):
            last[record] = max(key, last.get(record, key))
    return last
