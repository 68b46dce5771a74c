"""Repairs: what was done, by what method, by whom; who checked it, and with what outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.act_pages import ActKey, Page, page_of
from ledger.handle import Ledger
from ledger.query import record_row
from ledger.steps import StepView, steps
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, item, statement
from verifier.acts import act_of
from verifier.item import parse_item
from verifier.statement import parse_statement

REPAIRS, CHECK = ("repair.digital", "repair.physical"), "repair.check"
UNCHECKED, PASSED, FAILED = "unchecked", "passed", "failed"
STATES = (UNCHECKED, PASSED, FAILED)


@dataclass(frozen=True)
class RepairedFile:
    """A repaired copy; its source stays the record's file. `sha256`: None where it is a disclosure."""

    name: str
    copy: str
    sha256: str | None


@dataclass(frozen=True)
class Checked:
    """By another person than the operator."""

    statement: str
    outcome: str
    agent: str
    occurred_at: str


@dataclass(frozen=True)
class RepairRow:
    """`agent`: the operator. `source`: statements that brought what was repaired. `said`: method, tool,
    scope (pages touched), filled_in (by inference: 推补处) … as disclosed."""

    statement: str
    event: str
    record: str
    number: str
    title: str
    state: str
    agent: str
    iss: str
    occurred_at: str
    pages: int | None
    files: tuple[RepairedFile, ...]
    source: tuple[str, ...]
    said: dict[str, str]
    checks: tuple[Checked, ...]


def repair_page(
    ledger: Ledger,
    limit: int,
    after: tuple[int, int] | None,
    fits: Callable[[RepairRow], bool],
    record: str | None = None,
) -> Page[RepairRow]:
    with reading(ledger.engine) as connection:

        def row(key: ActKey) -> RepairRow | None:
            if record not in (None, key.record):
                return None
            made = _row(connection, key)
            return made if fits(made) else None

        return page_of(connection, REPAIRS, limit, after, row)


def _row(connection: Connection, key: ActKey) -> RepairRow:
    step, named = steps(connection, [(key.id, key.number)])[0], record_row(connection, key.record)
    checks = tuple(
        Checked(one.statement, one.outcome or "", one.agent, one.occurred_at)
        for one in _checks(connection, key.record)
        if key.sha256 in one.answers
    )
    return RepairRow(
        statement=key.sha256,
        event=key.event,
        record=key.record,
        number=named.number,
        title=named.title,
        # A repair may be done over and checked again: what counts is the last check.
        state=checks[-1].outcome if checks else UNCHECKED,
        agent=step.agent,
        iss=step.iss,
        occurred_at=step.occurred_at,
        pages=step.pages,
        files=_files(connection, key, dict(step.shown)),
        source=step.answers,
        said={name: value for name, value in step.shown if not name.startswith("file.")},
        checks=checks,
    )


def _checks(connection: Connection, record: str) -> tuple[StepView, ...]:
    own = select(statement.c.id).where(statement.c.record == record, statement.c.event == CHECK)
    listed = (
        select(item.c.statement_id, item.c.number)
        .join(statement, statement.c.id == item.c.statement_id)
        .where(item.c.record == record, statement.c.event == CHECK)
    )
    keys = [(key, NO_ITEM) for key in connection.execute(own).scalars()]
    keys += [(row.statement_id, row.number) for row in connection.execute(listed)]
    return steps(connection, sorted(keys))


def _files(connection: Connection, key: ActKey, shown: dict[str, str]) -> tuple[RepairedFile, ...]:
    data = connection.execute(select(statement.c.data).where(statement.c.id == key.id)).scalar_one()
    act = act_of(parse_statement(data))
    if key.number != NO_ITEM:
        query = select(item.c.data).where(item.c.statement_id == key.id, item.c.number == key.number)
        octets = connection.execute(query).scalar_one()
        act = act_of(act.statement, parse_item(octets, key.number))
    return tuple(
        RepairedFile(
            shown.get(f"file.{n}.name", ""),
            one.copy,
            one.digests.sha256.hex() if one.digests else None,
        )
        for n, one in enumerate(act.claims.files)
    )
