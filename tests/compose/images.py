"""Images under the official names, for an engine that can pull none: the same programs at the same places.

What the engine has, or can pull, is left as it is. Else: a Debian by debootstrap, on it Debian's Python and
PostgreSQL, this machine's Go, and the Fabric programs that the project builds.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from network.binaries import build_once, fabric_ca_program, fabric_programs
from network.errors import NetworkError
from network.layout import cache_folder
from network.progress import silent
from network.toolchain import find_toolchain, wanted_version
from tests.compose.engine import CouldNotRunError, Engine, need_program, say

_FILES = Path(__file__).with_name("images")
_CHAINCODE = Path(__file__).resolve().parents[2] / "chaincode" / "go.mod"
_BASE, _SUITE, _MIRROR = "debian:13-slim", "trixie", "http://deb.debian.org/debian"
# Certificates of this machine's own authorities: where a proxy inspects TLS, builds need them too.
_OWN_AUTHORITIES = Path("/usr/local/share/ca-certificates")

Prepare = Callable[[Path], tuple[str, ...]]


def have_images(engine: Engine) -> tuple[str, ...]:
    """Makes what is missing; returns the names of those made. Raises CouldNotRunError."""
    made = []
    # The order matters: all others stand on the first.
    for name, (dockerfile, prepare) in {_BASE: ("", _nothing), **_images()}.items():
        if _there(engine, name):
            continue
        if dockerfile:
            _build(engine, name, dockerfile, prepare)
        else:
            say(["docker", "import", str(_debian()), name], engine.environment)
        made.append(name)
    return tuple(made)


def _there(engine: Engine, name: str) -> bool:
    if engine.docker("image", "inspect", name, check=False).returncode == 0:
        return True
    return not engine.own and engine.docker("pull", "--quiet", name, check=False).returncode == 0


def _images() -> dict[str, tuple[str, Prepare]]:
    return {
        "python:3.13-slim": ("python.Dockerfile", _nothing),
        "golang:1.26": ("golang.Dockerfile", _go),
        "postgres:17": ("postgres.Dockerfile", _nothing),
        "hyperledger/fabric-orderer:3.1": ("fabric.Dockerfile", _orderer),
        "hyperledger/fabric-peer:3.1": ("fabric.Dockerfile", _peer),
        "hyperledger/fabric-ca:1.5": ("fabric.Dockerfile", _authority),
    }


def _nothing(folder: Path) -> tuple[str, ...]:
    return ()


def _go(folder: Path) -> tuple[str, ...]:
    command = find_toolchain(wanted_version(_CHAINCODE), silent).command
    root = say([command, "env", "GOROOT"], {"HOME": "/root", "GOTOOLCHAIN": "local"}).stdout.strip()
    shutil.copytree(root, folder / "go")
    return ()


def _orderer(folder: Path) -> tuple[str, ...]:
    return _program(folder, fabric_programs(silent).orderer, "orderer start")


def _peer(folder: Path) -> tuple[str, ...]:
    return _program(folder, fabric_programs(silent).peer, "peer node start")


def _authority(folder: Path) -> tuple[str, ...]:
    return _program(folder, fabric_ca_program(silent), "fabric-ca-server start -b admin:adminpw")


def _program(folder: Path, program: Path, command: str) -> tuple[str, ...]:
    shutil.copy(program, folder / "program")
    return ("--build-arg", f"PROGRAM={program.name}", "--build-arg", f"COMMAND={command}")


def _build(engine: Engine, name: str, dockerfile: str, prepare: Prepare) -> None:
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        for path in _FILES.iterdir():
            shutil.copy(path, folder / path.name)
        (folder / "certificates").mkdir()
        for path in _OWN_AUTHORITIES.glob("*.crt"):
            shutil.copy(path, folder / "certificates")
        try:
            more = prepare(folder)
        except NetworkError as error:
            raise CouldNotRunError(f"{name}: {error.en}") from error
        command = [
            "docker",
            "build",
            "--quiet",
            "--file",
            str(folder / dockerfile),
            "--tag",
            name,
            *more,
            base,
        ]
        # The engine's older builder: the newer one's client is a plugin of its own.
        done = say(command, {**engine.environment, "DOCKER_BUILDKIT": "0"}, check=False)
        if done.returncode != 0:
            raise CouldNotRunError(f"The image {name} could not be made: {done.stderr.strip()[-800:]}")


def _debian() -> Path:
    """A minimal Debian as a tar file, made once. Raises CouldNotRunError."""
    key = hashlib.sha256(f"{_SUITE} {_MIRROR}".encode()).hexdigest()[:16]
    target = cache_folder() / f"debian-{key}"

    def build(into: Path) -> None:
        need_program("debootstrap", "debootstrap")
        with tempfile.TemporaryDirectory() as root:
            command = ["debootstrap", "--variant=minbase", _SUITE, root, _MIRROR]
            done = say(
                command, {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, check=False
            )
            if done.returncode != 0:
                raise CouldNotRunError(f"debootstrap (as root) failed: {done.stdout.strip()[-500:]}")
            tar = ["tar", "-C", root, "--numeric-owner", "-cf", str(into / "debian.tar"), "."]
            say(tar, {"PATH": "/usr/bin:/bin"})

    build_once(target, build, silent)
    return target / "debian.tar"
