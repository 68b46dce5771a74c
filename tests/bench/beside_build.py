"""Building the other logs from the registries, once, by version and hash; kept in the cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from network.errors import NetworkError
from network.layout import cache_folder
from network.progress import Step
from network.toolchain import find_toolchain, wanted_version

PINNED = Path(__file__).parent / "beside"
BUILD_SECONDS = 600
# What is built of each module: program → package.
GO: dict[str, dict[str, str]] = {
    "tessera": {
        "posix": "github.com/transparency-dev/tessera/cmd/conformance/posix",
        "hammer": "github.com/transparency-dev/tessera/internal/hammer",
    },
    "immudb": {"immudb": "github.com/codenotary/immudb/cmd/immudb", "driver": "."},
}


class Unbuildable(Exception):  # noqa: N818  it is no error of ours
    """The registry, the toolchain or the sources refused; the text says why."""


def built(name: str) -> Path:
    """The folder with its programs or packages. Raises Unbuildable."""
    target = _target(name)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        if name in GO:
            _build_go(name, part)
        else:
            _install(name, part)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def is_built(name: str) -> bool:
    return _target(name).is_dir()


def _target(name: str) -> Path:
    """Named by everything that decides what is built."""
    folder = PINNED / name
    sources = sorted(folder.iterdir()) if folder.is_dir() else [PINNED / f"{name}.txt"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return cache_folder() / "bench" / f"{name}-{digest[:16]}"


def _build_go(name: str, into: Path) -> None:
    module = PINNED / name
    try:
        go = find_toolchain(wanted_version(module / "go.mod"), _silent)
    except NetworkError as error:
        raise Unbuildable(error.en) from error
    for program, package in GO[name].items():
        command = [go.command, "build", "-trimpath", "-ldflags=-s -w", "-o", str(into / program), package]
        _run(command, module, go.environment())


def _install(name: str, into: Path) -> None:
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--target", str(into)]
    command = [sys.executable, "-m", "pip", "install", *options, "-r", str(PINNED / f"{name}.txt")]
    _run(command, into, None)


def _run(command: list[str], folder: Path, environment: dict[str, str] | None) -> None:
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unbuildable(f"not built within {BUILD_SECONDS} s") from error
    if run.returncode != 0:
        raise Unbuildable(" ".join(run.stderr.split())[-300:])


def _silent(_step: Step) -> None:
    pass
