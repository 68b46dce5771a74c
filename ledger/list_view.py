"""A list as it stands: what was fixed, what was done on it, where each item is, and what may come next.

A list is its signed statements and nothing else: all of this is read from them, by the fold that the ledger
refuses by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.list_turns import Turn, turns
from ledger.people_trails import acts_about
from ledger.query import record_row
from ledger.steps import StepView, steps
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, item, set_aside, statement
from ledger.unit_store import organisations_of
from verifier.acts import Act
from verifier.custody import Past, past_of
from verifier.custody_tables import tables
from verifier.duties import DutyAct, duties_at
from verifier.errors import CallerError
from verifier.people import DUTIES
from verifier.statement import parse_statement

FREEZE, ITEM_BACK, LIST_BACK = "list.freeze", ("item.return", "transfer.refuse"), "list.return"
# Of a list: gone on with; part of it sent back, the rest to go on under a new list; nothing of it left;
# sent back as a whole; at its end.
UNDER_WAY, DIVIDED, REPLACED, RETURNED = "under_way", "divided", "replaced", "returned"
FILED, TRANSFERRED = "filed", "transferred"
STATUSES = (UNDER_WAY, DIVIDED, REPLACED, RETURNED, FILED, TRANSFERRED)
_ENDS = {"review.final": FILED, "transfer.accept": TRANSFERRED, LIST_BACK: RETURNED}


@dataclass(frozen=True)
class SentBack:
    """An item's return or refusal: `statement` its SHA-256, hex."""

    statement: str
    event: str
    reason: str
    agent: str
    iss: str
    occurred_at: str


@dataclass(frozen=True)
class ListItem:
    """`number`: its place on the list. `state`: of the record in transfer review, now. `on_list`: whether the
    list is still the one it stands on. `sent_back`: from this list, None if it was not."""

    number: int
    record: str
    state: str
    on_list: bool
    sent_back: SentBack | None


@dataclass(frozen=True)
class Frozen:
    """What the list was fixed as; digests in hex. `iss`: in whose name. `units`: for which the clerk had
    duties then. `owner`: the organisation that these belong to, or else `iss`."""

    statement: str
    size: int
    sha256: str
    sm3: str
    agent: str
    iss: str
    occurred_at: str
    units: tuple[str, ...]
    owner: str


@dataclass(frozen=True)
class ListSummary:
    """`state`: of its items on it, in transfer review (`verifier/data/custody.json`); `status`: one of
    STATUSES. `last`: id of its newest statement. `deed`: role → the signature's statement. `done`: (event,
    agent) of each act on it. `next`: what may come next, by whom."""

    list_id: str
    last: int
    frozen: Frozen
    state: str
    status: str
    deed: Mapping[str, str]
    done: tuple[tuple[str, str], ...]
    next: tuple[Turn, ...]


@dataclass(frozen=True)
class ListView:
    """`steps`: acts on the list itself, in order. `barred`: who may do what no more, on some item of it:
    event → agents, as nobody acts on two steps."""

    summary: ListSummary
    steps: tuple[StepView, ...]
    items: tuple[ListItem, ...]
    barred: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Kept:
    """A statement on the list as it is kept."""

    id: int
    event: str
    agent: str
    data: bytes


def list_view(ledger: Ledger, list_id: str) -> ListView:
    """Raises CallerError LIST_UNKNOWN: there is none, or it was never fixed."""
    with reading(ledger.engine) as connection:
        kept = _statements(connection, list_id)
        if not kept:
            raise CallerError("LIST_UNKNOWN", list_id, FREEZE, "0")
        records = records_in(connection, kept[0].id)
        before = acts_before(connection, records)
        pasts = {record: past_of(before.get(record, ())) for record in records}
        items = tuple(
            _item(number, record, list_id, before.get(record, ()), pasts[record])
            for number, record in enumerate(records)
        )
        summary = _summary(connection, list_id, kept, items, pasts[records[0]])
        shown = steps(connection, [(one.id, NO_ITEM) for one in kept])
    return ListView(summary, shown, items, _barred(pasts.values()))


def summary_in(connection: Connection, list_id: str) -> ListSummary | None:
    """None if it was never fixed. Of a list that is at its end one item is looked at."""
    kept = _statements(connection, list_id)
    if not kept:
        return None
    records = records_in(connection, kept[0].id)
    if any(one.event in _ENDS for one in kept):
        records = records[:1]
    before = acts_before(connection, records)
    items = [
        _item(number, record, list_id, before.get(record, ()), past_of(before.get(record, ())))
        for number, record in enumerate(records)
    ]
    return _summary(connection, list_id, kept, items, past_of(before.get(records[0], ())))


