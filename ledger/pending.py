"""Choosing what the next batch holds: pending statements in the order of acceptance, up to the cap."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select

from ledger.batch import (
    FRAME_OCTETS,
    LINK_OCTETS,
    MAX_BATCH,
    MAX_LINKS,
    certificate_octets,
    statement_octets,
)
from ledger.people_trails import Unsettled
from ledger.store.rows import AnyRow
from ledger.store.tables import certificate, entry, item, set_aside, statement
from verifier.canonical import base64url_bytes
from verifier.certificate import Signer, check_validity, read_signer
from verifier.digests import Digests, sha256, sm3
from verifier.errors import EvidenceError, LedgerError, found_text
from verifier.people import TRAIL_OF
from verifier.trail import trail_key

_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class PendingItem:
    """`trails`: as in the table, "<kind> <key>" a line."""

    number: int
    digests: Digests
    trails: tuple[str, ...]


@dataclass(frozen=True)
class PendingStatement:
    """`recorded_at` is what it will bear if it is sealed now."""

    id: int
    digests: Digests
    recorded_at: str
    trails: tuple[str, ...]
    items: tuple[PendingItem, ...]

    @property
    def links(self) -> int:
        return len(self.trails) + sum(len(item.trails) for item in self.items)


@dataclass(frozen=True)
class Picked:
    """`aside`: ids and codes of statements that can never be logged any more."""

    statements: tuple[PendingStatement, ...]
    aside: tuple[tuple[int, str], ...]


def pick(connection: Connection, not_before: str | None, now: str) -> Picked:
    """What the next batch holds. `not_before`: the earliest `recorded_at` it may bear; `now`: an instant.

    What was accepted while the clock was ahead is recorded now: no organisation signs a time to come.
    A statement whose signer's certificate is no longer in date at its `recorded_at` would have the
    organisations refuse the whole batch, now and for ever: it is named in `aside` instead. So is what rests
    on an enrolment that was set aside.

    What was accepted is read again and must be what was accepted: organisations refuse anything else, and
    what is sealed stays sealed. Raises LedgerError, alarms all: STATEMENT_DIGEST, ITEM_DIGEST, LIST_SIZE,
    CERTIFICATE_DIGEST, CERTIFICATE_MISSING, STORE_COLUMN (trails that do not follow from the bytes).
    """
    chosen: list[PendingStatement] = []
    aside: list[tuple[int, str]] = []
    signers: dict[bytes, Signer] = {}
    unsettled = Unsettled(connection)
    octets, links, latest = FRAME_OCTETS, 0, not_before or ""
    for row in _waiting(connection):
        recorded_at = max(min(row.accepted_at, now), latest)
        known = signers.get(row.certificate) or _signer(row)
        try:
            check_validity(known, recorded_at)
            unsettled.check(row, known)
        except EvidenceError as error:
            aside.append((row.id, error.code))
            unsettled.lose(row.id)
            continue
        _check_statement(row)
        items, leaves = _items(connection, row) if row.item_count else ((), ())
        pending = PendingStatement(
            row.id, Digests(row.sha256, row.sm3), recorded_at, _lines(row.trails), items
        )
        octets += statement_octets(row.data, leaves) + LINK_OCTETS * pending.links
        octets += 0 if row.certificate in signers else certificate_octets(row.der)
        links += pending.links
        # Acceptance has refused whatever would not fit a batch of its own.
        if chosen and (octets > MAX_BATCH or links > MAX_LINKS):
            break
        signers[row.certificate] = known
        latest = recorded_at
        chosen.append(pending)
    return Picked(tuple(chosen), tuple(aside))


def keep_aside(connection: Connection, aside: tuple[tuple[int, str], ...], now: str) -> None:
    if aside:
        rows = [{"statement_id": key, "code": code, "at": now} for key, code in aside]
        connection.execute(insert(set_aside), rows)


def waiting(connection: Connection) -> ColumnElement[bool]:
    """The condition under which a row of `statement` is pending.

    Statements are logged in the order of their ids, so those above the last one logged are pending, but
    for those set aside.
    """
    last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
    return and_(statement.c.id > last, ~exists().where(set_aside.c.statement_id == statement.c.id))


def _waiting(connection: Connection) -> Iterator[AnyRow]:
    query = (
        select(
            statement.c.id,
            statement.c.sha256,
            statement.c.sm3,
            statement.c.data,
            statement.c.certificate,
            statement.c.agent,
            statement.c.iss,
            statement.c.item_count,
            statement.c.trails,
            statement.c.accepted_at,
            certificate.c.der,
        )
        .join(certificate, certificate.c.sha256 == statement.c.certificate, isouter=True)
        .where(waiting(connection))
        .order_by(statement.c.id)
    )
    # Of the query alone: as the connection's it would be every later statement's too.
    yield from connection.execute(query.execution_options(yield_per=1000))


def _items(connection: Connection, of: AnyRow) -> tuple[tuple[PendingItem, ...], tuple[bytes, ...]]:
    rows = connection.execute(
        select(item.c.number, item.c.sha256, item.c.sm3, item.c.trails, item.c.data)
        .where(item.c.statement_id == of.id)
        .order_by(item.c.number)
    ).all()
    if [row.number for row in rows] != list(range(of.item_count)):
        raise LedgerError("LIST_SIZE", of.sha256.hex(), str(of.item_count), str(len(rows)))
    return tuple(_item(of, *row) for row in rows), tuple(row.data for row in rows)


def _signer(row: AnyRow) -> Signer:
    """Raises LedgerError CERTIFICATE_MISSING, CERTIFICATE_DIGEST."""
    if row.der is None:
        raise LedgerError("CERTIFICATE_MISSING", row.sha256.hex(), row.certificate.hex(), "none")
    if sha256(row.der) != row.certificate:
        raise LedgerError(
            "CERTIFICATE_DIGEST", row.sha256.hex(), row.certificate.hex(), sha256(row.der).hex()
        )
    return read_signer(row.der)


def _check_statement(row: AnyRow) -> None:
    if (sha256(row.data), sm3(row.data)) != (row.sha256, row.sm3):
        found = sha256(row.data).hex()
        raise LedgerError("STATEMENT_DIGEST", row.sha256.hex(), row.sha256.hex(), found)
    payload = _read(base64url_bytes(row.data.split(b".")[1].decode(), "payload"))
    listed = payload["list"]["id"] if "list" in payload else None
    about = TRAIL_OF.get(payload["event"])
    person = (about, payload["subject"]) if about else ("", None)
    derived = _derived(payload, ("agent", payload["agent"]), ("list", listed), person)
    if row.trails != derived:
        raise LedgerError("STORE_COLUMN", f"{row.sha256.hex()} trails", derived, found_text(row.trails))


def _derived(claims: Mapping[str, Any], *own: tuple[str, str | None]) -> str:
    """The trails of a statement or item, as the table has them.

    Its octets are those that were read strictly when they were accepted, so here only what trails are made
    of is taken; a test holds this to `verifier.trail`.
    """
    subjects = {*own, ("record", claims.get("record"))}
    for file in claims.get("files", ()):
        subjects.add(("content", file.get("sha256")))
    # No kind is the beginning of another, so the lines are sorted as the trails are.
    lines = [f"{kind} {trail_key(kind, subject)}" for kind, subject in subjects if subject is not None]
    return "\n".join(sorted(lines))


def _item(of: AnyRow, number: int, in_sha256: bytes, in_sm3: bytes, trails: str, data: bytes) -> PendingItem:
    if (sha256(data), sm3(data)) != (in_sha256, in_sm3):
        raise LedgerError("ITEM_DIGEST", f"{of.sha256.hex()} {number}", in_sha256.hex(), sha256(data).hex())
    derived = _derived(_read(data))
    if trails != derived:
        raise LedgerError("STORE_COLUMN", f"{of.sha256.hex()} {number} trails", derived, found_text(trails))
    return PendingItem(number, Digests(in_sha256, in_sm3), _lines(trails))


def _read(data: bytes) -> Any:
    return _DECODER.raw_decode(data.decode())[0]


def _lines(trails: str) -> tuple[str, ...]:
    return tuple(trails.split("\n"))
