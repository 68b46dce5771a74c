"""A real `fabric-ca-server` in front of the embedded network's own person CA of one organisation."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from network.binaries import fabric_ca_program
from network.ca import load_authority
from network.certificates import certificate_pem, issue_tls, key_pem
from network.compose_secrets import authority_settings
from network.fabric_ca import Server
from network.layout import layout
from network.marker import read_marker
from network.progress import silent

SECRET = "for tests only"
# Below those that the system gives to whoever asks for any, and beyond those of the network's organisations.
PORT = 17054
_SECONDS = 300.0


@contextmanager
def fabric_ca(home: Path, msp: str, folder: Path) -> Iterator[Server]:
    """Its files lie in `folder`. It listens at the network's own address, where nobody else does."""
    places = layout(home)
    marker = read_marker(places)
    assert marker is not None
    address = marker.address
    for suffix in ("pem", "key"):
        shutil.copy(places.authority(msp) / f"person.{suffix}", folder / f"ca.{suffix}")
    tls = load_authority(places, msp, "tls")
    pair = issue_tls(tls, f"ca.{msp}", address)
    (folder / "tls.pem").write_bytes(certificate_pem(pair.certificate))
    (folder / "tls.key").write_bytes(key_pem(pair.key))
    settings = authority_settings(msp, SECRET, address, PORT, f"{address}:0")
    (folder / "fabric-ca-server-config.yaml").write_bytes(settings)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [fabric_ca_program(silent), "start", "--home", str(folder)], stdout=log, stderr=log, cwd=folder
        )
    try:
        _wait(running, address, folder / "log")
        yield Server(f"https://{address}:{PORT}", tls.pem)
    finally:
        running.terminate()
        running.wait(_SECONDS)


def _wait(running: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection((address, PORT), 1).close()
            return
        except OSError:
            assert running.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)
