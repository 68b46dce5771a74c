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
    archivist, keeper = house.person(), house.person()
    with house.client(role="registrar") as registrar, house.client() as client:
        given = [
            (archivist.agent, "village_archivist", village, "appoint"),
            (keeper.agent, "township_archivist", room, "appoint"),
            (archivist.agent, "head", None, "appoint"),
            (archivist.agent, "village_archivist", village, "release"),
        ]
        for subject, duty, unit, event in given:
            about = {"subject": subject, "duty": duty} | ({"unit": unit} if unit else {})
            registrar.act(event=event, occurred_at="2026-01-08", fields={"agent_name": "登记员"}, **about)
        shown = client.ask("GET", "/v1/units").json()
        assert [one["code"] for one in shown["units"]][:2] == ["archives", "archives.reception"]
        held = {one["code"]: [h["duty"] for h in one["holders"]] for one in shown["units"] if one["holders"]}
        assert held == {"qinghe": ["head"], "qinghe.room": ["township_archivist"]}
        first = client.ask("GET", "/v1/people?limit=1").json()
        (left,) = first["people"]
        assert left["agent"] == archivist.agent
        assert [(one["duty"], one["unit"], one["stands"]) for one in left["terms"]] == [
            ("head", None, True),
            ("village_archivist", village, False),
        ]
        second = client.ask("GET", f"/v1/people?limit=1&cursor={first['next']}").json()
        assert [one["agent"] for one in second["people"]] == [keeper.agent]
        assert second["next"] is None
        of_village = client.ask("GET", f"/v1/people?unit={village}").json()["people"]
        assert [one["agent"] for one in of_village] == [archivist.agent]
