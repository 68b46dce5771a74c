"""Where a batch sealed here and the one that the chain holds under its number part.

The chain has no more than roots; the entries are in the organisations' replicas. Nothing in a replica is
believed: a copy counts if the entries that follow from it lead to the roots of the anchor on the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from ledger.anchor import in_flight, is_same
from ledger.chain_state import agreed_anchor_bytes
from ledger.copied_leaves import leaves_of
from ledger.fabric.gateway import Chain
from ledger.handle import Ledger
from ledger.replica import ReplicaNoneError, copies, read_copy
from ledger.reread import reread
from ledger.store.engine import reading
from ledger.store.tables import batch, entry
from verifier.anchor import Anchor, parse_anchor
from verifier.errors import EvidenceError, found_text
from verifier.report import Reason

_LINES_OF_ENTRY = 5  # and one for each trail


@dataclass(frozen=True)
class Part:
    """A leaf of the log, as a person compares it. `statement`: SHA-256 in hex, empty for a batch's marker;
    `item`: its number, None for a statement itself."""

    index: int
    recorded_at: str
    statement: str
    item: int | None


@dataclass(frozen=True)
class Apart:
    """`source`: the copy with which ours was compared; `refused`: those that do not count.

    `first`: index of the first leaf that differs, None if none does; `ours`, `theirs`: what stands there,
    None where that batch has ended. The sizes are of the log with the batch. `only_ours`, `only_theirs`:
    statements that one of them has; `other_times`: what both have, recorded at another time or place.
    """

    number: int
    source: Path
    refused: tuple[tuple[Path, Reason], ...]
    ours_size: int
    theirs_size: int
    first: int | None
    ours: Part | None
    theirs: Part | None
    only_ours: tuple[Part, ...]
    only_theirs: tuple[Part, ...]
    other_times: tuple[tuple[Part, Part], ...]


def held_otherwise(ledger: Ledger, chain: Chain) -> Anchor | None:
    """The chain's anchor of the number in flight here, if it is not that of our batch.

    Raises ChainError, and LedgerError as `reread`.
    """
    number = in_flight(ledger)
    data = agreed_anchor_bytes(ledger, chain, number) if number is not None else None
    if number is None or data is None:
        return None
    found = parse_anchor(data, "chain")
    return None if is_same(found, reread(ledger, number)) else found


def compare(ledger: Ledger, anchored: Anchor, replicas: Sequence[Path]) -> Apart:
    """Our batch of the anchor's number with the anchor's own.

    Raises ReplicaNoneError when no copy counts, LedgerError REPLICA_UNREADABLE (a folder).
    """
    number = anchored.batch
    refused: list[tuple[Path, Reason]] = []
    for one in sorted(copies(replicas, ledger.id, number), key=lambda c: c.root != anchored.roots.sha256):
        try:
            theirs = leaves_of(read_copy(one, ledger.id, number), anchored, one)
        except EvidenceError as error:
            refused.append((one.path, Reason(error.code, error.at, error.expected, error.found)))
        else:
            return _apart(number, _our_leaves(ledger, number), theirs, one.path, tuple(refused))
    raise ReplicaNoneError(number, refused)


def _our_leaves(ledger: Ledger, number: int) -> list[str]:
    with reading(ledger.engine) as connection:
        row = connection.execute(select(batch).where(batch.c.number == number)).one()
        within = (entry.c.idx > row.marker_index, entry.c.idx < row.size)
        texts = connection.execute(select(entry.c.text).where(*within).order_by(entry.c.idx)).scalars()
        return [row.marker, *texts]


def _apart(
    number: int, ours: list[str], theirs: list[str], source: Path, refused: tuple[tuple[Path, Reason], ...]
) -> Apart:
    start = int(theirs[0].split("\n")[1])
    longest = max(len(ours), len(theirs))
    first = next((n for n in range(longest) if ours[n : n + 1] != theirs[n : n + 1]), None)
    our_parts, their_parts = _parts(ours, start), _parts(theirs, start)
    our_statements, their_statements = _by_statement(our_parts), _by_statement(their_parts)
    return Apart(
        number=number,
        source=source,
        refused=refused,
        ours_size=start + len(ours),
        theirs_size=start + len(theirs),
        first=None if first is None else start + first,
        ours=our_parts[first] if first is not None and first < len(ours) else None,
        theirs=their_parts[first] if first is not None and first < len(theirs) else None,
        only_ours=tuple(one for key, one in our_statements.items() if key not in their_statements),
        only_theirs=tuple(one for key, one in their_statements.items() if key not in our_statements),
        other_times=tuple(
            (one, their_statements[key])
            for key, one in our_statements.items()
            if key in their_statements and one != their_statements[key]
        ),
    )


def _parts(leaves: Sequence[str], start: int) -> list[Part]:
    return [_marker(start, leaves[0]), *(_part(start + n, leaf) for n, leaf in enumerate(leaves) if n)]


def _marker(index: int, text: str) -> Part:
    """With the time of the anchor that it names."""
    lines = text.split("\n")
    return Part(index, lines[5] if len(lines) > _LINES_OF_ENTRY else "", "", None)


def _part(index: int, text: str) -> Part:
    """Of our own store, which may have been changed, too: so it is shown as it stands and not judged."""
    lines = text.split("\n")
    if len(lines) < _LINES_OF_ENTRY:
        return Part(index, "", found_text(text), None)
    number = lines[4].partition(" ")[0]
    return Part(index, lines[2], lines[3].partition(" ")[0], int(number) if number.isdecimal() else None)


def _by_statement(parts: Sequence[Part]) -> Mapping[str, Part]:
    return {one.statement: one for one in parts if one.statement and one.item is None}
