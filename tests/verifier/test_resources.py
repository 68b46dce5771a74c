"""What a file can cost: its size, its depth and its counts are judged before they cost memory.

Each case is a process of its own, whose greatest memory the system tells.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.verifier.forge_evidence import good
from verifier.evidence import MAX_EVIDENCE
from verifier.note import MAX_NOTE

MEGABYTE = 2**20
SMALL, WHOLE = 100 * MEGABYTE, 256 * MEGABYTE
# Of the processor, not of the clock: other work on the machine does not count.
SECONDS = 30.0


@dataclass(frozen=True)
class Cost:
    code: int
    reasons: list[str]
    errors: str
    memory: int
    seconds: float


# A process begins as the image of the one that started it, and its greatest memory with that one's: so a
# small one starts it.
_BETWEEN = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = used.ru_utime + used.ru_stime
print(json.dumps([done.returncode, done.stdout.decode(), done.stderr.decode(), used.ru_maxrss, seconds]))
"""


def _run(*words: Path | str) -> Cost:
    command = [sys.executable, "-m", "verifier.command", "--json", *map(str, words)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _BETWEEN, *command],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )
    code, written, errors, memory, seconds = json.loads(done.stdout)
    return Cost(
        code,
        [reason["code"] for reason in json.loads(written)["reasons"]],
        errors,
        memory * (1 if sys.platform == "darwin" else 1024),
        seconds,
    )


def _file(path: Path, content: bytes, size: int = 0) -> Path:
    """With `size`, a file that only claims to hold so much."""
    path.write_bytes(content)
    if size:
        os.truncate(path, size)
    return path


@pytest.mark.parametrize("which", ["evidence", "trust", "receipt"])
@pytest.mark.parametrize("size", [100 * MEGABYTE, 2**40], ids=["a hundred megabytes", "a terabyte"])
def test_too_large_to_be_read(tmp_path: Path, which: str, size: int) -> None:
    paths = {
        "evidence": _file(tmp_path / "evidence", good().octets),
        "trust": _file(tmp_path / "trust", good().trust_octets),
        "receipt": _file(tmp_path / "receipt", b"receipt"),
    }
    _file(paths[which], b"{", size)
    cost = _run(paths["evidence"], "--trust", paths["trust"], "--receipt", paths["receipt"])
    assert (cost.code, cost.reasons, cost.errors) == (3, ["INPUT_TOO_LARGE"], "")
    assert cost.memory < SMALL
    assert cost.seconds < SECONDS


def test_a_large_file_on_the_table_is_read_piece_by_piece(tmp_path: Path) -> None:
    evidence, trust = _file(tmp_path / "e", good().octets), _file(tmp_path / "t", good().trust_octets)
    cost = _run(evidence, "--trust", trust, _file(tmp_path / "film.mp4", b"film", 300 * MEGABYTE))
    assert (cost.code, cost.errors) == (1, "")
    assert cost.memory < SMALL


def _filled(piece: bytes, start: bytes = b"[", end: bytes = b"]") -> Callable[[], bytes]:
    """As large as evidence may be."""
    return lambda: start + piece * ((MAX_EVIDENCE - len(start) - len(end)) // len(piece)) + end


AT_THE_LIMIT: dict[str, tuple[Callable[[], bytes], str]] = {
    "brackets": (_filled(b"["), "JSON_DEPTH"),
    "members in members": (_filled(b'{"a":'), "JSON_DEPTH"),
    "empty strings": (_filled(b'"",'), "JSON_TOKENS"),
    "numbers": (_filled(b"1,"), "JSON_TOKENS"),
    "one number": (_filled(b"9"), "JSON_NUMBER"),
    "one string": (_filled(b"a", b'["', b'"]'), "SHAPE_TYPE"),
    "one string of ideographs": (_filled("档".encode(), b'["', b'"]'), "SHAPE_TYPE"),
    "escaped quotes": (_filled(b'\\"', b'["', b'"]'), "SHAPE_TYPE"),
    "a string without an end": (_filled(b"a", b'["', b""), "JSON_SYNTAX"),
    "octets that are no text": (_filled(b"\xff"), "JSON_SYNTAX"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_as_large_as_may_be(tmp_path: Path, name: str) -> None:
    """A small multiple of the file's own size, and no traceback."""
    make, code = AT_THE_LIMIT[name]
    evidence = _file(tmp_path / "e", make())
    cost = _run(evidence, "--trust", _file(tmp_path / "t", good().trust_octets))
    assert (cost.code, cost.reasons[-1], cost.errors) == (3, code, "")
    assert cost.memory < WHOLE
    assert cost.seconds < SECONDS


def test_a_receipt_longer_than_a_note(tmp_path: Path) -> None:
    evidence, trust = _file(tmp_path / "e", good().octets), _file(tmp_path / "t", good().trust_octets)
    cost = _run(evidence, "--trust", trust, "--receipt", _file(tmp_path / "r", b"x" * (MAX_NOTE + 1)))
    assert cost.code == 2
    assert cost.reasons[:2] == ["RECEIPT_INVALID", "NOTE_FORM"]
