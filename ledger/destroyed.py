"""Records whose electronic copies were destroyed before a witness, and of which content that is the end.

By kept statements alone, so that whoever finds a file gone can say by which it went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Select, Table, exists, func, or_, select

from ledger.store.portions import portions
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, disclosure, entry, item, link, set_aside, statement
from ledger.store.text_range import beginning_with
from verifier.acts import Act, act_of
from verifier.catalogue import catalogue, event
from verifier.custody_keeping import ELECTRONIC, WITNESS
from verifier.disclosure import FileDigests, parse_disclosure
from verifier.item import parse_item
from verifier.statement import Statement, parse_statement
from verifier.trail import trail

_HIDDEN = "file.%.digests"
_BRINGING = tuple(sorted(one.name for one in catalogue().events.values() if one.files in ("set", "add")))


@dataclass(frozen=True)
class Ended:
    """`statement`: SHA-256 of the last witness. `id`: its place; what came with a later one is not meant."""

    statement: bytes
    id: int


# By record.
EndedRecords: TypeAlias = Mapping[str, Ended]


def ended_records(connection: Connection, records: Iterable[str] | None = None) -> dict[str, Ended]:
    """Of these records, of all that there are where it is None, those whose electronic copies were destroyed;
    what was set aside destroyed nothing."""
    found: dict[str, Ended] = {}
    for row, act in sorted(_witnessed(connection, records), key=lambda one: one[0].id):
        if act.claims.outcome == ELECTRONIC and act.record is not None:
            found[act.record] = Ended(row.sha256, row.id)
    return found


def _witnessed(connection: Connection, records: Iterable[str] | None) -> Iterator[tuple[AnyRow, Act]]:
    witnesses = select(statement.c.id, statement.c.sha256, statement.c.data, statement.c.item_count)
    witnesses = witnesses.where(statement.c.event == WITNESS, ~_aside())
    if records is None:
        for row in connection.execute(witnesses).all():
            yield from (
                (row, act) for act in _acts(connection, row.id, parse_statement(row.data), row.item_count)
            )
        return
    # Not joined: SQLite would begin with the statements of this event, and so read every one there is.
    parts: dict[int, list[AnyRow]] = {}
    for some in portions(sorted(set(records))):
        single = select(statement.c.id).where(statement.c.record.in_(some))
        parts |= {key: [] for key in connection.execute(single).scalars()}
        listed = select(item.c.statement_id, item.c.number, item.c.data).where(item.c.record.in_(some))
        for part in connection.execute(listed):
            parts.setdefault(part.statement_id, []).append(part)
    for ids in portions(sorted(parts)):
        for row in connection.execute(witnesses.where(statement.c.id.in_(ids))).all():
            said = parse_statement(row.data)
            for part in parts[row.id]:
                yield row, act_of(said, parse_item(part.data, part.number))
            if not parts[row.id]:
                yield row, act_of(said)


def contents_ended(connection: Connection, ended: EndedRecords) -> dict[bytes, bytes]:
    """SHA-256 of each content that one of the records consisted of → the statement that ended it there.

    A digest that was a disclosure, and is erased, is not known any more.
    """
    found: dict[bytes, bytes] = {}
    for some in portions(ended):
        single = select(statement.c.id, statement.c.record, statement.c.data).where(
            statement.c.record.in_(some), statement.c.event.in_(_BRINGING)
        )
        for row in connection.execute(single).all():
            act = act_of(parse_statement(row.data))
            _put(found, connection, ended[row.record], row.id, NO_ITEM, act)
        listed = (
            select(
                *(item.c.statement_id, item.c.number, item.c.record, item.c.data, statement.c.event),
                statement.c.data.label("over"),
            )
            .join(statement, statement.c.id == item.c.statement_id)
            .where(item.c.record.in_(some))
        )
        for part in connection.execute(listed).all():
            if not _brings(part.event):
                continue
            act = act_of(parse_statement(part.over), parse_item(part.data, part.number))
            _put(found, connection, ended[part.record], part.statement_id, part.number, act)
    return found


def _put(
    found: dict[bytes, bytes], connection: Connection, end: Ended, key: int, number: int, act: Act
) -> None:
    if key > end.id or not _brings(act.statement.event):
        return
    for sha256 in (one.digests.sha256 for one in act.claims.files if one.digests is not None):
        found[sha256] = end.statement
    if any(name.endswith(".digests") for name in act.claims.fields):
        query = select(disclosure.c.text).where(
            disclosure.c.statement_id == key,
            disclosure.c.item_number == number,
            disclosure.c.name.like(_HIDDEN),
        )
        for text in connection.execute(query).scalars():
            found |= {sha256: end.statement for sha256 in _content(text)}


def still_needed(connection: Connection, contents: Collection[bytes]) -> set[bytes]:
    """Those of `contents` that some record names which has not ended, or which names it again after its
    end."""
    namings = [one for one in _namings(connection, contents) if one.record is not None]
    ended = ended_records(connection, {one.record for one in namings if one.record is not None})
    return {sha256 for one in namings if _needs(one, ended) for sha256 in one.contents}


def records_naming(connection: Connection, content: bytes) -> set[str]:
    """Those of which some act names the content, in clear or in a disclosure that is kept."""
    return {one.record for one in _namings(connection, [content]) if one.record is not None}


class _Naming(NamedTuple):
    """An act that names some of the contents asked for. `id`: of its statement."""

    record: str | None
    id: int
    event: str
    contents: frozenset[bytes]


def _namings(connection: Connection, contents: Collection[bytes]) -> Iterator[_Naming]:
    by_key = {bytes.fromhex(trail("content", one.hex()).key): one for one in contents}
    by_line = {f"content {key.hex()}": one for key, one in by_key.items()}
    for some in portions(by_key):
        for row in connection.execute(_logged(some)):
            named = frozenset([by_key[row.trail_key]])
            yield _Naming(row.record or row.item_record, row.id, row.event, named)
    for record, key, name, trails in _unlogged(connection):
        lines = frozenset(by_line[line] for line in trails.split("\n") if line in by_line)
        if lines:
            yield _Naming(record, key, name, lines)
    for record, key, name, text in _hidden(connection):
        shown = _content(text).intersection(contents)
        if shown:
            yield _Naming(record, key, name, frozenset(shown))


def _needs(one: _Naming, ended: EndedRecords) -> bool:
    """Whether an act that names a content keeps it from being erased."""
    end = ended.get(one.record or "")
    return end is None or (one.id > end.id and _brings(one.event))


def _brings(name: str) -> bool:
    spec = event(name)
    return spec is not None and spec.files in ("set", "add")


def _logged(keys: list[bytes]) -> Select[Any]:
    return (
        select(
            link.c.trail_key,
            statement.c.id,
            statement.c.event,
            statement.c.record,
            item.c.record.label("item_record"),
        )
        .select_from(link)
        .join(entry, entry.c.idx == link.c.idx)
        .join(statement, statement.c.id == entry.c.statement_id)
        .join(item, _item_of(entry), isouter=True)
        .where(link.c.trail_key.in_(keys))
    )


def _item_of(rows: Table) -> Any:
    """The item that a row of `rows` is about; none for a single statement's."""
    return (item.c.statement_id == rows.c.statement_id) & (item.c.number == rows.c.item_number)


