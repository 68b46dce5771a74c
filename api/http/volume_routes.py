"""Volumes and household files, and paper originals: what stands where."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.http.caller import Guarded, ServiceOf
from api.http.forms import Body
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from ledger.original_query import OriginalRow, original_page
from ledger.record_pages import Place
from ledger.volume_query import find_volume, volumes

router = APIRouter(tags=["records"], route_class=Guarded)
OriginalState = Literal[
    "unstated", "in_place", "in_deposit", "on_loan", "in_repair", "missing", "lost", "destroyed"
]


class MemberShown(Body):
    record: str
    number: str
    title: str


class VolumeShown(Body):
    """`name`: as its members' acts call it. `members`: how many stand in it now."""

    name: str
    state: Literal["open", "closed"]
    members: int
    last_at: str


class VolumesShown(Body):
    volumes: list[VolumeShown]
    next: str | None


class VolumeWhole(Body):
    name: str
    state: Literal["open", "closed"]
    last_at: str
    members: list[MemberShown]


class StocktakingShown(Body):
    outcome: str
    agent: str
    occurred_at: str


class OriginalShown(Body):
    """`location`, `custodian`: as last disclosed. `due`: where it is lent. `stocktaking`: the last."""

    record: str
    number: str
    title: str
    state: OriginalState
    location: str
    custodian: str
    due: str | None
    stocktaking: StocktakingShown | None


class OriginalsShown(Body):
    """Pages may be shorter than asked where a filter fits few: go on while there is `next`."""

    originals: list[OriginalShown]
    next: str | None


@router.get("/v1/volumes", operation_id="list_volumes")
def list_volumes(service: ServiceOf, limit: Limit = 50, cursor: Cursor = None) -> VolumesShown:
    """Volumes and household files by name; evidence over one: POST /v1/evidence with `volumes`."""
    first = number(read_cursor(cursor, "volumes", 1)[0]) if cursor is not None else 0
    found = volumes(service.ledger)
    following = cursor_of("volumes", first + limit) if first + limit < len(found) else None
    return VolumesShown(
        volumes=[
            VolumeShown(name=v.name, state=_state(v.state), members=len(v.records), last_at=v.last_at)
            for v in found[first : first + limit]
        ],
        next=following,
    )


@router.get("/v1/volumes/{name}", operation_id="show_volume")
def show_volume(
    service: ServiceOf, name: Annotated[str, Path(min_length=1, max_length=200, examples=["ZY·TD"])]
) -> VolumeWhole:
    """Which records stand in it now."""
    found, rows = find_volume(service.ledger, name)
    return VolumeWhole(
        name=found.name,
        state=_state(found.state),
        last_at=found.last_at,
        members=[MemberShown(record=row.record, number=row.number, title=row.title) for row in rows],
    )


@router.get("/v1/originals", operation_id="list_originals")
def list_originals(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[OriginalState | None, Query()] = None,
    location: Annotated[
        str | None, Query(min_length=1, max_length=200, description="What the location begins with.")
    ] = None,
    not_counted_since: Annotated[
        str | None,
        Query(pattern=r"^\d{4}-\d\d-\d\d$", description="Not found at a stocktaking on this day or after."),
    ] = None,
) -> OriginalsShown:
    """Paper originals, the stocktaking list of a repository: state, place, when last counted."""
    after = None
    if cursor is not None:
        act, record = read_cursor(cursor, "originals", 2)
        after = Place(number(act), record)

    def fits(one: OriginalRow) -> bool:
        counted = one.stocktaking.occurred_at if one.stocktaking else ""
        return (
            state in (None, one.state)
            and one.location.startswith(location or "")
            and (not_counted_since is None or counted[:10] < not_counted_since)
        )

    page = original_page(service.ledger, limit, after, fits)
    following = cursor_of("originals", page.next.act, page.next.record) if page.next else None
    return OriginalsShown(originals=[_original(one) for one in page.rows], next=following)


def _state(state: str) -> Literal["open", "closed"]:
    return "closed" if state == "closed" else "open"


def _original(one: OriginalRow) -> OriginalShown:
    taken = one.stocktaking
    return OriginalShown(
        record=one.record,
        number=one.number,
        title=one.title,
        state=one.state,  # type: ignore[arg-type]  # one of its table's states
        location=one.location,
        custodian=one.custodian,
        due=one.due,
        stocktaking=StocktakingShown(outcome=taken.outcome, agent=taken.agent, occurred_at=taken.occurred_at)
        if taken
        else None,
    )
