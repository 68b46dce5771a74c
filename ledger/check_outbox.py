"""Checking what only says how far things have come: batches' states, what was set aside, tries."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from ledger.decisions import stand_aside
from ledger.finding import Finding, Subject
from ledger.handle import Ledger
from ledger.people_trails import counts
from ledger.refused_batch import REFUSED
from ledger.store.rows import AnyRow
from ledger.store.tables import (
    ANCHORED,
    ATTESTED,
    NO_ITEM,
    SEALED,
    SUBMITTED,
    anchor,
    anchor_attempt,
    attestation,
    batch,
    certificate,
    entry,
    set_aside,
    statement,
)
from verifier.certificate import check_validity, read_signer
from verifier.errors import EvidenceError
from verifier.report import Outcome
from verifier.shape import instant, instant_of


def check_outbox(connection: Connection, ledger: Ledger) -> Iterator[Finding]:
    yield from _states(connection)
    yield from _extra(connection)
    yield from _aside(connection, ledger)


def _states(connection: Connection) -> Iterator[Finding]:
    """Each batch's state is what its anchor, the attestations and the tries say."""
    attested = connection.execute(select(func.max(attestation.c.batch))).scalar()
    anchored = set(connection.execute(select(anchor.c.batch)).scalars())
    tried = set(connection.execute(select(anchor_attempt.c.batch)).scalars())
    for row in connection.execute(select(batch.c.number, batch.c.state).order_by(batch.c.number)):
        if row.number in anchored:
            due = ATTESTED if attested is not None and row.number <= attested else ANCHORED
        else:
            due = SUBMITTED if row.number in tried else SEALED
        if row.state != due:
            yield _failed("BATCH_STATE", Subject.BATCH, str(row.number), due, row.state)


def _extra(connection: Connection) -> Iterator[Finding]:
    """Rows about a batch, or an anchor, that is not there."""
    batches, anchors = select(batch.c.number), select(anchor.c.batch)
    for number in connection.execute(select(anchor.c.batch).where(anchor.c.batch.not_in(batches))).scalars():
        yield _failed("ANCHOR_EXTRA", Subject.ANCHOR, str(number))
    stray = select(attestation.c.batch).where(attestation.c.batch.not_in(anchors))
    for number in connection.execute(stray).scalars():
        yield _failed("ATTESTATION_EXTRA", Subject.ATTESTATION, str(number))
    stray = select(anchor_attempt.c.batch).where(anchor_attempt.c.batch.not_in(batches))
    for number in connection.execute(stray).scalars():
        yield _failed("ATTEMPT_EXTRA", Subject.ANCHOR, str(number))


def _aside(connection: Connection, ledger: Ledger) -> Iterator[Finding]:
    """Only what can no longer be logged may be set aside: else this would be a way to drop a statement."""
    decided = stand_aside(ledger.paths)
    latest = _latest(connection)
    now = instant_of(ledger.now())
    rows = connection.execute(
        select(
            set_aside.c.statement_id,
            set_aside.c.statement_id.label("id"),
            statement.c.agent,
            statement.c.iss,
            set_aside.c.code,
            set_aside.c.at,
            statement.c.sha256,
            statement.c.record,
            certificate.c.der,
            entry.c.idx,
        )
        .join(statement, statement.c.id == set_aside.c.statement_id, isouter=True)
        .join(certificate, certificate.c.sha256 == statement.c.certificate, isouter=True)
        .join(
            entry, (entry.c.statement_id == statement.c.id) & (entry.c.item_number == NO_ITEM), isouter=True
        )
    )
    for row in rows:
        if row.sha256 is None:
            yield _failed("STATEMENT_MISSING", Subject.STATEMENT, str(row.statement_id))
            continue
        if row.code.startswith(REFUSED) and row.idx is None and row.sha256.hex() in decided:
            name, records = row.sha256.hex(), (row.record,) if row.record else ()
            code = row.code[len(REFUSED) :]
            yield Finding(Outcome.NOT_RUN, "ASIDE_REFUSED", Subject.STATEMENT, name, records, "", code)
            continue
        why = _why_aside(connection, row, max(min(row.at, now), latest))
        if why != row.code:
            name, records = row.sha256.hex(), (row.record,) if row.record else ()
            yield _failed("ASIDE_UNFOUNDED", Subject.STATEMENT, name, why or "-", row.code, records)


def _why_aside(connection: Connection, row: AnyRow, when: str) -> str:
    """The code under which sealing sets the statement aside; empty if it does not, or has logged it."""
    if row.idx is not None or row.der is None:
        return ""
    try:
        check_validity(read_signer(row.der), instant(when, "set_aside"))
    except EvidenceError as error:
        return error.code
    # What rests on an enrolment that was set aside, too.
    return row.code if row.code.startswith("KEY_") and not counts(connection, row) else ""


def _latest(connection: Connection) -> str:
    """The latest time that an entry can have had to bear."""
    of_entry = connection.execute(select(func.max(batch.c.last_recorded_at))).scalar()
    of_anchor = connection.execute(select(func.max(anchor.c.time))).scalar()
    return max(of_entry or "", of_anchor or "")


def _failed(
    code: str,
    subject: Subject,
    name: str,
    expected: str = "",
    found: str = "",
    records: tuple[str, ...] = (),
) -> Finding:
    return Finding(Outcome.FAILED, code, subject, name, records, expected, found)
