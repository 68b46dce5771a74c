"""The tree of units as the store keeps it: every version that was ever in force, the newest last."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select

from ledger.handle import Ledger
from ledger.people_trails import AFTER_ALL, all_acts
from ledger.store.engine import reading, writing
from ledger.store.tables import unit_tree
from ledger.units import (
    ARCHIVE,
    FITS,
    TOWNSHIP,
    VILLAGE,
    VILLAGE_ARCHIVIST,
    Unit,
    UnitsRefusedError,
    UnitTree,
    read_units,
    write_units,
)
from verifier.duties import DutyAct, Held, duties_at
from verifier.errors import EvidenceError
from verifier.people import APPOINT
from verifier.report import Reason
from verifier.shape import instant_of

# Reasons that tell of units.
_OF_UNITS = frozenset(["CUSTODY_UNIT", "DUTY_NOT_HELD"])
_UNIT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class TreeVersion:
    """`number`: from 1. `at`: since when it is in force."""

    number: int
    at: str
    tree: UnitTree


def tree_versions(ledger: Ledger) -> tuple[TreeVersion, ...]:
    """Oldest first."""
    with reading(ledger.engine) as connection:
        return tuple(_versions(connection))


def current_tree(ledger: Ledger) -> TreeVersion | None:
    """None in a ledger that was begun before there was one, until it is given."""
    versions = tree_versions(ledger)
    return versions[-1] if versions else None


def unit_names(ledger: Ledger) -> dict[str, Unit]:
    """Every unit that there ever was, by its id, as it was last called."""
    return {one.id: one for version in tree_versions(ledger) for one in version.tree.units}


def with_codes(connection: Connection, reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons, with the codes by which people know units in place of the ids that a rule tells."""
    if not any(_UNIT.search(f"{one.expected} {one.found}") for one in reasons if one.code in _OF_UNITS):
        return list(reasons)
    codes = {one.id: one.code for version in _versions(connection) for one in version.tree.units}

    def told(text: str) -> str:
        return _UNIT.sub(lambda found: codes.get(found[0], found[0]), text)

    return [
        replace(one, expected=told(one.expected), found=told(one.found)) if one.code in _OF_UNITS else one
        for one in reasons
    ]


def organisations_of(connection: Connection, units: Collection[str]) -> frozenset[str]:
    """To which organisations these units belong or belonged: a unit never changes hands."""
    if not units:
        return frozenset()
    versions = connection.execute(select(unit_tree.c.data)).scalars()
    owners = {unit: owner for data in versions for unit, owner in _owners(data).items()}
    return frozenset(owners[unit] for unit in units if unit in owners)


@functools.lru_cache(maxsize=64)
def _owners(data: bytes) -> Mapping[str, str]:
    return {one["id"]: one["organisation"] for one in json.loads(data)["units"]}


def put_tree(ledger: Ledger, tree: UnitTree) -> TreeVersion:
    """In force from now on; the same again changes nothing.

    Raises UnitsRefusedError UNIT_HELD: a unit is missing for which somebody has a duty now.
    """
    now, data = instant_of(ledger.now()), write_units(tree)
    with writing(ledger.engine) as connection:
        last = max(_versions(connection), key=lambda one: one.number, default=None)
        if last is not None and write_units(last.tree) == data:
            return last
        ids = {one.id: one for one in tree.units}
        lost = [
            Reason("UNIT_HELD", subject, f"{held.unit}", held.duty)
            for subject, held in _held_now(connection, now)
            if held.unit is not None and held.unit not in ids
        ]
        if lost:
            raise UnitsRefusedError(lost)
        number = last.number + 1 if last else 1
        connection.execute(insert(unit_tree).values(number=number, at=now, data=data))
    return TreeVersion(number, now, tree)


def check_unit(connection: Connection, act: DutyAct, kinds: Mapping[str, str]) -> None:
    """Of an appointment about to be kept: its unit stands in the tree, is the organisation's own, and fits.

    A county archive may appoint a village archivist to a township's village, and to that alone: it has no
    villages of its own, so it names one. `kinds`: MSP id → kind of organisation.
    Raises EvidenceError UNIT_MISSING, UNIT_UNKNOWN, UNIT_OTHER_ORGANISATION, UNIT_KIND.
    """
    if act.event != APPOINT:
        return
    by_archive = act.duty == VILLAGE_ARCHIVIST and kinds.get(act.iss) == ARCHIVE
    if act.unit is None:
        if by_archive:
            raise EvidenceError("UNIT_MISSING", "unit", "a village", act.duty)
        return
    last = max(_versions(connection), key=lambda one: one.number, default=None)
    unit = last.tree.by_id(act.unit) if last else None
    if unit is None:
        raise EvidenceError("UNIT_UNKNOWN", "unit", "a unit of the tree", act.unit)
    of_township = unit.kind == VILLAGE and kinds.get(unit.organisation) == TOWNSHIP
    if unit.organisation != act.iss and not (by_archive and of_township):
        raise EvidenceError("UNIT_OTHER_ORGANISATION", "unit", act.iss, f"{unit.code} {unit.organisation}")
    fitting = FITS.get(act.duty)
    if fitting is not None and unit.kind not in fitting:
        raise EvidenceError("UNIT_KIND", "unit", " ".join(sorted(fitting)), f"{unit.code} {unit.kind}")


def _versions(connection: Connection) -> Iterator[TreeVersion]:
    for row in connection.execute(select(unit_tree).order_by(unit_tree.c.number)):
        # Which organisations there are was judged when it was put.
        msps = {one["organisation"] for one in json.loads(row.data)["units"]}
        yield TreeVersion(row.number, row.at, read_units(row.data, msps))


def _held_now(connection: Connection, now: str) -> Iterator[tuple[str, Held]]:
    acts = [act for act in all_acts(connection) if isinstance(act, DutyAct)]
    for subject in dict.fromkeys(act.subject for act in acts):
        for held in duties_at((act for act in acts if act.subject == subject), AFTER_ALL, now):
            yield subject, held
