"""What is too much, too slow or unreadable: refused by its code; and no fault of ours shows its inside."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from api.http.limits import Limits
from api.http.note import log
from api.http.problem import codes, words
from api.http.rate import Rates
from tests.api.http.captured import log_captured
from tests.api.http.house import House, open_house, problem_of, receive


def talk(house: House, data: bytes) -> str:
    host, port = house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=600) as connection:
        connection.sendall(data)
        said = b""
        while part := connection.recv(65_536):
            said += part
            if b"\r\n\r\n" in said and b'"request"' in said:
                break
    return said.decode()


def test_a_body_beyond_its_limit(own_home: Path) -> None:
    with open_house(own_home, own_home, Limits(json=3000)) as house, house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = house.ask("POST", "/v1/evidence", content=b"x" * 3001, headers=headers)
        problem = problem_of(answer, 413, "BODY_TOO_LARGE")
        assert problem["wrong"][0]["limit"] == "≤ 3000 octets"
        chunks = iter([b"x" * 1600, b"x" * 1600])
        answer = house.ask("POST", "/v1/evidence", content=chunks, headers=headers)
        problem_of(answer, 413, "BODY_TOO_LARGE")


def test_a_body_that_does_not_come(own_home: Path) -> None:
    with open_house(own_home, own_home, Limits(silence=0.5)) as house:
        said = talk(house, b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    assert said.startswith("HTTP/1.1 408 ")
    assert '"REQUEST_SLOW"' in said


def test_headers_beyond_their_limit(house: House) -> None:
    many = {f"X-{n}": "x" for n in range(70)}
    problem_of(house.ask("GET", "/healthz", headers=many), 431, "HEADERS_TOO_LARGE")
    problem_of(house.ask("GET", "/healthz", headers={"X-Long": "x" * 17_000}), 431, "HEADERS_TOO_LARGE")
    # Beyond twice the limit nothing is parsed any more; what is still on its way does not drown the answer.
    for octets in (100_000, 5_000_000):
        long = house.ask("GET", "/healthz", headers={"X-Long": "x" * octets})
        problem_of(long, 431, "HEADERS_TOO_LARGE")
    problem_of(house.ask("GET", "/v1/records?cursor=" + "x" * 60_000), 431, "HEADERS_TOO_LARGE")


NO_HEADS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    "a header that is none": b"GET /healthz HTTP/1.1\r\nHost x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
}


@pytest.mark.parametrize("name", NO_HEADS)
def test_what_is_no_request_is_answered_as_everything_is(house: House, name: str) -> None:
    said = talk(house, NO_HEADS[name])
    assert said.startswith("HTTP/1.1 400 ")
    assert '"REQUEST_UNREADABLE"' in said


def test_a_fault_of_ours_shows_nothing_of_the_inside(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: object) -> object:
        raise ZeroDivisionError("张三的身份证号")

    monkeypatch.setattr("api.http.statement_routes.make_draft", breaks)
    with house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = client.http.post("/v1/drafts", json=receive(), headers=headers)
    problem = problem_of(answer, 500, "INTERNAL")
    assert "ZeroDivisionError" not in answer.text
    said = capfd.readouterr().err
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    (bug,) = [line for line in lines if line["event"] == "bug"]
    assert (bug["request"], bug["error"]) == (problem["request"], "ZeroDivisionError")
    assert "张三" not in said


def test_every_code_of_the_services_own_has_words_and_a_remedy() -> None:
    for code in codes():
        said = words(code)
        assert said.status is not None
        assert any("\u4e00" <= ch <= "\u9fff" for ch in said.zh + said.remedy_zh), code
        assert said.en.isascii(), code
        assert said.remedy_en.strip(), code


def test_no_code_without_a_use() -> None:
    files = [path for part in ("api", "ledger") for path in Path(part).rglob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [code for code in codes() if f'"{code}"' not in source] == []


def test_rates_count_and_let_go() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert [rates.wait("a", "x", 2, 10.0) for _ in range(3)] == [0.0, 0.0, 10.0]
    assert rates.wait("a", "y", 2, 10.0) == 0.0
    now[0] = 4.0
    assert rates.wait("a", "x", 2, 10.0) == 6.0
    now[0] = 10.5
    assert rates.wait("a", "x", 2, 10.0) == 0.0


def test_metrics_name_nobody(house: House) -> None:
    with house.client() as client:
        client.act(**receive())
    text = house.ask("GET", "/metrics").text
    assert 'archive_requests_total{operation="submit",status="201"}' in text
    assert "archive_pending_statements" in text
    assert client.key.agent not in text
    assert "127.0.0.1" not in text


def test_who_waits_for_their_turn_is_not_called_slow(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The body lies there all the time while the service looks who is asking."""
    from api.http import duties

    found = duties.duties_of

    def slowly(*given: object) -> frozenset[str]:
        time.sleep(3.5)
        return found(*given)  # type: ignore[arg-type]

    with open_house(own_home, own_home, Limits(silence=3.0)) as house, house.client() as client:
        client.sign_in()
        monkeypatch.setattr("api.http.duties.duties_of", slowly)
        headers = {"Authorization": f"Bearer {client.token}"}
        # More than is read ahead: the rest is asked for when it is their turn.
        answer = house.ask("POST", "/v1/evidence", content=b" " * 300_000 + b"{}", headers=headers)
        assert answer.status_code in (403, 422), answer.text


def test_a_log_line_after_the_end_of_a_test_is_captured(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    with log_captured():
        with capfd.disabled():
            house.ask("GET", "/v1/session")
            log("request", operation="late")
        assert '"operation":"late"' in capfd.readouterr().err
