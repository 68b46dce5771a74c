"""How far a statement's proof has come."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection, func, select

from ledger.store.tables import batch


class ProofState(StrEnum):
    """In order. SET_ASIDE: its signer's certificate ran out before it could be sealed; it never will be."""

    PENDING = "pending"
    SEALED = "sealed"
    SUBMITTED = "submitted"
    ANCHORED = "anchored"
    ATTESTED = "attested"
    SET_ASIDE = "set aside"


def newest_batch_in(connection: Connection, *states: str) -> int:
    """The highest batch number in one of these states; −1 if there is none."""
    query = select(func.max(batch.c.number)).where(batch.c.state.in_(states))
    found = connection.execute(query).scalar()
    return -1 if found is None else int(found)


def state_of(number: int, state: str, attested: int) -> ProofState:
    """The state of what is in batch `number`: a later attested anchor covers all before it."""
    return ProofState.ATTESTED if number <= attested else ProofState(state)
