"""A Docker engine and its compose: those that are here, else started and built for the time of the test."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from network.binaries import build_once, run_go
from network.errors import NetworkError
from network.layout import cache_folder
from network.progress import Step, silent
from network.toolchain import find_toolchain, wanted_version

PLUGIN = Path(__file__).with_name("plugin")
_PACKAGES = ("docker.io", "iptables")
_START_SECONDS = 120.0


class CouldNotRunError(Exception):
    """Nothing was tested; the text says what is missing and the remedy."""


@dataclass(frozen=True)
class Engine:
    """`environment`: with which `docker` and `docker compose` reach it. `own`: nothing in it is anybody's."""

    environment: Mapping[str, str]
    own: bool

    def docker(self, *arguments: str, check: bool = True, **more: object) -> subprocess.CompletedProcess[str]:
        return say(["docker", *arguments], self.environment, check=check, **more)


def say(
    command: list[str], environment: Mapping[str, str], *, check: bool = True, **more: object
) -> subprocess.CompletedProcess[str]:
    """Raises AssertionError with all that the program said when it fails."""
    options: dict[str, object] = {"stdin": subprocess.DEVNULL, **more}
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        command, env=dict(environment), capture_output=True, encoding="utf-8", check=False, **options
    )
    assert not check or done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done


@contextmanager
def engine() -> Iterator[Engine]:
    """Raises CouldNotRunError."""
    plugins = Path(tempfile.mkdtemp(prefix="archive-docker-"))
    try:
        running = _answers({**os.environ})
        if running:
            yield Engine(_with_compose({**os.environ}, plugins), own=False)
        else:
            with _started() as address:
                yield Engine(_with_compose({**os.environ, "DOCKER_HOST": address}, plugins), own=True)
    finally:
        shutil.rmtree(plugins, ignore_errors=True)


def _answers(environment: Mapping[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    return say(["docker", "info"], environment, check=False).returncode == 0


@contextmanager
def _started() -> Iterator[str]:
    """An engine by hand, with a folder of its own that is removed at the end."""
    if os.geteuid() != 0:
        raise CouldNotRunError(
            "No Docker engine answers, and only root can start one here. Start Docker, or run as root."
        )
    if shutil.which("dockerd") is None or shutil.which("iptables") is None:
        _install(*_PACKAGES)
    folder = Path(tempfile.mkdtemp(prefix="archive-dockerd-"))
    address = f"unix://{folder}/docker.sock"
    # The storage driver that needs no other file system under it than the usual ones.
    command = ["dockerd", "--storage-driver=overlay2", f"--data-root={folder}/data"]
    command += [f"--exec-root={folder}/exec", f"--pidfile={folder}/pid", "-H", address]
    try:
        with (folder / "log").open("wb") as log:
            daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            _await(daemon, address, folder / "log")
            yield address
        finally:
            daemon.terminate()
            daemon.wait(_START_SECONDS)
    finally:
        _remove(folder)


def _await(daemon: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers({**os.environ, "DOCKER_HOST": address}):
        if daemon.poll() is not None or time.monotonic() > deadline:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise CouldNotRunError(f"dockerd does not start here (it needs a whole root):\n{end}")
        time.sleep(0.5)


def _remove(folder: Path) -> None:
    """What is still mounted in it is let go first: removing through a mount removes what is under it."""
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((one for one in mounted if one.startswith(f"{folder}/")), reverse=True):
        say(["umount", "--lazy", point], os.environ, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _install(*packages: str) -> None:
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = say(["apt-get", *words], {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)
        if done.returncode != 0:
            raise CouldNotRunError(f"apt-get {' '.join(words)}: {done.stderr.strip()[-500:]}")


def need_program(program: str, package: str) -> None:
    """Raises CouldNotRunError when it is not here and cannot be installed."""
    if shutil.which(program) is None:
        if os.geteuid() != 0:
            raise CouldNotRunError(f"{program} is missing (Debian package {package}).")
        _install(package)


def _with_compose(environment: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment in which `docker compose` works: by the plugin that is here, else one built from the
    pinned module (minutes, once)."""
    if say(["docker", "compose", "version"], environment, check=False).returncode == 0:
        return environment
    (folder / "cli-plugins").mkdir()
    shutil.copy(_plugin(), folder / "cli-plugins" / "docker-compose")
    return {**environment, "DOCKER_CONFIG": str(folder)}


def _plugin() -> Path:
    modules = b"".join((PLUGIN / name).read_bytes() for name in ("go.mod", "go.sum"))
    target = cache_folder() / f"compose-{hashlib.sha256(modules).hexdigest()[:32]}"
    try:
        toolchain = find_toolchain(wanted_version(PLUGIN / "go.mod"), silent)

        def build(into: Path) -> None:
            said = Step("编译 docker compose", "building docker compose, this once (minutes)")
            version = "-X github.com/docker/compose/v2/internal.Version=v2.40.3"
            command = ["install", "-trimpath", f"-ldflags=-s -w {version}", "tool"]
            run_go(toolchain, command, PLUGIN, {"GOBIN": str(into)}, said, silent)

        build_once(target, build, silent)
    except NetworkError as error:
        raise CouldNotRunError(f"docker compose is missing and could not be built: {error.en}") from error
    return target / "cmd"


def parsed(output: str) -> list[dict[str, object]]:
    """Docker's JSON: an array, or an object a line."""
    text = output.strip()
    if text.startswith("["):
        found: list[dict[str, object]] = json.loads(text)
        return found
    return [json.loads(line) for line in text.splitlines() if line]
