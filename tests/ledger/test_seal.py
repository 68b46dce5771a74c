"""Sealing: what a batch holds, in which order and with which times, and when nothing may be sealed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from ledger import pending, seal
from ledger.alarms import ALARMS
from ledger.batch import FRAME_OCTETS, LINK_OCTETS, EncodedBatch, statement_octets
from ledger.check import check
from ledger.keys import SigningKey
from ledger.locking import locked
from ledger.merkle import grow, inclusion, root
from ledger.reread import reread
from ledger.status import counts
from ledger.store.engine import reading, writing
from ledger.store.tables import anchor, batch, certificate, entry, item, link, set_aside, statement, tile
from ledger.tiles import ALGORITHMS, stored_tree
from tests.ledger.databases import spoil
from tests.ledger.ledger_world import ENROLLING, FIRST, FIRST_INDEX, RECORD, World, make_world, new_uuid
from verifier import merkle
from verifier.canonical import base64_bytes, encode, parse
from verifier.certificate import check_validity, read_signer
from verifier.digests import sha256, sm3
from verifier.entry import check_derivation, parse_entry
from verifier.errors import LedgerError
from verifier.item import Item, list_roots, parse_item
from verifier.marker import parse_marker
from verifier.shape import Members, instant_of
from verifier.statement import Statement, check_signature, parse_statement
from verifier.trail import trails_of_item, trails_of_statement

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def key(world: World) -> SigningKey:
    return world.person()


def texts(world: World) -> list[str]:
    """Of the entries, but for those that enrolled the cast."""
    with reading(world.ledger.engine) as connection:
        own = select(entry.c.text).where(entry.c.idx > FIRST_INDEX).order_by(entry.c.idx)
        return list(connection.execute(own).scalars())


def rebuilt(index: int, recorded_at: str, of: Statement, part: Item | None, links: list[str]) -> str:
    """The entry's text from what the chaincode is given; takes its links from the front of `links`."""
    trails = trails_of_item(part) if part else trails_of_statement(of)
    item_line = f"{part.number} {part.digests.sha256.hex()} {part.digests.sm3.hex()}" if part else "-"
    lines = ["archive-ledger entry v1", str(index), recorded_at]
    lines += [f"{of.digests.sha256.hex()} {of.digests.sm3.hex()}", item_line]
    lines += [f"{trail.kind} {trail.key} {links.pop(0)}" for trail in trails]
    return "\n".join(lines) + "\n"


def judge(world: World, encoded: EncodedBatch, heads: dict[str, tuple[int, bytes]]) -> None:
    """All that an organisation asks of a batch, by the verifier's own rules. `heads`: trail → last link."""
    value = parse(encoded.data, "batch")
    assert encode(value) == encoded.data
    assert isinstance(value, dict)
    m = Members(value, "batch")
    frontier = m.child("frontier", ("sha256", "size", "sm3"))
    size = frontier.integer("size")
    marker = parse_marker(m.text("marker"))
    assert (marker.index, marker.ledger, marker.batch) == (size, world.ledger.id, encoded.number)
    edges = {
        alg: tuple(bytes.fromhex(h) for h in frontier.texts(alg, None, 64, ordered=False))
        for alg in ALGORITHMS
    }
    assert {len(edge) for edge in edges.values()} == {size.bit_count()}
    certificates = [base64_bytes(t, "") for t in m.texts("certificates", None, 10_000, ordered=False)]
    assert certificates == sorted(set(certificates), key=sha256)
    signers = {sha256(der): read_signer(der) for der in certificates}
    links = list(m.texts("links", None, 40_000, ordered=False))
    leaves, index, last, used = (
        [m.text("marker")],
        size + 1,
        marker.previous.time if marker.previous else "",
        set(),
    )
    for at, one in m.objects("statements", 40_000):
        s = Members(one, at) if isinstance(one, dict) else None
        assert s is not None
        recorded_at, parsed = s.instant("recorded_at"), parse_statement(s.text("statement").encode())
        assert recorded_at >= last
        last = recorded_at
        signer = signers[parsed.certificate_sha256]
        used.add(signer.sha256)
        check_signature(parsed, signer.key)
        check_validity(signer, recorded_at)
        items = [
            parse_item(text.encode(), n)
            for n, text in enumerate(s.texts("items", None, 40_000, ordered=False) if s.has("items") else ())
        ]
        if parsed.list:
            assert list_roots([i.data for i in items]) == parsed.list.roots
        for part in (None, *items):
            text = rebuilt(index, recorded_at, parsed, part, links)
            built = parse_entry(text)
            check_derivation(built, parsed, part)
            leaf = merkle.leaf_hash(sha256, text.encode())
            for place in built.links:
                before = heads.get(place.trail.key)
                assert (place.seq, place.previous) == ((before[0] + 1, before[1]) if before else (0, None))
                heads[place.trail.key] = (place.seq, leaf)
            leaves.append(text)
            index += 1
    assert not links
    assert used == set(signers)
    assert index == encoded.size
    for alg, h in ALGORITHMS.items():
        edge = grow(h, size, edges[alg], [merkle.leaf_hash(h, text.encode()) for text in leaves])
        assert merkle.fold_frontier(h, edge) == getattr(encoded.roots, alg)


