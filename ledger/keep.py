"""Writing accepted statements, with their certificates, items and disclosures, into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, func, insert, select

from ledger.examine import Opened
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, certificate, disclosure, item, statement
from verifier.disclosure import Disclosure
from verifier.trail import Trail

_LOOKED_UP = 200  # characters; longer texts are not searched for

_Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """What the ledger promised for a statement. `receipt`: a signed note."""

    accepted_at: str
    due: str
    receipt: str


def keep(connection: Connection, accepted: Sequence[tuple[Opened, Kept]]) -> None:
    """In this order; the connection must hold the write lock."""
    if not accepted:
        return
    # Under the write lock, so that ids become visible in their order: sealing relies on it.
    first = (connection.execute(select(func.max(statement.c.id))).scalar() or 0) + 1
    numbered = [(first + n, opened, kept) for n, (opened, kept) in enumerate(accepted)]
    _keep_certificates(connection, [opened for opened, _ in accepted])
    connection.execute(insert(statement), [_statement(*one) for one in numbered])
    items = [row for key, opened, _ in numbered for row in _items(key, opened)]
    if items:
        connection.execute(insert(item), items)
    shown = [row for key, opened, _ in numbered for row in _disclosures(key, opened)]
    if shown:
        connection.execute(insert(disclosure), shown)


def trail_lines(trails: Iterable[Trail]) -> str:
    """As the column `trails` holds them."""
    return "\n".join(f"{trail.kind} {trail.key}" for trail in trails)


def looked_up(shown: Disclosure) -> str | None:
    """As the column `value` holds it: a short text, None for anything else."""
    return shown.value if isinstance(shown.value, str) and len(shown.value) <= _LOOKED_UP else None


def _keep_certificates(connection: Connection, opened: Iterable[Opened]) -> None:
    given = {one.signer.sha256: one.signer.der for one in opened}
    for some in portions(list(given)):
        known = connection.execute(select(certificate.c.sha256).where(certificate.c.sha256.in_(some)))
        for digest in known.scalars():
            del given[digest]
    if given:
        rows = [{"sha256": digest, "der": der} for digest, der in given.items()]
        connection.execute(insert(certificate), rows)


def _statement(key: int, opened: Opened, kept: Kept) -> _Row:
    s = opened.statement
    return {
        "id": key,
        "sha256": s.digests.sha256,
        "sm3": s.digests.sm3,
        "jti": s.jti,
        "data": s.data,
        "certificate": s.certificate_sha256,
        "event": s.event,
        "iss": s.iss,
        "agent": s.agent,
        "record": s.record,
        "list_id": s.list.id if s.list else None,
        "item_count": len(opened.items),
        "trails": trail_lines(opened.trails),
        "accepted_at": kept.accepted_at,
        "due": kept.due,
        "receipt": kept.receipt,
    }


def _items(key: int, opened: Opened) -> Iterator[_Row]:
    for part in opened.items:
        yield {
            "statement_id": key,
            "number": part.item.number,
            "record": part.item.record,
            "data": part.item.data,
            "sha256": part.item.digests.sha256,
            "sm3": part.item.digests.sm3,
            "trails": trail_lines(part.trails),
        }


def _disclosures(key: int, opened: Opened) -> Iterator[_Row]:
    yield from (_disclosure(key, NO_ITEM, shown) for shown in opened.disclosures)
    for part in opened.items:
        yield from (_disclosure(key, part.item.number, shown) for shown in part.disclosures)


def _disclosure(key: int, number: int, shown: Disclosure) -> _Row:
    value = shown.value if isinstance(shown.value, str) and len(shown.value) <= _LOOKED_UP else None
    return {
        "statement_id": key,
        "item_number": number,
        "name": shown.name,
        "text": shown.text,
        "value": value,
    }
