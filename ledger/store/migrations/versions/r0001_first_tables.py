"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.texts import TEXT, text_of

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DIGEST = sa.LargeBinary(length=32)

_INSTANT = text_of(24)
_UUID = text_of(36)


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marker_index", sa.BigInteger(), nullable=False),
        sa.Column("marker", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("sm3", _DIGEST, nullable=False),
        sa.Column("last_recorded_at", _INSTANT, nullable=True),
        sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.Column("state", text_of(16), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_batch")),
        sa.UniqueConstraint("marker_index", name=op.f("uq_batch_marker_index")),
    )
    op.create_table(
        "certificate",
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_certificate")),
    )
    op.create_table(
        "configuration",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_configuration")),
    )
    op.create_table(
        "file",
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("sm3", _DIGEST, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mode", text_of(9), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=True),
        sa.Column("stored_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "path", name=op.f("pk_file")),
    )
    op.create_table(
        "fixity",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("checked_at", _INSTANT, nullable=False),
        sa.Column("result", text_of(16), nullable=False),
        sa.Column("found", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixity")),
    )
    op.create_index(op.f("ix_fixity_sha256"), "fixity", ["sha256"], unique=False)
    op.create_table(
        "tile",
        sa.Column("alg", text_of(6), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("alg", "level", "n", name=op.f("pk_tile")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "anchor",
        sa.Column("batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("txid", _DIGEST, nullable=False),
        sa.Column("time", _INSTANT, nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("transaction", sa.Integer(), nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.number"], name=op.f("fk_anchor_batch")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_anchor")),
    )
    op.create_table(
        "anchor_attempt",
        sa.Column("id", _ID, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("txid", _DIGEST, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("outcome", text_of(64), nullable=True),
        sa.Column("detail", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.number"], name=op.f("fk_anchor_attempt_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor_attempt")),
    )
    op.create_index(op.f("ix_anchor_attempt_batch"), "anchor_attempt", ["batch"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("time", _INSTANT, nullable=False),
        sa.Column("organisations", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.number"], name=op.f("fk_attestation_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
    )
    op.create_index(op.f("ix_attestation_batch"), "attestation", ["batch"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("sm3", _DIGEST, nullable=False),
        sa.Column("jti", _UUID, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", _DIGEST, nullable=False),
        sa.Column("event", text_of(64), nullable=False),
        sa.Column("iss", text_of(64), nullable=False),
        sa.Column("agent", _UUID, nullable=False),
        sa.Column("record", _UUID, nullable=True),
        sa.Column("list_id", _UUID, nullable=True),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("trails", TEXT, nullable=False),
        sa.Column("accepted_at", _INSTANT, nullable=False),
        sa.Column("due", _INSTANT, nullable=False),
        sa.Column("receipt", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate"], ["certificate.sha256"], name=op.f("fk_statement_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("jti", name=op.f("uq_statement_jti")),
        sa.UniqueConstraint("sha256", name=op.f("uq_statement_sha256")),
    )
    op.create_index(op.f("ix_statement_agent"), "statement", ["agent"], unique=False)
    op.create_index(op.f("ix_statement_list_id"), "statement", ["list_id"], unique=False)
    op.create_index(op.f("ix_statement_record"), "statement", ["record"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("statement_id", _ID, nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("name", text_of(64), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("value", text_of(200), nullable=True),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_disclosure_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", "item_number", "name", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_name_value"), "disclosure", ["name", "value"], unique=False)
    op.create_table(
        "entry",
        sa.Column("idx", _ID, autoincrement=False, nullable=False),
        sa.Column("statement_id", _ID, nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("leaf", _DIGEST, nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_entry_statement_id")),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_entry")),
        sa.UniqueConstraint("statement_id", "item_number", name=op.f("uq_entry_statement_id_item_number")),
    )
    op.create_table(
        "item",
        sa.Column("statement_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record", _UUID, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("sm3", _DIGEST, nullable=False),
        sa.Column("trails", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_item_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", "number", name=op.f("pk_item")),
    )
    op.create_index(op.f("ix_item_record"), "item", ["record"], unique=False)
    op.create_table(
        "recovery",
        sa.Column("batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.number"], name=op.f("fk_recovery_batch")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_recovery")),
    )
    op.create_table(
        "set_aside",
        sa.Column("statement_id", _ID, nullable=False),
        sa.Column("code", text_of(64), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_set_aside_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_set_aside")),
    )
    op.create_table(
        "link",
        sa.Column("trail_key", _DIGEST, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("idx", _ID, nullable=False),
        sa.Column("leaf", _DIGEST, nullable=False),
        sa.ForeignKeyConstraint(["idx"], ["entry.idx"], name=op.f("fk_link_idx")),
        sa.PrimaryKeyConstraint("trail_key", "seq", name=op.f("pk_link")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_link_idx"), "link", ["idx"], unique=False)