def judge_all(world: World, newest: int) -> None:
    """Every batch up to this one."""
    heads: dict[str, tuple[int, bytes]] = {}
    for number in range(newest + 1):
        judge(world, reread(world.ledger, number), heads)


def test_batch_0_is_a_marker_alone(world: World) -> None:
    encoded = reread(world.ledger, 0)
    judge(world, encoded, {})
    assert (encoded.number, encoded.size, encoded.last_recorded_at, encoded.previous_digest) == (
        0,
        1,
        None,
        None,
    )


def test_what_is_sealed_is_what_an_organisation_will_sign(world: World, key: SigningKey) -> None:
    heads: dict[str, tuple[int, bytes]] = {}
    judge(world, reread(world.ledger, 1), heads)
    other, list_id, records = world.person(), new_uuid(), [new_uuid() for _ in range(300)]
    for number in range(FIRST, FIRST + 4):
        world.accept([world.receive(key, RECORD), world.receive(other, records[number])])
        world.accept([world.receive_list(key, records[: 60 * number], list_id), world.receive(key, RECORD)])
        sealed = world.seal_and_anchor()
        encoded = reread(world.ledger, number)
        assert (sealed.number, sealed.size, sealed.statements) == (number, encoded.size, 4)
        judge(world, encoded, heads)
        world.clock.step(1)
    with reading(world.ledger.engine) as connection:
        kept = connection.execute(select(link)).all()
    assert len(kept) == sum(seq + 1 for seq, _ in heads.values())
    newest: dict[str, tuple[int, bytes]] = {}
    for row in sorted(kept, key=lambda row: row.seq):
        newest[row.trail_key.hex()] = (row.seq, row.leaf)
    assert newest == heads


def test_the_tree_in_tiles_is_the_tree_of_the_texts(world: World, key: SigningKey) -> None:
    world.accept([world.receive_list(key, [new_uuid() for _ in range(700)])])
    world.seal_and_anchor()
    world.accept([world.receive_list(key, [new_uuid() for _ in range(100)])])
    world.seal()
    with reading(world.ledger.engine) as connection:
        markers = {row.marker_index: row.marker for row in connection.execute(select(batch))}
        entries = {row.idx: row.text for row in connection.execute(select(entry))}
        newest = connection.execute(select(batch).order_by(batch.c.number.desc())).first()
        assert newest is not None
        leaves = [(markers | entries)[n].encode() for n in range(newest.size)]
        for alg, h in (("sha256", sha256), ("sm3", sm3)):
            expected = merkle.root_of(h, [merkle.leaf_hash(h, leaf) for leaf in leaves])
            assert newest._mapping[alg] == expected
            tree = stored_tree(connection, alg, newest.size)
            assert root(tree) == expected
            for index in (0, 1, 255, 256, 512, newest.size - 1):
                leaf = merkle.leaf_hash(h, leaves[index])
                assert merkle.included(h, leaf, index, newest.size, inclusion(tree, index), expected)


