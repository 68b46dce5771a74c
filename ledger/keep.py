"""Writing accepted statements, with their certificates, items and disclosures, into the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from ledger.examined import Examined
from ledger.store.portions import portions
from ledger.store.tables import certificate, disclosure, item, statement
from ledger.store.write_rows import write_rows
from verifier.digests import sha256


@dataclass(frozen=True)
class Kept:
    """What the ledger promised for a statement. `receipt`: a signed note."""

    accepted_at: str
    due: str
    receipt: str


def next_id(connection: Connection) -> int:
    """The id that the next accepted statement gets.

    Asked under the write lock, so that ids become visible in their order: sealing relies on it.
    """
    return (connection.execute(select(func.max(statement.c.id))).scalar() or 0) + 1


def keep(connection: Connection, numbered: Sequence[tuple[int, Examined, Kept]]) -> None:
    """Each under its id."""
    if not numbered:
        return
    _keep_certificates(connection, {examined.certificate for _, examined, _ in numbered})
    promised = [
        (key, *one.statement, kept.accepted_at, kept.due, kept.receipt) for key, one, kept in numbered
    ]
    write_rows(connection, statement, promised)
    write_rows(connection, item, [(key, *row) for key, one, _ in numbered for row in one.items])
    write_rows(connection, disclosure, [(key, *row) for key, one, _ in numbered for row in one.disclosures])


def _keep_certificates(connection: Connection, ders: Iterable[bytes]) -> None:
    given = {sha256(der): der for der in ders}
    for some in portions(list(given)):
        known = connection.execute(select(certificate.c.sha256).where(certificate.c.sha256.in_(some)))
        for digest in known.scalars():
            del given[digest]
    if given:
        rows = [{"sha256": digest, "der": der} for digest, der in given.items()]
        connection.execute(insert(certificate), rows)
