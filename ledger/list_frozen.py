"""A list is fixed once, over whatever records: its id names the items that were fixed, and no others.

That it is fixed again for a record that stands on it, its own trail shows (`verifier.custody_transfer`); that
other records are put under its name only the ledger sees.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ledger.examined import Examined
from ledger.store.portions import portions
from ledger.store.tables import set_aside, statement
from verifier.custody_people import FREEZE
from verifier.report import Reason

CODE = "CUSTODY_LIST_FROZEN"


def frozen_reasons(
    connection: Connection, examined: Sequence[Examined], found: Sequence[Sequence[Reason]]
) -> list[list[Reason]]:
    """CUSTODY_LIST_FROZEN for each that fixes a list under an id that another has, where `found`, by the
    records' trails, does not say so already. Asked under the write lock."""
    ids = {listed for one in examined if (listed := _list_fixed(one)) is not None}
    known: set[str] = set()
    aside = select(set_aside.c.statement_id)
    for some in portions(sorted(ids)):
        query = select(statement.c.list_id).where(
            statement.c.list_id.in_(some), statement.c.event == FREEZE, statement.c.id.not_in(aside)
        )
        known |= set(connection.execute(query).scalars())
    told: list[list[Reason]] = []
    for one, reasons in zip(examined, found, strict=True):
        listed = _list_fixed(one)
        again = listed in known and all(reason.code != CODE for reason in reasons)
        told.append([Reason(CODE, "list.id", "", listed or "")] if again else [])
        known |= {listed} if listed is not None else set()
    return told


def _list_fixed(one: Examined) -> str | None:
    event, listed = one.statement[5], one.statement[9]
    return listed if event == FREEZE else None