def records_in(connection: Connection, key: int) -> tuple[str, ...]:
    """Of a list statement, in its order."""
    query = select(item.c.record).where(item.c.statement_id == key).order_by(item.c.number)
    return tuple(connection.execute(query).scalars())


def _statements(connection: Connection, list_id: str) -> list[_Kept]:
    """From its fixing on, without what was set aside."""
    aside = select(set_aside.c.statement_id)
    query = (
        select(statement.c.id, statement.c.event, statement.c.agent, statement.c.data)
        .where(statement.c.list_id == list_id, statement.c.id.not_in(aside))
        .order_by(statement.c.id)
    )
    kept = [_Kept(row.id, row.event, row.agent, row.data) for row in connection.execute(query)]
    return kept if kept and kept[0].event == FREEZE else []


def _item(number: int, record: str, list_id: str, acts: Iterable[Act], past: Past) -> ListItem:
    """`acts`: all on the record, in order."""
    current, back = "", None
    for act in acts:
        said = act.statement
        if said.event == FREEZE and said.list is not None:
            current = said.list.id
        elif said.event in (*ITEM_BACK, LIST_BACK) and current == list_id:
            occurred = act.claims.occurred_at or said.occurred_at
            digest, reason = said.digests.sha256.hex(), act.claims.reason or ""
            back = SentBack(digest, said.event, reason, said.agent, said.iss, occurred)
    on_list = past.listing is not None and past.listing.id == list_id and back is None
    return ListItem(number, record, past.states["transfer"], on_list, back)


def _summary(
    connection: Connection, list_id: str, kept: Sequence[_Kept], items: Sequence[ListItem], first: Past
) -> ListSummary:
    on_list = [one for one in items if one.on_list]
    status = next((_ENDS[one.event] for one in reversed(kept) if one.event in _ENDS), "")
    if not status:
        status = UNDER_WAY if len(on_list) == len(items) else DIVIDED if on_list else REPLACED
    state = (on_list or items)[0].state
    listing = first.listing if first.listing is not None and first.listing.id == list_id else None
    deed = {
        role: act.statement.digests.sha256.hex() for role, act in (listing.deed if listing else {}).items()
    }
    frozen = _frozen(connection, kept[0])
    return ListSummary(
        list_id=list_id,
        last=kept[-1].id,
        frozen=frozen,
        state=state,
        status=status,
        deed=deed,
        done=tuple((one.event, one.agent) for one in kept),
        next=turns(
            state, deed, going=status in (UNDER_WAY, FILED) and bool(listing), divided=status == DIVIDED
        ),
    )


def _frozen(connection: Connection, kept: _Kept) -> Frozen:
    said = parse_statement(kept.data)
    if said.list is None:
        raise CallerError("LIST_UNKNOWN", said.event)
    acts = acts_about(connection, DUTIES, [said.agent], kept.id)[said.agent]
    accepted = connection.execute(
        select(statement.c.accepted_at).where(statement.c.id == kept.id)
    ).scalar_one()
    held = duties_at((act for act in acts if isinstance(act, DutyAct)), kept.id, accepted)
    units = sorted({one.unit for one in held if one.unit is not None and one.iss == said.iss})
    owners = organisations_of(connection, units)
    return Frozen(
        statement=said.digests.sha256.hex(),
        size=said.list.size,
        sha256=said.list.roots.sha256.hex(),
        sm3=said.list.roots.sm3.hex(),
        agent=said.agent,
        iss=said.iss,
        occurred_at=said.occurred_at,
        units=tuple(units),
        # A village archivist whom the county archive certified signs in its name, for a township's village.
        owner=said.iss if said.iss in owners or not owners else min(owners),
    )


def _barred(pasts: Iterable[Past]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    apart = {name: marks for name, marks in tables().apart.items() if name in tables().on_list}
    for past in pasts:
        for name, marks in apart.items():
            for mark in marks:
                found.setdefault(name, set()).update(past.marks.get(mark, ()))
    return {name: frozenset(agents) for name, agents in found.items()}


def described(ledger: Ledger, records: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Number (档号) and title of each record, as last disclosed."""
    with reading(ledger.engine) as connection:
        rows = {record: record_row(connection, record) for record in records}
    return {record: (row.number, row.title) for record, row in rows.items()}
