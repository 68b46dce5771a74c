"""Whoever is refused: each by its own code, and on record.
A refusal stands in the log, as a statement of the service; or, where the act was well signed and broke a rule
of the ledger, in the ledger's list of refused acts.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from api.client import Client
from api.http.limits import Limits
from ledger.refusals import refusals
from ledger.sign import sign_octets
from network.ca import load_authority
from network.certificates import issue_person
from network.layout import layout
from tests.api.http.house import (
    ARCHIVE,
    RECORD,
    TOWN,
    Denied,
    House,
    appoint,
    open_house,
    problem_of,
    receive,
    release,
    revoke,
)
from verifier.canonical import base64_text, base64url_bytes, base64url_text, encode
from verifier.digests import sha256

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """`clerk` and `other` take records in."""

    house: House
    clerk: Client
    other: Client

    def get(self, client: Client, path: str = "/v1/records") -> httpx.Response:
        return client.http.get(path, headers={"Authorization": f"Bearer {client.token}"})

    def submit(self, submission: JsonObject, client: Client | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {(client or self.clerk).token}"}
        return self.clerk.http.post("/v1/statements", json=submission, headers=headers)

    def signed(self, act: JsonObject | None = None, client: Client | None = None) -> JsonObject:
        one, act = client or self.clerk, act or receive()
        return one.sign(act, one.draft(act))

    def resigned(
        self, header: JsonObject, payload: JsonObject, key: ec.EllipticCurvePrivateKey | None = None
    ) -> JsonObject:
        """A draft of the clerk's with these members changed, signed as it then is."""
        draft = self.clerk.draft(receive())
        parts = [json.loads(base64url_bytes(part, "part")) for part in draft["octets"].split(".")]
        octets = ".".join(
            base64url_text(encode(said | change))
            for said, change in zip(parts, (header, payload), strict=True)
        )
        signature = sign_octets(key or self.clerk.key.key, octets.encode())
        return {
            "statement": f"{octets}.{base64url_text(signature)}",
            "certificate": base64_text(self.clerk.key.certificate_der),
            "disclosures": draft["disclosures"],
        }


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("refused") / "home"
    shutil.copytree(furnished, home)
    limits = Limits(attempts=1000, refusals=1000, denials=1000, knocks=1000, strangers=1000)
    with open_house(home, home, limits) as house, ExitStack() as stack:
        clerk, other = (stack.enter_context(house.client()) for _ in range(2))
        for one in (clerk, other):
            appoint(house, one, "township_archivist")
            one.sign_in()
        yield Desk(house, clerk, other)


# --- who may not ask ---------------------------------------------------------------------------------------


def nothing_shown(desk: Desk) -> httpx.Response:
    return desk.house.ask("GET", "/v1/records")


def unknown_token(desk: Desk) -> httpx.Response:
    return desk.house.ask("GET", "/v1/records", headers={"Authorization": "Bearer " + "A" * 43})


def signed_out(desk: Desk) -> httpx.Response:
    with desk.house.client() as client:
        client.sign_in()
        token = client.token
        client.sign_out()
        client.token = token
        return desk.get(client)


def timed_out(desk: Desk) -> httpx.Response:
    with desk.house.client() as client, pytest.MonkeyPatch.context() as patched:
        client.sign_in()
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=31)
        patched.setattr("api.http.sessions.instant_of", lambda _: later.isoformat())
        return desk.get(client)


def after_release(desk: Desk) -> httpx.Response:
    with desk.house.client(duties=["township_archivist"]) as client:
        client.sign_in()
        assert desk.get(client).status_code == 200
        release(desk.house, client, "township_archivist")
        return desk.get(client)


def after_revocation(desk: Desk) -> httpx.Response:
    with desk.house.client() as client:
        appoint(desk.house, client, "township_archivist")
        client.sign_in()
        assert desk.get(client).status_code == 200
        revoke(desk.house, client)
        return desk.get(client)


def sign_in_after_revocation(desk: Desk) -> httpx.Response:
    with desk.house.client() as client:
        revoke(desk.house, client)
        return desk.house.ask("POST", "/v1/session", json=answer(desk, client))


