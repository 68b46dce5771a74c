"""Two digests of a file in one pass, against `openssl dgst` of each run at the same time."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.figures import Part, seconds
from tests.bench.setting import Setting
from verifier.digests import CHUNK, both_of_chunks

RUNS = 5


def measure(part: Part, setting: Setting) -> None:
    octets = setting.size(512 << 20, 1 << 20)
    path = setting.fresh("digests") / "file"
    with path.open("wb") as out:
        for _ in range(0, octets, 1 << 20):
            out.write(os.urandom(1 << 20))
    openssl = shutil.which("openssl")
    ours, theirs = [], []
    for _ in range(setting.size(RUNS, 1)):
        ours.append(octets / seconds(lambda: _both(path)) / 1e6)
        if openssl is not None:
            theirs.append(octets / seconds(lambda: _openssl(openssl, path)) / 1e6)
    one_pass = part.add("one_pass", ours)
    if not theirs:
        part.lack("openssl dgst", "there is no openssl program")
        return
    beside = part.add("openssl", theirs)
    part.ratio("of_openssl", one_pass, beside)


def _both(path: Path) -> None:
    with path.open("rb") as reader:
        both_of_chunks(iter(lambda: reader.read(CHUNK), b""))


def _openssl(program: str, path: Path) -> None:
    running = [
        subprocess.Popen([program, "dgst", f"-{name}", str(path)], stdout=subprocess.DEVNULL)
        for name in ("sha256", "sm3")
    ]
    assert [one.wait() for one in running] == [0, 0]
