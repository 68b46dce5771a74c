"""The deployment of docker-compose.yml as it stands, under a project name of its own."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.compose_file import COMPOSE_FILE
from tests.compose.engine import Engine, parsed, say

PASSPHRASE = "for tests only"
# Generous: on a busy machine a start takes ten times as long as on an idle one.
PATIENCE = 900.0


@dataclass(frozen=True)
class Deployment:
    """`url` is where this machine reaches the interface; `shared` a folder that the office's containers see
    under the same path, for reading."""

    engine: Engine
    project: str
    port: int
    shared: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def office(self) -> str:
        """The container in which commands are typed: `docker compose run ledger`, kept for the whole test."""
        return f"{self.project}-office"

    def compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return say([*self._command, *arguments], self._environment, check=check, cwd=COMPOSE_FILE.parent)

    def into(self, target: Path, *arguments: str) -> None:
        """What the command puts out, as a file."""
        with target.open("wb") as out:
            subprocess.run([*self._command, *arguments], env=self._environment, stdout=out, check=True)

    def out_of(self, source: Path, *arguments: str) -> None:
        """The file, as what the command reads."""
        with source.open("rb") as stream:
            subprocess.run([*self._command, *arguments], env=self._environment, stdin=stream, check=True)

    @property
    def _command(self) -> tuple[str, ...]:
        return ("docker", "compose", "--file", str(COMPOSE_FILE), "--project-name", self.project)

    @property
    def _environment(self) -> dict[str, str]:
        own = {"ARCHIVE_LEDGER_PORT": str(self.port), "ARCHIVE_LEDGER_URL": self.url}
        return {**self.engine.environment, **own}

    def up(self) -> None:
        """All that a user types."""
        self.compose("up", "--detach", "--quiet-pull")

    def open_office(self) -> None:
        share = f"{self.shared}:{self.shared}:ro"
        options = ["--detach", "--name", self.office, "--entrypoint", "sleep", "--volume", share]
        self.compose(
            "run", *options, "--env", f"ARCHIVE_LEDGER_PASSPHRASE={PASSPHRASE}", "ledger", "infinity"
        )

    def close_office(self) -> None:
        self.engine.docker("rm", "--force", self.office, check=False)

    def type(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`archive-ledger …`, typed in the office."""
        return self.engine.docker("exec", self.office, "archive-ledger", *arguments, check=check)

    def told(self, *arguments: str, check: bool = True) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.type(*arguments, "--json", check=check).stdout)
        return document

    def fetch(self, source: str, target: Path) -> Path:
        """A file or folder out of the office's volumes, onto this machine."""
        self.engine.docker("cp", f"{self.office}:{source}", str(target))
        return target

    def inside(self, service: str, script: str, check: bool = True) -> str:
        return self.compose("exec", "--no-TTY", service, "sh", "-c", script, check=check).stdout

    def services(self) -> list[dict[str, Any]]:
        """Of each container but the office's: Service, State, Health, ExitCode, Publishers and others."""
        found = parsed(self.compose("ps", "--all", "--format", "json").stdout)
        return [one for one in found if one["Service"] != "ledger"]

    def health(self) -> tuple[int, dict[str, Any]]:
        """What /healthz says; status 0 where nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def until(self, what: str, so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, f"{what}: not so in {PATIENCE:.0f} s\n{self.said()}"
            time.sleep(1)

    def until_well(self) -> None:
        """The interface is green, and so is the engine's health check of every service."""
        self.until("/healthz", lambda: self.health()[0] == 200)
        self.until("every service healthy", lambda: not self.unwell())

    def unwell(self) -> list[str]:
        return [
            f"{one['Service']}: {one['State']} {one['Health']}"
            for one in self.services()
            if not (one["State"] == "running" and one["Health"] == "healthy")
            and not (one["State"] == "exited" and one["ExitCode"] == 0)
        ]

    def said(self) -> str:
        """For whoever reads of a failure: what is not well, and the end of the logs."""
        return "\n".join([*self.unwell(), self.compose("logs", "--tail", "15", check=False).stdout])


@contextmanager
def deployment(engine: Engine, shared: Path) -> Iterator[Deployment]:
    """Not yet up. Removed at the end with its volumes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Deployment(engine, f"archive-test-{secrets.token_hex(4)}", port, shared)
    try:
        yield made
    finally:
        made.close_office()
        made.compose("--profile", "tools", "down", "--volumes", "--timeout", "20", check=False)