def from_another_site(desk: Desk) -> httpx.Response:
    with desk.house.client() as client:
        asked = answer(desk, client) | {"session": "cookie"}
        opened = desk.house.ask("POST", "/v1/session", json=asked, headers={"Origin": desk.house.url})
        cookie = opened.headers["set-cookie"].partition(";")[0]
        headers = {"Cookie": cookie, "Origin": "https://evil.example"}
        return desk.house.ask("POST", "/v1/drafts", json=receive(), headers=headers)


def sign_in_from_another_site(desk: Desk) -> httpx.Response:
    asked = answer(desk, desk.clerk) | {"session": "cookie"}
    return desk.house.ask("POST", "/v1/session", json=asked, headers={"Origin": "https://evil.example"})


# --- what is signed in with --------------------------------------------------------------------------------


def answer(desk: Desk, client: Client) -> JsonObject:
    return client.answer(desk.house.ask("GET", "/v1/challenge").json()["challenge"])


def unreadable_certificate(desk: Desk) -> httpx.Response:
    asked = answer(desk, desk.clerk) | {"certificate": base64_text(b"no certificate")}
    return desk.house.ask("POST", "/v1/session", json=asked)


def a_form_without_certificate(desk: Desk) -> httpx.Response:
    asked = answer(desk, desk.clerk)
    del asked["certificate"]
    return desk.house.ask("POST", "/v1/session", json=asked)


def no_json(desk: Desk) -> httpx.Response:
    return desk.house.ask("POST", "/v1/session", content=b"{", headers={"Content-Type": "application/json"})


def another_key(desk: Desk) -> httpx.Response:
    asked = answer(desk, desk.clerk)
    forged = sign_octets(ec.generate_private_key(ec.SECP256R1()), asked["challenge"].encode())
    return desk.house.ask("POST", "/v1/session", json=asked | {"signature": base64url_text(forged)})


def answered_before(desk: Desk) -> httpx.Response:
    asked = answer(desk, desk.clerk)
    assert desk.house.ask("POST", "/v1/session", json=asked).status_code == 201
    return desk.house.ask("POST", "/v1/session", json=asked)


# --- what is handed in -------------------------------------------------------------------------------------


def signed_with_another_key(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {}, ec.generate_private_key(ec.SECP256R1())))


def somebody_elses_statement(desk: Desk) -> httpx.Response:
    return desk.submit(desk.signed(client=desk.other))


def in_somebody_elses_name(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {"agent": desk.other.key.agent}))


def certificate_of_another_organisation(desk: Desk) -> httpx.Response:
    authority = load_authority(layout(desk.house.ca), ARCHIVE, "person")
    key, life = desk.clerk.key, datetime.timedelta(days=30)
    made = issue_person(authority, key.agent, "person", key.key.public_key(), life)
    der = made.public_bytes(Encoding.DER)
    asked = desk.resigned({"x5t#S256": base64url_text(sha256(der))}, {})
    return desk.submit(asked | {"certificate": base64_text(der)})


def as_another_organisation(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {"iss": ARCHIVE}))


def for_another_ledger(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {"aud": "elsewhere.example/archives"}))


def replayed_draft(desk: Desk) -> httpx.Response:
    """Signed a second time: another statement under the same id."""
    act = receive()
    draft = desk.clerk.draft(act)
    first, second = desk.clerk.sign(act, draft), desk.clerk.sign(act, draft)
    assert first["statement"] != second["statement"]
    assert desk.submit(first).status_code == 201
    return desk.submit(second)


def act_of_another_kind_of_organisation(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {"event": "transfer.accept"}))


def act_of_the_service(desk: Desk) -> httpx.Response:
    return desk.submit(desk.resigned({}, {"event": "session.open"}))


def a_step_skipped(desk: Desk) -> httpx.Response:
    applied = "00" * 32
    act = {
        "event": "borrow.out",
        "occurred_at": "2026-01-09",
        "late": "offline",
        "record": RECORD,
        "basis": "mediation",
        "due": "2026-02-09",
        "answers": [applied],
        "state": "on_loan",
        "fields": {"agent_name": "孙八", "reader_name": "李四", "purpose": "勘验"},
    }
    return desk.submit(desk.signed(act))


