"""Checking a whole ledger again, from its bytes: against the bare cost of its signatures and hashes."""

from __future__ import annotations

from sqlalchemy import select

from ledger.check import check
from ledger.keys import SigningKey
from ledger.store.engine import reading
from ledger.store.tables import disclosure, entry, item, statement
from tests.bench.bare import hash_seconds, signed, verify_seconds
from tests.bench.figures import Part, seconds
from tests.bench.setting import Setting
from tests.bench.stock import item_list, statements
from tests.ledger.ledger_world import ORIGIN, World, make_world
from verifier.report import Outcome

RUNS = 3


def measure(part: Part, setting: Setting) -> None:
    runs = setting.size(RUNS, 1)
    alone = make_world(setting.fresh("check-alone"))
    key = alone.person()
    for _ in range(2):
        alone.accept(statements(key, ORIGIN, setting.size(3000, 6)))
        alone.seal_and_anchor()
    _measure(part, alone, runs, "singles", key)
    listed = make_world(setting.fresh("check-listed"))
    key = listed.person()
    for _ in range(2):
        listed.accept([item_list(key, ORIGIN, setting.size(10_000, 6))])
        listed.seal_and_anchor()
    _measure(part, listed, runs, "items", key)


def _measure(part: Part, world: World, runs: int, name: str, key: SigningKey) -> None:
    with reading(world.ledger.engine) as connection:
        texts = list(
            connection.execute(select(statement.c.data).where(statement.c.agent == key.agent)).scalars()
        )
        hashed = [*texts, *connection.execute(select(item.c.data)).scalars()]
        hashed += [text.encode() for text in connection.execute(select(entry.c.text)).scalars()]
        hashed += [text.encode() for text in connection.execute(select(disclosure.c.text)).scalars()]
        entries = len(connection.execute(select(entry.c.idx)).all())
    spent = [seconds(lambda: _check(world)) for _ in range(runs)]
    rate = part.add(name, [entries / one for one in spent])
    work = signed(texts)
    bare = [verify_seconds(key.key.public_key(), work) + hash_seconds(hashed) for _ in range(runs)]
    floor = part.add(f"{name}_bare", [entries / one for one in bare])
    part.ratio(f"{name}_ratio", rate, floor)


def _check(world: World) -> None:
    found = list(check(world.ledger, membership=world.person_cas))
    assert not [one for one in found if one.outcome is Outcome.FAILED], found[:3]
