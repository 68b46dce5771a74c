"""On which database the ledgers of a test are made, and doing to it what no program of ours would.

The fixture `database` of conftest.py runs a test once on each; without it a ledger is a SQLite file.
"""

from __future__ import annotations

import functools
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.checkpoint_key import create_checkpoint_key
from ledger.create import create_ledger
from ledger.handle import Clock, Ledger, system_clock
from ledger.paths import LedgerPaths
from ledger.settings import Settings
from ledger.store.address import Place, Postgres
from ledger.store.engine import open_engine
from ledger.store.revision import upgrade_store
from tests.postgres_cluster import Cluster


@dataclass
class Databases:
    """`cluster`: None for SQLite. `made`: names of databases, dropped at the end of their test."""

    cluster: Cluster | None = None
    template: str = ""
    made: list[str] = field(default_factory=list)

    def new(self, template: str = "") -> str:
        """The address of a new database as the settings have it, "" for a file."""
        if self.cluster is None:
            return ""
        name = self.cluster.database(template or self.template)
        self.made.append(name)
        return self.cluster.url(name)

    def drop(self, keep: int = 0) -> None:
        while self.cluster is not None and len(self.made) > keep:
            self.cluster.drop(self.made.pop())


FILES = Databases()
# The innermost one counts.
IN_USE = [FILES]


def on_its_database(settings: Settings) -> Settings:
    return replace(settings, database=IN_USE[-1].new())


def new_ledger(home: Path, settings: Settings, now: Clock = system_clock) -> Ledger:
    """By `create_ledger`, in a store that has its tables already: making them takes longer than the rest. A
    server's come with the template of the database.
    """

    def with_tables(paths: LedgerPaths) -> None:
        create_checkpoint_key(paths.checkpoint_key)
        if not settings.database:
            paths.database.write_bytes(_tables())

    return create_ledger(home, settings, now, with_tables)


@functools.cache
def _tables() -> bytes:
    """A file with our tables, made once."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tables.sqlite"
        engine = open_engine(place)
        upgrade_store(engine, place)
        engine.dispose()
        assert [path.name for path in Path(folder).iterdir()] == [place.name]
        return place.read_bytes()


def name_of(place: Postgres) -> str:
    return str(conninfo_to_dict(place.url)["dbname"])


def spoil(ledger: Ledger, sql: str) -> None:
    """As somebody does who has the database and knows SQL: past the foreign keys. `sql` is SQLite's."""
    with raw(ledger.place) as run:
        assert run(sql) > 0


@contextmanager
def raw(place: Place) -> Iterator[Callable[[str], int]]:
    """Runs SQL and says how many rows it touched."""
    if isinstance(place, Postgres):
        with psycopg.connect(place.url, autocommit=True) as server:
            server.execute("SET session_replication_role = replica")
            yield lambda sql: server.execute(as_postgres(sql).encode()).rowcount
        return
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield lambda sql: _in_file(connection, sql)


def _in_file(connection: sqlite3.Connection, sql: str) -> int:
    touched: Any = connection.execute(sql).rowcount
    connection.commit()
    return int(touched)


# What the tests write for SQLite, and how PostgreSQL says it.
_AS_POSTGRES = (
    (
        r"CAST\(replace\(CAST\((\w+) AS TEXT\), ([^)]*)\) AS BLOB\)",
        r"convert_to(replace(convert_from(\1, 'UTF8'), \2), 'UTF8')",
    ),
    (r"zeroblob\((\d+)\)", r"decode(repeat('00', \1), 'hex')"),
    (r"CAST\((data \|\| 'x') AS BLOB\)", r"data || 'x'::bytea"),
    (r"CAST\((.*) AS BLOB\)", r"(\1)::bytea"),
    (r"\browid\b", "ctid"),
    (r"randomblob\(32\)", "sha256(random()::text::bytea)"),
)


def as_postgres(sql: str) -> str:
    for sqlite_words, words in _AS_POSTGRES:
        sql = re.sub(sqlite_words, words, sql)
    return sql
