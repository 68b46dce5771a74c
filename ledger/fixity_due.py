"""Which files are to be read again. Never checked, checked, failed, could not be checked: four things."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select
from sqlalchemy.sql import ColumnElement

from ledger.destroy_files import finish_destructions
from ledger.files import DESTROYED, ERASING, LIVE, resolve
from ledger.fixity import CheckedFile, FixityResult, Progress, compare, record_checks
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.rows import AnyRow
from ledger.store.tables import file, fixity
from verifier.digests import Digests
from verifier.shape import instant_of

DAYS = 30
_AT_ONCE = 200


class FixityState(StrEnum):
    """GOOD: found the same within the period; DUE: the same, but longer ago. FAILED: changed or gone at the
    last check. NOT_CHECKED: the last try could not read it."""

    NEVER = "never"
    GOOD = "good"
    DUE = "due"
    FAILED = "failed"
    NOT_CHECKED = "could_not_check"


# What the next run reads.
TO_READ = frozenset([FixityState.NEVER, FixityState.DUE, FixityState.FAILED, FixityState.NOT_CHECKED])


@dataclass(frozen=True)
class FixityRow:
    """`checked_at`: of the last try; None if there was none. `found`: as `CheckedFile` has it."""

    sha256: str
    path: str
    state: FixityState
    checked_at: str | None
    result: str | None
    found: str


@dataclass(frozen=True)
class FixitySummary:
    """How many files are in each state; `oldest`: the last check that lies longest back. `destroyed`: how
    many are kept no longer, by rule: none of them is missing."""

    days: int
    files: int
    states: tuple[tuple[FixityState, int], ...]
    oldest: str | None
    destroyed: int


@dataclass(frozen=True)
class FixityRun:
    """What one run found: one summary, however many files."""

    read: int
    results: tuple[tuple[FixityResult, int], ...]


def summary(ledger: Ledger, days: int = DAYS) -> FixitySummary:
    with reading(ledger.engine) as connection:
        base = _rows(ledger, days).subquery()
        query = select(base.c.state, func.count().label("number")).group_by(base.c.state)
        numbers = {row.state: row.number for row in connection.execute(query)}
        oldest = connection.execute(select(func.min(base.c.checked_at))).scalar()
        gone = select(func.count()).where(file.c.mode.in_((ERASING, DESTROYED)))
        destroyed = connection.execute(gone).scalar_one()
    states = tuple((state, numbers.get(state.value, 0)) for state in FixityState)
    return FixitySummary(days, sum(number for _, number in states), states, oldest, destroyed)


def due_list(
    ledger: Ledger,
    state: FixityState | None = None,
    days: int = DAYS,
    limit: int = 100,
    after: tuple[bytes, str] = (b"", ""),
) -> tuple[FixityRow, ...]:
    """By digest and path, from `after` on; without `state`, whatever is to be read."""
    wanted = [state.value] if state is not None else sorted(one.value for one in TO_READ)
    with reading(ledger.engine) as connection:
        return tuple(_row(row) for row in _portion(connection, ledger, wanted, days, limit, after))


def check_due(
    ledger: Ledger, days: int = DAYS, progress: Progress = lambda done, total, path: None
) -> FixityRun:
    """Reads what is to be read, and records each result. Broken off, it leaves the rest to the next run."""
    # What a kill left of a destruction would be found missing.
    finish_destructions(ledger)
    told = dict(summary(ledger, days).states)
    total, done = sum(told[state] for state in TO_READ), 0
    results: dict[FixityResult, int] = {}
    waiting: list[tuple[CheckedFile, str]] = []
    try:
        for one, path in _hashed(ledger, days):
            waiting.append((one, path))
            results[one.result] = results.get(one.result, 0) + 1
            done += 1
            if len(waiting) >= _AT_ONCE:
                record_checks(ledger, waiting)
                waiting = []
            progress(done, max(total, done), str(one.path))
    finally:
        record_checks(ledger, waiting)
    return FixityRun(done, tuple((result, results.get(result, 0)) for result in FixityResult))


def _hashed(ledger: Ledger, days: int) -> Iterator[tuple[CheckedFile, str]]:
    after: tuple[bytes, str] = (b"", "")
    wanted = sorted(one.value for one in TO_READ)
    while True:
        # Between portions no transaction is open: hashing terabytes must not hold the store.
        with reading(ledger.engine) as connection:
            rows = list(_portion(connection, ledger, wanted, days, _AT_ONCE, after))
        for row in rows:
            path = resolve(ledger.paths, row.mode, row.path)
            result = compare(path, row.size, Digests(row.sha256, row.sm3))
            yield CheckedFile(row.sha256, path, *result), row.path
        if len(rows) < _AT_ONCE:
            return
        after = (rows[-1].sha256, rows[-1].path)


def _portion(
    connection: Connection, ledger: Ledger, states: list[str], days: int, limit: int, after: tuple[bytes, str]
) -> Iterator[AnyRow]:
    base = _rows(ledger, days).subquery()
    beyond = (base.c.sha256 > after[0]) | ((base.c.sha256 == after[0]) & (base.c.path > after[1]))
    query = select(base).where(base.c.state.in_(states), beyond).order_by(base.c.sha256, base.c.path)
    yield from connection.execute(query.limit(limit))


def _rows(ledger: Ledger, days: int) -> Select[Any]:
    """Every stored file with its last check."""
    since = instant_of(ledger.now() - datetime.timedelta(days=days))
    tried = fixity.alias("tried")
    last = (
        select(func.max(tried.c.id))
        .where(tried.c.sha256 == file.c.sha256, tried.c.path == file.c.path)
        .correlate(file)
        .scalar_subquery()
    )
    same: ColumnElement[bool] = fixity.c.result == FixityResult.SAME.value
    state = case(
        (fixity.c.id.is_(None), FixityState.NEVER.value),
        (fixity.c.result == FixityResult.UNREADABLE.value, FixityState.NOT_CHECKED.value),
        (and_(same, fixity.c.checked_at >= since), FixityState.GOOD.value),
        (same, FixityState.DUE.value),
        else_=FixityState.FAILED.value,
    )
    return (
        select(
            file.c.sha256,
            file.c.path,
            file.c.sm3,
            file.c.size,
            file.c.mode,
            fixity.c.checked_at,
            fixity.c.result,
            fixity.c.found,
            state.label("state"),
        )
        .select_from(file.outerjoin(fixity, fixity.c.id == last))
        .where(file.c.mode.in_(LIVE))
    )


def _row(row: AnyRow) -> FixityRow:
    return FixityRow(
        row.sha256.hex(), row.path, FixityState(row.state), row.checked_at, row.result, row.found or ""
    )