def _unlogged(connection: Connection) -> Iterator[tuple[str | None, int, str, str]]:
    """(record, id, event, trails) of what is in no batch yet, set aside or not: it may still be logged."""
    # Statements are logged in the order of their ids.
    last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
    aside = connection.execute(select(set_aside.c.statement_id)).scalars().all()
    waiting = or_(statement.c.id > last, statement.c.id.in_(aside))
    single = select(statement.c.record, statement.c.id, statement.c.event, statement.c.trails)
    for row in connection.execute(single.where(waiting)):
        yield row.record, row.id, row.event, row.trails
    listed = select(item.c.record, statement.c.id, statement.c.event, item.c.trails)
    listed = listed.join(statement, statement.c.id == item.c.statement_id).where(waiting)
    for row in connection.execute(listed):
        yield row.record, row.id, row.event, row.trails


def _hidden(connection: Connection) -> Iterator[tuple[str | None, int, str, str]]:
    """(record, id, event, disclosure) of every digest that is a disclosure: they are on no trail, and nothing
    can look them up."""
    query = (
        select(
            statement.c.record,
            item.c.record.label("item_record"),
            statement.c.id,
            statement.c.event,
            disclosure.c.text,
        )
        .join(statement, statement.c.id == disclosure.c.statement_id)
        .join(item, _item_of(disclosure), isouter=True)
        .where(beginning_with(disclosure.c.name, "file."), disclosure.c.name.like(_HIDDEN))
    )
    for row in connection.execute(query):
        yield row.record or row.item_record, row.id, row.event, row.text


def _content(text: str) -> set[bytes]:
    value = parse_disclosure(text).value
    return {value.digests.sha256} if isinstance(value, FileDigests) else set()


def _acts(connection: Connection, key: int, said: Statement, items: int) -> Iterable[Act]:
    if not items:
        return [act_of(said)]
    rows = connection.execute(select(item.c.number, item.c.data).where(item.c.statement_id == key)).all()
    return [act_of(said, parse_item(row.data, row.number)) for row in rows]


def _aside() -> Any:
    return exists().where(set_aside.c.statement_id == statement.c.id)
