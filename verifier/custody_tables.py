"""The tables of the workflow rules: states, steps between them, and who may not act twice.

The data is `data/custody.json`. Loading is strict, so that a slip in it stops every user of it at once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.canonical import Json
from verifier.catalogue import DATA, Words, catalogue
from verifier.custody_late import LateDays
from verifier.shape import CODE, Members, members

VERSION = "archive-ledger custody v1"
TWO_WEEKS = 14
UNCHANGED, AS_STATED = "unchanged", "as stated"
# Of people who brought a scan; the other marks are the events themselves.
SCAN = "scan"
_MEMBERS = (
    *("after_destruction", "answers", "apart", "approval", "blocked", "deed"),
    *("late_days", "renewals", "differ", "duties", "held", "not_by_answered", "temporary"),
)
_LISTS = ("on_list", "of_list", "held", "blocked", "after_destruction", "kept_here", "temporary")


@dataclass(frozen=True)
class Row:
    """`event` leads from one of the states `before` to `after`: a state, UNCHANGED, or AS_STATED by its claim
    `state` (unchanged without it). `basis`, `outcome`: the row is only for acts that have this one.
    `forget`: marks that the act takes away.
    """

    event: str
    before: frozenset[str]
    after: str
    basis: str | None
    outcome: str | None
    forget: frozenset[str]


@dataclass(frozen=True)
class Table:
    """`code`: the reason when an act has no row from the state that it finds. A record starts at `start`."""

    name: str
    words: Words
    code: str
    states: Mapping[str, Words]
    start: str
    rows: Mapping[str, tuple[Row, ...]]


Sets = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Tables:
    """`on_list`: acts on the very list that was frozen; `of_list`: those on one item of it. `apart`: event →
    marks whose bearers may not do it. `answers`: event → events of which it answers one on the same record;
    `not_by_answered`: never by the person answered. `deed`: side → its signatures. `asked`: acts that need an
    approval, `always`: on any basis, the others not on a `free` one; `hands_out`: of these duties one has who
    takes for a reader. `loan_days`: at most, from a loan or its renewal to the day due. `loans_at_once`:
    how many records one reader has on loan; a ledger asks it, no verifier can. `held`: none while a hold
    stands.
    `blocked`: none while what was received by mistake is dealt with.
    `differ`: event → the two fields that never say the same.
    `duties`: event, or event and basis → of these duties one; `temporary`: events for which a dated
    authorisation stands in the place of a duty; `old_register`: of these one, to enter what asks for a duty
    from an older register; `kept_here`: never taken from one.
    `late_days`: how long ago something may have happened that is not marked as entered late.
    `judged`: every event that some rule is about.
    """

    tables: tuple[Table, ...]
    on_list: frozenset[str]
    of_list: frozenset[str]
    apart: Sets
    answers: Sets
    not_by_answered: frozenset[str]
    deed: Sets
    asked: frozenset[str]
    always: frozenset[str]
    free: frozenset[str]
    hands_out: frozenset[str]
    renewals: int
    loan_days: int
    loans_at_once: int
    held: frozenset[str]
    blocked: frozenset[str]
    after_destruction: frozenset[str]
    late_days: LateDays
    differ: Sets
    duties: Sets
    temporary: frozenset[str]
    old_register: frozenset[str]
    kept_here: frozenset[str]
    judged: frozenset[str]

    @functools.cached_property
    def in_rows(self) -> frozenset[str]:
        return frozenset(event for table in self.tables for event in table.rows)

    @functools.cached_property
    def opening(self) -> frozenset[str]:
        """Events that break no rule if they are the first on a record, whatever they say."""
        first = {
            event
            for event in self.in_rows
            if all(
                any(one.start in row.before and row.basis is row.outcome is None for row in one.rows[event])
                for one in self.tables
                if event in one.rows
            )
        }
        asked = self.on_list | self.of_list | self.asked | self.held | self.apart.keys() | self.answers.keys()
        asked |= self.differ.keys()
        return frozenset(first - asked - self.asking_duty - {"stocktake"})

    def wanted(self, event: str, basis: str | None) -> frozenset[str]:
        """Of these duties one; none where no rule asks for any."""
        return self.duties.get(f"{event} {basis}") or self.duties.get(event, frozenset())

    @functools.cached_property
    def asking_duty(self) -> frozenset[str]:
        """Events that somebody must have a duty for."""
        return frozenset(name.partition(" ")[0] for name in self.duties)

    @functools.cached_property
    def remembered(self) -> frozenset[str]:
        """Events that leave something behind by which a later act is judged."""
        leaves = self.in_rows | {answered for named in self.answers.values() for answered in named}
        leaves |= {one.name for one in catalogue().events.values() if one.files in ("set", "add")}
        return leaves | {"access.approve", "access.refuse", "disposal.hold", "disposal.release"}


@functools.cache
def tables() -> Tables:
    """The packaged tables."""
    return read_tables((DATA / "custody.json").read_bytes())


def table(name: str) -> Table:
    return next(one for one in tables().tables if one.name == name)


def state_words(name: str, state: str) -> Words:
    return table(name).states[state]


def read_tables(data: bytes) -> Tables:
    """Raises EvidenceError (a shape's code) or ValueError if the data breaks the tables' own rules."""
    value: Json = json.loads(data)
    m = members(
        value,
        "custody",
        (
            "version",
            "tables",
            "on_list",
            "of_list",
            "loan_days",
            "loans_at_once",
            "kept_here",
            "temporary",
            "old_register",
            *_MEMBERS,
        ),
    )
    m.constant("version", VERSION)
    found = tuple(_table(v, at) for at, v in m.objects("tables", 100, 1))
    approval = m.child("approval", ("asked", "always", "free", "hands_out"))
    sets = {name: _sets(m, name) for name in ("answers", "apart", "deed", "differ", "duties")}
    lists = {name: _events(m, name) for name in _LISTS}
    asked, not_by = _events(approval, "asked"), _events(m, "not_by_answered")
    read = Tables(
        tables=found,
        on_list=lists["on_list"],
        of_list=lists["of_list"],
        apart=sets["apart"],
        answers=sets["answers"],
        not_by_answered=not_by,
        deed=sets["deed"],
        asked=asked,
        always=_events(approval, "always"),
        free=frozenset(approval.texts("free", CODE, 100, ordered=False)),
        hands_out=_events(approval, "hands_out"),
        renewals=m.integer("renewals", 0, 100),
        loan_days=m.integer("loan_days", 1, 3660),
        loans_at_once=m.integer("loans_at_once", 1, 10_000),
        held=lists["held"],
        blocked=lists["blocked"],
        after_destruction=lists["after_destruction"],
        late_days=_late_days(m),
        differ=sets["differ"],
        duties=sets["duties"],
        temporary=lists["temporary"],
        old_register=frozenset(m.texts("old_register", CODE, 100, ordered=False)),
        kept_here=lists["kept_here"],
        judged=frozenset().union(
            *(one.rows for one in found),
            sets["apart"],
            sets["answers"],
            sets["differ"],
            (name.partition(" ")[0] for name in sets["duties"]),
            asked,
            *lists.values(),
        )
        | {"disclosure.erase", "disposal.hold", "repair.digital"},
    )
    named = read.judged.union(*sets["answers"].values(), *sets["apart"].values()) - {SCAN}
    unknown = named - catalogue().events.keys()
    _require(not unknown, "custody", f"events of the catalogue, not {sorted(unknown)}")
    return read


def _table(value: Json, at: str) -> Table:
    m = members(value, at, ("name", "zh", "en", "code", "states", "rows"))
    words = Words(m.text("zh"), m.text("en"))
    at = f"custody.{m.text('name', CODE)}"
    raw = m.value["states"]
    if not isinstance(raw, dict) or not raw:
        raise ValueError(f"{at}.states: expected an object")
    states = {name: _words(v, f"{at}.states.{name}") for name, v in raw.items()}
    rows: dict[str, tuple[Row, ...]] = {}
    for place, v in m.objects("rows", 1000, 1):
        row = _row(v, place)
        _require(row.before <= states.keys(), place, "known states")
        _require(row.after in {*states, UNCHANGED, AS_STATED}, place, "a known state")
        rows[row.event] = (*rows.get(row.event, ()), row)
    return Table(m.text("name"), words, m.text("code"), MappingProxyType(states), next(iter(states)), rows)


def _row(value: Json, at: str) -> Row:
    m = members(value, at, ("event", "from", "to"), ("basis", "outcome", "forget"))
    return Row(
        event=m.text("event", CODE),
        before=frozenset(m.texts("from", CODE, 100, 1, ordered=False)),
        after=m.text("to"),
        basis=m.optional_text("basis"),
        outcome=m.optional_text("outcome"),
        forget=frozenset(m.texts("forget", CODE, 100, ordered=False)) if m.has("forget") else frozenset(),
    )


def _late_days(m: Members) -> LateDays:
    """Whatever is accepted unmarked may be recorded so, even after two weeks."""
    days = m.child("late_days", ("accepted", "recorded"))
    found = LateDays(days.integer("accepted", 1, 1000), days.integer("recorded", 1, 1000))
    _require(found.accepted > TWO_WEEKS, "custody.late_days.accepted", "more than two weeks")
    _require(found.recorded > found.accepted + TWO_WEEKS, "custody.late_days.recorded", "two weeks more")
    return found


def _words(value: Json, at: str) -> Words:
    m = members(value, at, ("zh", "en"))
    return Words(m.text("zh"), m.text("en"))


def _events(m: Members, name: str) -> frozenset[str]:
    return frozenset(m.texts(name, CODE, 100, 1, ordered=False))


def _sets(m: Members, name: str) -> Sets:
    raw = m.value[name]
    if not isinstance(raw, dict):
        raise ValueError(f"{m.at}.{name}: expected an object")
    child = m.child(name, tuple(raw))
    return MappingProxyType({key: _events(child, key) for key in raw})


def _require(holds: bool, at: str, rule: str) -> None:
    if not holds:
        raise ValueError(f"{at}: expected {rule}")
