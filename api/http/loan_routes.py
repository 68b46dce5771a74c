"""Borrowing and access: applications and loans, as they stand. Acts on them: /v1/records/{record}/drafts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import UUID, Body
from api.http.pages import Cursor, Limit, after_of, cursor_after
from api.http.rights import SEES_ALL_LOANS
from ledger.loan_query import LoanRow, Standing, loan_page

router = APIRouter(tags=["access"], route_class=Guarded)
LoanState = Literal["applied", "approved", "refused", "out", "overdue", "returned"]


class LoanShown(Body):
    """An application (`event` access.apply) or a loan (borrow.out). `answered`: what an act on it answers.
    `due`: last day of the loan, or of the approval. `uses`: how many acts of use the approval answers for,
    `used`: how many there were; null where they are not counted. `said`: disclosed fields: reader, purpose,
    legal ground … `closed_at`: returned, or decided; `outcome`, `reason` of that."""

    statement: str
    event: str
    record: str
    number: str
    title: str
    state: LoanState
    agent: str
    organisation: str
    occurred_at: str
    answered: str
    basis: str | None
    due: str | None
    uses: int | None
    used: int | None
    renewals: int
    renewals_left: int
    overdue_stated: bool
    recalled: bool
    reason: str | None
    outcome: str | None
    closed_at: str | None
    said: dict[str, str]


class LoansShown(Body):
    """Pages may be shorter than asked where a filter fits few: go on while there is `next`."""

    loans: list[LoanShown]
    next: str | None


@router.get("/v1/loans", operation_id="list_loans")
def list_loans(
    service: ServiceOf,
    caller: CallerOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[LoanState | None, Query()] = None,
    due_by: Annotated[
        str | None, Query(pattern=r"^\d{4}-\d\d-\d\d$", description="Out, and due on this day or before.")
    ] = None,
    record: Annotated[str | None, Query(pattern=UUID)] = None,
) -> LoansShown:
    """Applications and loans, newest first; who only mediates sees their own."""

    def fits(one: Standing) -> bool:
        if due_by is not None and (one.state not in ("out", "overdue") or (one.due or "9999") > due_by):
            return False
        return state in (None, one.state)

    own = caller.session.agent if caller.duties.isdisjoint(SEES_ALL_LOANS) else None
    page = loan_page(service.ledger, limit, after_of(cursor, "loans"), fits, record, own)
    return LoansShown(loans=[_loan(one) for one in page.rows], next=cursor_after("loans", page.next))


def _loan(one: LoanRow) -> LoanShown:
    return LoanShown(
        statement=one.statement,
        event=one.event,
        record=one.record,
        number=one.number,
        title=one.title,
        state=one.state,  # type: ignore[arg-type]  # one of its STATES
        agent=one.agent,
        organisation=one.iss,
        occurred_at=one.occurred_at,
        answered=one.answered,
        basis=one.basis,
        due=one.due,
        uses=one.uses,
        used=one.used,
        renewals=one.renewals,
        renewals_left=one.renewals_left,
        overdue_stated=one.overdue_stated,
        recalled=one.recalled,
        reason=one.reason,
        outcome=one.outcome,
        closed_at=one.closed_at,
        said=one.said,
    )
