"""The event catalogue: which events there are, and what a statement of each must and may say.

The data is `data/events.json`; nothing about an event is decided in code. Loading is strict, so that a slip
in the data stops every user of it at once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from verifier.canonical import Json
from verifier.disclosure import file_field
from verifier.shape import CODE, FIELD, Members, members

DATA = Path(__file__).parent / "data"
VERSION = "archive-ledger events v1"

SCOPES = ("required", "optional", "none")
# set: these are now the record's complete files, a version. add: to those it has. refer: names some it has.
# An event of mode set or add that names no file leaves the record's files as they are.
FILE_MODES = ("none", "set", "add", "refer")
# Whether the claim `pages` counts the record's pages or only those of this act.
PAGES = ("record", "act")
KINDS = ("any", "archive", "audit", "justice", "township")
SENSITIVITIES = ("open", "internal", "personal", "sensitive")
CODE_CLAIMS = ("basis", "late", "outcome", "reason", "state")
CLAIMS = frozenset(CODE_CLAIMS) | (
    {"answers", "compromised_since", "due", "duty", "erased", "files"}
    | {"key", "pages", "subject", "unit", "uses", "version"}
)
ROLES = ("person", "registrar", "service")
_PARTS = ("required", "optional")


@dataclass(frozen=True)
class Words:
    zh: str
    en: str


@dataclass(frozen=True)
class FieldSpec:
    """A disclosure's name in words; `sensitivity` is one of SENSITIVITIES."""

    name: str
    words: Words
    sensitivity: str


@dataclass(frozen=True)
class EventSpec:
    """What the catalogue rules on one event.

    `record`, `list`: one of SCOPES. `codes`: the values allowed for each code claim that may be there.
    `by`: kinds of organisation whose statement it may be. `premis`: term of the PREMIS eventType vocabulary,
    None where none fits, and then `premis_note` says why.
    """

    name: str
    group: str
    words: Words
    record: str
    list: str
    files: str
    rejects: bool
    pages: str | None
    required_claims: frozenset[str]
    optional_claims: frozenset[str]
    required_fields: frozenset[str]
    optional_fields: frozenset[str]
    codes: Mapping[str, frozenset[str]]
    by: frozenset[str]
    roles: frozenset[str]
    premis: str | None
    premis_note: str

    @functools.cached_property
    def claims(self) -> frozenset[str]:
        return self.required_claims | self.optional_claims

    @functools.cached_property
    def fields(self) -> frozenset[str]:
        return self.required_fields | self.optional_fields


@dataclass(frozen=True)
class Catalogue:
    """`codes`: claim → code → words. `reason_sets`: the tables of reasons, each in its order.

    `person_fields` are asked of every statement that a person (not a service) signs.
    """

    groups: Mapping[str, Words]
    codes: Mapping[str, Mapping[str, Words]]
    reason_sets: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, FieldSpec]
    field_sets: Mapping[str, frozenset[str]]
    person_fields: frozenset[str]
    events: Mapping[str, EventSpec]


@functools.cache
def catalogue() -> Catalogue:
    """The packaged catalogue."""
    return read_catalogue((DATA / "events.json").read_bytes())


def event(name: str) -> EventSpec | None:
    return catalogue().events.get(name)


def code_words(claim: str, code: str) -> Words | None:
    """The words of a code of `basis`, `late`, `outcome`, `reason` or `state`."""
    return catalogue().codes.get(claim, {}).get(code)


def field_words(name: str) -> Words | None:
    """The words of a disclosure's name; those of `file.<n>.…` say which file, counted from 1."""
    place = file_field(name)
    if place is None:
        found = catalogue().fields.get(name)
        return found.words if found else None
    words = catalogue().fields[f"file.{place[1]}"].words
    return Words(f"第{place[0] + 1}个文件的{words.zh}", f"{words.en} of file {place[0] + 1}")


def catalogue_name(name: str) -> str:
    """The field catalogue's name of a disclosure: `file.3.name` stands there as `file.name`."""
    place = file_field(name)
    return f"file.{place[1]}" if place else name


def read_catalogue(data: bytes) -> Catalogue:
    """Raises EvidenceError (a shape's code) or ValueError if the data breaks the catalogue's own rules."""
    value: Json = json.loads(data)
    m = members(
        value,
        "events",
        ("version", "person_fields", "groups", "codes", "reason_sets", "fields", "field_sets", "events"),
    )
    m.constant("version", VERSION)
    groups = {name: _words(v, at) for name, at, v in _named(m, "groups")}
    codes = {
        claim: MappingProxyType({code: _words(v, at) for code, at, v in _named(_object(table, place), "")})
        for claim, place, table in _named(m, "codes")
    }
    _require(set(codes) == set(CODE_CLAIMS), "events.codes", "a table for each code claim")
    sets = {name: _strings(v, at) for name, at, v in _named(m, "reason_sets")}
    for name, listed in sets.items():
        _require(set(listed) <= codes["reason"].keys(), f"reason_sets.{name}", "known reasons")
    fields = {name: _field(name, v, at) for name, at, v in _named(m, "fields")}
    field_sets = {name: frozenset(_strings(v, at)) for name, at, v in _named(m, "field_sets")}
    for name, members_of_set in field_sets.items():
        _require(members_of_set <= fields.keys(), f"field_sets.{name}", "known fields")
    person_fields = frozenset(_strings(m.value["person_fields"], "person_fields"))
    _require(person_fields <= fields.keys(), "person_fields", "known fields")
    known = Catalogue(groups, codes, sets, fields, field_sets, person_fields, {})
    events: dict[str, EventSpec] = {}
    for at, v in m.objects("events", 1000, 1):
        spec = _event(v, at, known)
        _require(spec.name not in events, at, f"one event {spec.name}")
        events[spec.name] = spec
    return Catalogue(
        MappingProxyType(groups),
        MappingProxyType(codes),
        MappingProxyType(sets),
        MappingProxyType(fields),
        MappingProxyType(field_sets),
        person_fields,
        MappingProxyType(events),
    )


