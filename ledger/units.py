"""The organisations' departments, villages and stations, as data: a tree of units. docs/adr/0016.

One file for all organisations of a ledger. It is read at the edge; everything wrong with it is told at once.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from verifier.canonical import Json, encode
from verifier.errors import CallerError, EvidenceError, found_text
from verifier.report import Reason
from verifier.shape import MSP_ID, UUID, Members, members

VERSION = "archive-ledger units v1"
ORGANISATION = "organisation"
KINDS = (ORGANISATION, "department", "archive_room", "village", "station")
MOST = 2000
# The units for which a duty is given; a duty that is not here may be for any.
FITS: Mapping[str, frozenset[str]] = {
    "village_archivist": frozenset(["village"]),
    "village_supervisor": frozenset(["village"]),
    "department_reviewer": frozenset(["department", "station"]),
    "township_archivist": frozenset([ORGANISATION, "archive_room"]),
    "authority_reviewer": frozenset([ORGANISATION, "department"]),
    "mediator": frozenset([ORGANISATION, "department", "station"]),
    "auditor": frozenset([ORGANISATION, "department"]),
    "system_admin": frozenset([ORGANISATION, "department", "archive_room"]),
    "security_admin": frozenset([ORGANISATION, "department", "archive_room"]),
    "audit_admin": frozenset([ORGANISATION, "department", "archive_room"]),
}
# A county archive certifies the archivists of a township's villages, and appoints them there.
VILLAGE_ARCHIVIST, VILLAGE = "village_archivist", "village"
ARCHIVE, TOWNSHIP = "archive", "township"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}(\.[a-z0-9][a-z0-9-]{0,31}){0,5}\Z")
_NAME = re.compile(r"\S(.{0,98}\S)?\Z")
_REQUIRED = ("code", "en", "kind", "organisation", "zh")
_OPTIONAL = ("id", "parent")


class UnitsRefusedError(CallerError):
    """A file of units that cannot be taken; `reasons` name everything wrong with it."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("UNITS_REFUSED", reasons[0].at, found=f"{len(reasons)}")
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Unit:
    """`id`: as appointments name it. `code`: as people do. `parent`: a code, None for an organisation's own.

    `organisation`: MSP id.
    """

    id: str
    code: str
    kind: str
    organisation: str
    parent: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class UnitTree:
    """In the order of the file, in which every unit stands below its parent."""

    units: tuple[Unit, ...]

    def by_id(self, unit: str) -> Unit | None:
        return next((one for one in self.units if one.id == unit), None)

    def named(self, text: str) -> tuple[Unit, ...]:
        """Those whose code, id or name this is."""
        return tuple(one for one in self.units if text in (one.code, one.id, one.zh, one.en))

    def walk(self) -> Iterator[tuple[int, Unit]]:
        """Each with its depth, below its parent."""
        below: dict[str | None, list[Unit]] = {}
        for one in self.units:
            below.setdefault(one.parent, []).append(one)
        stack = [(0, one) for one in reversed(below.get(None, []))]
        while stack:
            depth, one = stack.pop()
            yield depth, one
            stack += [(depth + 1, child) for child in reversed(below.get(one.code, []))]


def write_units(tree: UnitTree) -> bytes:
    """Canonical JSON, of what `read_units` reads."""
    return encode({"units": [_json(one) for one in tree.units], "version": VERSION})


def pretty_units(tree: UnitTree) -> str:
    """The same for people, who go on from it."""
    value = {"version": VERSION, "units": [_json(one) for one in tree.units]}
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _json(one: Unit) -> dict[str, Json]:
    value: dict[str, Json] = {"code": one.code, "id": one.id, "kind": one.kind}
    if one.parent is not None:
        value["parent"] = one.parent
    return {**value, "organisation": one.organisation, "zh": one.zh, "en": one.en}


def read_units(data: bytes, organisations: Iterable[str], former: UnitTree | None = None) -> UnitTree:
    """A unit without an id keeps the one that its code has in `former`, or gets a new one.

    `organisations`: MSP ids of the consortium. Raises UnitsRefusedError.
    """
    reasons: list[Reason] = []
    units: list[tuple[str, Unit]] = []
    ids = {one.code: one.id for one in former.units} if former else {}
    try:
        m = members(_parsed(data), "units", ("units", "version"))
        m.constant("version", VERSION)
        elements = m.objects("units", MOST, 1)
    except EvidenceError as error:
        raise UnitsRefusedError([_reason(error)]) from error
    for at, value in elements:
        found = _unit(value, at, ids, reasons)
        if found is not None:
            units.append((at, found))
    reasons += _together(units, frozenset(organisations))
    if former is not None:
        reasons += _ids_kept(units, former)
    if reasons:
        raise UnitsRefusedError(reasons)
    return UnitTree(tuple(one for _, one in units))


