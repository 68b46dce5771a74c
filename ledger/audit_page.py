"""One page of what an inquiry asked for. However large the log, a page looks at so much and no more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.audit_filter import AuditFilter
from ledger.audit_groups import Group, groups
from ledger.audit_inquiry import EXPORT, QUERY, Inquiry, inquiry_in
from ledger.audit_rows import Fit, Place
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import statement

LOOKED_AT = 2000


@dataclass(frozen=True)
class Page:
    """`withheld`: of so many acts that were looked at nobody can tell. `next`: after which act the next page
    begins, None at the end."""

    groups: tuple[Group, ...]
    withheld: int
    next: Place | None


@dataclass(frozen=True)
class InquiryPage:
    """`next`: the id below which the next page begins."""

    inquiries: tuple[Inquiry, ...]
    next: int | None


def read_page(
    ledger: Ledger, inquiry: Inquiry, asked: AuditFilter, limit: int, after: Place | None = None
) -> Page:
    """`limit`: at most so many groups. Whether the caller may is asked before (`check_may_read`)."""
    found: list[Group] = []
    withheld, looked = 0, 0
    with reading(ledger.engine) as connection:
        for row, fits, group in groups(connection, asked, inquiry.until, after):
            looked += 1
            withheld += fits is Fit.UNKNOWN
            if group is not None:
                found.append(group)
            if len(found) == limit or looked == LOOKED_AT:
                return Page(tuple(found), withheld, row.place)
    return Page(tuple(found), withheld, None)


def inquiries(ledger: Ledger, limit: int, below: int | None = None) -> InquiryPage:
    """That they took place: the newest first."""
    with reading(ledger.engine) as connection:
        query = select(statement.c.id, statement.c.sha256).where(
            statement.c.event.in_((QUERY, EXPORT)), statement.c.record.is_not(None)
        )
        query = query if below is None else query.where(statement.c.id < below)
        rows = connection.execute(query.order_by(statement.c.id.desc()).limit(limit + 1)).all()
        shown = rows[:limit]
        found = tuple(
            one for row in shown if (one := _first(connection, ledger, row.sha256, row.id)) is not None
        )
    return InquiryPage(found, shown[-1].id if len(rows) > limit else None)


def _first(connection: Connection, ledger: Ledger, digest: bytes, key: int) -> Inquiry | None:
    """None for a second inquirer's statement: the inquiry is told at its first."""
    found = inquiry_in(connection, digest, ledger.now())
    return found if found.id == key else None
