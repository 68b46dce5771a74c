"""Everything that a store holds, to be compared with what another holds."""

from __future__ import annotations

from sqlalchemy import select

from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import metadata


def rows(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Table → its rows, by primary key."""
    with reading(ledger.engine) as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }
