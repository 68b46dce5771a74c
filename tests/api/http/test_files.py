"""Files come in by streams and leave with a statement; what breaks off leaves nothing."""

from __future__ import annotations

import hashlib
import json
import resource
import socket
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.client import Client, RefusedError
from api.http.limits import Limits
from ledger.accept import SubmissionsRefusedError, accept
from ledger.refusals import refusals
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.api.http.house import RECORD, TITLE, House, approved, open_house, problem_of, receive
from verifier.claims import FileClaim
from verifier.digests import both
from verifier.errors import LedgerError
from verifier.statement import parse_statement

CONTENT = "张三户宅基地界址草图".encode() * 100
USE = {"act": "view", "purpose": "土地纠纷调解", "basis": "open"}


def left(house: House) -> list[Path]:
    """Every file in the store."""
    return sorted(path for path in (house.service.home / "ledger" / "files").rglob("*") if path.is_file())


def with_file(client: Client, folder: Path, record: str = RECORD, content: bytes = CONTENT) -> dict[str, Any]:
    """A record received with one file; what its upload told."""
    path = folder / "界址草图.txt"
    path.write_bytes(content)
    kept = client.upload(path, hashlib.sha256(content).hexdigest())
    file = {
        "role": "content",
        "format": "text/plain",
        "carrier": "electronic",
        "copy": "original",
        "digests": kept,
    }
    client.act(**receive(record, files=[file], fields={**TITLE, "file.0.name": path.name}))
    return kept


def open_file(client: Client, sha256: str, record: str = RECORD, **use: Any) -> Any:
    if not client.token:
        client.sign_in()
    headers = {"Authorization": f"Bearer {client.token}"}
    return client.http.post(f"/v1/records/{record}/files/{sha256}", json={**USE, **use}, headers=headers)


def test_an_upload_is_kept_by_its_digests(house: House, tmp_path: Path) -> None:
    with house.client() as client:
        path = tmp_path / "a.bin"
        path.write_bytes(CONTENT)
        kept = client.upload(path)
        assert kept["sha256"] == hashlib.sha256(CONTENT).hexdigest()
        assert kept["size"] == len(CONTENT)
        assert client.upload(path) == kept


