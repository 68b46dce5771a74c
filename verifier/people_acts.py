"""The acts about people that evidence carries, each at its place in the log. docs/formats.md section 9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from verifier.parts import Parts
from verifier.statement import Statement


class _Placed(Protocol):
    @property
    def place(self) -> int: ...
    @property
    def subject(self) -> str: ...


PlacedAct = TypeVar("PlacedAct", bound=_Placed)


def places_of(parts: Parts) -> dict[bytes, int]:
    """The index of each logged statement's own entry; of a list, reckoned from any of its items'."""
    places: dict[bytes, int] = {}
    for opened in parts.entries:
        item = opened.entry.item
        index = opened.entry.index - (item.number + 1 if item is not None else 0)
        digest = opened.entry.statement.sha256
        places[digest] = min(index, places.get(digest, index))
    return places


def acts_by_subject(
    parts: Parts,
    places: Mapping[bytes, int],
    read: Callable[[Statement, str, int, str], PlacedAct | None],
) -> dict[str, list[PlacedAct]]:
    """By the agent they are about, in log order; a statement that is not logged is no act yet.

    `read`: `verifier.keys.key_act` or `verifier.duties.duty_act`.
    """
    recorded = parts.recorded_at()
    found: list[PlacedAct] = []
    for opened in parts.statements:
        signer = parts.signers.get(opened.statement.certificate_sha256)
        place = places.get(opened.sha256)
        if signer is not None and place is not None:
            act = read(opened.statement, signer.role, place, recorded[opened.sha256])
            found += [act] if act is not None else []
    acts: dict[str, list[PlacedAct]] = {}
    for act in sorted(found, key=lambda one: one.place):
        acts.setdefault(act.subject, []).append(act)
    return acts
