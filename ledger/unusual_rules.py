"""When a use counts as unusual: thresholds as data, in Beijing time.

The packaged ones hold until a security administrator signs others (`alert.rule`): nobody changes them in
silence, and what they were on a day can be told years later.
"""

from __future__ import annotations

import datetime
import functools
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from ledger.audit_right import SECURITY_ADMIN, held_at
from ledger.store.tables import NO_ITEM, disclosure, set_aside, statement
from verifier.canonical import encode, parse
from verifier.clock import BEIJING
from verifier.disclosure import parse_disclosure
from verifier.errors import CallerError, EvidenceError
from verifier.shape import members
from verifier.statement import parse_statement

VERSION = "archive-ledger alert rules v1"
RULE = "alert.rule"
MANY, AFTER_HOURS, OFF_DUTY = "many", "after_hours", "off_duty"
WORDS = {
    MANY: ("短时间大量利用", "many records in a short time"),
    AFTER_HOURS: ("非工作时间利用", "after hours"),
    OFF_DUTY: ("职务之外", "outside duty"),
}
_DATA = Path(__file__).parent / "data" / "unusual.json"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_WEEK = re.compile(r"[1-7]{0,7}\Z")
_LIMITS = {
    _CLOCK.pattern: "a time of day, 00:00 to 23:59",
    _WEEK.pattern: "days of the week by their numbers, 1 to 7",
}


@dataclass(frozen=True)
class UnusualRules:
    """`records` different ones within `minutes` are many. `opens`, `closes`: HH:MM, on `weekdays`, 1 Monday.

    `set_by`: SHA-256, hex, of the statement that set them; empty for the packaged ones.
    """

    records: int
    minutes: int
    opens: str
    closes: str
    weekdays: str
    off_duty: bool
    set_by: str = ""

    def is_open(self, when: datetime.datetime) -> bool:
        """Whether the office is open at an aware time."""
        local = when.astimezone(BEIJING)
        return str(local.isoweekday()) in self.weekdays and self.opens <= f"{local:%H:%M}" < self.closes


@functools.cache
def packaged_rules() -> UnusualRules:
    return read_rules(encode(parse(_canonical(_DATA.read_bytes()), "rules")).decode())


def _canonical(data: bytes) -> bytes:
    import json

    return encode(json.loads(data))


def read_rules(text: str, set_by: str = "") -> UnusualRules:
    """Of canonical JSON. Raises CallerError ALERT_RULES, naming the member and its limits."""
    try:
        m = members(parse(text.encode(), "rules"), "rules", ("hours", "many", "off_duty", "version"))
        m.constant("version", VERSION)
        many, hours = m.child("many", ("minutes", "records")), m.child("hours", ("from", "to", "weekdays"))
        off_duty: object = m.value["off_duty"]
        if not isinstance(off_duty, bool):
            raise EvidenceError("SHAPE_TYPE", "rules.off_duty", "true or false")
        found = UnusualRules(
            records=many.integer("records", 2, 10_000),
            minutes=many.integer("minutes", 1, 7 * 24 * 60),
            opens=hours.text("from", _CLOCK),
            closes=hours.text("to", _CLOCK),
            weekdays=hours.text("weekdays", _WEEK),
            off_duty=off_duty,
            set_by=set_by,
        )
    except EvidenceError as error:
        expected = _LIMITS.get(error.expected, error.expected)
        raise CallerError("ALERT_RULES", error.at, expected, error.found) from error
    if found.opens >= found.closes:
        raise CallerError("ALERT_RULES", "rules.hours.to", f"> {found.opens}", found.closes)
    return found


def rules_text(rules: UnusualRules) -> str:
    """The canonical JSON of them."""
    return encode(
        {
            "hours": {"from": rules.opens, "to": rules.closes, "weekdays": rules.weekdays},
            "many": {"minutes": rules.minutes, "records": rules.records},
            "off_duty": rules.off_duty,
            "version": VERSION,
        }
    ).decode()


def rules_in_force(connection: Connection) -> UnusualRules:
    """The newest that a security administrator signed, with the duty held then; else the packaged ones."""
    query = select(statement.c.id, statement.c.data, statement.c.accepted_at).where(statement.c.event == RULE)
    aside = select(set_aside.c.statement_id)
    for row in connection.execute(query.where(statement.c.id.not_in(aside)).order_by(statement.c.id.desc())):
        said = parse_statement(row.data)
        if SECURITY_ADMIN not in held_at(connection, said.agent, said.iss, row.id, row.accepted_at):
            continue
        criteria = select(disclosure.c.text).where(
            disclosure.c.statement_id == row.id,
            disclosure.c.item_number == NO_ITEM,
            disclosure.c.name == "criteria",
        )
        text = connection.execute(criteria).scalar()
        value = parse_disclosure(text).value if text is not None else None
        if isinstance(value, str):
            try:
                return read_rules(value, said.digests.sha256.hex())
            except CallerError:
                # What nobody can read sets nothing.
                continue
    return packaged_rules()
