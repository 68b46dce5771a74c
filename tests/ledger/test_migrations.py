"""Every revision of the tables, taken back and brought up again on a ledger that holds something."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select

from ledger.check import check
from ledger.handle import Ledger, open_ledger
from ledger.store.engine import reading, writing
from ledger.store.revision import REVISIONS, _config
from ledger.store.tables import metadata
from tests.ledger.ledger_world import RECORD, make_world
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")


def rows(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    with reading(ledger.engine) as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_the_ledger_keeps_is_there_after_down_and_up(tmp_path: Path, revision: str) -> None:
    world = make_world(tmp_path)
    world.accept([world.receive(world.person(), RECORD)])
    world.seal_and_anchor()
    before = rows(world.ledger)
    with writing(world.ledger.engine) as connection:
        command.downgrade(_config(connection), revision)
    world.ledger.close()
    # Opening it brings it up.
    again = open_ledger(world.ledger.paths.home, world.clock)
    assert rows(again) == before
    found = list(check(again, membership=world.person_cas))
    assert [one for one in found if one.outcome is Outcome.FAILED] == []
