"""What of a record's past its next act is judged by. docs/formats.md section 17."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from verifier.acts import Act
from verifier.catalogue import event
from verifier.custody_tables import AS_STATED, SCAN, UNCHANGED, Row, Table, tables

OLD_REGISTER, DIGITISE = "old_register", "digitise"


@dataclass(frozen=True)
class Breach:
    """A rule that an act breaks; `code` is explained in `data/reasons.json`."""

    code: str
    expected: str = ""
    found: str = ""


@dataclass
class Frozen:
    """The list that the record stands on. `statements`: its freezing and what was done on it since."""

    id: str
    size: int
    iss: str
    statements: set[bytes]
    deed: dict[str, Act] = field(default_factory=dict)


@dataclass
class Application:
    """`opening`: the act that made it. `reader`: for whom, by number. `decision`: the act that refused it,
    or else approved it last. Of its approval: `until`, the day through which it holds, None for without end;
    `most`, how many uses it answers for, None for any; `used`, since it was given."""

    opening: Act
    reader: str
    statements: set[bytes]
    decision: Act | None = None
    approved: bool = False
    refused: bool = False
    until: str | None = None
    most: int | None = None
    used: int = 0


@dataclass
class Past:
    """`states`: table → state. `opened`: tables whose first state was ever left. `marks`: what was done, by
    whom. `acts`: by digest, those that may be answered. `holds`: digest → organisation. `version`: the
    highest so far. `units`: departments or villages that whoever fixed the list was appointed for, if for no
    more. `due`, `renewals`: of the loan. `carried_out`, `destroyed`: outcomes of
    destroy.carry_out, and those witnessed. `deposit`: the taking in that stands. `registered`: digests of
    acts taken from an older register.
    """

    states: dict[str, str] = field(default_factory=lambda: {one.name: one.start for one in tables().tables})
    opened: set[str] = field(default_factory=set)
    marks: dict[str, set[str]] = field(default_factory=dict)
    acts: dict[bytes, Act] = field(default_factory=dict)
    listing: Frozen | None = None
    frozen: set[str] = field(default_factory=set)
    applications: list[Application] = field(default_factory=list)
    holds: dict[bytes, str] = field(default_factory=dict)
    version: int = 0
    due: str | None = None
    renewals: int = 0
    carried_out: set[str] = field(default_factory=set)
    destroyed: set[str] = field(default_factory=set)
    deposit: Act | None = None
    registered: set[bytes] = field(default_factory=set)
    on_paper: bool = False
    electronic: bool = False
    units: frozenset[str] = frozenset()

    def answered(self, act: Act, events: Iterable[str] | None = None) -> list[Act]:
        """Acts on this record that `act` answers, of these events."""
        found = [self.acts[digest] for digest in act.claims.answers if digest in self.acts]
        return [one for one in found if events is None or one.statement.event in events]


def digest(act: Act) -> bytes:
    return act.statement.digests.sha256


def from_register(past: Past, act: Act) -> bool:
    """Whether the act is taken from an older register, and so need not have its predecessors here.

    Only what opens a table is believed so: once it is kept here, a step that happened is here. What decides
    upon an act that is here was decided here, too, and some acts are about nothing but what is kept here.
    """
    name = act.statement.event
    if act.claims.late != OLD_REGISTER or name in tables().kept_here:
        return False
    if past.answered(act, tables().answers.get(name, ())):
        return False
    known = any(one.name in past.opened for one in tables().tables if name in one.rows)
    return not known and not (name in tables().asked and past.applications)


def remember_register(past: Past, act: Act) -> None:
    """As it was judged: to be asked before anything else of the act is remembered."""
    if from_register(past, act):
        past.registered.add(digest(act))


def row_for(table: Table, state: str, act: Act) -> Row | None:
    """The row by which the act leaves `state`; None if it may not."""
    rows = fitting(table, act)
    return next((row for row in rows if state in row.before), None)


def row_after_all(table: Table, act: Act) -> Row | None:
    """Where an act leads that no row lets leave the state: to what it says was done."""
    rows = fitting(table, act) or table.rows[act.statement.event]
    return next((row for row in rows if row.after != UNCHANGED), None)


def fitting(table: Table, act: Act) -> tuple[Row, ...]:
    """The rows of the act's event that are for its basis and its outcome, whatever the state."""
    claims = act.claims
    return tuple(
        row
        for row in table.rows[act.statement.event]
        if row.basis in (None, claims.basis) and row.outcome in (None, claims.outcome)
    )


def move(past: Past, act: Act) -> None:
    """The states and marks after the act, whether it was right or not."""
    _mark(past, act)
    for table in tables().tables:
        if act.statement.event not in table.rows:
            continue
        state = past.states[table.name]
        row = row_for(table, state, act) or row_after_all(table, act)
        if row is None:
            continue
        past.states[table.name] = _after(table, row, state, act)
        if past.states[table.name] != state:
            past.opened.add(table.name)
        for mark in row.forget:
            past.marks.pop(mark, None)


def _after(table: Table, row: Row, state: str, act: Act) -> str:
    if row.after == AS_STATED:
        stated = act.claims.state
        return stated if stated is not None and stated in table.states else state
    return state if row.after == UNCHANGED else row.after


def _mark(past: Past, act: Act) -> None:
    name, agent = act.statement.event, act.statement.agent
    spec = event(name)
    files = act.claims.files if spec is not None and spec.files in ("set", "add") else ()
    if name == DIGITISE or any(file.copy == "scan" for file in files):
        past.marks.setdefault(SCAN, set()).add(agent)
    # Every carrying out says "destroyed", of whatever copies.
    stated = act.claims.state is not None and name != "destroy.carry_out"
    past.on_paper |= stated or any(file.carrier != "electronic" for file in files)
    past.electronic |= any(
        file.digests is not None or f"file.{number}.digests" in act.claims.fields
        for number, file in enumerate(files)
    )
    if any(name in marks for marks in tables().apart.values()):
        past.marks.setdefault(name, set()).add(agent)
    if spec is not None and spec.files in ("set", "add"):
        past.version = max(past.version, act.claims.version or 0)
    if name in tables().remembered:
        past.acts[digest(act)] = act