def test_nothing_is_sealed_while_a_batch_is_in_flight(world: World, key: SigningKey) -> None:
    world.accept([world.receive(key, RECORD)])
    assert world.seal() is not None
    world.accept([world.receive(key, RECORD)])
    assert world.seal() is None
    assert world.seal(empty=True) is None
    with writing(world.ledger.engine) as connection:
        connection.execute(update(batch).where(batch.c.number == FIRST).values(state="submitted"))
    assert world.seal() is None
    world.anchor()
    sealed = world.seal()
    assert sealed is not None
    assert (sealed.number, sealed.statements) == (FIRST + 1, 1)


def test_nothing_pending_seals_nothing_unless_asked(world: World) -> None:
    assert world.seal() is None
    sealed = world.seal(empty=True)
    assert sealed is not None
    assert (sealed.number, sealed.entries, sealed.size) == (FIRST, 0, FIRST_INDEX + 1)
    judge_all(world, FIRST)


def test_the_marker_names_the_anchor_before(world: World) -> None:
    made = []
    for _ in range(3):
        world.seal(empty=True)
        made.append(world.anchor())
    with reading(world.ledger.engine) as connection:
        markers = [
            parse_marker(t)
            for t in connection.execute(select(batch.c.marker).order_by(batch.c.number)).scalars()
        ]
    assert markers[0].previous is None
    for said, before in zip(markers[FIRST + 1 :], made, strict=False):
        assert said.previous is not None
        assert (said.previous.time, said.previous.txid) == (before.time, before.txid)


def test_recorded_at_is_the_latest_of_three_times(world: World, key: SigningKey) -> None:
    world.clock.step(-3600)  # the clock goes back before the last anchor
    world.accept([world.receive(key, RECORD)])
    world.clock.step(7200)
    world.accept([world.receive(key, RECORD)])
    world.clock.step(-7200)
    world.accept([world.receive(key, RECORD)])
    world.clock.step(7200)
    world.seal()
    times = [parse_entry(text).recorded_at for text in texts(world)]
    assert times == ["2026-01-12T09:30:02.000Z", "2026-01-12T10:30:02.000Z", "2026-01-12T10:30:02.000Z"]
    assert reread(world.ledger, FIRST).last_recorded_at == times[-1]


def test_a_batch_stops_at_its_cap_and_never_within_a_list(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "MAX_LINKS", 20)
    world.accept([world.receive(key, new_uuid()) for _ in range(5)])  # 3 links each
    world.accept([world.receive_list(key, [new_uuid() for _ in range(10)])])  # 12 links
    world.accept([world.receive(key, new_uuid()) for _ in range(3)])
    sealed = [world.seal_and_anchor() for _ in range(3)]
    assert [(s.statements, s.entries) for s in sealed] == [(5, 5), (3, 13), (1, 1)]


