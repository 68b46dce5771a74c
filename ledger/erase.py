"""Erasure: what a statement `disclosure.erase` names is deleted, salt and all. docs/formats.md section 4.

The statements it concerns stay as they are; only their disclosures go. Copies in back-ups are not reached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, select

from ledger.examined import Erasure
from ledger.store.tables import NO_ITEM, disclosure, item, statement
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import parse_statement


def erase(connection: Connection, erasure: Erasure) -> tuple[int, list[Reason]]:
    """How many disclosures were deleted; a reason for each record of which no statement has such a field.

    A field counts as erased only for the record that the erasure statement is about.
    """
    deleted, reasons = 0, []
    names = set(erasure.fields)
    for record, answers in erasure.subjects:
        found = [
            (key, number, names & fields) for key, number, fields in _targets(connection, record, answers)
        ]
        missing = names.difference(*(fields for _, _, fields in found))
        if missing:
            reasons.append(Reason("ERASE_TARGET", record, " ".join(sorted(missing)), "no such field"))
        for key, number, fields in found:
            deleted += connection.execute(
                delete(disclosure).where(
                    disclosure.c.statement_id == key,
                    disclosure.c.item_number == number,
                    disclosure.c.name.in_(fields),
                )
            ).rowcount
    return deleted, reasons


def _targets(
    connection: Connection, record: str, answers: Collection[bytes]
) -> Iterator[tuple[int, int, set[str]]]:
    """(statement, item or NO_ITEM, its fields) for each of `answers` that is about the record."""
    singles = connection.execute(
        select(statement.c.id, statement.c.data).where(
            statement.c.sha256.in_(answers), statement.c.record == record
        )
    )
    for row in singles.all():
        yield row.id, NO_ITEM, set(parse_statement(row.data).claims.fields)
    listed = connection.execute(
        select(item.c.statement_id, item.c.number, item.c.data)
        .join(statement, statement.c.id == item.c.statement_id)
        .where(statement.c.sha256.in_(answers), item.c.record == record)
    )
    for part in listed.all():
        fields = parse_item(part.data, part.number).claims.fields
        yield part.statement_id, part.number, set(fields)
