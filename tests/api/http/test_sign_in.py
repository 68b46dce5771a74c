"""Signing in: who is let in, who is not and by which code, and that both are recorded."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from api.client import Client
from api.drafted import DishonestError
from ledger.sign import sign_octets
from ledger.store.engine import reading
from ledger.store.tables import answered_challenge, session
from network.ca import load_authority
from network.certificates import issue_person
from network.layout import layout
from tests.api.http.house import ARCHIVE, TOWN, Ahead, House, open_house, problem_of, receive
from verifier.canonical import base64_text, base64url_text
from verifier.digests import sha256

JsonObject = dict[str, Any]


def answer_of(house: House, client: Client) -> JsonObject:
    return client.answer(house.ask("GET", "/v1/challenge").json()["challenge"])


def test_a_person_signs_in_and_out_and_it_is_recorded(house: House) -> None:
    with house.client() as client:
        opened = client.sign_in()
        assert opened["agent"] == client.key.agent
        assert opened["duties"] == sorted(
            ["counter_clerk", "department_reviewer", "township_archivist", "village_archivist"]
        )
        assert client.ask("GET", "/v1/session").json()["organisation"] == TOWN
        token = client.token
        client.sign_out()
    bearer = {"Authorization": f"Bearer {token}"}
    problem_of(house.ask("GET", "/v1/session", headers=bearer), 401, "SESSION_ENDED")
    stated = house.stated("session.open")[-1]
    assert stated.agent == house.service.key.agent
    assert dict(stated.shown)["terminal"] == "127.0.0.1"


def test_only_the_tokens_digest_is_kept(house: House) -> None:
    with house.client() as client:
        client.sign_in()
        with reading(house.ledger.engine) as connection:
            rows = connection.execute(select(session).where(session.c.agent == client.key.agent)).all()
        assert [row.token for row in rows] == [sha256(client.token.encode())]
        for path in house.service.home.glob("ledger/ledger.sqlite*"):
            assert client.token.encode() not in path.read_bytes()


def test_a_browser_gets_a_cookie_that_no_script_and_no_other_site_can_use(house: House) -> None:
    with house.client() as client:
        asked = answer_of(house, client) | {"session": "cookie"}
        problem_of(house.ask("POST", "/v1/session", json=asked), 403, "ORIGIN_OTHER")
        opened = house.ask("POST", "/v1/session", json=asked, headers={"Origin": house.url})
    assert opened.status_code == 201, opened.text
    assert opened.json()["token"] is None
    cookie = opened.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    # Without TLS it would not be sent back at all.
    assert "Secure" not in cookie
    kept = {"Cookie": cookie.partition(";")[0]}
    assert house.ask("GET", "/v1/session", headers=kept).status_code == 200
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = house.ask("POST", "/v1/drafts", json=receive(), headers={**kept, **headers})
        problem_of(answer, 403, "ORIGIN_OTHER")
    same = {**kept, "Origin": house.url}
    assert house.ask("POST", "/v1/drafts", json=receive(), headers=same).status_code == 200
    crossing = {**same, "Sec-Fetch-Site": "cross-site"}
    problem_of(house.ask("POST", "/v1/drafts", json=receive(), headers=crossing), 403, "ORIGIN_OTHER")
    assert house.ask("DELETE", "/v1/session", headers=same).status_code == 204
    problem_of(house.ask("GET", "/v1/session", headers=kept), 401, "SESSION_ENDED")


def cookie_of(house: House, client: Client, **headers: str) -> str:
    asked = answer_of(house, client) | {"session": "cookie"}
    opened = house.ask("POST", "/v1/session", json=asked, headers={"Origin": client.url, **headers})
    assert opened.status_code == 201, opened.text
    return opened.headers["set-cookie"]


def test_under_tls_the_cookie_is_secure(own_house: House) -> None:
    """A proxy does the TLS: the service knows it by the address that people use."""
    listening = own_house.url
    object.__setattr__(own_house.service, "url", "https://archive.example")
    with Client("https://archive.example", own_house.person()) as client:
        challenge = httpx.get(f"{listening}/v1/challenge", timeout=600).json()["challenge"]
        asked = client.answer(challenge) | {"session": "cookie"}
        headers = {"Origin": "https://archive.example"}
        opened = httpx.post(f"{listening}/v1/session", json=asked, headers=headers, timeout=600)
    assert opened.status_code == 201, opened.text
    cookie = opened.headers["set-cookie"]
    for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=1800"):
        assert part in cookie
    assert "Domain" not in cookie


def test_nobody_can_be_given_a_session_that_another_knows(house: House) -> None:
    """A cookie or token that was there before the sign-in is never the one after it."""
    with house.client() as thief, house.client() as client:
        thief.sign_in()
        for planted in ("A" * 43, thief.token):
            cookie = cookie_of(house, client, Cookie=f"archive_session={planted}")
            token = cookie.partition("=")[2].partition(";")[0]
            assert token != planted
            assert len(token) == 43
            bearer = {"Authorization": f"Bearer {token}"}
            shown = house.ask("GET", "/v1/session", headers=bearer).json()
            assert shown["agent"] == client.key.agent
        # The planted one says whose it is, or nobody's, as before.
        assert thief.ask("GET", "/v1/session").json()["agent"] == thief.key.agent
        planted_first = {"Cookie": f"archive_session={'A' * 43}"}
        problem_of(house.ask("GET", "/v1/session", headers=planted_first), 401, "SESSION_NONE")


def test_no_token_stands_in_a_log_line(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    with house.client() as client:
        client.sign_in()
        token = client.token
        client.ask("GET", "/v1/session")
        client.sign_out()
    said = capfd.readouterr().err
    assert "show_session" in said
    assert token not in said


@dataclass(frozen=True)
class Wrong:
    """`change`: what is sent in place of a right answer. `reason`: under which the refusal is recorded."""

    change: Callable[[House, Client, JsonObject], JsonObject]
    code: str
    reason: str


def resigned(
    client: Client, asked: JsonObject, text: str, key: ec.EllipticCurvePrivateKey | None = None
) -> JsonObject:
    signature = sign_octets(key or client.key.key, text.encode())
    return asked | {"challenge": text, "signature": base64url_text(signature)}


def certified(house: House, client: Client, msp: str, **dates: Any) -> JsonObject:
    """The same agent and key, certified by that organisation."""
    authority = load_authority(layout(house.ca), msp, "person")
    made = issue_person(
        authority, client.key.agent, "person", client.key.key.public_key(), datetime.timedelta(days=1)
    )
    return {"certificate": base64_text(made.public_bytes(Encoding.DER))}


def with_line(client: Client, asked: JsonObject, number: int, text: str) -> JsonObject:
    """The challenge with another line, signed as it then is."""
    lines = asked["challenge"].split("\n")
    return resigned(client, asked, "\n".join([*lines[:number], text, *lines[number + 1 :]]))


def another_service(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return with_line(client, asked, 1, "http://127.0.0.1:1")


def later_end(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return with_line(client, asked, 5, "2099-01-01T00:00:00.000Z")


def of_its_own(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return with_line(client, asked, 4, base64url_text(bytes(32)))


def anothers_key(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return resigned(client, asked, asked["challenge"], ec.generate_private_key(ec.SECP256R1()))


def high_s(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return asked | {"signature": base64url_text(b"\xff" * 64)}


def anothers_certificate(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return asked | {"certificate": base64_text(house.person().certificate_der)}


def other_organisation(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return asked | certified(house, client, ARCHIVE)


def unknown_organisation(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return asked | {"organisation": "NobodyMSP"}


def no_certificate(house: House, client: Client, asked: JsonObject) -> JsonObject:
    return asked | {"certificate": base64_text(b"none")}


def node_certificate(house: House, client: Client, asked: JsonObject) -> JsonObject:
    authority = load_authority(layout(house.ca), TOWN, "node")
    made = issue_person(
        authority, client.key.agent, "person", client.key.key.public_key(), datetime.timedelta(days=1)
    )
    assert isinstance(made, x509.Certificate)
    return asked | {"certificate": base64_text(made.public_bytes(Encoding.DER))}


WRONG = {
    "a challenge of another service": Wrong(another_service, "CHALLENGE_OTHER", "stale_challenge"),
    "a challenge whose end was put off": Wrong(later_end, "CHALLENGE_OTHER", "stale_challenge"),
    "a challenge of one's own making": Wrong(of_its_own, "CHALLENGE_OTHER", "stale_challenge"),
    "somebody else's key": Wrong(anothers_key, "SIGN_IN_SIGNATURE", "bad_signature"),
    "a signature of the wrong form": Wrong(high_s, "SIGN_IN_SIGNATURE", "bad_signature"),
    "somebody else's certificate": Wrong(anothers_certificate, "SIGN_IN_SIGNATURE", "bad_signature"),
    "a certificate of another organisation": Wrong(other_organisation, "CERTIFICATE_ISSUER", "not_enrolled"),
    "an organisation that nobody knows": Wrong(unknown_organisation, "STATEMENT_ISSUER", "not_enrolled"),
    "no certificate": Wrong(no_certificate, "CERTIFICATE_FORM", "not_enrolled"),
    "a certificate by the CA of nodes": Wrong(node_certificate, "CERTIFICATE_ISSUER", "not_enrolled"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_refused_by_its_code_and_recorded(house: House, name: str) -> None:
    wrong, before, opened = WRONG[name], house.count("session.denied"), house.count("session.open")
    with house.client() as client:
        asked = wrong.change(house, client, answer_of(house, client))
        problem = problem_of(house.ask("POST", "/v1/session", json=asked), 401, wrong.code)
    assert problem["wrong"][0]["code"] == wrong.code
    (stated,) = house.denied(before)
    assert (stated.detail, stated.reason) == (f"{wrong.code} sign_in", wrong.reason)
    assert house.count("session.open") == opened


def test_an_answered_challenge_is_not_answered_again(own_house: House) -> None:
    house = own_house
    with house.client() as client:
        asked = answer_of(house, client)
        assert house.ask("POST", "/v1/session", json=asked).status_code == 201
        problem_of(house.ask("POST", "/v1/session", json=asked), 401, "CHALLENGE_USED")
        # Nor by a fresh signature over the same text.
        again = resigned(client, asked, asked["challenge"])
        problem_of(house.ask("POST", "/v1/session", json=again), 401, "CHALLENGE_USED")
    assert [step.reason for step in house.stated("session.denied")] == ["stale_challenge"] * 2
    with reading(house.ledger.engine) as connection:
        assert len(connection.execute(select(answered_challenge)).all()) == 1


def test_time_ends_a_challenge_and_a_session_and_a_certificate(
    own_home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_house(own_home, own_home) as house:
        clock = Ahead()
        object.__setattr__(house.service.ledger, "now", clock)
        with Client(house.url, house.person(days=2)) as client:
            asked = answer_of(house, client)
            clock.by = datetime.timedelta(seconds=121)
            problem_of(house.ask("POST", "/v1/session", json=asked), 401, "CHALLENGE_EXPIRED")
            client.sign_in()
            bearer = {"Authorization": f"Bearer {client.token}"}
            clock.by += datetime.timedelta(minutes=29)
            assert house.ask("GET", "/v1/session", headers=bearer).status_code == 200
            clock.by += datetime.timedelta(minutes=2)
            problem_of(house.ask("GET", "/v1/session", headers=bearer), 401, "SESSION_ENDED")
            clock.by = datetime.timedelta(days=3)
            asked = answer_of(house, client)
            problem_of(house.ask("POST", "/v1/session", json=asked), 401, "CERTIFICATE_DATE")
        reasons = [one.reason for one in house.denied()]
        assert reasons == ["stale_challenge", "not_signed_in", "certificate_expired"]


def test_everything_wrong_is_told_at_once(own_house: House) -> None:
    house = own_house
    with house.client() as client:
        asked = anothers_key(house, client, other_organisation(house, client, answer_of(house, client)))
        asked = asked | {"challenge": asked["challenge"].replace("sign-in", "sign in")}
        problem = problem_of(house.ask("POST", "/v1/session", json=asked), 401, "SIGN_IN_REFUSED")
    codes = {one["code"] for one in problem["wrong"]}
    assert codes == {"CHALLENGE_OTHER", "CERTIFICATE_ISSUER", "SIGN_IN_SIGNATURE"}


def test_too_many_refused_sign_ins_wait_but_never_keep_out_who_signs_rightly(own_house: House) -> None:
    house = own_house
    most = house.service.limits.refusals
    with house.client() as client:
        for _ in range(most):
            asked = anothers_key(house, client, answer_of(house, client))
            problem_of(house.ask("POST", "/v1/session", json=asked), 401, "SIGN_IN_SIGNATURE")
        for _ in range(3):
            asked = anothers_key(house, client, answer_of(house, client))
            answer = house.ask("POST", "/v1/session", json=asked)
            problem_of(answer, 429, "SIGN_IN_LIMITED")
            assert 0 < int(answer.headers["retry-after"]) <= 301
        # Recorded each, and that it came to a stop once: nobody fills the log by knocking.
        reasons = [step.reason for step in house.stated("session.denied")]
        assert reasons == ["bad_signature"] * most + ["locked"]
        assert client.sign_in()["agent"] == client.key.agent


def test_sign_ins_from_one_address_are_counted(own_home: Any) -> None:
    from api.http.limits import Limits

    with open_house(own_home, own_home, Limits(attempts=2)) as house, house.client() as client:
        client.sign_in()
        client.sign_in()
        asked = answer_of(house, client)
        problem_of(house.ask("POST", "/v1/session", json=asked), 429, "SIGN_IN_LIMITED")


def test_a_sign_in_that_cannot_be_recorded_does_not_stand(
    own_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from verifier.errors import LedgerError

    def fails(*_: object, **__: object) -> str:
        raise LedgerError("STORE_BUSY", expected="30 s", found="locked")

    house = own_house
    with house.client() as client:
        asked = answer_of(house, client)
        with monkeypatch.context() as patched:
            patched.setattr("api.http.session_routes.state", fails)
            problem_of(house.ask("POST", "/v1/session", json=asked), 503, "STORE_BUSY")
    with reading(house.ledger.engine) as connection:
        assert all(row.ended_at for row in connection.execute(select(session)))


def test_the_client_signs_no_challenge_of_another_service(house: House) -> None:
    with house.client() as client:
        mine = house.ask("GET", "/v1/challenge").json()["challenge"]
        statement = "eyJhbGciOiJFUzI1NiJ9.eyJldmVudCI6ImRlc3Ryb3kuYXBwcm92ZSJ9"
        for text in (mine.replace(house.url, "https://evil.example"), statement, mine + "x", ""):
            with pytest.raises(DishonestError):
                client.answer(text)


@pytest.mark.parametrize("token", ["x", "A" * 5000, "../../etc/passwd", "%00"])
def test_no_token_but_the_right_one(house: House, token: str) -> None:
    answer = house.ask("GET", "/v1/session", headers={"Authorization": f"Bearer {token}"})
    problem_of(answer, 401, "SESSION_NONE")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert isinstance(answer, httpx.Response)
