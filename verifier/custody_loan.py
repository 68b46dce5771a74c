"""Loans: handed out for so many days, renewed in time, overdue, returned. docs/formats.md 17."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.acts import Act
from verifier.custody_days import days_at_least, earliest, latest
from verifier.custody_past import Breach, Past
from verifier.custody_tables import tables

LEND, RENEW, OVERDUE, RETURN = "borrow.out", "borrow.renew", "borrow.overdue", "borrow.return"


def loan_breaches(past: Past, act: Act) -> Iterator[Breach]:
    name, due = act.statement.event, act.statement.due
    occurred = act.claims.occurred_at or act.statement.occurred_at
    if name in (LEND, RENEW) and due is not None:
        days = days_at_least(occurred, due)
        if days > tables().loan_days:
            yield Breach("CUSTODY_LOAN_DAYS", f"≤ {tables().loan_days}", str(days))
    if past.due is None:
        return
    if name == RENEW:
        if earliest(occurred) > latest(past.due):
            yield Breach("CUSTODY_RENEWED_LATE", f"≤ {past.due}", occurred)
        if past.renewals >= tables().renewals:
            yield Breach("CUSTODY_RENEWALS", f"≤ {tables().renewals}", str(past.renewals + 1))
        if due is not None and latest(due) <= earliest(past.due):
            yield Breach("CUSTODY_DUE_NOT_LATER", f"> {past.due}", due)
    if name == OVERDUE and latest(occurred) <= earliest(past.due):
        yield Breach("CUSTODY_NOT_OVERDUE", f"> {past.due}", occurred)


def remember_loan(past: Past, act: Act) -> None:
    name = act.statement.event
    if name == LEND:
        past.due, past.renewals = act.statement.due, 0
    elif name == RENEW:
        past.due, past.renewals = act.statement.due or past.due, past.renewals + 1
    elif name == RETURN:
        past.due = None
