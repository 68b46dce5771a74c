"""How far a statement's proof has come."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from ledger.store.tables import ATTESTED, batch, entry, set_aside


class ProofState(StrEnum):
    """In order. SET_ASIDE: its signer's certificate ran out before it could be sealed, or the
    organisations refuse it; it is in no batch."""

    PENDING = "pending"
    SEALED = "sealed"
    SUBMITTED = "submitted"
    ANCHORED = "anchored"
    ATTESTED = "attested"
    SET_ASIDE = "set aside"


# A statement's id → how far its proof has come.
StateOf: TypeAlias = Callable[[int], ProofState]


def newest_batch_in(connection: Connection, *states: str) -> int:
    """The highest batch number in one of these states; −1 if there is none."""
    query = select(func.max(batch.c.number)).where(batch.c.state.in_(states))
    found = connection.execute(query).scalar()
    return -1 if found is None else int(found)


def state_of(number: int, state: str, attested: int) -> ProofState:
    """The state of what is in batch `number`: a later attested anchor covers all before it."""
    return ProofState.ATTESTED if number <= attested else ProofState(state)


def states(connection: Connection) -> StateOf:
    """The state of any statement, from what is read once: statements are logged in the order of their ids, so
    the first of each batch tells where the others stand.
    """
    attested = newest_batch_in(connection, ATTESTED)
    rows = connection.execute(
        select(batch.c.number, batch.c.state, entry.c.statement_id)
        .join(entry, entry.c.idx == batch.c.marker_index + 1)
        .order_by(batch.c.number)
    ).all()
    firsts = [row.statement_id for row in rows]
    last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
    aside = set(connection.execute(select(set_aside.c.statement_id)).scalars())

    def state(key: int) -> ProofState:
        if key in aside:
            return ProofState.SET_ASIDE
        if key > last:
            return ProofState.PENDING
        holding = rows[bisect_right(firsts, key) - 1]
        return state_of(holding.number, holding.state, attested)

    return state
