"""Acceptance: everything checked, on the disk, and acknowledged; against the bare cost of the signatures."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import insert, select

from ledger.receipt import sign_receipt
from ledger.store.engine import reading, writing
from ledger.store.tables import certificate, disclosure, statement
from ledger.submission import Submission
from tests.bench.bare import hash_seconds, signed, verify_rate, verify_seconds
from tests.bench.figures import Part, seconds
from tests.bench.setting import Setting
from tests.bench.stock import ITEMS_AT_CAP, item_list, statements
from tests.ledger.ledger_world import ENROLLING, ORIGIN, World, make_world
from verifier.canonical import base64url_bytes, parse
from verifier.shape import instant_of

RUNS = 3


def measure(part: Part, setting: Setting) -> None:
    runs, number = setting.size(RUNS, 1), setting.size(20_000, 24)
    at_once = setting.size(10_000, 8)
    worlds = [make_world(setting.fresh("accept")) for _ in range(runs)]
    _warm(worlds[0], setting)
    rates, keys = [], [world.person() for world in worlds]
    handed_in: list[Submission] = []
    for world, key in zip(worlds, keys, strict=True):
        handed_in = statements(key, ORIGIN, number)
        rates.append(number / seconds(lambda w=world, s=handed_in: _accept(w, s, at_once)))  # type: ignore[misc]
    alone = part.add("singles", rates)
    texts = [one.statement for one in handed_in[:5000]]
    work = signed(texts)
    public = keys[-1].key.public_key()
    verified = [verify_rate(public, work) for _ in range(runs)]
    bare = part.add("es256", verified)
    part.ratio("of_es256", alone, bare)
    _where(part, worlds[-1], handed_in[:5000], verify_seconds(public, work), setting)
    _lists(part, setting)


def _accept(world: World, handed_in: list[Submission], at_once: int) -> None:
    for begin in range(0, len(handed_in), at_once):
        accepted = world.accept(handed_in[begin : begin + at_once])
        assert all(one.receipt and not one.duplicate for one in accepted)


def _warm(world: World, setting: Setting) -> None:
    """The processes that judge start with the first large call, and then stay."""
    key = world.person()
    world.accept(statements(key, ORIGIN, setting.size(10_000, 2)))


def _where(part: Part, world: World, handed_in: list[Submission], verifying: float, setting: Setting) -> None:
    """What one core spends on each step of a statement, each measured alone over the same statements."""
    number = len(handed_in)
    texts = [one.statement for one in handed_in]
    payloads = [base64url_bytes(half.decode(), "p") for text in texts for half in text.split(b".")[:2]]
    shown = [text.encode() for one in handed_in for text in one.disclosures]
    parsing = seconds(lambda: [parse(payload, "p") for payload in payloads])
    hashing = hash_seconds(texts) + hash_seconds(shown)
    now = instant_of(world.clock())
    signing = seconds(lambda: [sign_receipt(world.ledger, bytes(32), now, now) for _ in texts])
    storing = _storing(world, setting.fresh("rows"), number)
    for key, spent in (
        ("es256", verifying),
        ("json", parsing),
        ("hash", hashing),
        ("receipt", signing),
        ("commit", storing),
    ):
        part.add(f"step_{key}", [spent / number * 1e6])


def _storing(world: World, folder: Path, number: int) -> float:
    """The same rows into a ledger in which only people are enrolled, as they are here, in one transaction."""
    query = select(statement).where(statement.c.id > ENROLLING).order_by(statement.c.id)
    with reading(world.ledger.engine) as connection:
        rows = [dict(r._mapping) for r in connection.execute(query.limit(number))]
        last = rows[-1]["id"]
        shown = connection.execute(
            select(disclosure).where(disclosure.c.statement_id.between(ENROLLING + 1, last))
        ).all()
        certificates = [dict(r._mapping) for r in connection.execute(select(certificate))]
    fields = [dict(row._mapping) for row in shown]
    other = make_world(folder)
    begin = time.perf_counter()
    with writing(other.ledger.engine) as connection:
        connection.execute(insert(certificate), certificates)
        connection.execute(insert(statement), rows)
        connection.execute(insert(disclosure), fields)
    spent = time.perf_counter() - begin
    other.ledger.close()
    return spent


def _lists(part: Part, setting: Setting) -> None:
    """Items of signed lists: one list a call, and several."""
    size, runs = setting.size(ITEMS_AT_CAP, 6), setting.size(RUNS, 1)
    world = make_world(setting.fresh("lists"))
    key = world.person()
    one, four = [], []
    for _ in range(runs):
        made = [item_list(key, ORIGIN, size) for _ in range(5)]
        one.append(size / seconds(lambda m=made: world.accept(m[:1])))  # type: ignore[misc]
        four.append(4 * size / seconds(lambda m=made: world.accept(m[1:])))  # type: ignore[misc]
    part.add("items", one)
    part.add("items_of_four", four)
    world.ledger.close()
