"""The workflow rules at the door: an act that breaks one is refused by the fold that the verifier re-runs.

Only what a record's next act is judged by is read, and nothing of records that are new and begin as any may.
Statements are logged in the order of acceptance, so what is judged here is what a verifier will find.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ledger.duties_held import HeldNow, held_now, held_then
from ledger.examine import read_certificate
from ledger.examined import Examined
from ledger.handle import Ledger
from ledger.handling_shown import Key, with_kept, with_shown
from ledger.store.engine import reading
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, item, set_aside, statement
from ledger.unit_store import with_codes
from verifier.acts import Act, act_of
from verifier.custody import begun, fold
from verifier.custody_approval import counts_uses
from verifier.custody_people import FREEZE, by_village
from verifier.custody_tables import tables
from verifier.duties import Held
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import Statement, parse_statement
from verifier.tally import at_most

# So many items are judged before the write lock is taken; fewer take no time.
MANY = 500


@dataclass(frozen=True)
class Foreseen:
    """What was found before the write lock: of these statements, with everything up to id `as_of` kept,
    these set aside, and their signers having these duties."""

    statements: tuple[bytes, ...]
    found: tuple[tuple[Reason, ...], ...]
    records: frozenset[str]
    as_of: int
    aside: frozenset[int]
    held: HeldNow


def foresee(connection: Connection, examined: Sequence[Examined], now: str) -> Foreseen | None:
    """`handling_reasons`, asked beforehand where a list is long: to read and to judge the past of tens of
    thousands of records takes seconds, in which nobody else could write. None where it is short."""
    if sum(len(one.items) for one in examined) < MANY:
        return None
    # First of all: what is kept after this moment is seen to be.
    as_of, aside = _newest(connection), _aside(connection)
    held = held_now(connection, examined, as_of + 1, now)
    found = handling_reasons(connection, examined, held)
    return Foreseen(
        statements=tuple(one.sha256 for one in examined),
        found=tuple(tuple(reasons) for reasons in found),
        records=frozenset(_touched(examined)),
        as_of=as_of,
        aside=aside,
        held=held,
    )


def still_so(connection: Connection, examined: Sequence[Examined], held: HeldNow, foreseen: Foreseen) -> bool:
    """Under the write lock: whether nothing was done since with any of the records, and nobody of those who
    sign was appointed or released."""
    if tuple(one.sha256 for one in examined) != foreseen.statements or held != foreseen.held:
        return False
    if _aside(connection) != foreseen.aside:
        return False
    single = select(statement.c.record).where(statement.c.id > foreseen.as_of)
    listed = select(item.c.record).where(item.c.statement_id > foreseen.as_of)
    since = {*connection.execute(single).scalars(), *connection.execute(listed).scalars()}
    return since.isdisjoint(foreseen.records)


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(statement.c.id))).scalar() or 0


def _aside(connection: Connection) -> frozenset[int]:
    return frozenset(connection.execute(select(set_aside.c.statement_id)).scalars())


def handling_reasons(
    connection: Connection, examined: Sequence[Examined], held: HeldNow
) -> list[list[Reason]]:
    """Why each of these may not be done, judged one after the other; an empty list where it may.

    `held`: `ledger.duties_held.held_now`.
    To be asked under the write lock: what is read stays so until these are kept.
    """
    found: list[list[Reason]] = [[] for _ in examined]
    touched = _touched(examined)
    past = acts_before(connection, touched)
    parsed: dict[int, Statement] = {}
    held = {**_of_lists(connection, examined, touched, past), **held}

    def known(act: Act) -> frozenset[Held] | None:
        return held.get(act.statement.digests.sha256)

    for record, places in touched.items():
        if record not in past and len(places) == 1 and _begins(examined[places[0][0]]):
            continue
        acts = [_new_act(examined[place], place, number, parsed) for place, number in places]
        judged = fold([*past.get(record, ()), *acts], known)[-len(acts) :]
        for (place, number), one in zip(places, judged, strict=True):
            at = record if number == NO_ITEM else f"items[{number}] {record}"
            found[place] += [Reason(b.code, at, b.expected, b.found) for b in one.breaches]
    return [with_codes(connection, at_most(reasons)) for reasons in found]


def _of_lists(
    connection: Connection,
    examined: Sequence[Examined],
    touched: Mapping[str, list[Key]],
    past: Mapping[str, list[Act]],
) -> HeldNow:
    """What those who fixed the lists held on which somebody may act now for one village only."""
    acted_on = (
        record
        for record, places in touched.items()
        if any(by_village(_said(examined[place])[1]) for place, _ in places)
    )
    fixed = [
        act.statement for record in acted_on for act in past.get(record, ()) if act.statement.event == FREEZE
    ]
    return held_then(connection, fixed)


def _begins(one: Examined) -> bool:
    return _said(one)[1] in tables().opening


def _said(one: Examined) -> tuple[bytes, str, str | None]:
    """The statement's bytes, its event, its record."""
    _sha256, _sm3, _jti, data, _certificate, event, _iss, _agent, record, *_ = one.statement
    return data, event, record


