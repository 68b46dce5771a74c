"""Lies about the call, the batch as a whole, the log before it, its marker and its times."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

from ledger.batch import MAX_BATCH, MAX_LINKS, Frontier
from tests.e2e.dishonest import Lie, Scene, Told, parts_of
from verifier.shape import datetime_of, instant_of

MILLISECOND = datetime.timedelta(milliseconds=1)
NOBODY = bytes(32)


def with_octets(change: Callable[[bytes], bytes]) -> Lie:
    """The honest batch's octets, changed."""
    return lambda scene: Told(change(scene.honest.encoded()), scene.world.ledger.id)


def at_minute(minutes: float) -> Lie:
    return lambda scene: replace(scene.told(), minutes=minutes)


def sent_by(msp: str, identity: str) -> Lie:
    return lambda scene: replace(scene.told(), client=scene.client(msp, identity))


CALLS: list[tuple[str, Lie, str]] = [
    ("a ledger that nobody opened", lambda s: replace(s.told(), ledger=NOBODY), "LEDGER_ABSENT"),
    ("no batch beside the call", lambda s: replace(s.told(), batch=None), "BATCH_ABSENT"),
    ("time in the future", at_minute(6), "CLOCK"),
    ("time in the past", at_minute(-6), "CLOCK"),
    ("a little in the past, before the last anchor", at_minute(-4), "ANCHOR_TIME"),
    ("another organisation's operator certificate", sent_by("YunlingArchives", "ledger"), "CALLER_MSP"),
    ("the operator's plain client", sent_by("QingheTownship", "reader"), "CALLER_ROLE"),
    ("the operator's administrator", sent_by("QingheTownship", "admin"), "CALLER_ROLE"),
]


def repeated_member(data: bytes) -> bytes:
    return data.replace(b'"number":2', b'"number":2,"number":2')


BATCHES: list[tuple[str, Lie, str]] = [
    ("batch of another ledger", lambda s: s.told(ledger=NOBODY), "BATCH_LEDGER"),
    ("batch number skipped", lambda s: s.told(number=3), "BATCH_NUMBER"),
    ("batch number of the last anchor", lambda s: s.told(number=1), "BATCH_NUMBER"),
    ("the last batch once more", lambda s: Told(s.replayed, s.world.ledger.id), "BATCH_NUMBER"),
    ("more than 8 MiB", lambda s: s.told(marker="x" * MAX_BATCH), "BATCH_SIZE"),
    ("more than 40,000 links", lambda s: s.told(links=("0 -",) * (MAX_LINKS + 1)), "BATCH_LINKS"),
    ("a space in the JSON", with_octets(lambda d: d.replace(b":", b": ", 1)), "JSON_NOT_CANONICAL"),
    ("a member twice", with_octets(repeated_member), "JSON_REPEATED_MEMBER"),
    ("a member nobody knows", with_octets(lambda d: b'{"a":0,' + d[1:]), "SHAPE_MEMBERS"),
    ("another version", with_octets(lambda d: d[:-3] + b'2"}'), "SHAPE_VALUE"),
    ("cut off", with_octets(lambda d: d[:-1]), "JSON_SYNTAX"),
    ("octets that are no text", with_octets(lambda d: d.replace(b"batch v1", b"batch v\xff")), "JSON_SYNTAX"),
]


def frontier(change: Callable[[Frontier], Frontier]) -> Lie:
    return lambda scene: scene.told(frontier=change(scene.honest.frontier))


def other_root(hashes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (hashes[0][::-1], *hashes[1:])


LOGS: list[tuple[str, Lie, str]] = [
    ("a log one leaf longer", frontier(lambda f: replace(f, size=f.size + 1)), "FRONTIER_SIZE"),
    ("the log as it was before", lambda s: s.told(frontier=before_last(s)), "FRONTIER_SIZE"),
    ("a root too many", frontier(lambda f: replace(f, sha256=(*f.sha256, NOBODY))), "FRONTIER_LENGTH"),
    (
        "frontier of another tree",
        frontier(lambda f: Frontier(f.size, other_root(f.sha256), other_root(f.sm3))),
        "FRONTIER_SHA256",
    ),
    (
        "frontier of another tree in SM3 alone",
        frontier(lambda f: replace(f, sm3=other_root(f.sm3))),
        "FRONTIER_SM3",
    ),
]


def before_last(scene: Scene) -> Frontier:
    """The frontier that batch 1 truly had: the previous root of an older size."""
    return parts_of(scene.replayed).frontier


def marker_line(number: int, text: Callable[[Scene], str]) -> Lie:
    """Line `number` of the marker, from 1, says something else."""

    def lie(scene: Scene) -> Told:
        lines = scene.honest.marker.split("\n")
        lines[number - 1] = text(scene)
        return scene.told(marker="\n".join(lines))

    return lie


MARKERS: list[tuple[str, Lie, str]] = [
    ("marker of another version", marker_line(1, lambda _: "archive-ledger batch v2"), "MARKER_FORM"),
    ("index gap", marker_line(2, lambda s: str(s.honest.frontier.size + 1)), "MARKER_INDEX"),
    ("marker of another ledger", marker_line(3, lambda _: NOBODY.hex()), "MARKER_LEDGER"),
    ("marker of another batch", marker_line(4, lambda _: "3"), "MARKER_NUMBER"),
    ("marker of another anchor", marker_line(5, lambda _: NOBODY.hex()), "MARKER_DIGEST"),
    ("marker with an earlier time", marker_line(6, lambda _: "2026-01-01T00:00:00.000Z"), "MARKER_TIME"),
    ("marker with another transaction", marker_line(7, lambda _: NOBODY.hex()), "MARKER_TRANSACTION"),
    ("marker of batch 0", marker_line(5, lambda _: "-"), "MARKER_DIGEST"),
    ("a line more", marker_line(8, lambda _: "more\n"), "MARKER_FORM"),
]


def recorded(number: int, when: Callable[[Scene], str]) -> Lie:
    return lambda scene: scene.with_statement(number, recorded_at=when(scene))


def earlier(instant: str) -> str:
    return instant_of(datetime_of(instant) - MILLISECOND)


def last_entry(scene: Scene) -> str:
    assert scene.anchored.last_recorded_at is not None
    return scene.anchored.last_recorded_at


TIMES: list[tuple[str, Lie, str]] = [
    (
        "time going back within the batch",
        recorded(1, lambda s: earlier(s.honest.statements[0].recorded_at)),
        "TIME_ORDER",
    ),
    ("recorded before the log's last entry", recorded(0, lambda s: earlier(last_entry(s))), "TIME_LOG"),
    ("recorded before the last anchor", recorded(0, lambda s: earlier(s.anchored.time)), "TIME_MARKER"),
    ("recorded tomorrow", recorded(2, lambda _: "2099-01-01T00:00:00.000Z"), "TIME_TRANSACTION"),
]
