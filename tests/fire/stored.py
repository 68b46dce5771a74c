"""A ledger with something in every table, sealed, anchored and attested on the real network."""

from __future__ import annotations

import uuid
from pathlib import Path

from ledger.anchor import anchor
from ledger.files import store_file
from ledger.fixity import check_fixity
from ledger.seal import seal
from ledger.sign import ItemDraft
from tests.conftest import RunningNetwork
from tests.e2e.world import make_world

CONTENT = b"one page"
REFERENCED = b"another page, which stays where it lies"
# So many statements enrol and appoint the two people of the world, in batch 1.
PEOPLE = 10
# Ids of statements: two on one record, a list of three, one in the newest batch, one still pending.
RECEIVED, SHELVED, LISTED, LATER, PENDING = range(PEOPLE + 1, PEOPLE + 6)


def make_stored(network: RunningNetwork, folder: Path) -> Path:
    """The home folder; the ledger is closed. Batches 1 and 2 are attested, 3 is anchored, 4 is not there."""
    world = make_world(network, folder / "home")
    ledger = world.ledger
    for name, content, mode in (("a.pdf", CONTENT, "copy"), ("b.pdf", REFERENCED, "reference")):
        (folder / name).write_bytes(content)
        store_file(ledger, folder / name, mode)  # type: ignore[arg-type]  # one of the two
    record = world.receive("档案", {"a.pdf": CONTENT, "b.pdf": REFERENCED})
    world.anchor_all()
    world.act("shelve", record, state="in_place", location="1-2-3")
    titles = [{"title": f"第{n}件", "number": str(n)} for n in range(3)]
    items = [ItemDraft(record=str(uuid.uuid4()), fields=fields) for fields in titles]
    world.list_of("receive", items)
    world.anchor_all()
    world.receive("又一件", {})
    assert seal(ledger) is not None
    assert anchor(ledger, world.chain) is not None
    world.receive("未封存", {})
    check_fixity(ledger)
    world.close()
    return folder / "home"