def _touched(examined: Sequence[Examined]) -> dict[str, list[Key]]:
    """The records that some rule may be asked about: their acts as (place, item number), in order."""
    asked = tables().judged | tables().remembered
    found: dict[str, list[Key]] = {}
    for place, one in enumerate(examined):
        _, event, single = _said(one)
        if event not in asked:
            continue
        if single is not None:
            found.setdefault(single, []).append((place, NO_ITEM))
        for number, record, *_ in one.items:
            found.setdefault(record, []).append((place, number))
    return found


def _new_act(one: Examined, place: int, number: int, parsed: dict[int, Statement]) -> Act:
    if place not in parsed:
        parsed[place] = parse_statement(_said(one)[0])
    item_said = None if number == NO_ITEM else parse_item(one.items[number][2], number)
    act = act_of(parsed[place], item_said, read_certificate(one.certificate).role)
    return with_shown(act, one, number)


def acts_before(connection: Connection, records: Iterable[str]) -> dict[str, list[Act]]:
    """Of each record, the acts by which its next one is judged, in the order of acceptance.

    There may be many uses: they are read only where an approval counts them.
    """
    found = _acts_before(connection, records, tables().remembered)
    counted = [record for record, of in found.items() if counts_uses(of)]
    return found | _acts_before(connection, counted, tables().remembered | tables().asked)


def _acts_before(
    connection: Connection, records: Iterable[str], events: frozenset[str]
) -> dict[str, list[Act]]:
    aside = _aside(connection)
    keys: dict[str, list[Key]] = {}
    for some in portions(records):
        single = select(statement.c.record, statement.c.id).where(
            statement.c.record.in_(some), statement.c.event.in_(events)
        )
        for row in connection.execute(single):
            keys.setdefault(row.record, []).append((row.id, NO_ITEM))
        # Not joined: SQLite would begin with the statements of these events, and so read every item there is.
        listed = select(item.c.record, item.c.statement_id, item.c.number).where(item.c.record.in_(some))
        rows = connection.execute(listed).all()
        counted = _of(connection, {row.statement_id for row in rows}, events)
        for on_list in rows:
            if on_list.statement_id in counted:
                keys.setdefault(on_list.record, []).append((on_list.statement_id, on_list.number))
    kept = {record: sorted(key for key in of if key[0] not in aside) for record, of in keys.items()}
    statements = _statements(connection, {key for of in kept.values() for key, _ in of})
    items = _items(connection, {key for of in kept.values() for key in of if key[1] != NO_ITEM})
    acts = {key: _act(statements, items, key) for of in kept.values() for key in of}
    acts = with_kept(connection, acts)
    return {record: [acts[key] for key in of] for record, of in kept.items() if of}


def _of(connection: Connection, ids: Iterable[int], events: Collection[str]) -> frozenset[int]:
    """Those of these statements that are of such events."""
    found: set[int] = set()
    for some in portions(sorted(ids)):
        query = select(statement.c.id).where(statement.c.id.in_(some), statement.c.event.in_(events))
        found |= set(connection.execute(query).scalars())
    return frozenset(found)


def _act(statements: Mapping[int, Statement], items: Mapping[Key, bytes], key: Key) -> Act:
    if key[1] == NO_ITEM:
        return act_of(statements[key[0]])
    return act_of(statements[key[0]], parse_item(items[key], key[1]))


def _statements(connection: Connection, ids: Iterable[int]) -> dict[int, Statement]:
    found: dict[int, Statement] = {}
    for some in portions(sorted(ids)):
        rows = connection.execute(select(statement.c.id, statement.c.data).where(statement.c.id.in_(some)))
        found |= {row.id: parse_statement(row.data) for row in rows}
    return found


def _items(connection: Connection, keys: set[Key]) -> dict[Key, bytes]:
    """The bytes of these items."""
    wanted: dict[int, list[int]] = {}
    for key, number in keys:
        wanted.setdefault(key, []).append(number)
    found: dict[Key, bytes] = {}
    for key, numbers in wanted.items():
        for some in portions(sorted(numbers)):
            query = select(item.c.number, item.c.data).where(
                item.c.statement_id == key, item.c.number.in_(some)
            )
            found |= {(key, row.number): row.data for row in connection.execute(query)}
    return found


def handling_states(ledger: Ledger, records: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Of each record, (table, state) of every workflow that has begun, with what is not yet logged."""
    with reading(ledger.engine) as connection:
        past = acts_before(connection, records)
    return {record: begun(fold(past.get(record, ()))) for record in records}
