"""The tables of one ledger. Append-only, but for the widest tiles, a batch's state and disclosures.

Digests and keys are octets; instants are the text of docs/formats.md section 1, which compares as it sorts.
Every text compares by its octets: on PostgreSQL by collation "C", whatever the database's own is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from ledger.store.texts import TEXT, text_of
from verifier.people import TRAIL_OF

# Word for word as in the index, or SQLite does not use it.
ABOUT_PEOPLE = "event IN ({})".format(", ".join(f"'{name}'" for name in sorted(TRAIL_OF)))

# In `disclosure` and `entry`: the statement itself, not one of its list items.
NO_ITEM = -1

# The outbox, in order. A batch is in flight until it is anchored.
SEALED, SUBMITTED, ANCHORED, ATTESTED = "sealed", "submitted", "anchored", "attested"
STATES = (SEALED, SUBMITTED, ANCHORED, ATTESTED)


class Octets(TypeDecorator[bytes]):
    """A text where octets belong, which SQLite admits, is read as its octets: they then fail their checks."""

    impl = LargeBinary
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """Drivers take octets as they are; wrapping each, as is done otherwise, takes a third of a seal."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None]:
        """One call a value, not the three that a TypeDecorator makes otherwise."""
        return _octets


def _octets(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else cast("bytes | None", value)


# SQLite gives a rowid only to a column that is declared INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")
_DIGEST = Octets(32)

_INSTANT = text_of(24)
_UUID = text_of(36)
_MSP = text_of(64)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

certificate = Table(
    "certificate",
    metadata,
    Column("sha256", _DIGEST, primary_key=True),
    Column("der", Octets(), nullable=False),
)

# `id` is the order of acceptance, and so the order of sealing. `trails` is what the statement derives to,
# "<kind> <key>" a line, kept so that sealing need not parse; `ledger.check` derives it again.
statement = Table(
    "statement",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
    Column("sha256", _DIGEST, nullable=False, unique=True),
    Column("sm3", _DIGEST, nullable=False),
    Column("jti", _UUID, nullable=False, unique=True),
    Column("data", Octets(), nullable=False),
    Column("certificate", _DIGEST, ForeignKey("certificate.sha256"), nullable=False),
    Column("event", text_of(64), nullable=False),
    Column("iss", _MSP, nullable=False),
    Column("agent", _UUID, nullable=False, index=True),
    Column("record", _UUID, index=True),
    Column("list_id", _UUID, index=True),
    Column("item_count", Integer, nullable=False),
    Column("trails", TEXT, nullable=False),
    Column("accepted_at", _INSTANT, nullable=False),
    Column("due", _INSTANT, nullable=False),
    # Empty if it was lost, with the key that signs receipts, and the statement came back from a replica.
    Column("receipt", TEXT, nullable=False),
)
# What is about people is looked for among what is pending.
Index(
    "ix_statement_people",
    statement.c.id,
    sqlite_where=text(ABOUT_PEOPLE),
    postgresql_where=text(ABOUT_PEOPLE),
)

# Acts of one kind are looked for through the whole log: uses, inquiries, alerts.
Index("ix_statement_event", statement.c.event, statement.c.id)

item = Table(
    "item",
    metadata,
    Column("statement_id", _Id, ForeignKey("statement.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("record", _UUID, nullable=False, index=True),
    Column("data", Octets(), nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("sm3", _DIGEST, nullable=False),
    Column("trails", TEXT, nullable=False),
)

# A row deleted is a field erased. `value` repeats a short text so that it can be looked up.
disclosure = Table(
    "disclosure",
    metadata,
    Column("statement_id", _Id, ForeignKey("statement.id"), primary_key=True),
    Column("item_number", Integer, primary_key=True),
    Column("name", text_of(64), primary_key=True),
    Column("text", TEXT, nullable=False),
    Column("value", text_of(200)),
    Index(None, "name", "value"),
)

# What an inquiry does not disclose yet, for its own office alone (`ledger.audit_sealed`); docs/adr/0017.
sealed = Table(
    "sealed",
    metadata,
    Column("statement_id", _Id, ForeignKey("statement.id"), primary_key=True, autoincrement=False),
    Column("envelope", Octets(), nullable=False),
)

# A pending statement that can no longer be logged, and why (its signer's certificate ran out first).
set_aside = Table(
    "set_aside",
    metadata,
    Column("statement_id", _Id, ForeignKey("statement.id"), primary_key=True),
    Column("code", text_of(64), nullable=False),
    Column("at", _INSTANT, nullable=False),
)

# `marker`: text of the first leaf, at `marker_index`. `size` and the roots: of the log with this batch.
batch = Table(
    "batch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("marker_index", BigInteger, nullable=False, unique=True),
    Column("marker", TEXT, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("sm3", _DIGEST, nullable=False),
    Column("last_recorded_at", _INSTANT),
    Column("sealed_at", _INSTANT, nullable=False),
    Column("state", text_of(16), nullable=False),
)

# Markers are leaves as well, and stand in `batch`: an index absent here is a marker's.
entry = Table(
    "entry",
    metadata,
    Column("idx", _Id, primary_key=True, autoincrement=False),
    Column("statement_id", _Id, ForeignKey("statement.id"), nullable=False),
    Column("item_number", Integer, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("leaf", _DIGEST, nullable=False),
    UniqueConstraint("statement_id", "item_number"),
)

# Clustered by trail, so that a trail's head is its last row.
link = Table(
    "link",
    metadata,
    Column("trail_key", _DIGEST, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("idx", _Id, ForeignKey("entry.idx"), nullable=False, index=True),
    Column("leaf", _DIGEST, nullable=False),
    sqlite_with_rowid=False,
)

# C2SP tlog-tiles: up to 256 hashes of 32 octets; `alg` is sha256 or sm3. A full tile never changes.
tile = Table(
    "tile",
    metadata,
    Column("alg", text_of(6), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", Octets(), nullable=False),
    sqlite_with_rowid=False,
)

# One row a try; the transaction id is stored before anything is sent. `outcome` stays empty until known.
anchor_attempt = Table(
    "anchor_attempt",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("batch", Integer, ForeignKey("batch.number"), nullable=False, index=True),
    Column("txid", _DIGEST, nullable=False),
    Column("started_at", _INSTANT, nullable=False),
    Column("ended_at", _INSTANT),
    Column("outcome", text_of(64)),
    Column("detail", TEXT),
)

# `data` is the anchor's exact bytes, `sha256` their digest. `block` is canonical JSON, the Block object of
# docs/formats.md section 12; `transaction` the anchor's place in it.
anchor = Table(
    "anchor",
    metadata,
    Column("batch", Integer, ForeignKey("batch.number"), primary_key=True, autoincrement=False),
    Column("data", Octets(), nullable=False),
    Column("sha256", _DIGEST, nullable=False),
    Column("txid", _DIGEST, nullable=False),
    Column("time", _INSTANT, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("transaction", Integer, nullable=False),
    Column("block", Octets(), nullable=False),
)

# `payload` is common.Payload of the endorsed read; `organisations` are the MSP ids that signed it, by spaces.
attestation = Table(
    "attestation",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("batch", Integer, ForeignKey("batch.number"), nullable=False, index=True),
    Column("payload", Octets(), nullable=False),
    Column("time", _INSTANT, nullable=False),
    Column("organisations", TEXT, nullable=False),
)

# The batches that came back from a replica: `source` is the copy's path.
recovery = Table(
    "recovery",
    metadata,
    Column("batch", Integer, ForeignKey("batch.number"), primary_key=True, autoincrement=False),
    Column("source", TEXT, nullable=False),
    Column("at", _INSTANT, nullable=False),
)

# Every configuration block of the channel from the first; `block` as in `anchor`.
configuration = Table(
    "configuration",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("block", Octets(), nullable=False),
)

# `path` is under files/ for a copy, absolute for a reference, which also keeps the time it was last changed.
file = Table(
    "file",
    metadata,
    Column("sha256", _DIGEST, primary_key=True),
    Column("path", TEXT, primary_key=True),
    Column("sm3", _DIGEST, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mode", text_of(9), nullable=False),
    Column("modified_ns", BigInteger),
    Column("stored_at", _INSTANT, nullable=False),
)

fixity = Table(
    "fixity",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("sha256", _DIGEST, nullable=False, index=True),
    Column("path", TEXT, nullable=False),
    Column("checked_at", _INSTANT, nullable=False),
    Column("result", text_of(16), nullable=False),
    Column("found", TEXT, nullable=False),
)

# Who is signed in, by the SHA-256 of the session's token: the token itself is nowhere. No part of the log.
session = Table(
    "session",
    metadata,
    Column("token", _DIGEST, primary_key=True),
    Column("agent", _UUID, nullable=False, index=True),
    Column("iss", _MSP, nullable=False),
    Column("certificate", Octets(), nullable=False),
    Column("opened_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT, nullable=False),
    Column("ended_at", _INSTANT),
)

# Challenges that were answered, by the SHA-256 of their text: none is answered twice.
answered_challenge = Table(
    "answered_challenge",
    metadata,
    Column("sha256", _DIGEST, primary_key=True),
    Column("expires_at", _INSTANT, nullable=False, index=True),
)

# What was refused though it was well signed, a row for each reason. No part of the log.
refusal = Table(
    "refusal",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("at", _INSTANT, nullable=False),
    Column("statement", _DIGEST, nullable=False),
    Column("event", text_of(64), nullable=False),
    Column("iss", _MSP, nullable=False),
    Column("agent", _UUID, nullable=False, index=True),
    Column("record", _UUID),
    Column("list_id", _UUID),
    Column("code", text_of(64), nullable=False),
    Column("place", TEXT, nullable=False),
    Column("expected", TEXT, nullable=False),
    Column("found", TEXT, nullable=False),
)

# The organisations' departments, villages and stations, `ledger.units`: each version that was ever in force.
unit_tree = Table(
    "unit_tree",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", _INSTANT, nullable=False),
    Column("data", Octets(), nullable=False),
)
