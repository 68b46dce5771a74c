"""Inquiries on both databases: asked, read, exported, sealed, released."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pytest

from ledger.accept import Accepted, SubmissionsRefusedError
from ledger.audit_envelope import open_envelope
from ledger.audit_export import ExportWords, export
from ledger.audit_filter import AuditFilter, filter_text
from ledger.audit_inquiry import asked_by, check_may_read, find_inquiry
from ledger.audit_page import inquiries, read_page
from ledger.audit_sealed import envelope_for, release, submit_certified
from ledger.evidence import EvidenceFile
from ledger.keys import SigningKey
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.submission import Submission
from tests.ledger.ledger_world import AUDIT, ORIGIN, RECORD, World, make_world, new_uuid
from verifier.certificate import read_signer
from verifier.disclosure import parse_disclosure
from verifier.errors import CallerError

pytestmark = pytest.mark.usefixtures("database")
_READER = {"reader_name": "李四", "purpose": "地界调解", "agent_name": "周九"}


@dataclass(frozen=True)
class Office:
    world: World
    one: SigningKey
    two: SigningKey

    def act(self, key: SigningKey, event: str, **said: object) -> bytes:
        draft = replace(Draft(event, "2026-01-09"), **said)  # type: ignore[arg-type]  # of Draft
        return self.world.accept([sign_statement(key, ORIGIN, draft)])[0].statement

    def take(self, submission: Submission) -> Accepted:
        return self.world.accept([submission])[0]

    def inquiry(self, key: SigningKey, asked: AuditFilter, event: str = "query.audit") -> Submission:
        said = {"criteria": filter_text(asked), "purpose": "专项审计", "agent_name": "吴十"}
        return sign_statement(
            key, ORIGIN, Draft(event, "2026-01-12", record=new_uuid(), basis="audit", fields=said)
        )

    def second(self, key: SigningKey, first: Submission, statement: bytes, number: str) -> Submission:
        texts = [one for one in first.disclosures if parse_disclosure(one).name in ("criteria", "purpose")]
        event = find_inquiry(self.world.ledger, statement).parsed.event
        draft = Draft(event, "2026-01-12", record=number, basis="audit", answers=(statement,))
        draft = replace(draft, disclosures=texts, fields={"agent_name": "郭十四"})
        return sign_statement(key, ORIGIN, draft)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A record used on approval, and an attempt that was refused."""
    world = make_world(tmp_path)
    one, two = world.person(AUDIT), world.person(AUDIT)
    made, clerk = Office(world, one, two), world.person()
    registrar = world.person(AUDIT, "registrar")
    for key in (one, two):
        made.act(registrar, "appoint", subject=key.agent, duty="auditor", fields={"agent_name": "登记员"})
    world.accept([world.receive(clerk, RECORD)])
    apply = made.act(clerk, "access.apply", record=RECORD, basis="mediation", fields=_READER)
    approved = made.act(
        world.person(),
        "access.approve",
        record=RECORD,
        outcome="granted",
        answers=(apply,),
        fields={"agent_name": "赵六"},
    )
    for _ in range(2):
        said = {"record": RECORD, "basis": "mediation", "answers": (approved,), "fields": _READER}
        made.act(clerk, "access.view", **said)
    draft = Draft("borrow.renew", "2026-01-09", record=RECORD, due="2027-01-01", answers=(apply,))
    wrong = sign_statement(clerk, ORIGIN, replace(draft, fields={"agent_name": "王五"}))
    with pytest.raises(SubmissionsRefusedError):
        world.accept([wrong])
    world.seal_and_anchor()
    return made


