"""Every revision of the tables, taken back and brought up again on a ledger that holds something."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command

from ledger.check import check
from ledger.handle import open_ledger
from ledger.store.engine import writing
from ledger.store.revision import REVISIONS, _config
from tests.ledger.every_row import rows
from tests.ledger.ledger_world import RECORD, make_world
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")


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
