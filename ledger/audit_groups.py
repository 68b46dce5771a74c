"""Acts under the act that they rest on: each page and file opened, under its application.

By `answers`: what an act answers stands above it, and the first of that chain above all. Only what is about
the same record counts, so that one application for many records makes a group of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from ledger.audit_filter import AuditFilter
from ledger.audit_rows import ACTS, AsOf, AuditRow, Fit, Place, fit, row_at, scan
from ledger.query import acts_on
from ledger.store.tables import NO_ITEM, item, statement

# So far up is gone: application, approval, loan, renewal … and nothing goes round in a circle.
_DEEP = 64
_REMEMBERED = 64
# So many acts of a group are shown at once; how many there are is told.
SHOWN = 50


@dataclass(frozen=True)
class Group:
    """`lead`: the act above all, None if it is not kept here. `lead_fits`: whether it is among those asked
    for. `rows`: those that fit beside it, the first of them; `count`: how many fit, the lead's own included.
    """

    lead: AuditRow
    lead_fits: bool
    rows: tuple[AuditRow, ...]
    count: int


@dataclass
class Groups:
    """Of one inquiry. Remembers the records that it looked at last, and no more."""

    connection: Connection
    asked: AuditFilter
    until: AsOf
    _trails: dict[str, dict[Place, list[Place]]] = field(default_factory=dict)

    def parent(self, row: AuditRow) -> AuditRow | None:
        """The newest act that this one answers, on the same record."""
        above = self._above(row)
        return max(above, key=lambda one: one.place) if above else None

    def lead(self, row: AuditRow) -> AuditRow:
        """The first act of the chain; the row itself where it rests on none."""
        for _ in range(_DEEP):
            above = self._above(row)
            if not above:
                break
            row = min(above, key=lambda one: one.place)
        return row

    def group_of(self, row: AuditRow) -> Group | None:
        """The group whose first fitting act this is; None if an earlier one was."""
        lead, record = self.lead(row), row.record
        if row.place.part != ACTS or record is None:
            return Group(row, True, (), 1)
        places = self._members(record, lead.place)
        fitting: list[AuditRow] = []
        count = 0
        for place in places:
            one = row_at(self.connection, place)
            if fit(self.asked, one) is not Fit.YES:
                continue
            if place < row.place:
                return None
            count += 1
            if place != lead.place and len(fitting) < SHOWN:
                fitting.append(one)
        return Group(lead, fit(self.asked, lead) is Fit.YES, tuple(fitting), count)

    def _members(self, record: str, lead: Place) -> list[Place]:
        if record not in self._trails:
            while len(self._trails) >= _REMEMBERED:
                del self._trails[next(iter(self._trails))]
            trail: dict[Place, list[Place]] = {}
            for key, number in acts_on(self.connection, record):
                if key <= self.until.id:
                    row = row_at(self.connection, Place(ACTS, key, number))
                    trail.setdefault(self.lead(row).place, []).append(row.place)
            self._trails[record] = trail
        return self._trails[record].get(lead, [])

    def _above(self, row: AuditRow) -> list[AuditRow]:
        if row.claims is None or row.record is None:
            return []
        found = []
        for digest in row.claims.answers[:_DEEP]:
            place = self._place(digest, row.record)
            # What is answered was there before: anything else would lead round in a circle.
            if place is not None and place < row.place:
                found.append(row_at(self.connection, place))
        return found

    def _place(self, digest: bytes, record: str) -> Place | None:
        query = select(statement.c.id, statement.c.record).where(statement.c.sha256 == digest)
        found = self.connection.execute(query).one_or_none()
        if found is None:
            return None
        if found.record == record:
            return Place(ACTS, found.id, NO_ITEM)
        of = select(item.c.number).where(item.c.statement_id == found.id, item.c.record == record)
        number = self.connection.execute(of).scalar()
        return Place(ACTS, found.id, number) if number is not None else None


def groups(
    connection: Connection, asked: AuditFilter, until: AsOf, after: Place | None = None
) -> Iterator[tuple[AuditRow, Fit, Group | None]]:
    """As `scan`, with the group where one begins."""
    known = Groups(connection, asked, until)
    for row, fits in scan(connection, asked, until, after):
        yield row, fits, known.group_of(row) if fits is Fit.YES else None