def test_an_inquiry_is_read_page_by_page(office: Office) -> None:
    ledger = office.world.ledger
    # (filter, groups as (event of the lead, how many fit))
    cases = [
        (AuditFilter(record=RECORD), [("access.apply", 4)]),
        (AuditFilter(kinds=("access.view",)), [("access.apply", 2)]),
        (AuditFilter(purpose="地界", name="李四"), [("access.apply", 3)]),
        (
            AuditFilter(first="2026-01-12", last="2026-01-12", kinds=("access.approve",)),
            [("access.apply", 1)],
        ),
        (AuditFilter(last="2026-01-11"), []),
        (AuditFilter(clock="occurred", first="2026-01-09", kinds=("access.apply",)), [("access.apply", 1)]),
    ]
    for asked, expected in cases:
        made = office.take(office.inquiry(office.one, asked))
        inquiry = find_inquiry(ledger, made.statement)
        check_may_read(inquiry, office.one.agent)
        with reading(ledger.engine) as connection:
            assert asked_by(connection, inquiry, ())[0] == asked
        acts, after = [], None
        while True:
            page = read_page(ledger, inquiry, asked, 1, after)
            acts += [(one.lead.event, one.count) for one in page.groups if one.lead.step]
            after = page.next
            if after is None:
                break
        assert acts == expected, asked
    attempts = office.take(office.inquiry(office.two, AuditFilter(outcome="refused", record=RECORD)))
    inquiry = find_inquiry(ledger, attempts.statement)
    page = read_page(ledger, inquiry, AuditFilter(outcome="refused", record=RECORD), 10)
    assert {one.lead.event for one in page.groups} == {"borrow.renew"}
    assert len(inquiries(ledger, 3).inquiries) == 3


def test_an_export_of_two_has_every_line(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for its evidence, which wants a channel: tests/e2e/test_audit.py makes it."""
    none = EvidenceFile(b"{}", None, 0, 0, False)
    monkeypatch.setattr("ledger.audit_export.build_evidence", lambda *_, **__: none)
    ledger, asked = office.world.ledger, AuditFilter(kinds=("access",), record=RECORD)
    first = office.inquiry(office.one, asked, "export")
    statement = office.take(first).statement
    inquiry = find_inquiry(ledger, statement)
    with pytest.raises(CallerError):
        check_may_read(inquiry, office.one.agent)
    office.take(office.second(office.two, first, statement, inquiry.number))
    inquiry = find_inquiry(ledger, statement)
    check_may_read(inquiry, office.two.agent)
    files: dict[str, io.BytesIO] = {}

    @contextmanager
    def sink(name: str) -> Iterator[BinaryIO]:
        files[name] = io.BytesIO()
        yield files[name]

    words = ExportWords(lambda msp: msp, lambda code: code, lambda evidence: "未核验")
    made = export(ledger, inquiry, asked, {"purpose": "专项审计"}, sink, words)
    assert (made.counts.listed, made.counts.expected, made.counts.withheld) == (5, 5, 0)
    lines = list(csv.reader(io.StringIO(files["audit.csv"].getvalue().decode("utf-8-sig"), newline="")))
    views = [line for line in lines if len(line) > 5 and line[4] == "查阅"]
    assert [line[1] for line in views] == ["第4条/共5条", "第5条/共5条"]
    assert all("批次" in line[10] for line in views)


def test_what_is_sealed_is_opened_by_its_office_and_released(office: Office) -> None:
    ledger, asked = office.world.ledger, AuditFilter(record=RECORD)
    first = office.inquiry(office.one, asked)
    beside = [read_signer(office.two.certificate_der)]
    statement = submit_certified(ledger, first, beside, office.take).statement
    assert submit_certified(ledger, first, beside, office.take).duplicate
    inquiry = find_inquiry(ledger, statement)
    assert (inquiry.is_sealed, inquiry.released, inquiry.state) == (True, False, "second")
    envelope = envelope_for(ledger, statement, office.two.agent)
    key = read_signer(office.two.certificate_der).key_sha256
    texts = open_envelope(envelope, statement, office.two.key, key)
    assert set(texts) == set(first.disclosures)
    with reading(ledger.engine) as connection:
        with pytest.raises(CallerError):
            asked_by(connection, inquiry, ())
        assert asked_by(connection, inquiry, texts)[0] == asked
    draft = Draft("inquiry.release", "2026-01-12", record=inquiry.number, answers=(statement,))
    signed = sign_statement(office.two, ORIGIN, replace(draft, fields={"agent_name": "郭十四"}))
    for _ in range(2):
        release(ledger, signed, {statement: texts}, office.take)
    inquiry = find_inquiry(ledger, statement)
    assert inquiry.released
    with reading(ledger.engine) as connection:
        assert asked_by(connection, inquiry, ())[0] == asked
