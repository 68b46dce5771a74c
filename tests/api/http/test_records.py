"""Records by pages, one record, its statements and receipts."""

from __future__ import annotations

import uuid

import pytest

from api.client import Client
from tests.api.http.house import RECORD, TITLE, House, problem_of, receive
from verifier.note import open_receipt


def records(client: Client, **query: object) -> list[str]:
    """Every record that the pages list, in their order."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        asked = {**query, **({"cursor": cursor} if cursor else {})}
        page = client.ask("GET", "/v1/records", params=asked).json()
        found += [row["record"] for row in page["records"]]
        cursor = page["next"]
        if cursor is None:
            return found


def test_pages_list_every_record_once_newest_first(own_house: House) -> None:
    with own_house.client() as client:
        names = [str(uuid.uuid4()) for _ in range(7)]
        for name in names[:4]:
            client.act(**receive(name))
        listed = sorted(names[4:])
        items = [{"record": name, "fields": {"title": "甲", "number": name[:8]}} for name in listed]
        client.act(event="receive", occurred_at="2026", fields={"agent_name": "王五"}, list={"items": items})
        # A second act moves a record to the top.
        client.act(**receive(names[0]))
        expected = [names[0], *listed, names[3], names[2], names[1]]
        for limit in (1, 2, 3, 200):
            assert records(client, limit=limit) == expected
        assert records(client, limit=2, event="shelve") == []


def test_a_page_begins_where_the_last_one_ended_whatever_came_meanwhile(own_house: House) -> None:
    with own_house.client() as client:
        names = [str(uuid.uuid4()) for _ in range(4)]
        for name in names:
            client.act(**receive(name))
        first = client.ask("GET", "/v1/records", params={"limit": 2}).json()
        assert [row["record"] for row in first["records"]] == [names[3], names[2]]
        client.act(**receive(str(uuid.uuid4())))
        rest = client.ask("GET", "/v1/records", params={"limit": 2, "cursor": first["next"]}).json()
        assert [row["record"] for row in rest["records"]] == [names[1], names[0]]
        assert rest["next"] is None


@pytest.mark.parametrize("cursor", ["x", "cmVjb3Jkcw", "cmVjb3JkcwotMQp4", "%00", "é"])
def test_a_cursor_of_ones_own_making(house: House, cursor: str) -> None:
    with house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = client.http.get("/v1/records", params={"cursor": cursor}, headers=headers)
    problem_of(answer, 422, "CURSOR_FORM")


def test_one_record_with_its_statement_and_receipt(house: House) -> None:
    with house.client() as client:
        done = client.act(**receive())
        shown = client.ask("GET", f"/v1/records/{RECORD}").json()
        step = shown["steps"][-1]
        assert (step["statement"], step["disclosed"]) == (done["statement"], TITLE)
        whole = client.ask("GET", f"/v1/statements/{done['statement']}").json()
        assert whole["receipt"] == done["receipt"]
        note = client.ask("GET", f"/v1/statements/{done['statement']}/receipt").text
        ledger = house.ledger
        assert open_receipt(note, ledger.origin, ledger.id, ledger.public_key).due == done["due"]
        found = client.ask("GET", "/v1/records", params={"number": TITLE["number"]}).json()
        assert RECORD in [row["record"] for row in found["records"]]
        assert client.ask("GET", "/v1/records", params={"number": "没有"}).json()["records"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/v1/records/{RECORD[:-2]}99", 404, "RECORD_UNKNOWN"),
        ("/v1/records/1", 422, "REQUEST_INVALID"),
        (f"/v1/statements/{'00' * 32}", 404, "STATEMENT_UNKNOWN"),
        ("/v1/records?limit=0", 422, "REQUEST_INVALID"),
        ("/v1/records?limit=201", 422, "REQUEST_INVALID"),
        ("/v1/nothing", 404, "PATH_UNKNOWN"),
        ("/v1/records/../../etc/passwd", 404, "PATH_UNKNOWN"),
    ],
)
def test_what_there_is_not(house: House, path: str, status: int, code: str) -> None:
    with house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        problem_of(client.http.get(path, headers=headers), status, code)


def test_a_method_that_an_address_does_not_take(house: House) -> None:
    answer = house.ask("PUT", "/v1/records")
    problem_of(answer, 405, "METHOD_OTHER")
    assert answer.headers["allow"] == "GET"
