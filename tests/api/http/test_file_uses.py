"""A file leaves the service only when its use is on record: whatever is killed, full or asked otherwise."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import Client
from ledger.store.engine import writing
from tests.api.http.house import RECORD, House, open_house, problem_of
from tests.api.http.killed_child import MOMENTS
from tests.api.http.test_files import CONTENT, USE, open_file, with_file


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_between_the_statement_and_the_first_octet(
    own_home: Path, tmp_path: Path, moment: str
) -> None:
    with open_house(own_home, own_home) as house, house.client() as client:
        kept, key = with_file(client, tmp_path), client.key
    command = [sys.executable, "-m", "tests.api.http.killed_child", str(own_home), moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        with Client(url, key) as client, pytest.raises(httpx.HTTPError) as broken:
            open_file(client, kept["sha256"])
        assert child.wait(600) == -9
    assert CONTENT not in str(broken.value).encode()
    with open_house(own_home, own_home) as house:
        # What was not stated was not given; what was stated may not have been.
        assert house.count("access.view") == (1 if moment == "before the first octet" else 0)


def test_a_store_that_cannot_write_gives_nothing(own_house: House, tmp_path: Path) -> None:
    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        with writing(own_house.ledger.engine) as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON statement BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        answer = open_file(client, kept["sha256"])
        assert (answer.status_code >= 500, CONTENT in answer.content) == (True, False)
        assert own_house.count("access.view") == 0


SIDE_DOORS: dict[str, tuple[str, dict[str, str]]] = {
    "GET": ("GET", {}),
    "HEAD": ("HEAD", {}),
    "a part by GET": ("GET", {"Range": "bytes=0-9"}),
    "OPTIONS": ("OPTIONS", {}),
}
# Asked with what would shorten an answer: it is given whole, and stated like any other.
WHOLE = {
    "a part": {"Range": "bytes=0-9"},
    "if it changed": {"If-None-Match": "*", "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT"},
    "if this part is still the same": {"If-Range": "x", "Range": "bytes=5-"},
}


def test_no_other_way_of_asking_gets_round_the_statement(own_house: House, tmp_path: Path) -> None:
    house = own_house
    with house.client() as client:
        kept = with_file(client, tmp_path)
        client.sign_in()
        bearer = {"Authorization": f"Bearer {client.token}"}
        path = f"/v1/records/{RECORD}/files/{kept['sha256']}"
        for name, (method, headers) in SIDE_DOORS.items():
            answer = client.http.request(method, path, headers=bearer | headers)
            assert (answer.status_code, CONTENT[:10] in answer.content) == (405, False), name
        assert house.count("access.view") == 0
        for number, (name, headers) in enumerate(WHOLE.items(), 1):
            answer = client.http.post(path, json=USE, headers=bearer | headers)
            assert (answer.status_code, answer.content) == (200, CONTENT), name
            assert house.count("access.view") == number
        refused = client.http.post(path, json={**USE, "purpose": ""}, headers=bearer)
        problem_of(refused, 422, "REQUEST_INVALID")


def test_what_was_received_by_mistake_is_given_to_nobody(own_house: House, tmp_path: Path) -> None:
    """From the very report on; and a repaired copy is called one in the name under which it is given."""
    house = own_house
    with house.client() as client, house.client("YunlingJustice") as mediator:
        with_file(client, tmp_path)
        enhanced = tmp_path / "底图.png"
        enhanced.write_bytes(b"repaired")
        digests = client.upload(enhanced)
        source = house.stated("receive")[0].statement
        claim = {"role": "content", "format": "image/png", "carrier": "paper", "copy": "enhanced"}
        client.act(
            event="repair.digital",
            occurred_at="2026-01-09",
            late="offline",
            record=RECORD,
            pages=1,
            files=[{**claim, "digests": digests}],
            answers=[source],
            fields={"agent_name": "冯", "method": "去黄", "filled_in": "无", "file.0.name": enhanced.name},
        )
        given = open_file(mediator, digests["sha256"])
        assert given.content == b"repaired"
        assert "%E5%A2%9E%E5%BC%BA%E4%BB%B6_" in given.headers["content-disposition"]
        client.act(
            event="secrecy.report",
            occurred_at="2026-01-09",
            late="offline",
            record=RECORD,
            fields={"agent_name": "王"},
        )
        problem_of(open_file(mediator, digests["sha256"]), 422, "CUSTODY_BLOCKED")
        shown = client.ask("GET", f"/v1/records/{RECORD}").json()
        assert (shown["files"], {tuple(step["disclosed"]) for step in shown["steps"]}) == ([], {()})
        with pytest.raises(Exception, match="RECORD_BLOCKED"):
            client.ask("POST", "/v1/evidence", json={"records": [RECORD], "purpose": "x"})


def test_many_at_once_on_an_approval_that_ends(own_house: House, tmp_path: Path) -> None:
    """Each is judged as if alone: whoever comes after its end gets nothing, however many come together."""
    house = own_house
    with house.client() as clerk, house.client("YunlingJustice") as mediator, house.client() as head:
        kept = with_file(clerk, tmp_path)
        when = {"occurred_at": "2026-01-09", "late": "offline", "record": RECORD}
        fields = {"purpose": "土地纠纷调解", "reader_name": "李四", "agent_name": "周九"}
        asked = mediator.act(event="access.apply", basis="mediation", fields=fields, **when)["statement"]
        agreed = {"outcome": "granted", "answers": [asked], "fields": {"agent_name": "郑"}}
        ended = head.act(event="access.approve", due="2026-01-31", **agreed, **when)["statement"]
        mediator.sign_in()
        answers: list[httpx.Response] = []

        def ask() -> None:
            answers.append(open_file(mediator, kept["sha256"], basis="mediation", answers=[asked, ended]))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(600)
    assert len(answers) == 8
    for answer in answers:
        problem_of(answer, 422, "CUSTODY_APPROVAL_ENDED")
    assert house.count("access.view") == 0


def test_what_was_destroyed_before_a_witness_is_gone(own_house: House, tmp_path: Path) -> None:
    """Each of the four signs; the drafts name what is answered, the witness what he saw."""
    house, ended = own_house, "electronic_destroyed"
    by: dict[str, Any] = {
        "fields": {"agent_name": "某人", "document_number": "1"},
        "occurred_at": "2026-01-09",
    }
    with house.client() as first, house.client("YunlingArchives") as authority, house.client() as second:
        with house.client() as third:
            kept = with_file(first, tmp_path)
            steps: tuple[tuple[Client, str, dict[str, Any]], ...] = (
                (first, "expiry.review", {"outcome": "destroy"}),
                (first, "destroy.propose", {}),
                (authority, "destroy.approve", {"outcome": "approved"}),
                (second, "destroy.carry_out", {"outcome": ended, "state": "destroyed"}),
            )
            answers: list[str] = []
            for who, event, said in steps:
                act = {**said, "late": "offline", **by, **({"answers": answers} if answers else {})}
                answers = [who.on_record(RECORD, event, **act)["statement"]]
            waiting = [one.ask("GET", "/v1/work").json()["destructions"] for one in (first, second, third)]
            assert [[one["statement"] for one in of] for of in waiting] == [[], [], answers]
            # Not witnessed yet: it is there, and opens.
            assert open_file(first, kept["sha256"]).status_code == 200
            witness = third.on_record(RECORD, "destroy.witness", outcome=ended, late="offline", **by)[
                "statement"
            ]
        gone = problem_of(open_file(first, kept["sha256"]), 410, "RECORD_FILE_DESTROYED")
        assert witness in str(gone)
    assert not any(path.is_file() for path in house.ledger.paths.files.glob("??/??/*"))
    assert house.count("access.view") == 1
