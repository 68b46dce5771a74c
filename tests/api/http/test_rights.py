"""Each operation × each duty: let in or kept out, and whoever is kept out is on record.

Twelve people, each appointed to one duty, ask for everything; what was refused is read from the ledger.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.client import Client
from api.http.app import build_app, operations
from api.http.duties import DUTIES
from api.http.limits import Limits
from api.http.rights import ANYONE, RIGHTS, SIGNED_IN
from tests.api.http.house import (
    ARCHIVE,
    AUDIT,
    JUSTICE,
    TOWN,
    Denied,
    House,
    appoint,
    open_house,
    problem_of,
    release,
)

# The whole table, as an archive office would read it: V village archivist, P village supervisor, D department
# reviewer, T township archivist, A authority reviewer, R reader, M mediator, U auditor; S system, E security
# and W audit administrator; H head, C counter clerk; G registrar, by certificate. A test holds
# `api/http/rights.py` to it, and the service to both.
LETTERS = dict(zip("VPDTACHRMUSEWG", DUTIES, strict=True))
TABLE = {
    "draft": "VPDTA MUSEWHCG",
    "submit": "VPDTA MUSEWHCG",
    "submit_many": "VPDTA MUSEWHCG",
    "show_statement": "VPDTA UWHC",
    "show_receipt": "VPDTARMUSEWHCG",
    "upload": "VDTA C",
    "list_records": "VPDTA UHC",
    "show_record": "VPDTA MUHC",
    "open_file": "VPDTA MUHC",
    "list_units": "VPDTARMUSEWHCG",
    "list_people": "VPDTAUSEWHCG",
    "show_work": "VPDTARMUSEWHCG",
    "list_lists": "VPDTAUHC",
    "show_list": "VPDTAUHC",
    "draft_list": "VPDTAHC",
    "draft_on_list": "VPDTAHC",
    "draft_on_record": "VPDTAMUSEWHCG",
    "list_loans": "VPDTAMUHC",
    "list_repairs": "VPDTAUHC",
    "list_volumes": "VPDTAUHC",
    "show_volume": "VPDTAUHC",
    "list_originals": "VPDTAUHC",
    "show_trail": "TAUEW",
    "evidence": "TAMUHC",
    "checkpoint": "AMUW",
    "tile": "AMUW",
    "begin_inquiry": "UW",
    "read_inquiry": "UW",
    "start_export": "UW",
    "show_envelope": "U",
    "release_inquiry": "U",
    "list_inquiries": "VPDTARMUSEWHCG",
    "list_alerts": "EW",
    "handle_alert": "E",
    "show_alert_rules": "SEW",
    "set_alert_rules": "E",
    "list_fixity": "TASW",
    "start_fixity": "AS",
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
    "{list}": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
    "{name}": "x",
    "{job}": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
}
# Where somebody has that duty.
ORGANISATION = {"authority_reviewer": ARCHIVE, "auditor": AUDIT, "mediator": JUSTICE}


@dataclass(frozen=True)
class Desk:
    """A service at which one of each duty is signed in; `paths`: operation → (method, path)."""

    house: House
    people: dict[str, Client]
    paths: dict[str, tuple[str, str]]

    def ask(self, operation: str, bearer: str) -> httpx.Response:
        method, path = self.paths[operation]
        for place, value in PLACES.items():
            path = path.replace(place, value)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        # No body: who may not is told so before one is asked for.
        return self.people["reader"].http.request(method, path, headers=headers)

    def asked(self, bearer: str) -> dict[str, httpx.Response]:
        return {operation: self.ask(operation, bearer) for operation in TABLE}


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(furnished, home)
    limits = Limits(denials=10_000, knocks=10_000, strangers=10_000)
    with open_house(home, home, limits) as house, ExitStack() as stack:
        people = {}
        for duty in DUTIES:
            msp, role = ORGANISATION.get(duty, TOWN), "registrar" if duty == "registrar" else "person"
            given = () if role == "registrar" else (duty,)
            people[duty] = stack.enter_context(house.client(msp, role, duties=given))
            assert people[duty].sign_in()["duties"] == [duty]
        yield Desk(house, people, operations(build_app(house.service)))


def test_every_operation_stands_in_the_table(desk: Desk) -> None:
    assert desk.paths.keys() | {"openapi"} == RIGHTS.keys() == TABLE.keys() | OPEN | WITH_SESSION
    for operation, letters in TABLE.items():
        assert set(RIGHTS[operation]) == {LETTERS[one] for one in letters.replace(" ", "")}, operation
    assert {RIGHTS[one] for one in OPEN} == {ANYONE}
    assert {RIGHTS[one] for one in WITH_SESSION} == {SIGNED_IN}


@pytest.mark.parametrize("duty", DUTIES)
def test_a_duty_opens_what_the_table_says_and_every_refusal_is_stated(desk: Desk, duty: str) -> None:
    before, client = desk.house.count("session.denied"), desk.people[duty]
    refused = []
    for operation, answer in desk.asked(client.token).items():
        if duty in {LETTERS[one] for one in TABLE[operation].replace(" ", "")}:
            assert answer.status_code not in (401, 403, 429, 500), (operation, answer.text)
        else:
            assert problem_of(answer, 403, "RIGHT_MISSING")["wrong"][0]["at"] == operation
            refused.append(Denied(f"RIGHT_MISSING {operation}", "not_authorised", client.key.agent))
    assert desk.house.denied(before) == refused


def test_nothing_is_open_without_a_session(desk: Desk) -> None:
    before = desk.house.count("session.denied")
    operations = [*TABLE, *sorted(WITH_SESSION)]
    for operation in operations:
        problem_of(desk.ask(operation, ""), 401, "SESSION_NONE")
    stated = [Denied(f"SESSION_NONE {operation}", "not_signed_in", None) for operation in operations]
    assert desk.house.denied(before) == stated


def test_without_any_duty_nothing_of_the_table_is_open(desk: Desk) -> None:
    with desk.house.client(duties=()) as client:
        appoint(desk.house, client, "reader")
        release(desk.house, client, "reader")
        assert client.sign_in()["duties"] == []
        for answer in desk.asked(client.token).values():
            problem_of(answer, 403, "RIGHT_MISSING")


def test_without_an_appointment_nobody_has_a_right(house: House) -> None:
    """Of whatever organisation; a registrar alone is one by certificate."""
    for msp in (TOWN, ARCHIVE, AUDIT, JUSTICE):
        with house.client(msp, duties=()) as client:
            assert client.sign_in()["duties"] == []
            headers = {"Authorization": f"Bearer {client.token}"}
            problem_of(client.http.get("/v1/records", headers=headers), 403, "RIGHT_MISSING")
    with house.client(TOWN, "registrar") as registrar:
        assert registrar.sign_in()["duties"] == ["registrar"]
