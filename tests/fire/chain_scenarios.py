"""Killed on the way to the chain: the network ends with exactly one anchor for each batch, equal to ours."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from api.checking import checked
from tests.conftest import RunningNetwork
from tests.fire.killing import Say, Scenario

RECORD = str(uuid.uuid4())


def _prepare(home: str, connection: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        """A ledger of its own on the network, with one statement pending."""
        from tests.e2e.world import make_world

        world = make_world(RunningNetwork(Path(home), Path(connection)), folder / "home")
        world.act("receive", RECORD, {"a.txt": b"a"}, title="档案", number="1")
        world.close()

    return prepare


def _anchor(_: None, folder: Path, say: Say) -> None:
    from api.rounds import settle
    from ledger.fabric.connection import read_connection
    from ledger.fabric.gateway import connect
    from ledger.handle import open_ledger

    ledger = open_ledger(folder / "home")
    done = settle(ledger, connect(read_connection(ledger.settings.connection_path(folder))))
    say(str(done.anchored[-1].anchor.batch))
    assert done.attested is not None
    say(" ".join(done.attested.organisations))


def _after_anchor(_: None, folder: Path, said: list[str]) -> None:
    """Begun again, the ledger finds what the chain has; nothing is anchored twice or otherwise."""
    from api.rounds import settle
    from ledger.chain_state import anchor_bytes, head
    from ledger.fabric.connection import read_connection
    from ledger.fabric.gateway import connect
    from ledger.handle import open_ledger
    from ledger.store.engine import reading
    from ledger.store.tables import ATTESTED, anchor, attestation, batch, entry

    ledger = open_ledger(folder / "home")
    chain = connect(read_connection(ledger.settings.connection_path(folder)))
    done = settle(ledger, chain)
    # What it had said to be anchored is not anchored again.
    assert not said or done.anchored == ()
    newest = head(ledger, chain)
    assert newest is not None
    assert newest.batch == 1
    with reading(ledger.engine) as connection:
        kept = connection.execute(select(anchor.c.batch, anchor.c.data).order_by(anchor.c.batch)).all()
        states = set(connection.execute(select(batch.c.state)).scalars())
        attested = set(connection.execute(select(attestation.c.batch)).scalars())
        entries = connection.execute(select(func.count()).select_from(entry)).scalar_one()
    assert [row.batch for row in kept] == [0, 1]
    assert [row.data for row in kept] == [anchor_bytes(ledger, chain, number) for number in (0, 1)]
    assert states == {ATTESTED}
    assert attested == {0, 1}
    # With what enrols and appoints the two people of the world.
    assert entries == 10 + 1
    assert checked(ledger, lambda *_: None, offline=False).findings == ()
    # And it goes on: the chain takes the next batch after this one.
    again = settle(ledger, chain, heartbeat=True)
    assert [one.anchor.batch for one in again.anchored] == [2]


def anchoring(home: str, connection: str) -> Scenario:
    return Scenario(_anchor, _after_anchor, _prepare(home, connection), fresh=True, network=True)
