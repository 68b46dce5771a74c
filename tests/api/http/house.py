"""A service that really listens, on an office whose certificates are real and whose chain does not run."""

from __future__ import annotations

import datetime
import json
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from sqlalchemy import func, select

from api.client import Client, tls_context
from api.http.limits import Limits
from api.http.service import Service
from api.http.serving import listen, served
from api.service_key import service_key
from ledger.handle import Ledger, open_ledger
from ledger.keys import SigningKey
from ledger.query import statement_by_digest
from ledger.steps import StepView
from ledger.store.engine import reading
from ledger.store.tables import disclosure, statement
from tests.api.http.captured import log_captured
from tests.people import ARCHIVE, AUDIT, JUSTICE, PASSPHRASE, TOWN, certified, enrol_all
from verifier.certificate import read_signer
from verifier.statement import parse_statement

__all__ = ["ARCHIVE", "AUDIT", "JUSTICE", "PASSPHRASE", "TOWN"]
RECORD = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"
TITLE = {"title": "张三户土地承包户档", "number": "QC03-ZY·TD-021", "agent_name": "王五"}


class Denied(NamedTuple):
    """`detail`: codes and operation; `subject`: who was refused, where that is known."""

    detail: str
    reason: str
    subject: str | None


@dataclass(frozen=True)
class House:
    """`ca`: data folder of the network whose CAs certify people."""

    service: Service
    ca: Path

    @property
    def url(self) -> str:
        return self.service.url

    @property
    def ledger(self) -> Ledger:
        return self.service.ledger

    def person(
        self, msp: str = TOWN, role: str = "person", days: int = 365, duties: Sequence[str] | None = None
    ) -> SigningKey:
        """Enrolled, and appointed to the usual duties or to these."""
        return new_person(self.ledger, self.ca, msp, role, days, duties)

    def client(self, msp: str = TOWN, role: str = "person", duties: Sequence[str] | None = None) -> Client:
        return Client(self.url, self.person(msp, role, duties=duties))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, timeout=600, verify=tls_context(), **more)

    def stated(self, event: str, after: int = 0) -> list[StepView]:
        """What was accepted of this event, in order, without the first `after`."""
        with reading(self.ledger.engine) as connection:
            query = select(statement.c.sha256).where(statement.c.event == event).order_by(statement.c.id)
            digests = connection.execute(query.offset(after).limit(1000)).scalars().all()
        return [statement_by_digest(self.ledger, digest).step for digest in digests]

    def denied(self, after: int = 0) -> list[Denied]:
        """Refusals that the service stated, in order, without the first `after`."""
        with reading(self.ledger.engine) as connection:
            query = (
                select(statement.c.data, disclosure.c.value)
                .join(disclosure, disclosure.c.statement_id == statement.c.id)
                .where(statement.c.event == "session.denied", disclosure.c.name == "detail")
                .order_by(statement.c.id)
                .offset(after)
            )
            rows = [(parse_statement(row.data), row.value) for row in connection.execute(query)]
        assert {said.agent for said, _ in rows} <= {self.service.key.agent}
        return [Denied(detail, said.claims.reason or "", said.subject) for said, detail in rows]

    def count(self, event: str) -> int:
        with reading(self.ledger.engine) as connection:
            query = select(func.count()).select_from(statement).where(statement.c.event == event)
            return connection.execute(query).scalar_one()


def new_person(
    ledger: Ledger,
    ca: Path,
    msp: str,
    role: str = "person",
    days: int = 365,
    duties: Sequence[str] | None = None,
) -> SigningKey:
    """Registrars need no enrolment, and only people have duties."""
    key = certified(ledger.paths.home, ca, msp, f"某人{uuid.uuid4().hex[:4]}", role, days)
    if role != "registrar":
        enrol_all(ledger, ca, [key], duties if role == "person" else ())
    return key


@contextmanager
def open_house(home: Path, ca: Path, limits: Limits | None = None) -> Iterator[House]:
    """On a free port, until the block is left."""
    ledger = open_ledger(home)
    listening = listen("127.0.0.1", 0)
    service = Service(ledger, service_key(ledger, home, ca), listening.url, home, limits=limits or Limits())
    try:
        with log_captured(), served(service, listening, threading.Event()):
            yield House(service, ca)
    finally:
        ledger.close()


@dataclass
class Ahead:
    """A clock that can be set ahead of the true one."""

    by: datetime.timedelta = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC) + self.by


def receive(record: str = RECORD, **changes: Any) -> dict[str, Any]:
    """An act that the catalogue admits."""
    fields = TITLE if record == RECORD else {**TITLE, "number": record}
    act = {
        "event": "receive",
        "occurred_at": "2026-01-08",
        "late": "offline",
        "record": record,
        "fields": dict(fields),
    }
    return {**act, **changes}


def problem_of(answer: httpx.Response, status: int, code: str) -> Mapping[str, Any]:
    """The problem document, which every refusal must be."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = json.loads(answer.text)
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), answer.text
    for name in ("type", "title", "detail", "title_zh", "title_en", "remedy_zh", "remedy_en", "request"):
        assert problem[name], name
    assert "Traceback" not in answer.text
    return problem


def with_limits(house: House, **changes: Any) -> Limits:
    return replace(house.service.limits, **changes)


def approved(reader: Client, approver: Client, record: str = RECORD) -> list[str]:
    """An application to use the record, and its approval: what a use then answers."""
    when = {"occurred_at": "2026-01-09", "late": "offline", "record": record}
    fields = {"purpose": "土地纠纷调解", "reader_name": "李四", "agent_name": "周九"}
    asked = reader.act(event="access.apply", basis="mediation", fields=fields, **when)["statement"]
    agreed = {"outcome": "granted", "answers": [asked], "fields": {"agent_name": "郑"}}
    return [asked, approver.act(event="access.approve", **agreed, **when)["statement"]]


def appoint(house: House, person: Client, duty: str) -> None:
    _about(house, "appoint", person, duty, {"detail": "聘任"})


def release(house: House, person: Client, duty: str) -> None:
    _about(house, "release", person, duty, {})


def revoke(house: House, person: Client) -> None:
    """By two organisations' registrars."""
    key = read_signer(person.key.certificate_der).key_sha256.hex()
    with house.client(person.key.iss, "registrar") as own, house.client(ARCHIVE, "registrar") as other:
        said = {"subject": person.key.agent, "key": key, "fields": {"agent_name": "登记员"}}
        said |= {"event": "key.revoke", "occurred_at": "2026-01-08", "late": "offline", "reason": "left_post"}
        first = own.act(**said)["statement"]
        other.act(answers=[first], **said)


def _about(house: House, event: str, person: Client, duty: str, fields: dict[str, str]) -> None:
    with house.client(person.key.iss, "registrar") as registrar:
        _state_duty(registrar, event, person, duty, fields)


def appoint_at(registrar: Client, person: Client, duty: str) -> None:
    _state_duty(registrar, "appoint", person, duty, {"detail": "聘任"})


def _state_duty(registrar: Client, event: str, person: Client, duty: str, fields: dict[str, str]) -> None:
    registrar.act(
        event=event,
        occurred_at="2026-01-08",
        late="offline",
        subject=person.key.agent,
        duty=duty,
        fields={"agent_name": "登记员", **fields},
    )
