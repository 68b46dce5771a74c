"""Draft, sign, submit: the person's key signs elsewhere; whatever does not fit is refused by its own code."""

from __future__ import annotations

from typing import Any

import pytest

from api.client import Client
from ledger.query import statement_by_digest
from tests.api.http.house import RECORD, TITLE, House, problem_of, receive
from verifier.canonical import base64url_text, encode
from verifier.digests import sha256
from verifier.note import open_receipt

JsonObject = dict[str, Any]


def signed(client: Client, act: JsonObject) -> JsonObject:
    return client.sign(act, client.draft(act))


def ask(client: Client, path: str, body: Any) -> Any:
    if not client.token:
        client.sign_in()
    return client.http.post(path, json=body, headers={"Authorization": f"Bearer {client.token}"})


def test_draft_sign_submit_and_again(house: House) -> None:
    with house.client() as client:
        submission = signed(client, receive())
        first = ask(client, "/v1/statements", submission)
        again = ask(client, "/v1/statements", submission)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json() | {"duplicate": True} == again.json()
    digest = bytes.fromhex(first.json()["statement"])
    assert digest == sha256(submission["statement"].encode())
    assert first.headers["location"] == f"/v1/statements/{digest.hex()}"
    ledger = house.ledger
    receipt = open_receipt(first.json()["receipt"], ledger.origin, ledger.id, ledger.public_key)
    assert receipt.statement == digest
    step = statement_by_digest(ledger, digest).step
    assert (step.event, step.agent, dict(step.shown)) == ("receive", client.key.agent, TITLE)


def test_a_list_is_signed_once(house: House) -> None:
    items = [
        {
            "record": RECORD[:-2] + f"{n:02d}",
            "fields": {"title": f"第{n}件", "number": f"A-{n}"},
        }
        for n in range(3)
    ]
    act = {"event": "receive", "occurred_at": "2026-01-08", "late": "offline",
           "fields": {"agent_name": "王五"}, "list": {"items": items}}  # fmt: skip
    with house.client() as client:
        done = client.act(**act)
    step = statement_by_digest(house.ledger, bytes.fromhex(done["statement"])).step
    assert step.list_id is not None


def test_a_disclosure_may_keep_the_salt_that_its_owner_chose(house: House) -> None:
    text = base64url_text(encode([base64url_text(bytes(16)), "number", "QC03-9"]))
    fields = {"title": "自带盐", "agent_name": "王五"}
    with house.client() as client:
        submission = signed(client, receive(fields=fields, disclosures=[text]))
        assert text in submission["disclosures"]
        done = client.submit(submission)
    step = statement_by_digest(house.ledger, bytes.fromhex(done["statement"])).step
    assert dict(step.shown) == fields | {"number": "QC03-9"}


def test_the_service_keeps_no_draft_and_no_persons_key(own_house: House) -> None:
    with own_house.client() as client:
        before = own_house.stated("receive")
        client.draft(receive())
        assert own_house.stated("receive") == before
    held = {path.name for path in (own_house.service.home / "service" / "people").iterdir()}
    assert held == {own_house.service.key.agent}


def test_a_draft_answered_with_other_bytes(house: House) -> None:
    with house.client() as client:
        one, other = signed(client, receive()), signed(client, receive(pages=47))
        answer = ask(client, "/v1/statements", one | {"draft": other["draft"]})
    problem = problem_of(answer, 409, "DRAFT_OTHER_BYTES")
    assert problem["wrong"][0]["limit"] == other["draft"]


REFUSED_DRAFTS: dict[str, tuple[JsonObject, str, set[str]]] = {
    "everything the catalogue misses, at once": (
        receive(fields={}),
        "EVENT_FIELD_MISSING",
        {"title", "number", "agent_name"},
    ),
    "an event that there is not": (receive(event="levitate"), "EVENT_UNKNOWN", set()),
    "an event of another kind of organisation": (
        receive(event="transfer.accept", fields={"agent_name": "王"}, answers=["00" * 32]),
        "EVENT_ORGANISATION",
        set(),
    ),
    "a date that there is not": (receive(occurred_at="2026-02-30", late="offline"), "SHAPE_VALUE", set()),
    "an act that only the service states": (
        {
            "event": "session.open",
            "occurred_at": "2026-01-08",
            "late": "offline",
            "subject": RECORD,
            "fields": {"agent_name": "王"},
        },
        "EVENT_ROLE",
        set(),
    ),
}


@pytest.mark.parametrize("name", REFUSED_DRAFTS)
def test_a_draft_that_would_be_refused_is_refused_before_it_is_signed(house: House, name: str) -> None:
    act, code, missing = REFUSED_DRAFTS[name]
    with house.client() as client:
        problem = problem_of(ask(client, "/v1/drafts", act), 422, code)
    assert missing <= {one["limit"] for one in problem["wrong"]}


def test_all_that_is_wrong_with_a_form_is_told_at_once(house: House) -> None:
    act = {"event": 7, "record": "x", "pages": -1, "colour": "red", "files": [{"role": "main"}]}
    with house.client() as client:
        problem = problem_of(ask(client, "/v1/drafts", act), 422, "REQUEST_INVALID")
    places = {one["at"] for one in problem["wrong"]}
    assert places >= {"body.event", "body.record", "body.pages", "body.colour", "body.occurred_at"}
    assert {"body.files.0.format", "body.files.0.carrier", "body.files.0.copy"} <= places


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"event":1e999}', b"null", b"[" * 5000])
def test_what_is_no_json_is_refused(house: House, body: bytes) -> None:
    with house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
        answer = client.http.post("/v1/drafts", content=body, headers=headers)
    unreadable = answer.status_code == 400
    problem_of(answer, 400 if unreadable else 422, "REQUEST_UNREADABLE" if unreadable else "REQUEST_INVALID")
