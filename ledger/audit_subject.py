"""What an export says of the record that an act is about: as last disclosed, blank where it was not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.query import acts_on
from ledger.store.tables import disclosure

_NAMES = ("number", "title", "category", "volume")


@dataclass(frozen=True)
class RecordFacts:
    number: str = ""
    title: str = ""
    category: str = ""
    volume: str = ""


def record_facts(connection: Connection, record: str) -> RecordFacts:
    said: dict[str, str] = {}
    for key, number in reversed(acts_on(connection, record)):
        rows = connection.execute(
            select(disclosure.c.name, disclosure.c.value).where(
                disclosure.c.statement_id == key,
                disclosure.c.item_number == number,
                disclosure.c.name.in_(_NAMES),
            )
        )
        said = {row.name: row.value or "" for row in rows} | said
        if len(said) == len(_NAMES):
            break
    return RecordFacts(**said)
