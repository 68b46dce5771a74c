"""A batch sealed here that the organisations refuse by a rule which this ledger does not know.

It can never be anchored as it is, and everything accepted later waits behind it. The operator may set the
statement that they name aside: the batch is taken back, all else in it is pending again, and goes on. The
statement stays, with its receipt; `check` says for as long that a promise is open; taken up again it is
pending as it was.

Only a batch of which nothing was ever sent is taken back: no transaction with it can be ordered any more, so
its number gets one anchor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from ledger.anchor import endorse_batch, in_flight
from ledger.decisions import SET_ASIDE, TAKEN_UP, Decision, note
from ledger.fabric.gateway import Chain
from ledger.fabric.refusal import RefusedError
from ledger.handle import Ledger
from ledger.keep import next_id
from ledger.locking import locked
from ledger.reread import reread
from ledger.room import renumber
from ledger.seal import SEAL_LOCK_SECONDS
from ledger.store.engine import reading, writing
from ledger.store.tables import NO_ITEM, anchor_attempt, batch, entry, statement
from ledger.store.tables import set_aside as aside_table
from ledger.unseal import unseal
from verifier.errors import CallerError, LedgerError
from verifier.shape import instant_of

# In the column `code` of what was set aside, before the organisations' own code.
REFUSED = "REFUSED:"
# As the chaincode names the place of what it refuses.
_PLACE = re.compile(r"statements\[(\d+)\]")


@dataclass(frozen=True)
class RefusedStatement:
    """`organisations`: so many that without them no majority is left. `expected`, `found`: of the first."""

    statement: bytes
    code: str
    organisations: tuple[str, ...]
    expected: str
    found: str


def look(ledger: Ledger, chain: Chain) -> tuple[RefusedStatement, ...]:
    """The statements for which the organisations refuse the batch in flight; nothing is changed.

    Empty if there is no such batch, they would sign it, or what they say is not of a statement.
    Raises ChainError, and LedgerError as `reread`.
    """
    number = in_flight(ledger)
    if number is None:
        return ()
    try:
        endorse_batch(ledger, chain, reread(ledger, number))
    except RefusedError as error:
        refusals = error.refusals
    else:
        return ()
    of, needed = len(chain.organisations), len(chain.organisations) // 2 + 1
    with reading(ledger.engine) as connection:
        logged = _statements(connection, number)
    found: list[RefusedStatement] = []
    for place in sorted({match[0] for one in refusals if (match := _PLACE.match(one.at))}):
        naming = [one for one in refusals if one.code and one.msp and _names(one.at, place)]
        index = int(place[len("statements[") : -1])
        who = tuple(sorted({one.msp for one in naming}))
        if of - len(who) < needed and index < len(logged):
            first = naming[0]
            found.append(RefusedStatement(logged[index], first.code, who, first.expected, first.found))
    return tuple(found)


def set_aside(ledger: Ledger, chain: Chain, digest: bytes, reason: str) -> Decision:
    """Takes the batch in flight back and sets the one statement aside.

    Raises CallerError BATCH_NONE_REFUSED, STATEMENT_UNKNOWN, STATEMENT_NOT_REFUSED; LedgerError
    BATCH_SUBMITTED; those of `look`.
    """
    refused = {one.statement: one for one in look(ledger, chain)}
    number = in_flight(ledger)
    if not refused or number is None:
        raise CallerError("BATCH_NONE_REFUSED", "batch in flight", "refused for a statement", "none")
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        key = _id_of(connection, digest)
        if digest not in refused:
            named = " ".join(one.hex() for one in refused)
            raise CallerError("STATEMENT_NOT_REFUSED", digest.hex(), named, "")
        why = refused[digest]
        row = connection.execute(select(batch).where(batch.c.number == number)).one_or_none()
        if row is None or digest not in _statements(connection, number):
            raise CallerError("BATCH_NONE_REFUSED", f"batch {number}", "in flight", "none")
        tries = select(anchor_attempt.c.txid).where(anchor_attempt.c.batch == number)
        sent = connection.execute(tries).scalars().first()
        if sent is not None:
            raise LedgerError("BATCH_SUBMITTED", f"batch {number}", "never sent", sent.hex())
        now = instant_of(ledger.now())
        decision = Decision(
            now, SET_ASIDE, digest.hex(), number, row.sha256.hex(), why.code, why.organisations, reason
        )
        note(ledger.paths, decision)
        unseal(connection, number)
        connection.execute(
            insert(aside_table).values(statement_id=key, code=f"{REFUSED}{why.code}"[:64], at=now)
        )
    return decision


def take_up(ledger: Ledger, digest: bytes, reason: str) -> Decision:
    """The statement is pending again, after all that is.

    Raises CallerError STATEMENT_UNKNOWN, STATEMENT_NOT_ASIDE.
    """
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        key = _id_of(connection, digest)
        code = connection.execute(
            select(aside_table.c.code).where(aside_table.c.statement_id == key)
        ).scalar()
        if code is None or not code.startswith(REFUSED):
            raise CallerError(
                "STATEMENT_NOT_ASIDE", digest.hex(), "refused by the organisations", code or "none"
            )
        now = instant_of(ledger.now())
        decision = Decision(now, TAKEN_UP, digest.hex(), None, None, code[len(REFUSED) :], (), reason)
        note(ledger.paths, decision)
        connection.execute(delete(aside_table).where(aside_table.c.statement_id == key))
        # Statements are logged in the order of their ids: only above those that are logged is it pending.
        renumber(connection, key, next_id(connection))
    return decision


def _names(at: str, place: str) -> bool:
    return at == place or at.startswith(f"{place}.")


def _statements(connection: Connection, number: int) -> list[bytes]:
    """Digests of the batch's statements, in log order."""
    row = connection.execute(select(batch).where(batch.c.number == number)).one_or_none()
    if row is None:
        return []
    query = (
        select(statement.c.sha256)
        .join(entry, (entry.c.statement_id == statement.c.id) & (entry.c.item_number == NO_ITEM))
        .where(entry.c.idx > row.marker_index, entry.c.idx < row.size)
        .order_by(entry.c.idx)
    )
    return list(connection.execute(query).scalars())


def _id_of(connection: Connection, digest: bytes) -> int:
    key = connection.execute(select(statement.c.id).where(statement.c.sha256 == digest)).scalar()
    if key is None:
        raise CallerError("STATEMENT_UNKNOWN", digest.hex())
    return int(key)
