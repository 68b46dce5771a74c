"""What an audit asks for: the filter that stands, as canonical JSON, in the signed statement of the inquiry.

It is read from the statement again for every page, so no page can show more than what was signed for.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from verifier.canonical import Json, encode, parse
from verifier.catalogue import catalogue
from verifier.errors import CallerError, EvidenceError
from verifier.shape import CODE, MSP_ID, UUID, members

VERSION = "archive-ledger audit filter v1"
# The field of the statement that bears it.
CRITERIA = "criteria"
# Which acts: what was done; what was not provided or not let through; both.
ALL, GIVEN, REFUSED = "all", "given", "refused"
OUTCOMES = (ALL, GIVEN, REFUSED)
# By when the ledger took the act in, or by when it is said to have happened.
RECORDED, OCCURRED = "recorded", "occurred"
CLOCKS = (RECORDED, OCCURRED)
# Where no kind of use is named: every use, and who looked into uses.
_USES = ("access", "query.audit", "export", "session.denied")
_MOST_TEXT = 200
# Whose midnights in Beijing, and the next one, are instants.
_FIRST, _LAST = "0001-01-02", "9999-12-30"
_OPTIONAL = ("clock", "from", "kinds", "name", "organisation", "outcome", "person", "purpose", "record", "to")


@dataclass(frozen=True)
class AuditFilter:
    """`person`: uuid of who signed, in whose session it was done, or for or about whom (`subject`).
    `name`: of the reader, proxy or signer, as disclosed, whatever its blanks and width. `first`, `last`:
    Beijing days, both included. `purpose`: part of the disclosed purpose. `organisation`: MSP id of the
    signer's, or the disclosed name of the reader's. `kinds`: events, or groups of events. Every member that
    is given must hold.
    """

    person: str | None = None
    name: str | None = None
    record: str | None = None
    organisation: str | None = None
    purpose: str | None = None
    first: str | None = None
    last: str | None = None
    clock: str = RECORDED
    outcome: str = ALL
    kinds: tuple[str, ...] = ()

    @property
    def events(self) -> frozenset[str]:
        """The events of `kinds`, those of named groups among them."""
        named = self.kinds or _USES
        known = catalogue().events.values()
        return frozenset(one.name for one in known if one.name in named or one.group in named)


def filter_text(asked: AuditFilter) -> str:
    """The canonical JSON of it."""
    value: dict[str, Json | None] = {
        "from": asked.first,
        "kinds": [*sorted(set(asked.kinds))] or None,
        "name": asked.name,
        "organisation": asked.organisation,
        "person": asked.person,
        "purpose": asked.purpose,
        "record": asked.record,
        "to": asked.last,
        "clock": asked.clock if asked.clock != RECORDED else None,
        "outcome": asked.outcome if asked.outcome != ALL else None,
        "version": VERSION,
    }
    return encode({name: one for name, one in value.items() if one is not None}).decode()


def read_filter(text: str) -> AuditFilter:
    """Raises CallerError AUDIT_FILTER, naming the member that is wrong and what it may be."""
    try:
        return _read(text)
    except EvidenceError as error:
        raise CallerError("AUDIT_FILTER", error.at, error.expected, error.found) from error


def _read(text: str) -> AuditFilter:
    m = members(parse(text.encode(), CRITERIA), CRITERIA, ("version",), _OPTIONAL)
    m.constant("version", VERSION)
    for name in ("name", "organisation", "purpose"):
        if m.has(name) and not 0 < len(m.text(name)) <= _MOST_TEXT:
            raise EvidenceError("SHAPE_VALUE", f"{CRITERIA}.{name}", f"1…{_MOST_TEXT} characters")
    kinds = m.texts("kinds", CODE, 100, 1) if m.has("kinds") else ()
    known = catalogue().events.keys() | catalogue().groups.keys()
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise EvidenceError("SHAPE_VALUE", f"{CRITERIA}.kinds", "events or groups", " ".join(unknown))
    found = AuditFilter(
        person=m.optional_text("person", UUID),
        name=m.optional_text("name"),
        record=m.optional_text("record", UUID),
        organisation=m.optional_text("organisation"),
        purpose=m.optional_text("purpose"),
        first=_day(m.optional_text("from"), "from"),
        last=_day(m.optional_text("to"), "to"),
        clock=m.one_of("clock", CLOCKS) if m.has("clock") else RECORDED,
        outcome=m.one_of("outcome", OUTCOMES) if m.has("outcome") else ALL,
        kinds=kinds,
    )
    if found.first and found.last and found.first > found.last:
        raise EvidenceError("SHAPE_VALUE", f"{CRITERIA}.to", f"≥ {found.first}", found.last)
    if filter_text(found) != text:
        raise EvidenceError("SHAPE_VALUE", CRITERIA, filter_text(found), "not canonical")
    return found


def _day(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    try:
        if datetime.date.fromisoformat(text).isoformat() == text and _FIRST <= text <= _LAST:
            return text
    except ValueError:
        pass
    expected = f"YYYY-MM-DD, {_FIRST} … {_LAST}"
    raise EvidenceError("SHAPE_VALUE", f"{CRITERIA}.{name}", expected, text[:40])


def is_organisation(text: str) -> bool:
    return bool(MSP_ID.match(text))


_LABELS = {
    "record": ("档案编号", "record"),
    "person": ("人员编号", "person"),
    "name": ("姓名", "name"),
    "organisation": ("单位", "organisation"),
    "purpose": ("利用目的含", "purpose contains"),
    "first": ("自", "from"),
    "last": ("至", "to"),
}
_OUTCOME_WORDS = {
    ALL: ("全部(含不予提供、拒绝)", "all, refused ones included"),
    GIVEN: ("已办理的", "those carried out"),
    REFUSED: ("不予提供和拒绝的", "those refused"),
}


def filter_words(asked: AuditFilter) -> tuple[str, str]:
    """The filter in Chinese and English, every member of it."""
    zh, en = [], []
    for name, labels in _LABELS.items():
        value = getattr(asked, name)
        if value is not None:
            zh.append(f"{labels[0]} {value}")
            en.append(f"{labels[1]} {value}")
    known = catalogue()
    for kind in asked.kinds:
        words = known.groups.get(kind) or known.events[kind].words
        zh.append(f"方式 {words.zh}")
        en.append(f"kind {words.en}")
    zh.append(f"结果 {_OUTCOME_WORDS[asked.outcome][0]}")
    en.append(f"outcome {_OUTCOME_WORDS[asked.outcome][1]}")
    if asked.first or asked.last:
        zh.append("按发生时间" if asked.clock == OCCURRED else "按接收时间")
        en.append("by when it happened" if asked.clock == OCCURRED else "by when it was taken in")
    return ";".join(zh), "; ".join(en)
