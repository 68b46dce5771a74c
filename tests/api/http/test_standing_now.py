"""A session gives what its person may do now: appointments, releases and revoked keys count at once."""

from __future__ import annotations

import datetime

import httpx
import pytest

from api.client import Client, RefusedError
from tests.api.http.house import ARCHIVE, TOWN, Ahead, House, problem_of
from verifier.certificate import read_signer
from verifier.clock import day_of
from verifier.shape import instant_of

WHEN = {"occurred_at": "2026-01-08", "late": "offline"}


def ask(client: Client, path: str = "/v1/records") -> httpx.Response:
    return client.http.get(path, headers={"Authorization": f"Bearer {client.token}"})


def about(registrar: Client, event: str, person: Client, **more: object) -> str:
    """The digest of what a registrar states of somebody."""
    fields = {"agent_name": "登记员", **({"detail": "聘任"} if event == "appoint" else {})}
    given = {"event": event, "subject": person.key.agent, "fields": fields, **WHEN, **more}
    digest: str = registrar.act(**given)["statement"]
    return digest


def test_a_session_after_release_from_duty(own_house: House) -> None:
    """The session lasts, the right does not."""
    with own_house.client(duties=()) as person, own_house.client(TOWN, "registrar") as registrar:
        registrar.sign_in()
        person.sign_in()
        about(registrar, "appoint", person, duty="township_archivist")
        assert ask(person, "/v1/session").json()["duties"] == ["township_archivist"]
        assert ask(person).status_code == 200
        about(registrar, "release", person, duty="township_archivist")
        problem_of(ask(person), 403, "RIGHT_MISSING")
        assert ask(person, "/v1/session").json()["duties"] == []
        assert person.sign_in()["duties"] == []


def test_a_temporary_appointment_ends_with_its_day(own_house: House) -> None:
    with own_house.client(duties=()) as person, own_house.client(TOWN, "registrar") as registrar:
        clock = Ahead()
        object.__setattr__(own_house.ledger, "now", clock)
        tomorrow = day_of(instant_of(clock() + datetime.timedelta(days=1)))
        registrar.sign_in()
        about(registrar, "appoint", person, duty="township_archivist", due=tomorrow)
        assert person.sign_in()["duties"] == ["township_archivist"]
        clock.by = datetime.timedelta(days=3)
        assert person.sign_in()["duties"] == []


@pytest.mark.parametrize("again", [False, True], ids=["the session it has", "a new sign-in"])
def test_a_revoked_key_is_let_in_no_more(own_house: House, again: bool) -> None:
    house = own_house
    with (
        house.client() as person,
        house.client(TOWN, "registrar") as own,
        house.client(ARCHIVE, "registrar") as other,
    ):
        for one in (own, other, person):
            one.sign_in()
        key = read_signer(person.key.certificate_der).key_sha256.hex()
        first = about(own, "key.revoke", person, key=key, reason="left_post")
        assert ask(person).status_code == 200
        about(other, "key.revoke", person, key=key, answers=[first], reason="left_post")
        if not again:
            problem_of(ask(person), 401, "KEY_REVOKED")
            return
        before = house.count("session.denied")
        with pytest.raises(RefusedError, match="KEY_REVOKED"):
            person.sign_in()
        assert [one.reason for one in house.stated("session.denied", before)] == ["not_enrolled"]
