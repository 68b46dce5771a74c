"""Attacks on inclusion, markers and times (checks 5 and 10)."""

from __future__ import annotations

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, line
from tests.verifier.fabric.forge import Draft
from tests.verifier.forge_evidence import (
    LAST_BATCH,
    LI,
    OTHER,
    Object,
    Script,
    anchor_time,
    good,
    previous_anchor,
    recorded,
)
from tests.verifier.forge_log import path, sha256
from tests.verifier.forge_people import sm3

NOWHERE = "ab" * 32
SIZE = len(good().log.leaves)


def _proof(place: str, number: int, tree: str, change: object) -> Script:
    def edit(evidence: Object) -> None:
        change(evidence[place][number][tree])  # type: ignore[operator]

    return Script(evidence=edit)


def _swap_trees(evidence: Object) -> None:
    entry = evidence["entries"][0]
    entry["sha256"], entry["sm3"] = entry["sm3"], entry["sha256"]


def _swap_proofs(evidence: Object) -> None:
    first, second = evidence["entries"][:2]
    for tree in ("sha256", "sm3"):
        first[tree], second[tree] = second[tree], first[tree]


def _smaller_tree(evidence: Object) -> None:
    """Proofs for the log as it was one leaf before."""
    leaves = good().log.octets[:-1]
    for shown in evidence["entries"][:1]:
        index = int(shown["text"].split("\n")[1])
        shown["sha256"] = [p.hex() for p in path(sha256, index, leaves)]
        shown["sm3"] = [p.hex() for p in path(sm3, index, leaves)]


def _drop_marker(batch: int) -> Script:
    def edit(evidence: Object) -> None:
        evidence["markers"] = [m for m in evidence["markers"] if m["text"].split("\n")[3] != str(batch)]

    return Script(evidence=edit)


def _spare_marker(evidence: Object) -> None:
    """That of the anchor's own batch, in which nothing of this record stands."""
    log = good().log
    evidence["markers"].append(log.shown(log.markers[LAST_BATCH]))


def _next_index(evidence: Object) -> None:
    """The entry of Zhang's receipt says that it stands one leaf further on."""
    index = good().log.entries["receive", None]
    one = next(e for e in evidence["entries"] if e["text"] == good().log.leaves[index])
    one["text"] = one["text"].replace(f"v1\n{index}\n", f"v1\n{index + 1}\n", 1)


INCLUSION = "log LOG_INCLUSION"