def _parsed(data: bytes) -> Json:
    def once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise EvidenceError("JSON_REPEATED_MEMBER", "units", found=found_text(",".join(names)))
        return dict(pairs)

    try:
        value: Json = json.loads(data.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise EvidenceError("JSON_SYNTAX", "units", found=found_text(str(error))) from error
    return value


def _unit(value: Json, at: str, ids: Mapping[str, str], reasons: list[Reason]) -> Unit | None:
    """None if anything is wrong with it by itself, all of which is added to `reasons`."""
    before = len(reasons)
    try:
        m = members(value, at, _REQUIRED, _OPTIONAL)
    except EvidenceError as error:
        reasons.append(_reason(error))
        if not isinstance(value, dict):
            return None
        m = Members(value, at)
    forms = (
        ("code", _CODE),
        ("en", _NAME),
        ("id", UUID),
        ("organisation", MSP_ID),
        ("parent", _CODE),
        ("zh", _NAME),
    )
    said: dict[str, str] = {}
    for name, form in forms:
        if m.has(name):
            try:
                said[name] = m.text(name, form)
            except EvidenceError as error:
                reasons.append(_reason(error))
    try:
        kind = m.one_of("kind", KINDS) if m.has("kind") else ""
    except EvidenceError as error:
        reasons.append(_reason(error))
    if len(reasons) > before:
        return None
    code = said["code"]
    given = said.get("id") or ids.get(code) or str(uuid.uuid4())
    return Unit(given, code, kind, said["organisation"], said.get("parent"), said["zh"], said["en"])


def _together(units: Sequence[tuple[str, Unit]], organisations: frozenset[str]) -> Iterator[Reason]:
    """Codes and ids stand once; a parent is above, of the same organisation; each of these has one root."""
    known: dict[str, Unit] = {}
    ids: dict[str, str] = {}
    roots: dict[str, str] = {}
    for at, one in units:
        if one.code in known:
            yield Reason("UNIT_CODE_REPEATED", f"{at}.code", "a code of its own", one.code)
        if one.id in ids:
            yield Reason("UNIT_ID_REPEATED", f"{at}.id", "an id of its own", f"{one.id} {ids[one.id]}")
        if one.organisation not in organisations:
            listed = " ".join(sorted(organisations))
            yield Reason("UNIT_ORGANISATION_UNKNOWN", f"{at}.organisation", listed, one.organisation)
        if (one.kind == ORGANISATION) != (one.parent is None):
            yield Reason("UNIT_ROOT", f"{at}.parent", "none, of an organisation only", one.parent or "none")
        elif one.parent is None and one.organisation in roots:
            yield Reason("UNIT_ROOT_REPEATED", f"{at}.organisation", roots[one.organisation], one.code)
        elif one.parent is None:
            roots[one.organisation] = one.code
        elif one.parent not in known:
            # A parent below its child would let units go round in a circle.
            yield Reason("UNIT_PARENT_UNKNOWN", f"{at}.parent", "the code of a unit above", one.parent)
        elif known[one.parent].organisation != one.organisation:
            other = known[one.parent].organisation
            yield Reason("UNIT_PARENT_OTHER", f"{at}.parent", one.organisation, other)
        known.setdefault(one.code, one)
        ids.setdefault(one.id, one.code)


def _ids_kept(units: Sequence[tuple[str, Unit]], former: UnitTree) -> Iterator[Reason]:
    """What an appointment named must go on meaning the same: code, id and organisation stay together."""
    ids = {one.id: one for one in former.units}
    codes = {one.code: one for one in former.units}
    for at, one in units:
        before = ids.get(one.id) or codes.get(one.code) or one
        if (before.id, before.code, before.organisation) != (one.id, one.code, one.organisation):
            stays, now = (f"{x.code} {x.id} {x.organisation}" for x in (before, one))
            yield Reason("UNIT_CHANGED", at, stays, now)


def _reason(error: EvidenceError) -> Reason:
    return Reason(error.code, error.at, error.expected, error.found)


def sample_units(sample: UnitTree, organisations: Mapping[str, tuple[str, str]]) -> UnitTree:
    """The sample's units of the organisations that there are, and for each other one its own unit.

    `organisations`: MSP id → name in Chinese and English.
    """
    units: list[Unit] = []
    for msp, (zh, en) in organisations.items():
        known = [one for one in sample.units if one.organisation == msp]
        named = [replace(one, zh=zh, en=en) if one.parent is None else one for one in known]
        code = re.sub(r"[^a-z0-9-]", "-", msp.lower())[:32].lstrip("-") or "organisation"
        units += named or [Unit(str(uuid.uuid4()), code, ORGANISATION, msp, None, zh, en)]
    return UnitTree(tuple(units))
