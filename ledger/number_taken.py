"""An archival number (档号) names one record: it is given to no second one that the store can see.

Numbers are disclosures. One that is withheld from the ledger, or erased, is not seen; and two that shared a
number before stay as they are, until one is corrected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from ledger.examined import Examined
from ledger.query import NUMBER, RecordRow, named, records_numbered_in
from ledger.store.tables import NO_ITEM
from verifier.report import Reason


def numbers_taken(connection: Connection, submitted: Sequence[Examined]) -> dict[bytes, tuple[Reason, ...]]:
    """Statement → NUMBER_TAKEN for each record to which it gives another's number.

    Asked under the write lock, so that of two processes the second sees what the first has given.
    """
    given = [(one.sha256, *claim) for one in submitted for claim in _claims(one)]
    if not given:
        return {}
    held = records_numbered_in(connection, (number for _, _, _, number in given))
    now = NumbersGiven()
    found: dict[bytes, list[Reason]] = {}
    for statement, at, record, number in given:
        holder = _holder(record, number, held.get(number, ()), now)
        if holder is not None:
            reason = Reason("NUMBER_TAKEN", at, "a number of its own", holder)
            found.setdefault(statement, []).append(reason)
        now.give(record, number)
    return {statement: tuple(reasons) for statement, reasons in found.items()}


class NumbersGiven:
    """The numbers given so far by what is handed in: of each record the latest, and of each number its
    records, in the order in which they got it."""

    def __init__(self) -> None:
        self.latest: dict[str, str] = {}
        self._records: dict[str, dict[str, None]] = {}

    def give(self, record: str, number: str) -> None:
        before = self.latest.get(record)
        if before is not None:
            del self._records[before][record]
        self.latest[record] = number
        self._records.setdefault(number, {})[record] = None

    def another(self, record: str, number: str) -> str | None:
        return next((other for other in self._records.get(number, ()) if other != record), None)


def _holder(record: str, number: str, held: Sequence[RecordRow], now: NumbersGiven) -> str | None:
    """Another record that has the number: in the store, unless it is given another now; or given it now."""
    for row in held:
        if row.record != record and now.latest.get(row.record, row.number) == number:
            return named(row)
    return now.another(record, number)


def _claims(one: Examined) -> Iterator[tuple[str, str, str]]:
    """Place, record and number, of each record that the statement numbers."""
    _, _, _, _, _, _, _, _, own, *_ = one.statement
    records = {number: record for number, record, *_ in one.items} | {NO_ITEM: own}
    for item, name, _, value in one.disclosures:
        record = records[item]
        if name == NUMBER and value and record is not None:
            yield ("statement number" if item == NO_ITEM else f"items[{item}] number"), record, value