def _event(value: Json, at: str, known: Catalogue) -> EventSpec:
    required = ("name", "group", "zh", "en", "record", "list", "files", "rejects", "claims", "fields")
    m = members(value, at, (*required, "codes", "by", "roles", "premis"), ("pages", "premis_note"))
    name = m.text("name", CODE)
    at = f"events.{name}"
    claims, fields = (m.child(part, _PARTS) for part in ("claims", "fields"))
    need, may = (frozenset(_strings(claims.value[k], f"{at}.claims")) for k in ("required", "optional"))
    need_fields, may_fields = (
        _fields(fields.value[k], f"{at}.fields", known) for k in ("required", "optional")
    )
    codes = {claim: _codes(_strings(v, place), claim, place, known) for claim, place, v in _named(m, "codes")}
    codes["late"] = frozenset(known.codes["late"])
    premis: object = m.value["premis"]
    note = m.optional_text("premis_note") or ""
    rejects = m.value["rejects"]
    if not isinstance(rejects, bool):
        raise ValueError(f"{at}.rejects: expected true or false")
    spec = EventSpec(
        name=name,
        group=m.one_of("group", known.groups),
        words=Words(m.text("zh"), m.text("en")),
        record=m.one_of("record", SCOPES),
        list=m.one_of("list", SCOPES),
        files=m.one_of("files", FILE_MODES),
        rejects=rejects,
        pages=m.one_of("pages", PAGES) if m.has("pages") else None,
        required_claims=need,
        optional_claims=may,
        required_fields=need_fields,
        optional_fields=may_fields - need_fields,
        codes=MappingProxyType(codes),
        by=frozenset(_strings(m.value["by"], f"{at}.by")),
        roles=frozenset(_strings(m.value["roles"], f"{at}.roles")),
        premis=premis if isinstance(premis, str) else None,
        premis_note=note,
    )
    _require(spec.claims <= CLAIMS and not need & may, f"{at}.claims", "known claims, each once")
    _require(set(codes) == spec.claims & set(CODE_CLAIMS), f"{at}.codes", "codes for its code claims")
    _require((spec.files != "none") == ("files" in spec.claims), f"{at}.files", "a mode if it has files")
    _require((spec.pages is not None) == ("pages" in spec.claims), f"{at}.pages", "a meaning if it has pages")
    _require(bool(spec.by) and spec.by <= set(KINDS), f"{at}.by", "known kinds")
    _require(bool(spec.roles) and spec.roles <= set(ROLES), f"{at}.roles", "known roles")
    _require(bool(spec.premis) or bool(note), f"{at}.premis", "a term, or a note why there is none")
    return spec


def _codes(listed: tuple[str, ...], claim: str, at: str, known: Catalogue) -> frozenset[str]:
    out: set[str] = set()
    for code in listed:
        out.update(known.reason_sets[code[1:]] if code.startswith("@") else (code,))
    _require(bool(out) and out <= known.codes[claim].keys(), at, "known codes")
    return frozenset(out)


def _fields(value: Json, at: str, known: Catalogue) -> frozenset[str]:
    out: set[str] = set()
    for name in _strings(value, at):
        out.update(known.field_sets[name[1:]] if name.startswith("@") else (name,))
    _require(out <= known.fields.keys(), at, "known fields")
    return frozenset(out)


def _field(name: str, value: Json, at: str) -> FieldSpec:
    _require(bool(FIELD.match(name)), at, "a field name")
    m = members(value, at, ("zh", "en", "sensitivity"))
    return FieldSpec(name, Words(m.text("zh"), m.text("en")), m.one_of("sensitivity", SENSITIVITIES))


def _words(value: Json, at: str) -> Words:
    m = members(value, at, ("zh", "en"))
    return Words(m.text("zh"), m.text("en"))


def _object(value: Json, at: str) -> Members:
    if not isinstance(value, dict):
        raise ValueError(f"{at}: expected an object")
    return Members({"": value}, at)


def _named(m: Members, name: str) -> list[tuple[str, str, Json]]:
    """(member, its place, its value) of the object `name` of `m`, in order."""
    table = m.value[name]
    if not isinstance(table, dict):
        raise ValueError(f"{m.at}.{name}: expected an object")
    return [(key, f"{m.at}.{name}.{key}", value) for key, value in table.items()]


def _strings(value: Json, at: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{at}: expected an array")
    texts = tuple(text for text in value if isinstance(text, str))
    _require(len(texts) == len(value) and len(set(texts)) == len(texts), at, "strings, no repeats")
    return texts


def _require(holds: bool, at: str, rule: str) -> None:
    if not holds:
        raise ValueError(f"{at}: expected {rule}")
