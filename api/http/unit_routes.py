"""The organisations' units, and the people with duties there, now and in the past."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.caller import Guarded, ServiceOf
from api.http.forms import Body
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.http.problem import refuse
from api.units_command import holders
from ledger.people_view import PersonView, Term, people
from ledger.unit_store import tree_versions

router = APIRouter(tags=["people"], route_class=Guarded)


class HolderShown(Body):
    """`name`: as last disclosed by the person, empty where it is not. `organisation`: that appointed."""

    agent: str
    name: str
    duty: str
    organisation: str
    until: str | None


class UnitShown(Body):
    """`parent`: its code. `holders`: who has a duty there now."""

    id: str
    code: str
    kind: str
    organisation: str
    parent: str | None
    zh: str
    en: str
    holders: list[HolderShown]


class UnitsShown(Body):
    """In the order of the tree: each below its parent. `version`: from 1; `since`: in force since."""

    version: int
    since: str
    units: list[UnitShown]


class TermShown(Body):
    """A duty from `since` on; `until`: its last day; `ended`: when somebody ended it. `stands`: now."""

    duty: str
    unit: str | None
    organisation: str
    since: str
    until: str | None
    ended: str | None
    stands: bool


class PersonShown(Body):
    agent: str
    name: str
    terms: list[TermShown]


class PeopleShown(Body):
    people: list[PersonShown]
    next: str | None


@router.get("/v1/units", operation_id="list_units")
def list_units(
    service: ServiceOf,
    version: Annotated[int | None, Query(ge=1, le=2**31, description="A former one.")] = None,
) -> UnitsShown:
    """The organisations with their departments, villages and stations, and who has which duty now."""
    versions = tree_versions(service.ledger)
    chosen = [one for one in versions if version in (None, one.number)]
    if not chosen:
        raise refuse("UNITS_ABSENT", "version", f"1…{len(versions)}", str(version or "none yet"))
    known = people(service.ledger)
    return UnitsShown(
        version=chosen[-1].number,
        since=chosen[-1].at,
        units=[
            UnitShown(
                id=one.id,
                code=one.code,
                kind=one.kind,
                organisation=one.organisation,
                parent=one.parent,
                zh=one.zh,
                en=one.en,
                holders=[
                    HolderShown(
                        agent=person.agent,
                        name=person.name,
                        duty=term.duty,
                        organisation=term.iss,
                        until=term.until,
                    )
                    for person, term in holders(known, one.id, one.organisation, root=depth == 0)
                ],
            )
            for depth, one in chosen[-1].tree.walk()
        ],
    )


@router.get("/v1/people", operation_id="list_people")
def list_people(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    standing: Annotated[bool, Query(description="Only who has a duty now.")] = False,
    unit: Annotated[str | None, Query(max_length=40, description="Id: whoever had a duty there.")] = None,
) -> PeopleShown:
    """Everybody who ever had a duty, in the order of first appointments. Who left stays in it."""
    first = number(read_cursor(cursor, "people", 1)[0]) if cursor is not None else 0
    found = [
        (place, one)
        for place, one in enumerate(people(service.ledger))
        if place >= first
        and (not standing or one.now)
        and (unit is None or any(term.unit == unit for term in one.terms))
    ]
    following = cursor_of("people", found[limit][0]) if len(found) > limit else None
    return PeopleShown(people=[_person(one) for _, one in found[:limit]], next=following)


def _person(one: PersonView) -> PersonShown:
    return PersonShown(agent=one.agent, name=one.name, terms=[_term(term) for term in one.terms])


def _term(term: Term) -> TermShown:
    return TermShown(
        duty=term.duty,
        unit=term.unit,
        organisation=term.iss,
        since=term.since,
        until=term.until,
        ended=term.ended,
        stands=term.stands,
    )
