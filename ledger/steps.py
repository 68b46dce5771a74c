"""Acts as a person reads them: what a statement or an item says, and how far its proof has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.blocked import blocked
from ledger.proof_state import ProofState, newest_batch_in, state_of
from ledger.store.tables import ATTESTED, NO_ITEM, batch, disclosure, entry, item, set_aside, statement
from verifier.claims import Claims
from verifier.disclosure import parse_disclosure
from verifier.item import parse_item
from verifier.statement import parse_statement


@dataclass(frozen=True)
class StepView:
    """One act. `batch`, `index`, `recorded_at`: None until it is sealed. `item`: its number, in a list.

    `shown`: disclosed fields by name; a file's digests as "size sha256 sm3". `hidden`: fields that the store
    has not (withheld or erased), and all of a record that is blocked. `statement` and `answers`: SHA-256,
    hex. `custody`: the claim `state`.
    """

    state: ProofState
    batch: int | None
    index: int | None
    recorded_at: str | None
    accepted_at: str
    occurred_at: str
    event: str
    iss: str
    agent: str
    statement: str
    record: str | None
    list_id: str | None
    item: int | None
    outcome: str | None
    reason: str | None
    basis: str | None
    late: str | None
    custody: str | None
    due: str | None
    uses: int | None
    pages: int | None
    version: int | None
    files: int
    answers: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """Where an act stands in the log, if it does."""

    state: ProofState
    batch: int | None = None
    index: int | None = None
    recorded_at: str | None = None


def steps(connection: Connection, keys: Iterable[tuple[int, int]]) -> tuple[StepView, ...]:
    """The acts (statement id, item number or NO_ITEM), in the order given."""
    attested = newest_batch_in(connection, ATTESTED)
    return tuple(_step(connection, key, number, attested) for key, number in keys)


def _step(connection: Connection, key: int, number: int, attested: int) -> StepView:
    row = connection.execute(
        select(statement.c.data, statement.c.accepted_at).where(statement.c.id == key)
    ).one()
    own = parse_statement(row.data)
    claims, record = (own.claims, own.record) if number == NO_ITEM else _item(connection, key, number)
    over = own.claims
    shown = {} if record is not None and blocked(connection, record) else _disclosed(connection, key, number)
    fields = {*claims.fields, *over.fields}
    place = _place(connection, key, number, attested)
    return StepView(
        state=place.state,
        batch=place.batch,
        index=place.index,
        recorded_at=place.recorded_at,
        accepted_at=row.accepted_at,
        occurred_at=claims.occurred_at or own.occurred_at,
        event=own.event,
        iss=own.iss,
        agent=own.agent,
        statement=own.digests.sha256.hex(),
        record=record,
        list_id=own.list.id if own.list else None,
        item=None if number == NO_ITEM else number,
        outcome=claims.outcome or over.outcome,
        reason=claims.reason or over.reason,
        basis=claims.basis or over.basis,
        late=claims.late or over.late,
        custody=claims.state,
        due=own.due,
        uses=own.uses,
        pages=claims.pages,
        version=claims.version,
        files=len(claims.files),
        answers=tuple(sorted({digest.hex() for digest in (*claims.answers, *over.answers)})),
        shown=tuple(sorted(shown.items())),
        hidden=tuple(sorted(fields - shown.keys())),
    )


def _item(connection: Connection, key: int, number: int) -> tuple[Claims, str]:
    data = connection.execute(
        select(item.c.data).where(item.c.statement_id == key, item.c.number == number)
    ).scalar_one()
    parsed = parse_item(data, number)
    return parsed.claims, parsed.record


def _disclosed(connection: Connection, key: int, number: int) -> dict[str, str]:
    """Of the list statement and of the item together; the item's own counts where both say it."""
    rows = connection.execute(
        select(disclosure.c.text)
        .where(disclosure.c.statement_id == key, disclosure.c.item_number.in_((NO_ITEM, number)))
        .order_by(disclosure.c.item_number)
    )
    shown = {}
    for text in rows.scalars():
        one = parse_disclosure(text)
        value = one.value
        if not isinstance(value, str):
            value = f"{value.size} {value.digests.sha256.hex()} {value.digests.sm3.hex()}"
        shown[one.name] = value
    return shown


def _place(connection: Connection, key: int, number: int, attested: int) -> _Place:
    found = connection.execute(
        select(entry.c.idx, entry.c.recorded_at).where(
            entry.c.statement_id == key, entry.c.item_number == number
        )
    ).one_or_none()
    if found is None:
        aside = connection.execute(select(set_aside.c.code).where(set_aside.c.statement_id == key)).first()
        return _Place(ProofState.SET_ASIDE if aside else ProofState.PENDING)
    holding = connection.execute(
        select(batch.c.number, batch.c.state)
        .where(batch.c.marker_index < found.idx)
        .order_by(batch.c.marker_index.desc())
        .limit(1)
    ).one()
    state = state_of(holding.number, holding.state, attested)
    return _Place(state, holding.number, found.idx, found.recorded_at)
