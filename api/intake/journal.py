"""What intake has done so far, kept in the data folder so that an interruption loses and doubles nothing.

Order of every step: a file is stored, then noted here; a list statement is signed, then kept here with the
records it names, and only then given to the ledger. So after any crash the same bytes are given again, and
the ledger answers the same bytes with the same receipt.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.intake.source import Stat
from verifier.digests import Digests

SIGNED, ACCEPTED, REFUSED = "signed", "accepted", "refused"

_TABLES = """
CREATE TABLE IF NOT EXISTS file (
    path TEXT PRIMARY KEY, device TEXT, inode TEXT, size INTEGER, modified_ns INTEGER, changed_ns INTEGER,
    mode TEXT NOT NULL, sha256 BLOB NOT NULL, sm3 BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS submission (
    id INTEGER PRIMARY KEY, list_id TEXT NOT NULL, sha256 BLOB NOT NULL UNIQUE, data BLOB NOT NULL,
    state TEXT NOT NULL, note TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS record (
    identity TEXT PRIMARY KEY, content BLOB NOT NULL, record TEXT NOT NULL UNIQUE,
    submission INTEGER NOT NULL REFERENCES submission(id)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Known:
    """A record that was signed before: `content` is the digest of what it said, `state` its list's."""

    record: str
    content: bytes
    state: str


@dataclass(frozen=True)
class Kept:
    """A signed list as kept: `data` is what `submission_bytes` made."""

    id: int
    list_id: str
    sha256: bytes
    data: bytes


@dataclass(frozen=True)
class Journal:
    database: sqlite3.Connection

    def file(self, path: Path, stat: Stat, mode: str) -> Digests | None:
        """Digests of a file stored before, if the system says that it has not changed since."""
        row = self.database.execute(
            "SELECT sha256, sm3 FROM file WHERE path=? AND device=? AND inode=? AND size=?"
            " AND modified_ns=? AND changed_ns=? AND mode=?",
            (*_file_key(path, stat), mode),
        ).fetchone()
        return Digests(row[0], row[1]) if row else None

    def keep_files(self, files: Iterable[tuple[Path, Stat, str, Digests]]) -> None:
        with self.database:
            self.database.executemany(
                "REPLACE INTO file VALUES (?,?,?,?,?,?,?,?,?)",
                [(*_file_key(p, s), mode, d.sha256, d.sm3) for p, s, mode, d in files],
            )

    def record(self, identity: str) -> Known | None:
        row = self.database.execute(
            "SELECT record, content, state FROM record JOIN submission ON submission.id = submission"
            " WHERE identity=?",
            (identity,),
        ).fetchone()
        return Known(*row) if row else None

    def keep_signed(
        self, list_id: str, sha256: bytes, data: bytes, records: Iterable[tuple[str, bytes, str]]
    ) -> Kept:
        """Keeps a signed list and its records (identity, content digest, record uuid); durable on return."""
        with self.database:
            cursor = self.database.execute(
                "INSERT INTO submission (list_id, sha256, data, state) VALUES (?,?,?,?)",
                (list_id, sha256, data, SIGNED),
            )
            number = int(cursor.lastrowid or 0)
            self.database.executemany(
                "INSERT INTO record VALUES (?,?,?,?)", [(*record, number) for record in records]
            )
        return Kept(number, list_id, sha256, data)

    def waiting(self) -> Iterator[Kept]:
        """Lists that are signed and not yet known to be accepted, in order of signing, one at a time."""
        ids = self.database.execute("SELECT id FROM submission WHERE state=? ORDER BY id", (SIGNED,))
        for (number,) in ids.fetchall():
            row = self.database.execute(
                "SELECT id, list_id, sha256, data FROM submission WHERE id=?", (number,)
            ).fetchone()
            yield Kept(*row)

    def accepted(self) -> list[tuple[int, bytes]]:
        """(id, SHA-256 of the statement) of every list that the ledger is known to have accepted."""
        rows = self.database.execute("SELECT id, sha256 FROM submission WHERE state=?", (ACCEPTED,))
        return [(number, digest) for number, digest in rows]

    def forget(self, number: int) -> None:
        """The ledger no longer has this list (an older back-up was restored): its records are taken anew."""
        with self.database:
            self.database.execute("DELETE FROM record WHERE submission=?", (number,))
            self.database.execute("DELETE FROM submission WHERE id=?", (number,))

    def forget_contents(self, contents: Iterable[bytes]) -> None:
        """Nothing is remembered of files with these SHA-256."""
        with self.database:
            self.database.executemany("DELETE FROM file WHERE sha256=?", [(one,) for one in contents])
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def mark_accepted(self, kept: Kept) -> None:
        """The ledger has it: its bytes are no longer needed here."""
        with self.database:
            self.database.execute("UPDATE submission SET state=?, data=x'' WHERE id=?", (ACCEPTED, kept.id))

    def mark_refused(self, kept: Kept, why: str) -> None:
        """The ledger will never take it: its records are free to be signed anew. The bytes are kept."""
        with self.database:
            self.database.execute("DELETE FROM record WHERE submission=?", (kept.id,))
            self.database.execute("UPDATE submission SET state=?, note=? WHERE id=?", (REFUSED, why, kept.id))
            if "SECRET_" in why:
                # Of what bears a secrecy marking not even the refused bytes stay.
                self.database.execute("UPDATE submission SET data=x'' WHERE id=?", (kept.id,))


def _file_key(path: Path, stat: Stat) -> tuple[str, str, str, int, int, int]:
    # Device and inode numbers may need all 64 bits, SQLite's integers are signed.
    return str(path), str(stat.device), str(stat.inode), stat.size, stat.modified_ns, stat.changed_ns


def copy_journal(home: Path, target: Path) -> bool:
    """A copy of the journal at `target`, consistent in itself; False if there is none."""
    path = home / "intake" / "journal.sqlite"
    if not path.is_file():
        return False
    source, copy = sqlite3.connect(path, timeout=30), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    return True


@contextmanager
def open_journal(home: Path) -> Iterator[Journal]:
    """The journal of this data folder. Raises sqlite3.Error when it cannot be used."""
    folder = home / "intake"
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "journal.sqlite", timeout=30)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA foreign_keys=ON")
        # What is deleted is overwritten.
        database.execute("PRAGMA secure_delete=ON")
        database.executescript(_TABLES)
        yield Journal(database)
    finally:
        database.close()
