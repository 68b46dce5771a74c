"""What is malformed, too large, too slow or torn off leaves nothing behind: no file, no row, no transaction,
no thread, no place taken. Asked of a service in a process of its own, by octets on a socket."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from api.client import Client
from ledger.handle import open_ledger
from tests.api.http.house import new_person, receive
from tests.api.http.served_child import LIMITS

PATIENCE = 600.0


@dataclass(frozen=True)
class Served:
    home: Path
    process: psutil.Process
    client: Client

    def connect(self) -> socket.socket:
        host, port = self.client.url.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=PATIENCE)

    def head(self, path: str, *more: str) -> bytes:
        lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {self.client.token}"]
        lines += ["X-Declared-Grade: none", "Connection: close", *more]
        return "\r\n".join([*lines, "", ""]).encode()

    def kept(self) -> tuple[list[str], dict[str, int]]:
        """Every file under the data folder but the database's own, and the rows of every table."""
        files = [
            str(path.relative_to(self.home))
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and not path.name.startswith("ledger.sqlite")
        ]
        with closing(sqlite3.connect(self.home / "ledger" / "ledger.sqlite")) as store:
            names = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {name: store.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
        return files, rows

    def is_quiet(self) -> bool:
        """Nobody is connected, no thread is still at an upload whose connection has ended, and nobody holds
        the database: a writer gets it without waiting."""
        if any((self.home / "ledger" / "files").glob("incoming-*")):
            return False
        connected = [one for one in self.process.net_connections("tcp") if one.status != psutil.CONN_LISTEN]
        with closing(sqlite3.connect(self.home / "ledger" / "ledger.sqlite", timeout=0)) as store:
            try:
                store.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return not any(one.status == psutil.CONN_ESTABLISHED for one in connected)


@pytest.fixture(scope="module")
def served(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("torn") / "home"
    shutil.copytree(furnished, home)
    command = [sys.executable, "-m", "tests.api.http.served_child", str(home)]
    said = (home.parent / "said.txt").open("w")
    with (
        said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            with closing(open_ledger(home)) as ledger:
                key = new_person(ledger, home, "QingheTownship")
            with Client(url, key) as client:
                # No connection of ours waits for a later request.
                client.http = httpx.Client(base_url=url, limits=httpx.Limits(max_keepalive_connections=0))
                client.sign_in()
                client.act(**receive())
                yield Served(home, psutil.Process(process.pid), client)
        finally:
            process.stdin.close()
            assert process.wait(PATIENCE) == 0
    assert "Traceback" not in (home.parent / "said.txt").read_text()
    assert '"event":"bug"' not in (home.parent / "said.txt").read_text()


def answered(connection: socket.socket) -> str:
    """Status line and body, when the service is done with this connection or has answered."""
    said = b""
    try:
        while part := connection.recv(65_536):
            said += part
    except ConnectionResetError:
        pass
    return said.decode()


def talk(served: Served, *parts: bytes, whole: bool = True) -> str:
    """`whole`: all is sent that there is to send; else we say that no more comes."""
    with served.connect() as connection:
        try:
            for part in parts:
                connection.sendall(part)
            if not whole:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            # It was answered and closed before we were done.
            pass
        return answered(connection)


def torn(served: Served, *parts: bytes) -> str:
    """Our side dies in the middle: a reset, as of a machine that loses its power."""
    with served.connect() as connection:
        for part in parts:
            connection.sendall(part)
        time.sleep(0.3)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    return ""


def dripping(served: Served, first: bytes) -> str:
    """An octet every now and then, for as long as the service listens."""
    with served.connect() as connection:
        connection.sendall(first)
        connection.settimeout(0.2)
        said, deadline = b"", time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                part = connection.recv(65_536)
                if not part:
                    return said.decode()
                said += part
            except TimeoutError:
                try:
                    connection.sendall(b"x")
                except OSError:
                    return said.decode()
            except ConnectionResetError:
                return said.decode()
    raise AssertionError("the service still listens")


HALF = b"x" * 300_000
NO_HTTP = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20
ENDLESS = b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000
DRIP = b"GET /healthz HTTP/1.1\r\nX-Slow: "
CHUNK = b"%x\r\n%s\r\n" % (len(HALF), HALF)
LONG, CHUNKED = "Content-Length: 1000000", "Transfer-Encoding: chunked"
NDJSON, JSON = "Content-Type: application/x-ndjson", "Content-Type: application/json"


@dataclass(frozen=True)
class Case:
    """`begins`: how the service's answer begins, after "HTTP/1.1 "; "" where nobody is there to hear it."""

    do: Callable[[Served], str]
    begins: str = ""
    code: str = ""


CASES = {
    "an upload, torn off": Case(lambda s: torn(s, s.head("/v1/files", LONG), HALF)),
    "an upload in chunks, torn off": Case(lambda s: torn(s, s.head("/v1/files", CHUNKED), CHUNK)),
    "an upload, ended too early": Case(lambda s: talk(s, s.head("/v1/files", LONG), HALF, whole=False)),
    "an upload that drips": Case(
        lambda s: dripping(s, s.head("/v1/files", LONG) + HALF[:100]), "408 ", "REQUEST_SLOW"
    ),
    "a chunk that drips": Case(
        lambda s: dripping(s, s.head("/v1/files", CHUNKED) + CHUNK[:100]), "408 ", "REQUEST_SLOW"
    ),
    "an upload announced too large": Case(
        lambda s: talk(s, s.head("/v1/files", f"Content-Length: {LIMITS.upload + 1}")),
        "413 ",
        "BODY_TOO_LARGE",
    ),
    "an upload that grows too large": Case(
        lambda s: talk(s, s.head("/v1/files", CHUNKED), *[CHUNK] * 15), "413 ", "BODY_TOO_LARGE"
    ),
    "an upload of another digest": Case(
        lambda s: talk(s, s.head("/v1/files", "Content-Length: 1", f"X-Content-SHA256: {'0' * 64}"), b"x"),
        "422 ",
        "UPLOAD_DIGEST",
    ),
    "chunks that are none": Case(
        lambda s: talk(s, s.head("/v1/files", CHUNKED), CHUNK, b"zz\r\nx\r\n"), "400 "
    ),
    "a length that is none": Case(lambda s: talk(s, s.head("/v1/files", "Content-Length: -1")), "400 "),
    "two lengths": Case(
        lambda s: talk(s, s.head("/v1/files", "Content-Length: 1", "Content-Length: 2"), b"xx"), "400 "
    ),
    "no HTTP": Case(lambda s: talk(s, NO_HTTP), "400 ", "REQUEST_UNREADABLE"),
    "headers without end": Case(lambda s: talk(s, ENDLESS), "431 ", "HEADERS_TOO_LARGE"),
    "headers that drip": Case(lambda s: dripping(s, DRIP), "408 ", "REQUEST_SLOW"),
    "a connection that says nothing": Case(lambda s: answered_alone(s), "408 ", "REQUEST_SLOW"),
    "a form, torn off": Case(lambda s: torn(s, s.head("/v1/statements", JSON, LONG), b'{"statement":"')),
    "a form that drips": Case(
        lambda s: dripping(s, s.head("/v1/drafts", JSON, "Content-Length: 5000") + b'{"event":"'),
        "408 ",
        "REQUEST_SLOW",
    ),
    "a form too large": Case(
        lambda s: talk(s, s.head("/v1/statements", JSON, "Content-Length: 70000"), b"{" * 70_000),
        "413 ",
        "BODY_TOO_LARGE",
    ),
    "a form that is no JSON": Case(
        lambda s: talk(s, s.head("/v1/drafts", JSON, "Content-Length: 5"), b"{{{{{"),
        "422 ",
        "REQUEST_INVALID",
    ),
    "many lines, torn off in one": Case(
        lambda s: torn(s, s.head("/v1/statements:bulk", NDJSON, LONG), b'{"statement":"x"}\n{"state')
    ),
    "a line too long": Case(
        lambda s: talk(s, s.head("/v1/statements:bulk", NDJSON, LONG), b"x" * 70_000), "200 ", "BULK_LINE"
    ),
}


def answered_alone(served: Served) -> str:
    with served.connect() as connection:
        return answered(connection)


def settle(served: Served) -> None:
    deadline = time.monotonic() + PATIENCE
    while not served.is_quiet():
        assert time.monotonic() < deadline, (
            "somebody is still connected, half a file lies there, or the database is held"
        )
        time.sleep(0.05)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_left_of(served: Served, name: str) -> None:
    case, before = CASES[name], served.kept()
    said = case.do(served)
    settle(served)
    if case.begins:
        assert said.startswith(f"HTTP/1.1 {case.begins}"), said
    if case.code:
        assert f'"code":"{case.code}"' in said
    assert served.kept() == before


def test_places_and_threads_are_free_again(served: Served, tmp_path: Path) -> None:
    """More broken uploads than may come in side by side, again and again: none of them keeps a thread."""
    threads = []
    for _ in range(3):
        for _ in range(LIMITS.uploads * 3):
            torn(served, served.head("/v1/files", LONG), HALF)
        settle(served)
        threads.append(served.process.num_threads())
    assert threads[-1] < threads[0] + LIMITS.uploads, threads
    file = tmp_path / "a.bin"
    file.write_bytes(b"whole")
    assert served.client.upload(file)["size"] == 5
