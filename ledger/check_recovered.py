"""What of recovered batches cannot be checked: files that their statements name and nobody brought back."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from ledger.finding import Finding, Subject
from ledger.store.tables import NO_ITEM, batch, entry, file, item, recovery, statement
from verifier.claims import Claims
from verifier.errors import EvidenceError
from verifier.item import parse_item
from verifier.report import Outcome
from verifier.statement import parse_statement


def check_recovered(connection: Connection) -> Iterator[Finding]:
    """Files with digests in clear of which the store has neither a copy nor a reference, and which were not
    destroyed, each once."""
    told: set[bytes] = set()
    numbers = select(recovery.c.batch).order_by(recovery.c.batch)
    for number in list(connection.execute(numbers).scalars()):
        for record, claims in _acts(connection, number):
            for digest in (one.digests.sha256 for one in claims.files if one.digests is not None):
                if digest not in told and not _is_kept(connection, digest):
                    told.add(digest)
                    records = (record,) if record else ()
                    yield Finding(Outcome.NOT_RUN, "FILE_NOT_RECOVERED", Subject.FILE, digest.hex(), records)


def _acts(connection: Connection, number: int) -> Iterator[tuple[str | None, Claims]]:
    """The record and the claims of each entry; what cannot be read is for `check_statements` to say."""
    place = connection.execute(select(batch).where(batch.c.number == number)).one()
    rows = connection.execute(
        select(entry.c.item_number, statement.c.data, item.c.data.label("item_data"))
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(
            item,
            (item.c.statement_id == entry.c.statement_id) & (item.c.number == entry.c.item_number),
            isouter=True,
        )
        .where(entry.c.idx > place.marker_index, entry.c.idx < place.size)
        .order_by(entry.c.idx)
        .execution_options(yield_per=500)
    )
    for row in rows:
        try:
            if row.item_number == NO_ITEM:
                single = parse_statement(row.data)
                yield single.record, single.claims
            elif row.item_data is not None:
                listed = parse_item(row.item_data, row.item_number)
                yield listed.record, listed.claims
        except EvidenceError:
            continue


def _is_kept(connection: Connection, digest: bytes) -> bool:
    return connection.execute(select(file.c.path).where(file.c.sha256 == digest).limit(1)).first() is not None
