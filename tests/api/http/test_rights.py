"""Each operation × each duty: let in or kept out, and whoever is kept out is on record."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.client import Client
from api.http.app import build_app, operations
from api.http.duties import DUTIES
from api.http.limits import Limits
from api.http.rights import ANYONE, RIGHTS, SIGNED_IN
from tests.api.http.house import ARCHIVE, AUDIT, JUSTICE, TOWN, House, open_house, problem_of

# The whole table, as an archive office would read it: V village archivist, D department reviewer, T township
# archivist, A authority reviewer, R reader, M mediator, U auditor; S system, E security and W audit
# administrator; H head, C counter clerk. A test holds `api/http/rights.py` to it, and the service to both.
LETTERS = dict(zip("VDTARMUSEWHC", DUTIES, strict=True))
TABLE = {
    "draft": "VDTA MUSEWHC",
    "submit": "VDTA MUSEWHC",
    "submit_many": "VDTA MUSEWHC",
    "show_statement": "VDTA UWHC",
    "show_receipt": "VDTARMUSEWHC",
    "upload": "VDTA C",
    "list_records": "VDTA UHC",
    "show_record": "VDTA MUHC",
    "open_file": "VDTA MUHC",
    "list_units": "VDTARMUSEWHC",
    "list_people": "VDTAUSEWHC",
    "show_trail": "TAUEW",
    "evidence": "TAMUHC",
    "checkpoint": "AMUW",
    "tile": "AMUW",
    "start_check": "AUSW",
    "start_evidence": "TAU",
    "show_job": "TAUSW",
    "watch_job": "TAUSW",
    "job_result": "TAUSW",
}
OPEN = {"health", "metrics", "openapi", "challenge", "sign_in"}
WITH_SESSION = {"show_session", "sign_out", "list_events"}
PLACES = {
    "{record}": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
    "{subject}": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
    "{sha256}": "00" * 32,
    "{kind}": "record",
    "{level}": "0",
    "{place}": "000",
    "{job}": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
}
CASES = [(operation, duty) for operation in TABLE for duty in DUTIES]


@dataclass(frozen=True)
class Desk:
    """A service where somebody is signed in; `paths`: operation → (method, path)."""

    house: House
    client: Client
    paths: dict[str, tuple[str, str]]

    def ask(self, operation: str, token: str | None = None) -> httpx.Response:
        method, path = self.paths[operation]
        for place, value in PLACES.items():
            path = path.replace(place, value)
        bearer = self.client.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        # No body: who may not is told so before one is asked for.
        return self.client.http.request(method, path, headers=headers)


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home, Limits(denials=10_000)) as house, house.client() as client:
        client.sign_in()
        yield Desk(house, client, operations(build_app(house.service)))


def test_every_operation_stands_in_the_table(desk: Desk) -> None:
    assert desk.paths.keys() | {"openapi"} == RIGHTS.keys() == TABLE.keys() | OPEN | WITH_SESSION
    for operation, letters in TABLE.items():
        assert set(RIGHTS[operation]) == {LETTERS[one] for one in letters.replace(" ", "")}, operation
    assert {RIGHTS[one] for one in OPEN} == {ANYONE}
    assert {RIGHTS[one] for one in WITH_SESSION} == {SIGNED_IN}


@pytest.mark.parametrize(("operation", "duty"), CASES)
def test_a_duty_opens_what_the_table_says_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, operation: str, duty: str
) -> None:
    monkeypatch.setattr("api.http.duties.duties_of", lambda *_: frozenset([duty]))
    before = desk.house.count("session.denied")
    answer = desk.ask(operation)
    stated = desk.house.stated("session.denied", before)
    if duty in {LETTERS[one] for one in TABLE[operation].replace(" ", "")}:
        assert answer.status_code not in (401, 403, 500), answer.text
        assert stated == []
        return
    problem = problem_of(answer, 403, "RIGHT_MISSING")
    assert problem["wrong"][0]["at"] == operation
    assert [(one.reason, one.agent) for one in stated] == [("not_authorised", desk.house.service.key.agent)]
    assert dict(stated[0].shown)["detail"] == operation


@pytest.mark.parametrize("operation", [*TABLE, *sorted(WITH_SESSION)])
def test_nothing_is_open_without_a_session(desk: Desk, operation: str) -> None:
    problem_of(desk.ask(operation, token=""), 401, "SESSION_NONE")


@pytest.mark.parametrize("operation", TABLE)
def test_without_any_duty_nothing_of_the_table_is_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    monkeypatch.setattr("api.http.duties.duties_of", lambda *_: frozenset())
    problem_of(desk.ask(operation), 403, "RIGHT_MISSING")


def test_somebody_who_is_refused_again_and_again_fills_no_log(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.duties.duties_of", lambda *_: frozenset())
    with open_house(own_home, own_home, Limits(denials=3)) as house, house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        answers = [client.http.get("/v1/records", headers=headers) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [403] * 3 + [429] * 3
        assert len(house.stated("session.denied")) == 3


def test_until_appointments_are_on_record_duties_follow_the_kind_of_organisation(house: House) -> None:
    duties = {}
    for msp in (TOWN, ARCHIVE, AUDIT, JUSTICE):
        with house.client(msp) as client:
            duties[msp] = client.sign_in()["duties"]
    assert duties[AUDIT] == ["auditor"]
    assert duties[JUSTICE] == ["mediator"]
    assert "township_archivist" in duties[TOWN]
    assert "authority_reviewer" in duties[ARCHIVE]
