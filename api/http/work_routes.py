"""待办: what waits for whoever is signed in, by their duties."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import Body
from api.http.list_routes import TurnShown, find_list_row, turn_shown
from api.http.who import who_of
from ledger.loan_query import LoanRow
from ledger.work_query import work_of

router = APIRouter(tags=["work"], route_class=Guarded)


class ListWork(Body):
    list_id: str
    number: str
    title: str
    state: str
    status: str
    size: int
    steps: list[TurnShown]


class BackWork(Body):
    """A record that was sent back: to be mended and submitted again."""

    record: str
    number: str
    title: str
    list_id: str
    statement: str
    event: str
    reason: str
    occurred_at: str


class LoanWork(Body):
    """`answered`: what an act on it answers."""

    statement: str
    record: str
    number: str
    title: str
    answered: str
    due: str | None
    occurred_at: str


class RepairWork(Body):
    statement: str
    event: str
    record: str
    number: str
    title: str
    occurred_at: str


class DestructionWork(Body):
    """`statement`: the carrying out, which the witness answers; `outcome`: of what copies."""

    statement: str
    record: str
    number: str
    title: str
    outcome: str
    occurred_at: str


class WorkShown(Body):
    """At most 50 of each, newest first; `more` names the kinds of which there may be more."""

    duties: list[str]
    lists: list[ListWork]
    sent_back: list[BackWork]
    applications: list[LoanWork]
    overdue: list[LoanWork]
    repairs: list[RepairWork]
    destructions: list[DestructionWork]
    more: list[str]


@router.get("/v1/work", operation_id="show_work")
def show_work(service: ServiceOf, caller: CallerOf) -> WorkShown:
    """Lists whose turn it is, what was sent back, applications to decide, loans overdue, repairs to check,
    destructions to witness."""
    found = work_of(service.ledger, who_of(service, caller))
    lists = []
    for one, steps in found.lists:
        named = find_list_row(service, one.list_id)
        lists.append(
            ListWork(
                list_id=one.list_id,
                number=named[0],
                title=named[1],
                state=one.state,
                status=one.status,
                size=one.frozen.size,
                steps=[turn_shown(turn, yours=True) for turn in steps],
            )
        )
    return WorkShown(
        duties=sorted(caller.duties),
        lists=lists,
        sent_back=[
            BackWork(
                record=one.record,
                number=one.number,
                title=one.title,
                list_id=one.list_id,
                statement=one.statement,
                event=one.event,
                reason=one.reason,
                occurred_at=one.occurred_at,
            )
            for one in found.sent_back
        ],
        applications=[_loan(one) for one in found.applications],
        overdue=[_loan(one) for one in found.overdue],
        repairs=[
            RepairWork(
                statement=one.statement,
                event=one.event,
                record=one.record,
                number=one.number,
                title=one.title,
                occurred_at=one.occurred_at,
            )
            for one in found.repairs
        ],
        destructions=[
            DestructionWork(
                statement=one.statement,
                record=one.record,
                number=one.number,
                title=one.title,
                outcome=one.outcome,
                occurred_at=one.occurred_at,
            )
            for one in found.destructions
        ],
        more=list(found.more),
    )


def _loan(one: LoanRow) -> LoanWork:
    return LoanWork(
        statement=one.statement,
        record=one.record,
        number=one.number,
        title=one.title,
        answered=one.answered,
        due=one.due,
        occurred_at=one.occurred_at,
    )
