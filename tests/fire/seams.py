"""Every moment at which being killed could matter, found by watching and not by listing.

A process changes what outlives it only by creating, renaming or removing a file, by making writes durable,
by a statement to SQLite that is no SELECT, by a call to the network, and by what it tells whoever asked.
`watch` counts these as they come and kills the process, as a power cut would, before the one with a given
number. What was killed before the next effect was killed after this one, so one number after the other
leaves no gap.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from dataclasses import dataclass, field
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit events of the interpreter itself: whoever calls, they come.
# https://docs.python.org/3/library/audit_events.html
_AUDITED = frozenset(
    ["os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate", "os.chmod"]
)
_HARMLESS = ("SELECT", "WITH", "PRAGMA", "SAVEPOINT", "RELEASE", "EXPLAIN", "--")


@dataclass
class Watch:
    """`kill_at`: number of the effect before which the process dies, from 1; 0 for none. `seen`: their
    names.
    """

    kill_at: int
    only: frozenset[str] = frozenset()
    seen: list[str] = field(default_factory=list)
    on: bool = False

    def effect(self, name: str) -> None:
        if not self.on or (self.only and name not in self.only):
            return
        self.seen.append(name)
        if len(self.seen) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(kill_at: int, only: frozenset[str] = frozenset()) -> Watch:
    """Watch this process from now on; there is no way back, so it must be a child made for it."""
    watched = Watch(kill_at, only)
    sys.addaudithook(lambda event, arguments: _audited(watched, event, arguments))
    for name in ("fsync", "fdatasync"):
        _before(watched, os, name)
    _watch_sqlite(watched)
    watched.on = True
    return watched


def watch_network(watched: Watch) -> None:
    """Every remote call, whoever makes it. Apart from `watch`, because it loads the network's client."""
    import grpc._channel

    for kind in (grpc._channel._UnaryUnaryMultiCallable, grpc._channel._UnaryStreamMultiCallable):
        for name in ("__call__", "future"):
            if hasattr(kind, name):
                _before_call(watched, kind, name)


def _before_call(watched: Watch, kind: Any, name: str) -> None:
    made = getattr(kind, name)

    def calling(self: Any, *arguments: Any, **named: Any) -> Any:
        watched.effect(f"network {self._method.decode().rpartition('/')[2]}")
        return made(self, *arguments, **named)

    setattr(kind, name, calling)


def _audited(watched: Watch, event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        watched.effect("open")
    elif event in _AUDITED:
        watched.effect(event.removeprefix("os."))


def _before(watched: Watch, owner: Any, name: str) -> None:
    made = getattr(owner, name)

    def watching(*arguments: Any, **named: Any) -> Any:
        watched.effect(name)
        return made(*arguments, **named)

    setattr(owner, name, watching)


def _watch_sqlite(watched: Watch) -> None:
    connect = sqlite3.connect

    def statement(sql: str) -> None:
        word = sql.lstrip().partition(" ")[0].upper()
        if word not in _HARMLESS or "wal_checkpoint" in sql or "journal_mode" in sql:
            watched.effect(word)

    def connecting(*arguments: Any, **named: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*arguments, **named)
        made.set_trace_callback(statement)
        return made

    # SQLAlchemy asks the second name.
    sqlite3.connect = connecting  # type: ignore[assignment]
    sqlite3.dbapi2.connect = connecting  # type: ignore[assignment]
