"""Repairs, and whether somebody else has checked them. The repaired copy is always called one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.http.caller import Guarded, ServiceOf
from api.http.forms import UUID, Body
from api.http.pages import Cursor, Limit, after_of, cursor_after
from ledger.repair_query import RepairRow, repair_page

router = APIRouter(tags=["repair"], route_class=Guarded)


class RepairedShown(Body):
    """The copy that the repair made; `sha256` is null where it is a disclosure. Its source stays kept."""

    name: str
    copy_: str = Field(alias="copy")
    sha256: str | None


class CheckedShown(Body):
    statement: str
    outcome: str
    agent: str
    occurred_at: str


class RepairShown(Body):
    """`agent`: the operator. `source`: statements that brought what was repaired. `pages`: touched. `said`:
    method, tool, scope, and in `filled_in` what was inferred (推补处不作凭证)."""

    statement: str
    event: str
    record: str
    number: str
    title: str
    state: str
    agent: str
    organisation: str
    occurred_at: str
    pages: int | None
    files: list[RepairedShown]
    source: list[str]
    said: dict[str, str]
    checks: list[CheckedShown]


class RepairsShown(Body):
    """Pages may be shorter than asked where a filter fits few: go on while there is `next`."""

    repairs: list[RepairShown]
    next: str | None


@router.get("/v1/repairs", operation_id="list_repairs")
def list_repairs(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[Literal["unchecked", "passed", "failed"] | None, Query()] = None,
    record: Annotated[str | None, Query(pattern=UUID)] = None,
) -> RepairsShown:
    """Repairs, newest first."""
    page = repair_page(
        service.ledger,
        limit,
        after_of(cursor, "repairs"),
        lambda one: state in (None, one.state),
        record,
    )
    return RepairsShown(repairs=[_repair(one) for one in page.rows], next=cursor_after("repairs", page.next))


def _repair(one: RepairRow) -> RepairShown:
    return RepairShown(
        statement=one.statement,
        event=one.event,
        record=one.record,
        number=one.number,
        title=one.title,
        state=one.state,
        agent=one.agent,
        organisation=one.iss,
        occurred_at=one.occurred_at,
        pages=one.pages,
        files=[RepairedShown(name=f.name, copy=f.copy, sha256=f.sha256) for f in one.files],
        source=list(one.source),
        said=one.said,
        checks=[
            CheckedShown(statement=c.statement, outcome=c.outcome, agent=c.agent, occurred_at=c.occurred_at)
            for c in one.checks
        ],
    )
