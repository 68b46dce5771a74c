"""Check 5: entries, and the markers around them, are in the log at the anchor's size, in both trees."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from verifier import merkle
from verifier.anchor import Anchor
from verifier.digests import sha256, sm3
from verifier.errors import EvidenceError
from verifier.parts import OpenEntry, OpenMarker, Parts
from verifier.tally import Tally


@dataclass(frozen=True)
class Around:
    """The markers around an entry: that of its batch, and the next one carried."""

    marker: OpenMarker | None
    following: OpenMarker | None


def around(entry: OpenEntry, markers: Sequence[OpenMarker]) -> Around:
    """`markers` ascend by index."""
    place = bisect_left(markers, entry.entry.index, key=lambda m: m.marker.index)
    return Around(markers[place - 1] if place else None, markers[place] if place < len(markers) else None)


def check_log(parts: Parts, ledger: bytes, anchor: Anchor | None, tally: Tally) -> None:
    """The rules:

    1. each entry and marker is at its index in both trees of the anchor's size, by a proof of exact length;
    2. an index has one leaf;
    3. each marker is of this ledger; along the log batch numbers ascend, with room for the batches between;
       no two markers name the same anchor before them;
    4. each entry is between the marker of its batch and the marker with the next number, unless its batch is
       the anchor's own; no other marker is carried;
    5. a list, which is never split over batches, ends before the anchor's size;
    6. no marker is of a batch after the anchor's, and the marker of the anchor's own batch names the same
       anchor before it as the anchor does.

    What a signer's client says that it had `seen` is a signer's word: where it does not fit, that is noted.
    """
    _check_markers(parts, ledger, tally)
    _check_indexes(parts, tally)
    if anchor is None:
        tally.needs("block")
        return
    leaves: list[OpenEntry | OpenMarker] = [*parts.entries, *parts.markers]
    for leaf in leaves:
        with tally.subject():
            _check_included(leaf, anchor)
    _check_lists(parts, anchor, tally)
    _note_seen(parts, anchor, tally)
    needed: set[int] = set()
    for opened in parts.entries:
        with tally.rule():
            needed |= _check_around(opened, around(opened, parts.markers), anchor)
    for found in parts.markers:
        with tally.rule():
            _check_against_anchor(found, anchor)
        if found.marker.index not in needed:
            tally.fail("MARKER_SPARE", found.at, "markers around an entry only", str(found.marker.batch))


def _check_included(leaf: OpenEntry | OpenMarker, anchor: Anchor) -> None:
    index = leaf.entry.index if isinstance(leaf, OpenEntry) else leaf.marker.index
    if index >= anchor.size:
        raise EvidenceError("LOG_INDEX", leaf.at, f"< {anchor.size}", str(index))
    size, roots, proof = anchor.size, anchor.roots, leaf.proof
    failing = [
        name
        for name, h, hashed, path, root in (
            ("SHA-256", sha256, leaf.leaves.sha256, proof.sha256, roots.sha256),
            ("SM3", sm3, leaf.leaves.sm3, proof.sm3, roots.sm3),
        )
        if not merkle.included(h, hashed, index, size, path, root)
    ]
    if failing:
        raise EvidenceError("LOG_INCLUSION", leaf.at, f"leaf {index} of {size}", " ".join(failing))


def _check_indexes(parts: Parts, tally: Tally) -> None:
    markers = {found.marker.index: found.at for found in parts.markers}
    for opened in parts.entries:
        if opened.entry.index in markers:
            tally.fail("INDEX_REPEATED", opened.at, "an index of its own", markers[opened.entry.index])


def _check_markers(parts: Parts, ledger: bytes, tally: Tally) -> None:
    for found in parts.markers:
        marker = found.marker
        if marker.ledger != ledger:
            tally.fail("MARKER_LEDGER", found.at, ledger.hex(), marker.ledger.hex())
        # Every batch has its marker, so before the marker of batch b stand at least b leaves.
        if marker.batch > marker.index or (marker.batch == 0) != (marker.index == 0):
            tally.fail(
                "MARKER_INDEX", found.at, f"≥ {marker.batch}, 0 exactly for batch 0", str(marker.index)
            )
    for before, after in pairwise(parts.markers):
        first, second = before.marker, after.marker
        if not 0 < second.batch - first.batch <= second.index - first.index:
            expected = f"{first.batch + 1}…{first.batch + second.index - first.index}"
            tally.fail("MARKER_BATCH", after.at, expected, str(second.batch))
    named = [found.marker.previous for found in parts.markers if found.marker.previous]
    if len({p.digest for p in named}) != len(named) or len({p.txid for p in named}) != len(named):
        tally.fail("MARKER_PREVIOUS_REPEATED", "markers", "a digest and a transaction id for each anchor")


def _check_lists(parts: Parts, anchor: Anchor, tally: Tally) -> None:
    sizes = {s.sha256: s.statement.list.size for s in parts.statements if s.statement.list}
    for opened in parts.entries:
        entry = opened.entry
        size = sizes.get(entry.statement.sha256)
        if size is None:
            continue
        last = entry.index + size - (entry.item.number + 1 if entry.item else 0)
        if last >= anchor.size:
            tally.fail("LIST_SPLIT", opened.at, f"the list's last entry < {anchor.size}", str(last))


def _note_seen(parts: Parts, anchor: Anchor, tally: Tally) -> None:
    """Another root at the anchor's size is a sign of two histories; a log seen longer than the entry's index
    is impossible."""
    indexes = {opened.entry.statement.sha256: opened.entry.index for opened in reversed(parts.entries)}
    for opened in parts.statements:
        seen = opened.statement.seen
        if seen is None:
            continue
        if seen.size == anchor.size and seen.root != anchor.roots.sha256:
            tally.note("SEEN_OTHER_ROOT", opened.at, anchor.roots.sha256.hex(), seen.root.hex())
        index = indexes.get(opened.sha256)
        if index is not None and seen.size > index:
            tally.note("SEEN_LATER_LOG", opened.at, f"≤ {index}", str(seen.size))


def _check_around(opened: OpenEntry, found: Around, anchor: Anchor) -> set[int]:
    """The indexes of the markers that the entry needs."""
    if found.marker is None:
        raise EvidenceError("MARKER_MISSING", opened.at, "the marker of its batch")
    batch = found.marker.marker.batch
    if batch == anchor.batch:
        return {found.marker.marker.index}
    if found.following is None or found.following.marker.batch != batch + 1:
        here = str(found.following.marker.batch) if found.following else "none"
        raise EvidenceError("MARKER_MISSING", opened.at, f"the marker of batch {batch + 1}", here)
    return {found.marker.marker.index, found.following.marker.index}


def _check_against_anchor(found: OpenMarker, anchor: Anchor) -> None:
    marker = found.marker
    if marker.batch > anchor.batch:
        raise EvidenceError("MARKER_BATCH", found.at, f"≤ {anchor.batch}", str(marker.batch))
    left = anchor.size - 1 - marker.index
    if anchor.batch - marker.batch > left:
        raise EvidenceError("MARKER_BATCH", found.at, f"≥ {anchor.batch - left}", str(marker.batch))
    previous = marker.previous
    if marker.batch == anchor.batch:
        named = previous.digest if previous else None
        if named != anchor.previous:
            expected = anchor.previous.hex() if anchor.previous else "-"
            raise EvidenceError("MARKER_ANCHOR", found.at, expected, named.hex() if named else "-")
    if previous and previous.txid == anchor.txid:
        raise EvidenceError("MARKER_ANCHOR", found.at, "another transaction", anchor.txid.hex())
