"""What a ledger is told once, when it is created: `ledger.json`, canonical JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from verifier.canonical import Json, encode, parse
from verifier.errors import EvidenceError, LedgerError
from verifier.shape import MSP_ID, ORIGIN, members

VERSION = "archive-ledger settings v1"
_NOT_EMPTY = re.compile(r"(?s).+")
_REQUIRED = ("chaincode", "channel", "connection", "due_seconds", "kinds", "operator", "origin", "role")


@dataclass(frozen=True)
class Settings:
    """`role`: the OU that the anchoring certificate bears. `kinds`: MSP id → kind of organisation, as the
    event catalogue names kinds. `due_seconds`: a receipt promises the log within this time.
    `connection`: path of connection.json, under the home folder unless absolute. `database`: the address of a
    PostgreSQL database without a password, "" for the SQLite file beside the settings.
    """

    origin: str
    operator: str
    role: str
    channel: str
    chaincode: str
    connection: str
    kinds: Mapping[str, str] = field(default_factory=dict)
    due_seconds: int = 86_400
    database: str = ""

    def connection_path(self, home: Path) -> Path:
        return home / self.connection


def write_settings(settings: Settings) -> bytes:
    """Raises EvidenceError if a member has not the form that `read_settings` asks for."""
    value: dict[str, Json] = {
        "chaincode": settings.chaincode,
        "channel": settings.channel,
        "connection": settings.connection,
        "due_seconds": settings.due_seconds,
        "kinds": dict(settings.kinds),
        "operator": settings.operator,
        "origin": settings.origin,
        "role": settings.role,
        "version": VERSION,
    }
    if settings.database:
        value["database"] = settings.database
    data = encode(value)
    _read(data)
    return data


def read_settings(data: bytes) -> Settings:
    """Raises LedgerError SETTINGS_UNREADABLE."""
    try:
        return _read(data)
    except EvidenceError as error:
        raise LedgerError("SETTINGS_UNREADABLE", error.at, error.expected, error.found) from error


def _read(data: bytes) -> Settings:
    m = members(parse(data, "ledger.json"), "ledger.json", (*_REQUIRED, "version"), ("database",))
    m.constant("version", VERSION)
    kinds = m.child("kinds", (), tuple(m.value["kinds"]) if isinstance(m.value["kinds"], dict) else ())
    return Settings(
        origin=m.text("origin", ORIGIN),
        operator=m.text("operator", MSP_ID),
        role=m.text("role"),
        channel=m.text("channel"),
        chaincode=m.text("chaincode"),
        connection=m.text("connection"),
        kinds={msp: kinds.text(msp) for msp in kinds.value},
        due_seconds=m.integer("due_seconds", 1),
        database=m.optional_text("database", _NOT_EMPTY) or "",
    )
