"""Access and loans: applied for, approved, handed out, renewed in time, returned. docs/formats.md 17."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.acts import Act
from verifier.custody_days import earliest, latest
from verifier.custody_past import Application, Breach, Past, digest
from verifier.custody_tables import tables

APPLY, APPROVE, REFUSE = "access.apply", "access.approve", "access.refuse"
LEND, RENEW, OVERDUE, RETURN = "borrow.out", "borrow.renew", "borrow.overdue", "borrow.return"


def loan_breaches(past: Past, act: Act) -> Iterator[Breach]:
    name, due = act.statement.event, act.statement.due
    occurred = act.claims.occurred_at or act.statement.occurred_at
    if name == APPROVE and any(one.refused for one in _applications(past, act)):
        yield Breach("CUSTODY_REFUSED")
    if name in tables().asked:
        yield from _approval(past, act, occurred)
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


def _applications(past: Past, act: Act) -> list[Application]:
    return [one for one in past.applications if one.statements.intersection(act.claims.answers)]


def _approval(past: Past, act: Act, occurred: str) -> Iterator[Breach]:
    """An application that was refused opens nothing, on whatever basis."""
    asked = _applications(past, act)
    if any(one.refused for one in asked):
        yield Breach("CUSTODY_REFUSED")
        return
    approved = [one for one in asked if one.approved]
    if any(one.until is None or earliest(occurred) <= latest(one.until) for one in approved):
        return
    if act.statement.event not in tables().always and act.claims.basis in tables().free:
        return
    if approved:
        yield Breach("CUSTODY_APPROVAL_ENDED", f"≤ {approved[-1].until}", occurred)
    else:
        yield Breach("CUSTODY_UNAPPROVED", APPROVE, act.claims.basis or "")


def remember_loan(past: Past, act: Act) -> None:
    name = act.statement.event
    if name == APPLY:
        past.applications.append(Application(act.statement.agent, {digest(act)}))
    for one in _applications(past, act):
        if name == APPROVE and not one.refused:
            one.approved, one.until = True, act.statement.due
            one.statements.add(digest(act))
        elif name == REFUSE:
            one.refused = True
            one.statements.add(digest(act))
    if name == LEND:
        past.due, past.renewals = act.statement.due, 0
    elif name == RENEW:
        past.due, past.renewals = act.statement.due or past.due, past.renewals + 1
    elif name == RETURN:
        past.due = None
