"""What is kept of statements, read in portions: a few large queries, and never much in memory at a time."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Table, select

from ledger.store.portions import portions as cut
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, certificate, disclosure, entry, item, statement
from verifier.canonical import base64url_text
from verifier.errors import EvidenceError
from verifier.statement import header_bytes, parse_statement

_AT_ONCE = 200
# Items and statements; a list that has more is a portion of its own.
_MOST = 2000


@dataclass(frozen=True)
class Kept:
    """A statement's rows. `recorded_at`: None while it is pending."""

    row: AnyRow
    recorded_at: str | None
    items: list[AnyRow]
    disclosures: list[AnyRow]


@dataclass(frozen=True)
class Portion:
    """Neighbours in the order of acceptance. `certificates`: those that they name, by the digest under which
    they are kept."""

    kept: list[Kept]
    certificates: dict[bytes, bytes]


def portions(connection: Connection) -> Iterator[Portion]:
    """Every statement."""
    last = 0
    while True:
        query = select(statement).where(statement.c.id > last).order_by(statement.c.id).limit(_AT_ONCE)
        rows = connection.execute(query).all()
        if not rows:
            return
        for some in _light(rows):
            yield _portion(connection, some)
        last = rows[-1].id


def _light(rows: Sequence[AnyRow]) -> Iterator[list[AnyRow]]:
    some: list[AnyRow] = []
    weight = 0
    for row in rows:
        if some and weight + 1 + row.item_count > _MOST:
            yield some
            some, weight = [], 0
        some.append(row)
        weight += 1 + max(0, row.item_count)
    yield some


def _portion(connection: Connection, rows: Sequence[AnyRow]) -> Portion:
    first, last = rows[0].id, rows[-1].id
    recorded = select(entry.c.statement_id, entry.c.recorded_at).where(
        entry.c.statement_id >= first, entry.c.statement_id <= last, entry.c.item_number == NO_ITEM
    )
    when = {row.statement_id: row.recorded_at for row in connection.execute(recorded)}
    items = _of(connection, item, first, last)
    disclosures = _of(connection, disclosure, first, last)
    kept = []
    for row in rows:
        # A single statement's items are strays, which `check_statements` names.
        of_list = items.get(row.id, []) if row.item_count else []
        kept.append(Kept(row, when.get(row.id), of_list, disclosures.get(row.id, [])))
    return Portion(kept, _certificates(connection, {_named(row) for row in rows}))


def _named(row: AnyRow) -> bytes:
    """The digest of the certificate that the statement names, whatever the column says."""
    if row.data.startswith(_header(row.certificate)):
        return cast("bytes", row.certificate)
    try:
        return parse_statement(row.data).certificate_sha256
    except EvidenceError:
        return cast("bytes", row.certificate)


@functools.lru_cache(maxsize=1024)
def _header(certificate: bytes) -> bytes:
    return base64url_text(header_bytes(certificate)).encode() + b"."


def _of(connection: Connection, table: Table, first: int, last: int) -> dict[int, list[AnyRow]]:
    """Rows that belong to these statements, by statement, in the order of their key."""
    query = (
        select(table)
        .where(table.c.statement_id >= first, table.c.statement_id <= last)
        .order_by(*table.primary_key)
    )
    found: dict[int, list[AnyRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.statement_id, []).append(row)
    return found


def _certificates(connection: Connection, digests: set[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for some in cut(sorted(digests)):
        query = select(certificate.c.sha256, certificate.c.der).where(certificate.c.sha256.in_(some))
        found |= {row.sha256: row.der for row in connection.execute(query)}
    return found
