"""Alerts as the log has them, and whether each was handled.

An alert is a statement of the service, so whoever has the database cannot make it go away unseen. It stays
open until somebody who then held the duty of a security administrator, and whom it is not about, signed that
it was handled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, select

from ledger.audit_right import SECURITY_ADMIN, held_at
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, disclosure, statement
from ledger.unusual_rules import WORDS
from verifier.canonical import parse
from verifier.catalogue import code_words
from verifier.disclosure import parse_disclosure
from verifier.errors import CallerError, EvidenceError
from verifier.shape import HEX32, UUID, members
from verifier.statement import Statement, parse_statement

RAISE, HANDLE = "alert.raise", "alert.handle"
VERSION = "archive-ledger alert v1"
# Of an alert whose own words were taken away: it is still one.
UNKNOWN = "unknown"
# So many digits name an alert, if no other begins with them.
PREFIX = re.compile(r"^[0-9a-f]{8,64}\Z")
_NAMED = 20


@dataclass(frozen=True)
class HandledBy:
    """`counts`: whether who signed it was one to do so."""

    statement: str
    agent: str
    iss: str
    outcome: str
    at: str
    counts: bool


@dataclass(frozen=True)
class Alert:
    """`statement`: SHA-256, hex. `first`, `last`: ids of the first and the last use. `named`: digests."""

    statement: str
    rule: str
    agent: str
    at: str
    begins: str
    ends: str
    uses: int
    records: int
    first: int
    last: int
    named: frozenset[bytes]
    handled: tuple[HandledBy, ...]

    @property
    def is_open(self) -> bool:
        return not any(one.counts for one in self.handled)


@dataclass(frozen=True)
class Handling:
    """What an export says of an act: which rule, and how it was handled."""

    words: str
    handled: str


@dataclass
class AlertBook:
    """Every alert there is, read once."""

    connection: Connection
    alerts: tuple[Alert, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.alerts = tuple(all_alerts(self.connection))

    def marks(self, digest: bytes, key: int, agent: str) -> tuple[Handling, ...]:
        """Of an act: by its digest, or, where an alert has too many to name, by its place and person."""
        found = []
        for alert in self.alerts:
            unnamed = alert.uses > len(alert.named) and alert.agent == agent
            if digest in alert.named or (unnamed and alert.first <= key <= alert.last):
                done = next((one for one in alert.handled if one.counts), None)
                words = code_words("outcome", done.outcome) if done else None
                handled = f"{done.agent} {words.zh if words else done.outcome}" if done else ""
                found.append(Handling(rule_words(alert.rule)[0], handled))
        return tuple(found)


def alerts(ledger: Ledger) -> tuple[Alert, ...]:
    """The newest first."""
    with reading(ledger.engine) as connection:
        return tuple(reversed(AlertBook(connection).alerts))


def find_alert(ledger: Ledger, prefix: str) -> Alert:
    """By its digest in hex, or as many digits of it as are its alone.

    Raises CallerError ALERT_UNKNOWN, ALERT_SEVERAL.
    """
    known = alerts(ledger) if PREFIX.match(prefix.lower()) else ()
    found = [one for one in known if one.statement.startswith(prefix.lower())]
    if not found:
        raise CallerError("ALERT_UNKNOWN", prefix)
    if len(found) > 1:
        raise CallerError("ALERT_SEVERAL", prefix, found="\n".join(one.statement for one in found[:_NAMED]))
    return found[0]


def all_alerts(connection: Connection) -> Iterator[Alert]:
    """In the order in which they were raised. What does not say what an alert says is none."""
    handled = _handlings(connection)
    query = select(statement.c.id, statement.c.data, statement.c.accepted_at, disclosure.c.text)
    own = and_(
        disclosure.c.statement_id == statement.c.id,
        disclosure.c.item_number == NO_ITEM,
        disclosure.c.name == "criteria",
    )
    query = query.outerjoin(disclosure, own).where(statement.c.event == RAISE)
    for row in connection.execute(query.order_by(statement.c.id)).all():
        said = parse_statement(row.data)
        done = handled.get(said.digests.sha256, [])
        try:
            yield _alert(connection, said, row.accepted_at, row.text or "", done)
        except (EvidenceError, CallerError):
            yield _bare(connection, said, row.accepted_at, done)


def _alert(
    connection: Connection, said: Statement, at: str, text: str, handled: Sequence[tuple[int, Statement, str]]
) -> Alert:
    value = parse_disclosure(text).value
    if not isinstance(value, str):
        raise CallerError("ALERT_UNKNOWN", "criteria")
    names = ("agent", "begins", "ends", "first", "last", "records", "rule", "uses", "version")
    m = members(parse(value.encode(), "criteria"), "criteria", names)
    m.constant("version", VERSION)
    agent, rule = m.text("agent", UUID), m.one_of("rule", WORDS)
    first, last = (_id_of(connection, bytes.fromhex(m.text(name, HEX32))) for name in ("first", "last"))
    return Alert(
        statement=said.digests.sha256.hex(),
        rule=rule,
        agent=agent,
        at=at,
        begins=m.text("begins"),
        ends=m.text("ends"),
        uses=m.integer("uses", 1),
        records=m.integer("records"),
        first=first,
        last=last,
        named=frozenset(said.claims.answers),
        handled=tuple(_handled(connection, agent, *one) for one in handled),
    )


def _bare(
    connection: Connection, said: Statement, at: str, handled: Sequence[tuple[int, Statement, str]]
) -> Alert:
    """By what stands in clear alone. It covers nothing, so the same uses are raised again."""
    agent, named = said.subject or "", frozenset(said.claims.answers)
    return Alert(
        statement=said.digests.sha256.hex(),
        rule=UNKNOWN,
        agent=agent,
        at=at,
        begins="",
        ends="",
        uses=len(named),
        records=0,
        first=-1,
        last=-1,
        named=named,
        handled=tuple(_handled(connection, agent, *one) for one in handled),
    )


def _id_of(connection: Connection, digest: bytes) -> int:
    found = connection.execute(select(statement.c.id).where(statement.c.sha256 == digest)).scalar()
    if found is None:
        raise CallerError("ALERT_UNKNOWN", digest.hex())
    return int(found)


def _handlings(connection: Connection) -> dict[bytes, list[tuple[int, Statement, str]]]:
    found: dict[bytes, list[tuple[int, Statement, str]]] = {}
    query = select(statement.c.id, statement.c.data, statement.c.accepted_at)
    for row in connection.execute(query.where(statement.c.event == HANDLE).order_by(statement.c.id)).all():
        said = parse_statement(row.data)
        for answered in said.claims.answers:
            found.setdefault(answered, []).append((row.id, said, row.accepted_at))
    return found


def _handled(connection: Connection, about: str, key: int, said: Statement, at: str) -> HandledBy:
    held = held_at(connection, said.agent, said.iss, key, at)
    return HandledBy(
        statement=said.digests.sha256.hex(),
        agent=said.agent,
        iss=said.iss,
        outcome=said.claims.outcome or "",
        at=at,
        counts=SECURITY_ADMIN in held and said.agent != about,
    )


def rule_words(rule: str) -> tuple[str, str]:
    return WORDS.get(rule, ("规则已隐去", "its rule is withheld"))
