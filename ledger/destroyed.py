"""Records whose electronic copies were destroyed before a witness, and of which content that is the end.

By kept statements alone, so that whoever finds a file gone can say by which it went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, Table, exists, select

from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, disclosure, entry, item, link, set_aside, statement
from verifier.acts import Act, act_of
from verifier.catalogue import event
from verifier.custody_keeping import ELECTRONIC, WITNESS
from verifier.disclosure import FileDigests, parse_disclosure
from verifier.item import parse_item
from verifier.statement import Statement, parse_statement
from verifier.trail import trail

_HIDDEN = "file.%.digests"


@dataclass(frozen=True)
class Ended:
    """`statement`: SHA-256 of the last witness. `id`: its place; what came with a later one is not meant."""

    statement: bytes
    id: int


# By record.
EndedRecords: TypeAlias = Mapping[str, Ended]


def ended_records(connection: Connection) -> dict[str, Ended]:
    """Every record whose electronic copies were destroyed; what was set aside destroyed nothing."""
    query = select(statement.c.id, statement.c.sha256, statement.c.data, statement.c.item_count)
    query = query.where(statement.c.event == WITNESS, ~_aside()).order_by(statement.c.id)
    found: dict[str, Ended] = {}
    for row in connection.execute(query).all():
        for act in _acts(connection, row.id, parse_statement(row.data), row.item_count):
            if act.claims.outcome == ELECTRONIC and act.record is not None:
                found[act.record] = Ended(row.sha256, row.id)
    return found


def contents_ended(connection: Connection, ended: EndedRecords) -> dict[bytes, bytes]:
    """SHA-256 of each content that one of the records consisted of → the statement that ended it there.

    A digest that was a disclosure, and is erased, is not known any more.
    """
    found: dict[bytes, bytes] = {}
    for some in portions(ended):
        single = select(statement.c.id, statement.c.record, statement.c.data).where(
            statement.c.record.in_(some)
        )
        for row in connection.execute(single).all():
            act = act_of(parse_statement(row.data))
            _put(found, connection, ended[row.record], row.id, NO_ITEM, act)
        listed = (
            select(
                item.c.statement_id, item.c.number, item.c.record, item.c.data, statement.c.data.label("over")
            )
            .join(statement, statement.c.id == item.c.statement_id)
            .where(item.c.record.in_(some))
        )
        for part in connection.execute(listed).all():
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


def still_needed(connection: Connection, contents: Collection[bytes], ended: EndedRecords) -> set[bytes]:
    """Those of `contents` that some other record names, or the same one again after its end."""
    by_key = {bytes.fromhex(trail("content", one.hex()).key): one for one in contents}
    by_line = {f"content {key.hex()}": one for key, one in by_key.items()}
    needed: set[bytes] = set()
    for some in portions(by_key):
        for row in connection.execute(_logged(some)):
            if _needs(row.record or row.item_record, row.id, row.event, ended):
                needed.add(by_key[row.trail_key])
    for record, key, name, trails in _unlogged(connection):
        if _needs(record, key, name, ended):
            needed |= {by_line[line] for line in trails.split("\n") if line in by_line}
    for record, key, name, text in _hidden(connection):
        if _needs(record, key, name, ended):
            needed |= _content(text).intersection(contents)
    return needed


def _needs(record: str | None, key: int, name: str, ended: EndedRecords) -> bool:
    """Whether an act that names a content keeps it from being erased."""
    if record is None:
        return False
    end = ended.get(record)
    return end is None or (key > end.id and _brings(name))


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
    waiting = ~exists().where(entry.c.statement_id == statement.c.id)
    single = select(statement.c.record, statement.c.id, statement.c.event, statement.c.trails)
    for row in connection.execute(single.where(waiting)):
        yield row.record, row.id, row.event, row.trails
    listed = select(item.c.record, statement.c.id, statement.c.event, item.c.trails)
    listed = listed.join(statement, statement.c.id == item.c.statement_id).where(waiting)
    for row in connection.execute(listed):
        yield row.record, row.id, row.event, row.trails


def _hidden(connection: Connection) -> Iterator[tuple[str | None, int, str, str]]:
    """(record, id, event, disclosure) of every digest that is a disclosure: they are on no trail."""
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
        .where(disclosure.c.name.like(_HIDDEN))
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
