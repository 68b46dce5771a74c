"""What may come next on a list, and by which duty. The rules are in `verifier/data/custody.json`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from verifier.custody_tables import table, tables

SIGN, ACCEPT = "handover.sign", "transfer.accept"
DECLARED = "declared_route"
_SIGNERS = ("giver_clerk", "giver_head", "receiver_clerk", "receiver_head")
# The way of a list; everything else may happen beside it.
_WAY: Mapping[str, tuple[str, ...]] = {
    "listed": ("review.village", "review.department"),
    "village": ("review.department",),
    "department": ("review.final",),
    "handing_over": (SIGN, ACCEPT),
}


@dataclass(frozen=True)
class Turn:
    """`basis`: what the act must say; for a signature, whose it is. `due`: the list waits for it.

    `duties`: of which somebody has one who does it. `skips`: the step that the list waits for as well, and
    which is left out if this one is done first.
    """

    event: str
    basis: str | None
    duties: tuple[str, ...]
    due: bool
    skips: str | None = None


def turns(state: str, deed: Collection[str], *, going: bool, divided: bool) -> tuple[Turn, ...]:
    """`deed`: the signatures that it bears."""
    if divided:
        # What goes on after an item was sent back goes on under a new list.
        return (Turn("list.freeze", None, duties_for("list.freeze"), True),)
    return tuple(_turns(state, deed)) if going else ()


def _turns(state: str, deed: Collection[str]) -> Iterator[Turn]:
    missing = [role for role in _SIGNERS if role not in deed]
    for event in sorted(tables().on_list | tables().of_list):
        for row in table("transfer").rows.get(event, ()):
            if state not in row.before:
                continue
            due = event in _WAY.get(state, ())
            if event == SIGN:
                yield from (Turn(event, role, duties_for(event, role), due) for role in missing)
            elif event != ACCEPT or not missing:
                skips = _WAY[state][0] if due and row.basis == DECLARED else None
                yield Turn(event, row.basis, duties_for(event, row.basis), due, skips)


def duties_for(event: str, basis: str | None = None) -> tuple[str, ...]:
    return tuple(sorted(tables().wanted(event, basis)))
