"""Lists of records on their way: where each stands, whose turn it is, what was sent back and why."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import UUID, Body
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.http.service import Service
from api.http.who import who_of
from api.show_command import step_json
from ledger.list_pages import Who, list_page, waits_for
from ledger.list_query import list_row
from ledger.list_turns import Turn
from ledger.list_view import Frozen, ListItem, ListSummary, described, list_view

router = APIRouter(tags=["transfer"], route_class=Guarded)
ListId = Annotated[str, Path(pattern=UUID, examples=["0b7b3f5e-5f0e-4c43-8d5e-2f2b8a1f0c11"])]
Status = Literal["under_way", "divided", "replaced", "returned", "filed", "transferred"]


class TurnShown(Body):
    """An act that may come next. `basis`: what it must say; for a signature, whose it is. `due`: the list
    waits for it. `skips`: a step that the list waits for as well, left out if this one comes first. `yours`:
    it waits for whoever asks."""

    event: str
    basis: str | None
    duties: list[str]
    due: bool
    skips: str | None
    yours: bool


class FrozenShown(Body):
    """What was fixed: the statement, and the roots over its items, all in hex. `units`: of the clerk then."""

    statement: str
    size: int
    sha256: str
    sm3: str
    agent: str
    organisation: str
    occurred_at: str
    units: list[str]


class ListShown(Body):
    """`state`: of its items in transfer review. `status`: under_way; divided, part of it was sent back and
    the rest goes on under a new list; replaced, nothing is left on it; returned as a whole; filed;
    transferred."""

    list_id: str
    number: str
    title: str
    state: str
    status: str
    frozen: FrozenShown
    next: list[TurnShown]


class ListsShown(Body):
    """Pages may be shorter than asked where a filter fits few: go on while there is `next`."""

    lists: list[ListShown]
    next: str | None


class BackShown(Body):
    """Why the item was sent back, in codes of the catalogue, and by which statement."""

    statement: str
    event: str
    reason: str
    agent: str
    organisation: str
    occurred_at: str


class ItemShown(Body):
    """`number`: its place on the list, from 0. `state`: of the record, now. `on_list`: not sent back, and on
    no newer list."""

    number: int
    record: str
    reference: str
    title: str
    state: str
    on_list: bool
    sent_back: BackShown | None


class ListWhole(ListShown):
    """`steps`: every act on the list, with the members of `archive-ledger show`. `deed`: whose signature →
    its statement. `barred`: event → who may not do it, having done another step. `next_items`: where the
    following items begin."""

    steps: list[dict[str, Any]]
    deed: dict[str, str]
    barred: dict[str, list[str]]
    items: list[ItemShown]
    next_items: str | None


@router.get("/v1/lists", operation_id="list_lists")
def list_lists(
    service: ServiceOf,
    caller: CallerOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Annotated[Status | None, Query()] = None,
    state: Annotated[str | None, Query(max_length=64, description="In transfer review.")] = None,
    unit: Annotated[str | None, Query(max_length=40, description="Id, of the clerk's unit.")] = None,
    mine: Annotated[bool, Query(description="Only those that wait for whoever asks.")] = False,
) -> ListsShown:
    """Lists by their newest act, newest first."""
    who = who_of(service, caller)

    def fits(one: ListSummary) -> bool:
        kept = status in (None, one.status) and state in (None, one.state)
        kept = kept and (unit is None or unit in one.frozen.units)
        return kept and (not mine or bool(waits_for(one, who)))

    below = number(read_cursor(cursor, "lists", 1)[0]) if cursor is not None else None
    page = list_page(service.ledger, limit, below, fits)
    following = cursor_of("lists", page.next) if page.next is not None else None
    return ListsShown(lists=[_shown(service, one, who) for one in page.rows], next=following)


@router.get("/v1/lists/{list}", operation_id="show_list")
def show_list(
    service: ServiceOf,
    caller: CallerOf,
    list_id: Annotated[str, Path(alias="list", pattern=UUID)],
    limit: Limit = 200,
    cursor: Cursor = None,
) -> ListWhole:
    """What was fixed, every step on it, each item and what may come next, by which duty."""
    view, who = list_view(service.ledger, list_id), who_of(service, caller)
    first = number(read_cursor(cursor, f"items {list_id}", 1)[0]) if cursor is not None else 0
    items = view.items[first : first + limit]
    named = described(service.ledger, [one.record for one in items])
    more = first + limit < len(view.items)
    return ListWhole(
        **_shown(service, view.summary, who).model_dump(),
        steps=[step_json(step) for step in view.steps],
        deed=dict(view.summary.deed),
        barred={event: sorted(agents) for event, agents in view.barred.items()},
        items=[_item(one, *named[one.record]) for one in items],
        next_items=cursor_of(f"items {list_id}", first + limit) if more else None,
    )


def _shown(service: Service, one: ListSummary, who: Who) -> ListShown:
    row, waits = find_list_row(service, one.list_id), waits_for(one, who)
    return ListShown(
        list_id=one.list_id,
        number=row[0],
        title=row[1],
        state=one.state,
        status=one.status,
        frozen=_frozen(one.frozen),
        next=[turn_shown(turn, turn in waits) for turn in one.next],
    )


def find_list_row(service: Service, list_id: str) -> tuple[str, str]:
    """Number and title, as last disclosed."""
    row = list_row(service.ledger, list_id)
    return row.number, row.title


def turn_shown(turn: Turn, yours: bool) -> TurnShown:
    return TurnShown(
        event=turn.event,
        basis=turn.basis,
        duties=list(turn.duties),
        due=turn.due,
        skips=turn.skips,
        yours=yours,
    )


def _frozen(one: Frozen) -> FrozenShown:
    return FrozenShown(
        statement=one.statement,
        size=one.size,
        sha256=one.sha256,
        sm3=one.sm3,
        agent=one.agent,
        organisation=one.iss,
        occurred_at=one.occurred_at,
        units=list(one.units),
    )


def _item(one: ListItem, reference: str, title: str) -> ItemShown:
    back = one.sent_back
    return ItemShown(
        number=one.number,
        record=one.record,
        reference=reference,
        title=title,
        state=one.state,
        on_list=one.on_list,
        sent_back=BackShown(
            statement=back.statement,
            event=back.event,
            reason=back.reason,
            agent=back.agent,
            organisation=back.iss,
            occurred_at=back.occurred_at,
        )
        if back
        else None,
    )
