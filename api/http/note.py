"""What is noted of one request while it is served: for its log line and for the refusal's document."""

from __future__ import annotations

import json
import sys
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_current: ContextVar[Note | None] = ContextVar("request", default=None)


@dataclass
class Note:
    """`statements`: SHA-256, hex, of those accepted in this request; `agent`: who is signed in, a pseudonym,
    no name; `named`: who it may be, not proven; `credential`: whether anything was shown.

    Neither address nor path nor query: they may name people and records.
    """

    request: str = field(default_factory=lambda: str(uuid.uuid4()))
    operation: str = "none"
    agent: str = ""
    named: str = ""
    credential: bool = False
    code: str = ""
    statements: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)


def begin() -> Note:
    note = Note()
    _current.set(note)
    return note


def current() -> Note:
    """The note of the request being served; one that nobody reads outside of any."""
    return _current.get() or Note()


def log(event: str, **facts: Any) -> None:
    """One line of JSON on standard error."""
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": event, **facts}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stderr.flush()
