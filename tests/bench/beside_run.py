"""Running the other logs: each answers, for every figure that it gives, the seconds that the records took."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.bench.beside_build import built
from tests.bench.setting import Setting

WRITERS = 512
IN_ONE = 1000
RUN_SECONDS = 120


def tessera(setting: Setting, number: int, octets: int) -> dict[str, float]:
    """Its own conformance server and load tester; the time until all are integrated, by whole seconds."""
    programs, folder, port = built("tessera"), setting.fresh("tessera"), _free_port()
    secret, public = _note_key("bench.example/tessera")
    server = [str(programs / "posix"), f"--storage_dir={folder}", f"--listen=127.0.0.1:{port}"]
    load = [
        str(programs / "hammer"),
        f"--log_public_key={public}",
        f"--log_url=http://127.0.0.1:{port}",
        "--max_read_ops=0",
        "--num_readers_random=0",
        "--num_readers_full=0",
        f"--num_writers={WRITERS}",
        "--max_write_ops=100000",
        "--dup_chance=0",
        f"--leaf_min_size={octets}",
        f"--leaf_write_goal={number}",
        f"--max_runtime={RUN_SECONDS}s",
        "--show_ui=false",
    ]
    with _serving(server, port, {"LOG_PRIVATE_KEY": secret}):
        _until(lambda: (folder / "checkpoint").exists())
        begin = time.perf_counter()
        _ran(load, RUN_SECONDS + 30, folder, {})
        spent = time.perf_counter() - begin
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    assert size >= number
    # More than the goal may have come in before the load tester looked.
    return {"tessera": spent * number / size}


def immudb(setting: Setting, number: int, octets: int) -> dict[str, float]:
    programs, folder, port = built("immudb"), setting.fresh("immudb"), _free_port()
    server = [
        str(programs / "immudb"),
        f"--dir={folder}",
        "--address=127.0.0.1",
        f"--port={port}",
        "--pgsql-server=false",
        "--metrics-server=false",
        "--web-server=false",
    ]
    driver = [str(programs / "driver"), "127.0.0.1", str(port), str(number), str(IN_ONE), str(octets)]
    with _serving(server, port, {}):
        said = json.loads(_ran(driver, RUN_SECONDS, folder, {}))
    return {"immudb": said["plain"], "immudb_verified": said["verified"]}


_WITNESS_LOG = """
import os, sys, time, witness_log
path, number, octets, in_one = sys.argv[1], *map(int, sys.argv[2:])
records = [os.urandom(octets) for _ in range(number)]
log = witness_log.JournaledLog.create(path, os.urandom(32))
begin = time.perf_counter()
for n, record in enumerate(records, 1):
    log.append_memory(record)
    if n % in_one == 0 or n == number:
        log.sync()
print(time.perf_counter() - begin)
assert log.tree_size() >= number
"""


def witness_log(setting: Setting, number: int, octets: int) -> dict[str, float]:
    packages, folder = built("witness-log"), setting.fresh("witness-log")
    words = [str(folder / "journal"), str(number), str(octets), str(IN_ONE)]
    said = _ran(
        [sys.executable, "-c", _WITNESS_LOG, *words], RUN_SECONDS, folder, {"PYTHONPATH": str(packages)}
    )
    return {"witness_log": float(said)}


def _ran(command: list[str], seconds: float, folder: Path, environment: Mapping[str, str]) -> str:
    """What it said; AssertionError with its complaint if it failed."""
    run = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-300:]
    return run.stdout


@contextlib.contextmanager
def _serving(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[None]:
    server = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _until(lambda: _listens(port))
        yield
    finally:
        server.kill()
        server.wait()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + 30
    while not condition():
        assert time.perf_counter() < deadline, "did not come up in 30 s"
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _note_key(name: str) -> tuple[str, str]:
    """A signer and its verifier as golang.org/x/mod/sumdb/note writes them."""
    key = Ed25519PrivateKey.generate()
    public = b"\x01" + key.public_key().public_bytes_raw()
    digest = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex()
    secret = base64.b64encode(b"\x01" + key.private_bytes_raw()).decode()
    return f"PRIVATE+KEY+{name}+{digest}+{secret}", f"{name}+{digest}+{base64.b64encode(public).decode()}"
