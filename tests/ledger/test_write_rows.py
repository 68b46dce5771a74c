"""Rows of plain tuples are written alike, whether the driver takes values by position or by name."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError

from ledger.store.tables import certificate, metadata
from ledger.store.write_rows import write_rows

ROWS = [(b"first", b"\x00\x01"), (b"second", b"")]


@pytest.mark.parametrize("style", ["qmark", "named", "numeric"])
def test_every_row_as_it_is(style: str) -> None:
    engine = create_engine("sqlite://", paramstyle=style)
    metadata.create_all(engine)
    with engine.begin() as connection:
        write_rows(connection, certificate, ROWS)
        write_rows(connection, certificate, [])
        found = connection.execute(select(certificate).order_by(certificate.c.sha256)).all()
        assert [tuple(row) for row in found] == ROWS
        with pytest.raises(IntegrityError):
            write_rows(connection, certificate, ROWS[:1])
