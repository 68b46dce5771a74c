"""The tree of units: what is read, what is refused, and what an appointment may name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.people_view import PersonView, people
from ledger.refusals import refusals
from ledger.sign import Draft, sign_statement
from ledger.unit_store import current_tree, put_tree, tree_versions, unit_names
from ledger.units import UnitsRefusedError, UnitTree, pretty_units, read_units, sample_units, write_units
from tests.ledger.ledger_world import AUDIT, TOWN, World, make_world, new_uuid

OFFICE: dict[str, Any] = {
    "version": "archive-ledger units v1",
    "units": [
        {"code": "town", "kind": "organisation", "organisation": TOWN, "zh": "青禾镇", "en": "Qinghe"},
        {
            "code": "town.land",
            "kind": "department",
            "parent": "town",
            "organisation": TOWN,
            "zh": "自然资源所",
            "en": "Land",
        },
        {
            "code": "town.wanghe",
            "kind": "village",
            "parent": "town",
            "organisation": TOWN,
            "zh": "望禾村",
            "en": "Wanghe",
        },
        {"code": "audit", "kind": "organisation", "organisation": AUDIT, "zh": "审计局", "en": "Audit"},
    ],
}
BOTH = (TOWN, AUDIT)


def octets(change: Callable[[list[dict[str, Any]]], object] | None = None) -> bytes:
    value = json.loads(json.dumps(OFFICE))
    if change is not None:
        change(value["units"])
    return json.dumps(value).encode()


def read(change: Callable[[list[dict[str, Any]]], object] | None = None) -> UnitTree:
    return read_units(octets(change), BOTH)


def codes(data: bytes, former: UnitTree | None = None) -> list[str]:
    with pytest.raises(UnitsRefusedError) as caught:
        read_units(data, BOTH, former)
    return [one.code for one in caught.value.reasons]


WRONG: dict[str, tuple[bytes, list[str]]] = {
    "no JSON": (b"{", ["JSON_SYNTAX"]),
    "no UTF-8": (b"\xff", ["JSON_SYNTAX"]),
    "a member twice": (b'{"units":[],"units":[]}', ["JSON_REPEATED_MEMBER"]),
    "an array": (b"[]", ["SHAPE_TYPE"]),
    "another version": (octets().replace(b"units v1", b"units v2"), ["SHAPE_VALUE"]),
    "no unit": (b'{"units":[],"version":"archive-ledger units v1"}', ["SHAPE_VALUE"]),
    "a unit that is none": (octets(lambda u: u.append(7)), ["SHAPE_TYPE"]),  # type: ignore[arg-type]
    "a member missing": (octets(lambda u: u[2].pop("zh")), ["SHAPE_MEMBERS"]),
    "a member too many": (octets(lambda u: u[2].update(head="王五")), ["SHAPE_MEMBERS"]),
    "a code with blanks": (octets(lambda u: u[2].update(code="wang he")), ["SHAPE_VALUE"]),
    "a name of blanks": (octets(lambda u: u[2].update(zh=" ")), ["SHAPE_VALUE"]),
    "a kind that is none": (octets(lambda u: u[2].update(kind="hamlet")), ["SHAPE_VALUE"]),
    "an id that is no uuid": (octets(lambda u: u[2].update(id="1")), ["SHAPE_VALUE"]),
    "a code twice": (octets(lambda u: u[2].update(code="town.land")), ["UNIT_CODE_REPEATED"]),
    "an organisation that is none": (
        octets(lambda u: u[3].update(organisation="X")),
        ["UNIT_ORGANISATION_UNKNOWN"],
    ),
    "a village without a parent": (octets(lambda u: u[2].pop("parent")), ["UNIT_ROOT"]),
    "an organisation below": (octets(lambda u: u[3].update(parent="town")), ["UNIT_ROOT"]),
    "two of one organisation": (octets(lambda u: u[3].update(organisation=TOWN)), ["UNIT_ROOT_REPEATED"]),
    "a parent that is not there": (octets(lambda u: u[2].update(parent="x")), ["UNIT_PARENT_UNKNOWN"]),
    "a parent below, or oneself": (
        octets(lambda u: u[1].update(parent="town.land")),
        ["UNIT_PARENT_UNKNOWN"],
    ),
    "a parent of another organisation": (
        octets(lambda u: u.append({**u[2], "code": "v", "parent": "audit"})),
        ["UNIT_PARENT_OTHER"],
    ),
    "several at once": (
        octets(
            lambda u: (u[0].update(kind="x", zh=""), u[2].update(parent="y"), u[3].update(organisation="Z"))
        ),
        [
            "SHAPE_VALUE",
            "SHAPE_VALUE",
            "UNIT_PARENT_UNKNOWN",
            "UNIT_PARENT_UNKNOWN",
            "UNIT_ORGANISATION_UNKNOWN",
        ],
    ),
}


@pytest.mark.parametrize(("data", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_all_at_once(data: bytes, expected: list[str]) -> None:
    assert codes(data) == expected


def test_an_id_twice_is_refused() -> None:
    twice = read().units[1].id
    assert codes(octets(lambda u: (u[1].update(id=twice), u[2].update(id=twice)))) == ["UNIT_ID_REPEATED"]


def test_what_was_written_is_read_again_and_a_new_version_keeps_ids_by_their_codes() -> None:
    tree = read()
    assert read_units(write_units(tree), BOTH) == tree
    assert read_units(pretty_units(tree).encode(), BOTH) == tree
    assert read_units(octets(), BOTH, tree) == tree
    renamed = read_units(octets(lambda u: u[2].update(zh="望禾新村")), BOTH, tree)
    assert [one.id for one in renamed.units] == [one.id for one in tree.units]
    other = octets(lambda u: u[2].update(id="6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"))
    assert codes(other, tree) == ["UNIT_CHANGED"]
    taken = octets(lambda u: u[2].update(id=tree.units[2].id, code="town.tingquan"))
    assert codes(taken, tree) == ["UNIT_CHANGED"]


def test_the_sample_gives_every_organisation_its_own_unit() -> None:
    names = {"QingheTownship": ("青禾镇政府", "Qinghe"), "Elsewhere": ("别处法院", "A court")}
    data = Path("api/data/units.sample.json").read_bytes()
    sample = read_units(data, ["QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice"])
    tree = sample_units(sample, names)
    assert read_units(write_units(tree), names) == tree
    roots = {one.organisation: one.zh for one in tree.units if one.parent is None}
    assert roots == {"QingheTownship": "青禾镇政府", "Elsewhere": "别处法院"}
    assert {"望禾村", "听泉村", "镇综合档案室", "自然资源所"} <= {one.zh for one in tree.units}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = make_world(tmp_path)
    put_tree(made.ledger, read())
    return made


def unit(world: World, code: str) -> str:
    last = current_tree(world.ledger)
    assert last is not None
    return last.tree.named(code)[0].id


def state(world: World, subject: str, duty: str, place: str | None, event: str = "appoint", iss: str = TOWN,
          due: str | None = None) -> None:  # fmt: skip
    registrar = world.person(iss, "registrar")
    draft = Draft(event, "2026-01-12", subject=subject, duty=duty, unit=place, due=due,
                  fields={"agent_name": "登记员"})  # fmt: skip
    world.accept([sign_statement(registrar, world.ledger.origin, draft)])


def of(world: World, subject: str) -> PersonView:
    return next(one for one in people(world.ledger) if one.agent == subject)


APPOINTMENTS = {
    "a village archivist in a village": ("village_archivist", "town.wanghe", TOWN, ""),
    "a reviewer in a department": ("department_reviewer", "town.land", TOWN, ""),
    "a head anywhere": ("head", "town.wanghe", TOWN, ""),
    "for all of the organisation": ("head", None, TOWN, ""),
    "a village archivist in a department": ("village_archivist", "town.land", TOWN, "UNIT_KIND"),
    "a reviewer in a village": ("department_reviewer", "town.wanghe", TOWN, "UNIT_KIND"),
    "a unit of another organisation": ("head", "audit", TOWN, "UNIT_OTHER_ORGANISATION"),
    "by another organisation": ("head", "town.land", AUDIT, "UNIT_OTHER_ORGANISATION"),
    "a unit that is none": ("head", "x", TOWN, "UNIT_UNKNOWN"),
}


@pytest.mark.parametrize(("duty", "place", "iss", "code"), APPOINTMENTS.values(), ids=APPOINTMENTS.keys())
def test_an_appointment_names_a_unit_that_fits(
    world: World, duty: str, place: str | None, iss: str, code: str
) -> None:
    named = "00000000-0000-4000-8000-000000000000" if place == "x" else place and unit(world, place)
    subject = new_uuid()
    if not code:
        state(world, subject, duty, named, iss=iss)
        assert [(term.duty, term.unit) for term in of(world, subject).now] == [(duty, named)]
        return
    with pytest.raises(SubmissionsRefusedError) as caught:
        state(world, subject, duty, named, iss=iss)
    assert [one.code for one in caught.value.refusals[0].reasons] == [code]
    assert [one.code for one in refusals(world.ledger)] == [code]
    assert subject not in {one.agent for one in people(world.ledger)}


def test_a_ledger_without_a_tree_knows_no_unit(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    with pytest.raises(SubmissionsRefusedError) as caught:
        state(world, new_uuid(), "head", "00000000-0000-4000-8000-000000000000")
    assert [one.code for one in caught.value.refusals[0].reasons] == ["UNIT_UNKNOWN"]


def test_former_trees_stay_and_a_unit_that_somebody_holds_is_not_left_out(world: World) -> None:
    village, subject = unit(world, "town.wanghe"), new_uuid()
    state(world, subject, "village_archivist", village)
    first = current_tree(world.ledger)
    assert first is not None
    without = read_units(octets(lambda u: u.pop(2)), BOTH, first.tree)
    with pytest.raises(UnitsRefusedError) as caught:
        put_tree(world.ledger, without)
    assert [(one.code, one.at) for one in caught.value.reasons] == [("UNIT_HELD", subject)]
    assert put_tree(world.ledger, first.tree) == first
    world.clock.step(60)
    state(world, subject, "village_archivist", village, "release")
    assert put_tree(world.ledger, without).number == 2
    assert [one.number for one in tree_versions(world.ledger)] == [1, 2]
    assert unit_names(world.ledger)[village].zh == "望禾村"
    left = of(world, subject)
    (term,) = left.terms
    assert (left.now, term.unit, term.stands) == ((), village, False)
    assert term.ended is not None
    assert term.ended > term.since


def test_terms_follow_the_rules_of_duties(world: World) -> None:
    subject = new_uuid()
    state(world, subject, "head", None, due="2026-01-12")
    world.clock.step(60)
    state(world, subject, "head", None, due="2026-06-30")
    (one,) = of(world, subject).terms
    assert (one.until, one.ended, one.stands) == ("2026-06-30", None, True)
    world.clock.step(400 * 86400)
    (ended,) = of(world, subject).terms
    assert (ended.stands, ended.ended) == (False, None)