# --- the table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """`stated`: the catalogue's reason under which the service states it; "list": it is in the ledger's list.

    `known`: whether the statement names whom it is about.
    """

    attempt: Callable[[Desk], httpx.Response]
    status: int
    code: str
    stated: str
    known: bool = True


CASES = {
    "nobody": Case(nothing_shown, 401, "SESSION_NONE", "not_signed_in", known=False),
    "a token that there never was": Case(unknown_token, 401, "SESSION_NONE", "not_signed_in", known=False),
    "a session after signing out": Case(signed_out, 401, "SESSION_ENDED", "not_signed_in"),
    "a session after half an hour": Case(timed_out, 401, "SESSION_ENDED", "not_signed_in"),
    "a session after release from duty": Case(after_release, 403, "RIGHT_MISSING", "not_authorised"),
    "a session after revocation of the key": Case(after_revocation, 401, "KEY_REVOKED", "not_enrolled"),
    "a sign-in with a revoked key": Case(sign_in_after_revocation, 401, "KEY_REVOKED", "not_enrolled"),
    "a cookie, from another site": Case(from_another_site, 403, "ORIGIN_OTHER", "not_authorised"),
    "a sign-in from another site": Case(
        sign_in_from_another_site, 403, "ORIGIN_OTHER", "not_authorised", known=False
    ),
    "a certificate that cannot be read": Case(
        unreadable_certificate, 401, "CERTIFICATE_FORM", "not_enrolled", known=False
    ),
    "a sign-in without a certificate": Case(
        a_form_without_certificate, 422, "REQUEST_INVALID", "bad_signature", known=False
    ),
    "a sign-in that is no JSON": Case(no_json, 422, "REQUEST_INVALID", "bad_signature", known=False),
    "a sign-in with another key": Case(another_key, 401, "SIGN_IN_SIGNATURE", "bad_signature"),
    "a sign-in heard before": Case(answered_before, 401, "CHALLENGE_USED", "stale_challenge"),
    "a statement signed with another key": Case(
        signed_with_another_key, 422, "STATEMENT_SIGNATURE", "bad_signature"
    ),
    "a statement of somebody else": Case(somebody_elses_statement, 403, "SUBMITTER_OTHER", "not_authorised"),
    "a statement in the name of somebody else": Case(
        in_somebody_elses_name, 403, "SUBMITTER_OTHER", "not_authorised"
    ),
    "a statement with a certificate of another organisation": Case(
        certificate_of_another_organisation, 422, "CERTIFICATE_ISSUER", "not_enrolled"
    ),
    "a statement as another organisation": Case(
        as_another_organisation, 422, "CERTIFICATE_ISSUER", "not_enrolled"
    ),
    "a statement for another ledger": Case(for_another_ledger, 422, "STATEMENT_AUDIENCE", "list"),
    "a signed draft, replayed": Case(replayed_draft, 409, "STATEMENT_JTI_REPEATED", "list"),
    "an act of another kind of organisation": Case(
        act_of_another_kind_of_organisation, 422, "EVENT_ORGANISATION", "list"
    ),
    "an act that only the service states": Case(act_of_the_service, 422, "EVENT_ROLE", "list"),
    "a loan that nobody approved": Case(a_step_skipped, 422, "CUSTODY_UNAPPROVED", "list"),
}


@pytest.mark.parametrize("name", CASES)
def test_who_is_refused_is_told_why_and_stands_on_record(desk: Desk, name: str) -> None:
    case, house = CASES[name], desk.house
    before, listed = house.count("session.denied"), refusals(house.ledger, 1000)
    acts = house.count("receive")
    answer = case.attempt(desk)
    problem = json.loads(answer.text)
    told = {problem["code"], *(one["code"] for one in problem["wrong"])}
    assert (answer.status_code, case.code in told) == (case.status, True), answer.text
    problem_of(answer, case.status, problem["code"])
    stated = house.denied(before)
    now_listed = refusals(house.ledger, 1000)[: -len(listed) or None]
    assert house.count("receive") - acts == (1 if case.attempt is replayed_draft else 0)
    if case.stated == "list":
        assert stated == []
        assert case.code in {one.code for one in now_listed}
        assert {one.agent for one in now_listed} == {desk.clerk.key.agent}
        return
    assert [one.reason for one in stated] == [case.stated]
    assert case.code in stated[0].detail.split()
    assert (stated[0].subject is not None) is case.known
    assert not now_listed


def test_in_many_lines_each_refusal_is_recorded(desk: Desk) -> None:
    before, listed = desk.house.count("session.denied"), len(refusals(desk.house.ledger, 1000))
    lines = [
        desk.signed(client=desk.other),
        desk.signed(),
        desk.resigned({}, {}, ec.generate_private_key(ec.SECP256R1())),
        desk.resigned({}, {"aud": "elsewhere.example/archives"}),
        {"statement": "x"},
    ]
    *answers, total = desk.clerk.submit_many(lines)
    assert [one["status"] for one in answers] == [403, 201, 422, 422, 422]
    assert total["total"] == {"lines": 5, "accepted": 1, "duplicates": 0, "refused": 4}
    who = desk.clerk.key.agent
    assert desk.house.denied(before) == [
        Denied("SUBMITTER_OTHER submit_many", "not_authorised", who),
        Denied("STATEMENT_SIGNATURE submit_many", "bad_signature", who),
    ]
    assert len(refusals(desk.house.ledger, 1000)) == listed + 1


# --- and nobody fills the log by knocking ------------------------------------------------------------------


class Flood:
    """A house that states few refusals, and whose clock of limits is turned by hand."""

    def __init__(self, house: House) -> None:
        self.house, self.seconds = house, 0.0
        house.service.rates.clock = lambda: self.seconds

    def knock(self, times: int, **headers: str) -> list[httpx.Response]:
        return [self.house.ask("GET", "/v1/records", headers=headers) for _ in range(times)]


@pytest.fixture
def flood(own_home: Path) -> Iterator[Flood]:
    with open_house(own_home, own_home, Limits(refusals=3, denials=3, knocks=1, strangers=6)) as house:
        yield Flood(house)


def test_who_shows_nothing_is_stated_once_in_a_while_with_how_often(flood: Flood) -> None:
    assert {answer.status_code for answer in flood.knock(8)} == {401}
    assert [one.detail for one in flood.house.denied()] == ["SESSION_NONE list_records"]
    flood.seconds += 301
    flood.knock(1)
    assert flood.house.denied(1)[0].detail == "SESSION_NONE list_records; 7 not stated before"


def test_invented_tokens_are_stated_so_many_times_and_then_that_it_came_to_this(flood: Flood) -> None:
    assert {one.status_code for one in flood.knock(9, Authorization="Bearer x")} == {401}
    stated = [(one.detail, one.reason) for one in flood.house.denied()]
    none, locked = ("SESSION_NONE list_records", "not_signed_in"), ("TOO_MANY list_records", "locked")
    assert stated == [none, none, none, locked]


def test_all_strangers_together_state_no_more_than_so_many(flood: Flood) -> None:
    """From however many addresses: each of these is a new one."""
    numbers = iter(range(1000))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.http.caller.address_of", lambda _: f"2001:db8::{next(numbers)}")
        flood.knock(12)
        flood.knock(12, Authorization="Bearer x")
    assert len(flood.house.denied()) == 6
    flood.seconds += 301
    flood.knock(1)
    assert flood.house.denied(6)[0].detail == "SESSION_NONE list_records; 18 not stated before"


def test_somebody_signed_in_who_is_refused_again_and_again_waits(flood: Flood) -> None:
    with flood.house.client(TOWN, duties=["reader"]) as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        answers = [client.http.get("/v1/records", headers=headers) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [403] * 3 + [429] * 3
        assert 0 < int(answers[-1].headers["retry-after"]) <= 301
        right, locked = "RIGHT_MISSING list_records", "TOO_MANY list_records"
        assert [one.detail for one in flood.house.denied()] == [right, right, right, locked]
        flood.seconds += 301
        client.http.get("/v1/records", headers=headers)
        assert flood.house.denied(4)[0].detail == f"{right}; 3 not stated before"
        # What others do who are not signed in takes nothing from it, nor the other way round.
        flood.knock(9, Authorization="Bearer x")
        client.http.get("/v1/records", headers=headers)
        assert flood.house.denied()[-1].detail == right


def test_a_refusal_that_cannot_be_recorded_is_no_answer(flood: Flood) -> None:
    from verifier.errors import LedgerError

    def fails(*_: object, **__: object) -> str:
        raise LedgerError("STORE_BUSY", expected="30 s", found="locked")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.http.states.take", fails)
        problem_of(flood.knock(1)[0], 503, "STORE_BUSY")
