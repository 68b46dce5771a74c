"""The ledger's state in figures, for whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, false, func, select

from ledger.files import LIVE
from ledger.fixity import FixityResult
from ledger.handle import Ledger
from ledger.pending import waiting
from ledger.query import count_records
from ledger.refused_batch import REFUSED
from ledger.store.engine import reading
from ledger.store.tables import (
    SEALED,
    STATES,
    SUBMITTED,
    anchor,
    attestation,
    batch,
    configuration,
    entry,
    file,
    fixity,
    item,
    recovery,
    set_aside,
    statement,
)
from verifier.shape import instant_of


@dataclass(frozen=True)
class Counts:
    """Times are instants, None where there is nothing yet.

    `pending`: accepted, not sealed; `overdue`: of those, past the time that their receipts name. `aside`: in
    no batch, their certificates having run out; or, `aside_refused`, as the organisations refuse them.
    `in_flight`: number of the batch that is sealed and not anchored. `recovered_batches`: how many came back
    from replicas. `fixity_problems`: files whose last check did not find them the same.
    """

    statements: int
    items: int
    records: int
    pending: int
    oldest_pending_at: str | None
    overdue: int
    aside: int
    aside_refused: int
    entries: int
    log_size: int
    batches: int
    batches_by_state: tuple[tuple[str, int], ...]
    in_flight: int | None
    recovered_batches: int
    last_anchor_batch: int | None
    last_anchor_at: str | None
    last_attested_batch: int | None
    last_attested_at: str | None
    last_attested_by: tuple[str, ...]
    configurations: int
    files: int
    file_octets: int
    last_fixity_at: str | None
    fixity_problems: int


def counts(ledger: Ledger) -> Counts:
    now, records = instant_of(ledger.now()), count_records(ledger)
    with reading(ledger.engine) as connection:
        pending = connection.execute(
            select(func.count().label("all"), func.min(statement.c.accepted_at).label("oldest")).where(
                waiting(connection)
            )
        ).one()
        overdue = connection.execute(
            select(func.count()).where(waiting(connection), statement.c.due < now)
        ).scalar_one()
        newest = connection.execute(select(batch).order_by(batch.c.number.desc()).limit(1)).one_or_none()
        by_state = {
            row.state: row.number
            for row in connection.execute(
                select(batch.c.state, func.count().label("number")).group_by(batch.c.state)
            )
        }
        anchored = connection.execute(select(anchor).order_by(anchor.c.batch.desc()).limit(1)).one_or_none()
        attested = connection.execute(
            select(attestation).order_by(attestation.c.batch.desc(), attestation.c.time.desc()).limit(1)
        ).one_or_none()
        attesters = connection.execute(
            select(attestation.c.organisations).where(attestation.c.batch == attested.batch)
            if attested
            else select(attestation.c.organisations).where(false())
        ).scalars()
        kept = connection.execute(
            select(func.count().label("files"), func.sum(file.c.size).label("octets")).where(
                file.c.mode.in_(LIVE)
            )
        ).one()
        flying = newest is not None and newest.state in (SEALED, SUBMITTED)
        return Counts(
            statements=_count(connection, statement),
            items=_count(connection, item),
            records=records,
            pending=pending.all,
            oldest_pending_at=pending.oldest,
            overdue=overdue,
            aside=_count(connection, set_aside),
            aside_refused=connection.execute(
                select(func.count()).select_from(set_aside).where(set_aside.c.code.startswith(REFUSED))
            ).scalar_one(),
            entries=_count(connection, entry),
            log_size=newest.size if newest else 0,
            batches=newest.number + 1 if newest else 0,
            batches_by_state=tuple((state, by_state.get(state, 0)) for state in STATES),
            recovered_batches=_count(connection, recovery),
            in_flight=newest.number if newest is not None and flying else None,
            last_anchor_batch=anchored.batch if anchored else None,
            last_anchor_at=anchored.time if anchored else None,
            last_attested_batch=attested.batch if attested else None,
            last_attested_at=attested.time if attested else None,
            last_attested_by=tuple(sorted({msp for one in attesters for msp in one.split()})),
            configurations=_count(connection, configuration),
            files=kept.files,
            file_octets=int(kept.octets or 0),
            last_fixity_at=connection.execute(select(func.max(fixity.c.checked_at))).scalar(),
            fixity_problems=_fixity_problems(connection),
        )


def last_anchor_at(ledger: Ledger) -> str | None:
    """Cheap enough to be asked every minute, however large the archive."""
    with reading(ledger.engine) as connection:
        return connection.execute(select(anchor.c.time).order_by(anchor.c.batch.desc()).limit(1)).scalar()


def _count(connection: Connection, table: Table) -> int:
    # Rows, not values of a column: so the narrowest index is counted, and no row is read.
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _fixity_problems(connection: Connection) -> int:
    last = select(func.max(fixity.c.id)).group_by(fixity.c.sha256, fixity.c.path)
    query = select(func.count()).where(fixity.c.id.in_(last), fixity.c.result != FixityResult.SAME)
    return connection.execute(query).scalar_one()
