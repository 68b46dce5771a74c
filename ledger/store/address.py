"""Where a ledger's database is: a SQLite file in its folder, or a PostgreSQL server.

A PostgreSQL address is what libpq takes (`postgresql://user@host/name?sslmode=verify-full`,
`postgresql:///?service=archive`), and never holds a password: that stays in PGPASSFILE or a service file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from verifier.errors import CallerError, found_text

# For a new ledger the default address; for one that is on PostgreSQL, the address from this machine.
VARIABLE = "ARCHIVE_LEDGER_DATABASE"
_SCHEMES = ("postgresql://", "postgres://")
_SECRETS = ("password", "sslpassword")


@dataclass(frozen=True)
class Postgres:
    """`url`: in libpq's form, without a password, so that it may be shown and kept."""

    url: str

    def __str__(self) -> str:
        return self.url


Place: TypeAlias = Path | Postgres


def named(place: Place) -> str:
    return place.name if isinstance(place, Path) else place.url


def postgres_at(url: str) -> Postgres:
    """Raises CallerError DATABASE_ADDRESS, DATABASE_PASSWORD."""
    if not url.startswith(_SCHEMES):
        raise CallerError("DATABASE_ADDRESS", "", f"{_SCHEMES[0]}…", found_text(url.partition("://")[0]))
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except Error as error:
        # The driver's own words may quote a password.
        raise CallerError("DATABASE_ADDRESS", "", "postgresql://user@host:port/name", "?") from error
    secret = [name for name in _SECRETS if name in parts]
    if secret:
        raise CallerError("DATABASE_PASSWORD", ", ".join(secret))
    return Postgres(url)


def address_asked_for(given: str | None) -> str:
    """The address of a ledger about to be made: as given, else by the environment; "" for SQLite."""
    url = os.environ.get(VARIABLE, "") if given is None else given
    return postgres_at(url).url if url else ""


def place_of(database: str, file: Path) -> Place:
    """`database`: as the settings have it, "" for the SQLite file."""
    return postgres_at(os.environ.get(VARIABLE) or database) if database else file