def test_a_batch_stops_at_its_octets(world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [world.receive(key, new_uuid()) for _ in range(4)]
    each = statement_octets(made[0].statement, ()) + 3 * LINK_OCTETS
    monkeypatch.setattr(pending, "MAX_BATCH", FRAME_OCTETS + 1000 + 3 * each)
    world.accept(made)
    assert [world.seal_and_anchor().statements for _ in range(2)] == [3, 1]


def test_the_octets_counted_are_not_less_than_those_sent(world: World, key: SigningKey) -> None:
    made = [world.receive(key, RECORD), world.receive_list(key, [new_uuid() for _ in range(50)])]
    world.accept(made)
    world.seal()
    counted = sum(statement_octets(s.statement, [i.data for i in s.items]) for s in made)
    encoded = reread(world.ledger, FIRST).data
    value = parse(encoded, "batch")
    assert isinstance(value, dict)
    # A comma is counted after the last statement and after the list's last item.
    assert len(encode(value["statements"])) - len("[]") == counted - len(",,")
    links = value["links"]
    assert isinstance(links, list)
    assert len(encoded) <= FRAME_OCTETS + counted + LINK_OCTETS * len(links) + 1000


def test_a_statement_whose_certificate_ran_out_is_set_aside(world: World, key: SigningKey) -> None:
    """Sealed, it would have every organisation refuse the batch, now and for ever."""
    short, before = world.person(days=2), ENROLLING + 3
    world.seal_and_anchor()
    world.seal(empty=True)
    world.accept([world.receive(short, RECORD), world.receive(key, RECORD)])
    world.accept([world.receive_list(short, [new_uuid(), new_uuid()])])
    world.clock.step(3600 * 24 * 3)  # the network was away
    world.anchor()
    sealed = world.seal_and_anchor()
    assert (sealed.statements, sealed.entries, sealed.aside) == (1, 1, 2)
    judge_all(world, sealed.number)
    with reading(world.ledger.engine) as connection:
        aside = connection.execute(select(set_aside.c.statement_id, set_aside.c.code)).all()
    assert [tuple(row) for row in aside] == [
        (before + 1, "CERTIFICATE_DATE"),
        (before + 3, "CERTIFICATE_DATE"),
    ]
    assert world.seal() is None


def test_what_was_accepted_while_the_clock_was_ahead_is_recorded_now(world: World, key: SigningKey) -> None:
    """No organisation signs a time to come, so the ledger would stand still until that time."""
    assert world.seal(empty=True) is not None
    world.anchor()
    world.clock.step(3600 * 24 * 100)
    promised = world.accept([world.receive(key, RECORD, late="offline")])[0]
    world.clock.step(-3600 * 24 * 100)
    now = instant_of(world.clock())
    world.accept([world.receive(key, new_uuid())])
    world.seal_and_anchor()
    assert promised.accepted_at > now
    assert [parse_entry(text).recorded_at for text in texts(world)] == [now, now]
    judge_all(world, FIRST + 1)
    sound = list(check(world.ledger, lambda n: None, lambda n: None, world.person_cas))
    assert not [finding for finding in sound if finding.code == "ENTRY_TIME"]


SPOILED = {
    "statement": (update(statement).values(data=b"header.payload.signature"), "STATEMENT_DIGEST"),
    "its digest": (update(statement).values(sm3=bytes(32)), "STATEMENT_DIGEST"),
    "its trails": (update(statement).values(trails="agent " + "0" * 64), "STORE_COLUMN"),
    "item": (update(item).where(item.c.number == 1).values(data=b"{}"), "ITEM_DIGEST"),
    "item's digest": (update(item).where(item.c.number == 1).values(sha256=bytes(32)), "ITEM_DIGEST"),
    "item's trails": (update(item).where(item.c.number == 1).values(trails="record x"), "STORE_COLUMN"),
    "item left out": (delete(item).where(item.c.number == 1), "LIST_SIZE"),
    "certificate": (update(certificate).values(der=b"\x30\x00"), "CERTIFICATE_DIGEST"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_what_waits_and_is_not_what_was_accepted_stops_sealing(
    world: World, key: SigningKey, what: str
) -> None:
    """Sealed, it would be refused by every organisation, and could not be taken back."""
    spoil, code = SPOILED[what]
    world.accept([world.receive_list(key, [new_uuid() for _ in range(3)])])
    with writing(world.ledger.engine) as connection:
        connection.execute(spoil)
    with pytest.raises(LedgerError) as stopped:
        world.seal()
    assert stopped.value.code == code
    assert code in ALARMS
    assert counts(world.ledger).pending == 1


def test_a_certificate_that_is_gone_stops_sealing(world: World, key: SigningKey) -> None:
    world.accept([world.receive(key, RECORD)])
    spoil(world.ledger, "DELETE FROM certificate")
    with pytest.raises(LedgerError) as stopped:
        world.seal()
    assert stopped.value.code == "CERTIFICATE_MISSING"


def test_workers_that_seal_at_once_make_one_batch(world: World, key: SigningKey) -> None:
    world.accept([world.receive(key, new_uuid()) for _ in range(20)])
    made: list[object] = []
    workers = [threading.Thread(target=lambda: made.append(world.seal())) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len([one for one in made if one is not None]) == 1
    assert len(made) == 4
    assert len(texts(world)) == 20


def test_a_worker_waits_for_another_and_then_says_so(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SEAL_LOCK_SECONDS", 0.1)
    with locked(world.ledger.paths.seal_lock, 1), pytest.raises(LedgerError, match="LOCK_HELD"):
        world.seal()


def test_sealing_that_fails_leaves_nothing(
    world: World, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    world.accept([world.receive(key, RECORD)])
    monkeypatch.setattr(seal, "_insert_leaves", broken)
    with pytest.raises(OSError, match="disk full"):
        world.seal()
    monkeypatch.undo()
    assert texts(world) == []
    sealed = world.seal()
    assert sealed is not None
    judge_all(world, sealed.number)


def test_an_anchor_that_is_not_kept_stops_sealing(world: World) -> None:
    with writing(world.ledger.engine) as connection:
        connection.execute(delete(anchor))
    with pytest.raises(LedgerError, match="ANCHOR_MISSING"):
        world.seal(empty=True)


@pytest.mark.parametrize("alg", ["sha256", "sm3"])
@pytest.mark.parametrize("how", ["changed", "cut short"])
def test_a_spoiled_right_edge_stops_the_ledger(world: World, key: SigningKey, alg: str, how: str) -> None:
    world.accept([world.receive(key, new_uuid()) for _ in range(5)])
    world.seal_and_anchor()
    with writing(world.ledger.engine) as connection:
        (hashes,) = connection.execute(select(tile.c.hashes).where(tile.c.alg == alg)).scalars()
        spoiled = bytes(32) + hashes[32:] if how == "changed" else hashes[:-32]
        connection.execute(update(tile).where(tile.c.alg == alg).values(hashes=spoiled))
    world.accept([world.receive(key, RECORD)])
    with pytest.raises(LedgerError, match="LOG_EDGE") as alarm:
        world.seal()
    assert alg in alarm.value.at
    assert len(texts(world)) == 5


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (
            update(entry).where(entry.c.idx == FIRST_INDEX + 3).values(text="archive-ledger entry v1\n"),
            "BATCH_ROOT",
        ),
        (update(batch).where(batch.c.number == FIRST).values(sm3=bytes(32)), "BATCH_ROOT"),
        (delete(link), None),
        (update(batch).where(batch.c.number == FIRST - 1).values(sha256=bytes(32)), "LOG_EDGE"),
    ],
)
def test_only_what_the_disk_holds_goes_to_the_chain(
    world: World, key: SigningKey, spoil: object, code: str | None
) -> None:
    world.accept([world.receive(key, new_uuid()) for _ in range(5)])
    world.seal()
    with writing(world.ledger.engine) as connection:
        connection.execute(spoil)  # type: ignore[call-overload]  # an update or delete
    if code is None:
        judge_all(world, FIRST)
        return
    with pytest.raises(LedgerError, match=code):
        reread(world.ledger, FIRST)


def test_a_tile_that_disagrees_with_the_texts_is_an_alarm(world: World, key: SigningKey) -> None:
    world.accept([world.receive(key, new_uuid()) for _ in range(5)])
    world.seal()
    with writing(world.ledger.engine) as connection:
        (hashes,) = connection.execute(select(tile.c.hashes).where(tile.c.alg == "sm3")).scalars()
        place = 32 * (FIRST_INDEX + 2)
        spoiled = hashes[:place] + bytes(32) + hashes[place + 32 :]
        connection.execute(update(tile).where(tile.c.alg == "sm3").values(hashes=spoiled))
    with pytest.raises(LedgerError, match="BATCH_TILES"):
        reread(world.ledger, FIRST)


def test_a_batch_that_is_not_there_has_no_bytes(world: World) -> None:
    with pytest.raises(LedgerError, match="BATCH_UNKNOWN"):
        reread(world.ledger, 9)
