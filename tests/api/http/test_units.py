"""Units and people over HTTP: whoever is asked for, with their duties now and in the past."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.unit_store import put_tree
from ledger.units import UnitTree, read_units
from tests.api.http.house import ARCHIVE, AUDIT, JUSTICE, TOWN, House, problem_of

SAMPLE = Path("api/data/units.sample.json")


@pytest.fixture(scope="module")
def tree(house: House) -> UnitTree:
    sample = read_units(SAMPLE.read_bytes(), [TOWN, ARCHIVE, AUDIT, JUSTICE])
    put_tree(house.ledger, sample)
    return sample


def test_before_there_is_a_tree_it_is_absent(own_house: House) -> None:
    with own_house.client() as client:
        client.sign_in()
        answer = client.http.get("/v1/units", headers={"Authorization": f"Bearer {client.token}"})
        assert problem_of(answer, 404, "UNITS_ABSENT")["wrong"][0]["found"] == "none yet"


def test_who_is_where_and_who_was(house: House, tree: UnitTree) -> None:
    village, room = (tree.named(code)[0].id for code in ("qinghe.wanghe", "qinghe.room"))
    archivist, keeper = house.person(duties=()), house.person(duties=())
    with house.client(role="registrar") as registrar, house.client(AUDIT) as client:
        given = [
            (archivist.agent, "village_archivist", village, "appoint"),
            (keeper.agent, "township_archivist", room, "appoint"),
            (archivist.agent, "head", None, "appoint"),
            (archivist.agent, "village_archivist", village, "release"),
        ]
        for subject, duty, unit, event in given:
            about = {"subject": subject, "duty": duty} | ({"unit": unit} if unit else {})
            registrar.act(
                event=event,
                occurred_at="2026-01-08",
                late="offline",
                fields={"agent_name": "登记员"},
                **about,
            )
        shown = client.ask("GET", "/v1/units").json()
        assert [one["code"] for one in shown["units"]][:2] == ["archives", "archives.reception"]
        held = {
            one["code"]: [h["duty"] for h in one["holders"] if h["agent"] in (archivist.agent, keeper.agent)]
            for one in shown["units"]
        }
        of_them = {code: duties for code, duties in held.items() if duties}
        assert of_them == {"qinghe": ["head"], "qinghe.room": ["township_archivist"]}
        listed = list(client.every("/v1/people", "people", limit=1))
        (left,) = [one for one in listed if one["agent"] == archivist.agent]
        assert len({one["agent"] for one in listed}) == len(listed) > 2
        assert [(one["duty"], one["unit"], one["stands"]) for one in left["terms"]] == [
            ("head", None, True),
            ("village_archivist", village, False),
        ]
        of_village = client.ask("GET", f"/v1/people?unit={village}").json()["people"]
        assert [one["agent"] for one in of_village] == [archivist.agent]
