"""What was refused though it was well signed: kept, so that an attempt leaves a trace. No part of the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import insert, select

from ledger.handle import Ledger
from ledger.people_trails import AFTER_ALL, acts_about
from ledger.store.engine import reading, writing
from ledger.store.rows import AnyRow
from ledger.store.tables import refusal
from verifier.custody_approval import taker
from verifier.errors import CallerError, found_text
from verifier.keys import KeyAct, Keys
from verifier.people import KEYS
from verifier.report import Reason
from verifier.shape import instant_of
from verifier.statement import parse_statement


@dataclass(frozen=True)
class RefusedAct:
    """One reason why one statement was refused. People and records by their uuids; nothing else is kept.

    `agent`: who tried, by their own signature or served by a service; `iss`: their organisation."""

    at: str
    statement: str
    event: str
    iss: str
    agent: str
    record: str | None
    list_id: str | None
    code: str
    place: str
    expected: str
    found: str


@contextmanager
def recording(ledger: Ledger, statement: bytes) -> Iterator[None]:
    """A statement that is refused for a CallerError raised within is kept as one that was."""
    try:
        yield
    except CallerError as error:
        reason = Reason(error.code, error.at, error.expected, error.found)
        record_refusals(ledger, [(statement, [reason], None)])
        raise


def record_refusals(ledger: Ledger, refused: Sequence[tuple[bytes, Sequence[Reason], str | None]]) -> None:
    """`refused`: bytes of a statement whose signature holds, the reasons, and the role of its signer. Durable
    when this returns. Where a service states a use, whoever it served is who tried."""
    at = instant_of(ledger.now())
    rows = []
    for data, reasons, role in refused:
        said = parse_statement(data)
        who = taker(said, role)
        rows += [
            {
                "at": at,
                "statement": said.digests.sha256,
                "event": said.event,
                "iss": said.iss if who == said.agent else _organisation(ledger, who, said.iss),
                "agent": who,
                "record": said.record,
                "list_id": said.list.id if said.list else None,
                "code": reason.code,
                "place": reason.at,
                "expected": found_text(reason.expected),
                "found": found_text(reason.found),
            }
            for reason in reasons
        ]
    if rows:
        with writing(ledger.engine) as connection:
            connection.execute(insert(refusal), rows)


def _organisation(ledger: Ledger, agent: str, otherwise: str) -> str:
    """For which a key of theirs was enrolled last."""
    with reading(ledger.engine) as connection:
        acts = acts_about(connection, KEYS, [agent], AFTER_ALL)[agent]
    enrolled = Keys(act for act in acts if isinstance(act, KeyAct)).enrolments.values()
    newest = max(enrolled, key=lambda one: one.enrolled.second.place, default=None)
    return newest.organisation if newest is not None else otherwise


def refusals(ledger: Ledger, limit: int = 100, offset: int = 0) -> tuple[RefusedAct, ...]:
    """The newest first."""
    query = select(refusal).order_by(refusal.c.id.desc()).limit(limit).offset(offset)
    with reading(ledger.engine) as connection:
        return tuple(refused_act(row) for row in connection.execute(query))


def refused_act(row: AnyRow) -> RefusedAct:
    """Of a row of `refusal`."""
    return RefusedAct(
        at=row.at,
        statement=row.statement.hex(),
        event=row.event,
        iss=row.iss,
        agent=row.agent,
        record=row.record,
        list_id=row.list_id,
        code=row.code,
        place=row.place,
        expected=row.expected,
        found=row.found,
    )
