"""Many statements in one request: a line each, answered line by line; sending all again changes nothing."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from api.client import Client
from api.http.limits import Limits
from tests.api.http.house import House, open_house, receive

JsonObject = dict[str, Any]


def signed(client: Client, number: int) -> list[JsonObject]:
    acts = [receive(pages=n) for n in range(number)]
    return [client.sign(act, client.draft(act)) for act in acts]


def test_each_line_has_its_answer_and_sending_again_changes_nothing(house: House) -> None:
    with house.client() as client:
        submissions = signed(client, 5)
        before = house.count("receive")
        *first, total = client.submit_many(submissions)
        *again, repeated = client.submit_many(submissions)
    assert [answer["line"] for answer in first] == [1, 2, 3, 4, 5]
    assert {answer["status"] for answer in first} == {201}
    assert total == {"total": {"lines": 5, "accepted": 5, "duplicates": 0, "refused": 0}}
    assert repeated["total"]["duplicates"] == 5
    assert [one["receipt"] for one in again] == [one["receipt"] for one in first]
    assert house.count("receive") == before + 5


def test_a_wrong_line_keeps_out_no_other(house: House) -> None:
    with house.client() as client, house.client() as other:
        good = signed(client, 3)
        forged = {**good[0], "statement": good[0]["statement"][:-4] + "AAAA"}
        theirs = signed(other, 1)[0]
        lines = [good[0], forged, {"statement": 7}, theirs, good[1], good[1], good[2]]
        *answers, total = client.submit_many(lines)
    assert [answer["status"] for answer in answers] == [201, 422, 422, 403, 201, 200, 201]
    codes = [answer.get("problem", {}).get("code") for answer in answers]
    assert codes[1] in ("STATEMENT_SIGNATURE", "STATEMENT_SIGNATURE_FORM", "STATEMENT_FORM", "SHAPE_BASE64")
    assert codes[2:4] == ["REQUEST_INVALID", "SUBMITTER_OTHER"]
    assert total["total"] == {"lines": 7, "accepted": 3, "duplicates": 1, "refused": 3}


def test_more_lines_than_a_request_may_have(own_home: Path) -> None:
    with open_house(own_home, own_home, Limits(bulk_lines=2)) as house, house.client() as client:
        *answers, last = client.submit_many(signed(client, 3))
    assert [answer["status"] for answer in answers] == [201, 201]
    assert last["problem"]["code"] == "BULK_LINES"
    assert last["total"]["accepted"] == 2


def test_a_line_longer_than_one_may_be(own_home: Path) -> None:
    with open_house(own_home, own_home, Limits(bulk_line=5000)) as house, house.client() as client:
        submission = signed(client, 1)[0]
        *answers, last = client.submit_many([submission, {**submission, "statement": "x" * 20_000}])
    assert [answer["status"] for answer in answers] == [201]
    assert last["problem"]["code"] == "BULK_LINE"


def test_answers_come_while_the_request_still_goes_out(house: House) -> None:
    """And a connection that breaks loses nothing of what was answered."""
    with house.client() as client:
        submissions = signed(client, 65)
        before = house.count("receive")
        lines = b"".join(json.dumps(one).encode() + b"\n" for one in submissions)
        host, port = house.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=600) as connection:
            head = f"POST /v1/statements:bulk HTTP/1.1\r\nHost: {host}\r\n"
            head += f"Authorization: Bearer {client.token}\r\nContent-Length: {len(lines) + 1000}\r\n\r\n"
            connection.sendall(head.encode() + lines)
            said = b""
            while said.count(b'"status":201') < 64:
                part = connection.recv(65_536)
                assert part, said
                said += part
        assert house.count("receive") >= before + 64
        *again, total = client.submit_many(submissions)
    assert {answer["status"] for answer in again} <= {200, 201}
    assert total["total"]["lines"] == 65
    assert house.count("receive") == before + 65