def test_an_upload_that_is_not_what_was_announced_is_not_kept(own_house: House, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    with own_house.client() as client, pytest.raises(RefusedError) as refused:
        client.upload(path, "00" * 32)
    assert refused.value.code == "UPLOAD_DIGEST"
    assert left(own_house) == []


def test_secrets_are_refused_kept_nowhere_and_stated_without_content(
    own_house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    house, path = own_house, tmp_path / "暗号四七.docx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", "<w:p><w:t>机密</w:t><w:t>★10年 暗号四七</w:t></w:p>")
    fields = {**TITLE, "note": "暗号四七 绝密★"}
    with house.client() as client:
        capfd.readouterr()
        for grade, code in (("none", "UPLOAD_SECRET"), ("secret", "UPLOAD_DECLARED")):
            with pytest.raises(RefusedError) as refused:
                client.upload(path, grade=grade)
            assert (refused.value.status, refused.value.code) == (422, code)
        problem_of(_undeclared(house, client), 422, "REQUEST_INVALID")
        with pytest.raises(RefusedError) as refused:
            client.act(**receive(fields=fields))
        assert refused.value.code == "SECRET_MARKED"
        with pytest.raises(RefusedError) as refused:
            client.act(**receive(fields={**TITLE, "grade": "机密"}))
        assert refused.value.code == "SECRET_DECLARED"
        agent = client.key.agent
    assert left(house) == []
    stated = house.stated("secrecy.refuse")
    reasons = ["secret_marked", "secret_declared", "secret_marked", "secret_declared"]
    assert [one.reason for one in stated] == reasons
    assert {(one.record, one.files, one.shown) for one in stated} == {(None, 0, ())}
    with reading(house.ledger.engine) as connection:
        data = connection.execute(select(statement.c.data).where(statement.c.event == "secrecy.refuse"))
        assert {parse_statement(one).subject for one in data.scalars()} == {agent}
    said, content = capfd.readouterr(), path.read_bytes()
    written = b"".join(one.read_bytes() for one in house.service.home.rglob("*") if one.is_file())
    for hidden in ("暗号四七", hashlib.sha256(content).hexdigest()):
        assert hidden not in said.out + said.err
        assert hidden.encode() not in written
    assert hashlib.sha256(content).digest() not in written


def _undeclared(house: House, client: Client) -> Any:
    headers = {"Authorization": f"Bearer {client.token}"}
    return client.http.post("/v1/files", content=b"x", headers=headers)


def test_a_signed_secret_is_refused_at_the_ledgers_own_door(own_house: House) -> None:
    """By a client that made its statement itself, whatever road it takes."""
    with own_house.client() as client:
        client.sign_in()
        fields = {**TITLE, "file.0.name": "(机密)暗号四七.txt"}
        file = {"role": "content", "format": "text/plain", "carrier": "electronic", "copy": "original"}
        claim = FileClaim(**file, digests=both(b"x"), size=1)
        draft = Draft("receive", "2026-01-08", record=RECORD, files=(claim,), fields=fields, late="offline")
        signed = sign_statement(client.key, own_house.ledger.origin, draft)
        with pytest.raises(SubmissionsRefusedError) as refused:
            accept(own_house.ledger, [signed])
        form = {"statement": signed.statement.decode(), "disclosures": list(signed.disclosures)}
        with pytest.raises(RefusedError) as answered:
            client.submit(form)
    assert [one.code for one in refused.value.refusals[0].reasons] == ["SECRET_MARKED"]
    assert answered.value.code == "SECRET_MARKED"
    assert own_house.count("receive") == 0
    traces = refusals(own_house.ledger)
    assert {(one.code, one.place, one.found, one.expected) for one in traces} == {
        ("SECRET_MARKED", "file.0.name", "", "")
    }


def raw(house: House, client: Client, length: int | None) -> socket.socket:
    """A connection on which an upload has begun; without `length` in chunks."""
    client.sign_in()
    host, port = house.url.removeprefix("http://").split(":")
    opened = socket.create_connection((host, int(port)), timeout=600)
    size = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
    head = (
        f"POST /v1/files HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {client.token}\r\n"
        f"X-Declared-Grade: none\r\n{size}\r\n\r\n"
    )
    opened.sendall(head.encode())
    return opened


def emptied(house: House) -> bool:
    deadline = time.monotonic() + 600
    while left(house) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left(house) == []


def begun(house: House) -> None:
    deadline = time.monotonic() + 600
    while not left(house):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("length", [10_000_000, None])
def test_an_aborted_upload_leaves_nothing(own_house: House, length: int | None) -> None:
    with own_house.client() as client:
        connection = raw(own_house, client, length)
        part = b"x" * 300_000
        connection.sendall(part if length else b"%x\r\n%s\r\n" % (len(part), part))
        begun(own_house)
        connection.close()
        assert emptied(own_house)
        # And its slot is free again.
        assert own_house.service.uploading.acquire(blocking=False)
        own_house.service.uploading.release()


def test_a_slow_upload_is_broken_off_and_leaves_nothing(own_home: Path) -> None:
    with open_house(own_home, own_home, Limits(silence=1.0)) as house, house.client() as client:
        connection = raw(house, client, 10_000_000)
        connection.sendall(b"x" * 300_000)
        begun(house)
        answer = connection.recv(65_536).decode()
        assert answer.startswith("HTTP/1.1 408 ")
        while "REQUEST_SLOW" not in answer:
            part = connection.recv(65_536)
            assert part, answer
            answer += part.decode()
        assert emptied(house)


def test_an_upload_beyond_the_limit_leaves_nothing(own_home: Path, tmp_path: Path) -> None:
    with open_house(own_home, own_home, Limits(upload=1000)) as house, house.client() as client:
        path = tmp_path / "a.bin"
        path.write_bytes(b"x" * 1001)
        with pytest.raises(RefusedError) as refused:
            client.upload(path)
        assert refused.value.code == "BODY_TOO_LARGE"
        # Without saying beforehand how long it is.
        connection = raw(house, client, None)
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        assert connection.recv(65_536).decode().startswith("HTTP/1.1 413 ")
        assert emptied(house)


def test_so_many_uploads_at_once(own_home: Path, tmp_path: Path) -> None:
    with open_house(own_home, own_home, Limits(uploads=1)) as house, house.client() as client:
        connection = raw(house, client, 1000)
        connection.sendall(b"x")
        begun(house)
        path = tmp_path / "a.bin"
        path.write_bytes(b"y")
        with pytest.raises(RefusedError) as refused:
            client.upload(path)
        assert (refused.value.status, refused.value.code) == (503, "UPLOADS_BUSY")
        connection.sendall(b"x" * 999)
        assert connection.recv(100).decode().startswith("HTTP/1.1 201 ")
        assert client.upload(path)["size"] == 1


def test_a_large_upload_is_never_held_in_memory(own_house: House, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as out:
        out.truncate(200 * 1024 * 1024)
    with own_house.client() as client:
        client.sign_in()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert client.upload(path)["size"] == 200 * 1024 * 1024
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # Client and service are this process, and together they hold less than a quarter of it.
    assert grown < 50 * 1024


def test_a_view_is_on_record_before_the_first_octet(own_house: House, tmp_path: Path) -> None:
    house = own_house
    with house.client() as clerk, house.client("YunlingJustice") as mediator:
        kept = with_file(clerk, tmp_path)
        answer = open_file(mediator, kept["sha256"], reader_name="李四")
        assert answer.content == CONTENT
        stated = house.stated("access.view")
        assert [one.statement for one in stated] == [answer.headers["x-statement"]]
        shown = dict(stated[0].shown)
        assert (shown["purpose"], shown["reader_name"], stated[0].basis) == (
            "土地纠纷调解",
            "李四",
            "open",
        )
        assert (stated[0].record, stated[0].files) == (RECORD, 1)
        assert stated[0].agent == house.service.key.agent
        assert answer.headers["content-disposition"].startswith("inline")
        assert "sandbox" in answer.headers["content-security-policy"]
        downloaded = open_file(mediator, kept["sha256"], act="download")
        assert downloaded.headers["content-disposition"].startswith("attachment")
        assert len(house.stated("access.download")) == 1


def test_what_needs_an_approval_is_opened_by_it_alone(own_house: House, tmp_path: Path) -> None:
    house = own_house
    with house.client() as clerk, house.client("YunlingJustice") as mediator, house.client() as head:
        kept = with_file(clerk, tmp_path)
        answer = open_file(mediator, kept["sha256"], basis="mediation")
        problem = problem_of(answer, 422, "CUSTODY_UNAPPROVED")
        assert "重新起草" not in problem["remedy_zh"], "nothing was drafted"
        assert house.stated("access.view") == []
        # Who tried is on record: whoever was served, not the service.
        (tried,) = refusals(house.ledger)
        assert (tried.event, tried.agent, tried.iss, tried.record) == (
            "access.view",
            mediator.key.agent,
            "YunlingJustice",
            RECORD,
        )
        answers = approved(mediator, head)
        assert open_file(mediator, kept["sha256"], basis="mediation", answers=answers).content == CONTENT


def test_a_view_that_cannot_be_recorded_is_not_given(
    own_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> str:
        raise LedgerError("STORE_SPACE", found="database or disk is full")

    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        monkeypatch.setattr("api.http.file_out.state", fails)
        answer = open_file(client, kept["sha256"])
        problem_of(answer, 503, "STORE_SPACE")
        assert CONTENT not in answer.content


@pytest.mark.parametrize("missing", ["purpose", "basis", "act"])
def test_purpose_and_ground_are_asked_for(house: House, missing: str) -> None:
    with house.client() as client:
        client.sign_in()
        use = {name: value for name, value in USE.items() if name != missing}
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = client.http.post(f"/v1/records/{RECORD}/files/{'00' * 32}", json=use, headers=headers)
    problem = problem_of(answer, 422, "REQUEST_INVALID")
    assert [one["at"] for one in problem["wrong"]] == [f"body.{missing}"]


def test_only_a_ground_of_the_catalogue(own_house: House, tmp_path: Path) -> None:
    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        problem_of(open_file(client, kept["sha256"], basis="curiosity"), 422, "EVENT_CODE")
        assert own_house.stated("access.view") == []


def test_only_a_present_file_of_that_record(own_house: House, tmp_path: Path) -> None:
    other = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        client.act(**receive(other))
        problem_of(open_file(client, kept["sha256"], other), 404, "RECORD_FILE_UNKNOWN")
        problem_of(open_file(client, "00" * 32), 404, "RECORD_FILE_UNKNOWN")
        problem_of(open_file(client, kept["sha256"], other[:-2] + "03"), 404, "RECORD_UNKNOWN")
        assert own_house.stated("access.view") == []


def test_a_file_that_is_no_longer_the_one_recorded_is_not_given(own_house: House, tmp_path: Path) -> None:
    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        (stored,) = left(own_house)
        stored.chmod(0o600)
        stored.write_bytes(CONTENT[:-1] + b"?")
        problem_of(open_file(client, kept["sha256"]), 503, "FILE_DAMAGED")
        stored.unlink()
        problem_of(open_file(client, kept["sha256"]), 404, "FILE_NOT_HELD")
        assert own_house.stated("access.view") == []


def test_the_log_line_names_the_statement_and_nobody(
    own_house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with own_house.client() as client:
        kept = with_file(client, tmp_path)
        capfd.readouterr()
        answer = open_file(client, kept["sha256"], reader_name="李四")
        said, found = "", list[dict[str, Any]]()
        deadline = time.monotonic() + 600
        # The line comes when the answer has gone out.
        while not found:
            assert time.monotonic() < deadline, said
            time.sleep(0.02)
            said += capfd.readouterr().err
            lines = [json.loads(line) for line in said.splitlines() if line.endswith("}") and line[0] == "{"]
            found = [one for one in lines if one.get("operation") == "open_file"]
    (line,) = found
    assert line["request"] == answer.headers["x-request-id"]
    assert line["statements"] == [answer.headers["x-statement"]]
    for personal in ("李四", "127.0.0.1", "土地纠纷", RECORD, client.token):
        assert personal not in said


def test_what_was_erased_as_received_by_mistake_is_not_taken_again(own_house: House, tmp_path: Path) -> None:
    """Known by its digest, though nothing of it is left; stated is that it was tried, and nothing of it."""
    house = own_house
    with house.client() as clerk, house.client() as other, house.client("YunlingArchives") as archive:
        kept = with_file(clerk, tmp_path)
        said = {"occurred_at": "2026-01-09", "late": "offline", "record": RECORD}
        names = {"agent_name": "王五"}
        reported = clerk.act(event="secrecy.report", fields=names, **said)["statement"]
        fields = {**names, "document_number": "密〔2026〕1号"}
        approval = archive.act(event="secrecy.approve", fields=fields, answers=[reported], **said)[
            "statement"
        ]
        claim = {"role": "content", "format": "text/plain", "carrier": "electronic", "copy": "original"}
        erased = {"event": "file.erase", "reason": "mistaken_upload", "answers": [approval]}
        other.act(files=[{**claim, "digests": kept}], fields={**fields, "approver": "赵六"}, **erased, **said)
        assert left(house) == []
        with pytest.raises(RefusedError) as refused:
            clerk.upload(tmp_path / "界址草图.txt")
        assert refused.value.code == "UPLOAD_ERASED"
        assert left(house) == []
        (stated,) = house.stated("secrecy.refuse")
        assert (stated.reason, stated.record, stated.files, stated.shown) == ("mistaken_upload", None, 0, ())
        clean = tmp_path / "另一份.txt"
        clean.write_bytes(b"x")
        clerk.upload(clean)