ATTACKS: Attacks = {
    "a proof too short": (_proof("entries", 0, "sha256", lambda p: p.pop()), {INCLUSION}),
    "a proof too long": (_proof("entries", 0, "sha256", lambda p: p.append(NOWHERE)), {INCLUSION}),
    "a proof's first hash twice": (_proof("entries", 0, "sm3", lambda p: p.insert(0, p[0])), {INCLUSION}),
    "a proof's hash changed": (_proof("entries", 2, "sm3", lambda p: line(0, NOWHERE)(p)), {INCLUSION}),
    "no proof at all": (_proof("entries", 0, "sha256", lambda p: p.clear()), {INCLUSION}),
    "a marker's proof changed": (_proof("markers", 0, "sha256", lambda p: line(0, NOWHERE)(p)), {INCLUSION}),
    "the twin's proof in place of the tree's": (Script(evidence=_swap_trees), {INCLUSION}),
    "the proofs of two entries swapped": (Script(evidence=_swap_proofs), {INCLUSION}),
    "proofs in a smaller tree": (Script(evidence=_smaller_tree), {INCLUSION}),
    "only SM3's root is another's": (Script(anchor=line(5, NOWHERE)), {INCLUSION}),
    "only SHA-256's root is another's": (Script(anchor=line(4, NOWHERE)), {INCLUSION}),
    "a larger size": (Script(anchor=line(3, str(SIZE * 4))), {INCLUSION}),
    "a smaller size": (
        Script(anchor=line(3, str(SIZE - 2))),
        {INCLUSION, "log LOG_INDEX"},
    ),
    "an entry's index changed": (
        Script(evidence=_next_index),
        {INCLUSION, "entry TRAIL_LINK"},
    ),
    "a marker dropped": (_drop_marker(3), {"log MARKER_MISSING"}),
    "the last marker dropped": (
        _drop_marker(LAST_BATCH),
        {"log MARKER_MISSING"},
    ),
    "the first marker dropped": (_drop_marker(0), {"log MARKER_MISSING"}),
    "a marker that nobody needs": (
        Script(records=(OTHER,), evidence=_spare_marker),
        {"log MARKER_SPARE"},
    ),
    "markers out of order": (Script(evidence=lambda e: e["markers"].reverse()), {"log SHAPE_ORDER"}),
    "a marker twice": (
        Script(evidence=lambda e: e["markers"].append(e["markers"][-1])),
        {"log SHAPE_ORDER", "log MARKER_BATCH", "log MARKER_PREVIOUS_REPEATED"},
    ),
    "a marker of another ledger": (
        Script(markers={3: line(2, NOWHERE)}),
        {"log MARKER_LEDGER"},
    ),
    "a batch number left out": (
        Script(markers={4: line(3, "5"), 5: line(3, "6")}),
        {"log MARKER_MISSING", "log MARKER_BATCH", "log MARKER_SPARE", "log MARKER_ANCHOR"},
    ),
    "a batch number twice": (
        Script(markers={4: line(3, "3")}),
        {"log MARKER_BATCH", "log MARKER_MISSING", "log MARKER_SPARE"},
    ),
    "a marker of a batch after the anchor's": (
        Script(markers={5: line(3, "6")}),
        {"log MARKER_BATCH", "log MARKER_MISSING", "log MARKER_SPARE"},
    ),
    "an anchor of an earlier batch": (
        Script(anchor=line(2, "4")),
        {"log MARKER_BATCH", "log MARKER_ANCHOR", "log MARKER_MISSING", "log MARKER_SPARE"},
    ),
    "an anchor of a later batch than the log has room for": (
        Script(anchor=line(2, "9")),
        {"log MARKER_BATCH", "log MARKER_MISSING"},
    ),
    "two markers that name the same anchor": (
        Script(markers={4: lambda lines: lines.__setitem__(slice(4, None), previous_anchor(3))}),
        {"log MARKER_PREVIOUS_REPEATED", "time TIME_AFTER_ANCHOR"},
    ),
    "the anchor names another before it than its marker": (
        Script(anchor=line(7, NOWHERE)),
        {"log MARKER_ANCHOR"},
    ),
    "a marker with an anchor before in batch 0": (
        Script(markers={1: line(3, "0")}),
        {"log MARKER_PREVIOUS", "log MARKER_MISSING", "log MARKER_SPARE"},
    ),
    "a marker before which the log has no room for its batches": (
        Script(markers={1: line(3, "99")}),
        {"log MARKER_INDEX", "log MARKER_MISSING", "log MARKER_SPARE", "log MARKER_BATCH"},
    ),
    "the first leaf of the log is not batch 0's": (
        Script(
            records=(OTHER,), markers={0: lambda m: m.__setitem__(slice(3, 7), ["1", *previous_anchor(1)])}
        ),
        {
            "log MARKER_INDEX",
            "log MARKER_MISSING",
            "log MARKER_SPARE",
            "log MARKER_BATCH",
            "log MARKER_PREVIOUS_REPEATED",
            "time TIME_BEFORE_MARKER",
        },
    ),
    "a marker that names the anchor's own transaction": (
        Script(markers={LAST_BATCH: line(6, Draft([], [], [], b"").txid.hex())}),
        {"log MARKER_ANCHOR"},
    ),
    "an entry at a marker's index": (
        Script(lines={("view", None): line(1, str(good().log.markers[LAST_BATCH]))}),
        {"log INDEX_REPEATED", "log LOG_INCLUSION", "time TIME_AFTER_ANCHOR"},
    ),
    "recorded times go back": (
        Script(lines={("scan", None): line(2, recorded(3, 0))}),
        {"time TIME_ENTRIES"},
    ),
    "recorded before the anchor that the marker names": (
        Script(lines={("return", None): line(2, recorded(2, 30))}),
        {"time TIME_BEFORE_MARKER"},
    ),
    "recorded after its batch's anchor": (
        Script(lines={("final", None): line(2, recorded(4, 59).replace(":25:", ":26:"))}),
        {"time TIME_AFTER_ANCHOR"},
    ),
    "recorded after the last time that the anchor names": (
        Script(anchor=line(6, recorded(5, 0))),
        {"time TIME_LAST"},
    ),
    "another last time than the last entry's": (
        Script(anchor=line(6, recorded(5, 30)), records=(LI,)),
        {"time TIME_LAST"},
    ),
    "no entry, says the anchor": (Script(anchor=line(6, "-")), {"time TIME_LAST"}),
    "the anchor's last time is after the anchor": (
        Script(anchor=line(6, "2026-01-12T09:31:00.000Z")),
        {"time TIME_ANCHOR"},
    ),
    "anchors' times go back": (
        Script(markers={4: line(5, anchor_time(2))}),
        {"time TIME_AFTER_ANCHOR"},
    ),
    "a marker names a time after the anchor": (
        Script(markers={5: line(5, "2026-01-12T09:30:00.124Z")}),
        {"time TIME_MARKERS", "time TIME_BEFORE_MARKER"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
