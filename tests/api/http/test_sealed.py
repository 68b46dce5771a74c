"""A secret inquiry: by no road does anybody but its own office learn what it asks, until it is released."""

from __future__ import annotations

import base64
import io
import shutil
import sqlite3
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.audit_client import EXPORT, Asked
from api.client import RefusedError
from ledger.accept import SubmissionsRefusedError, accept
from ledger.audit_envelope import open_envelope, seal_envelope
from ledger.audit_filter import AuditFilter, filter_text
from ledger.backup import backup
from ledger.evidence import build_evidence
from ledger.handle import Ledger
from ledger.sign import Draft, sign_statement
from ledger.submission import Submission
from tests.api.http.audit_desk import DOCUMENT, SECRET, Desk, audit, fields, opened_desk, rows
from tests.api.http.house import ARCHIVE, RECORD, open_house
from verifier.certificate import read_signer
from verifier.errors import CallerError

WATCHED = AuditFilter(record=RECORD, name="李四")
# What nobody else may learn, in whatever form it may lie about.
SECRETS = (SECRET, DOCUMENT, RECORD, "李四")


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("sealed") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home) as house:
        opened = opened_desk(house)
        for one in (opened.first, opened.second):
            # Only of who has signed in is the certificate known.
            one.sign_in()
        yield opened
        opened.close()


def secret(desk: Desk, event: str = "query.audit", asked: AuditFilter = WATCHED) -> tuple[Asked, Asked]:
    """Signed by two: the second opens what the first sealed, and signs the same."""
    readers = [desk.second.key.agent]
    said = fields(purpose=SECRET, document_number=DOCUMENT, second_person="郭十四")
    first = audit(desk.first).ask(asked, said, event=event, sealed=True, readers=readers)
    shared = audit(desk.second).open(first.statement)
    more = {"event": event, "sealed": True, "readers": [desk.first.key.agent]}
    own = {"agent_name": "郭十四"}
    return first, audit(desk.second).second(first.statement, first.number, shared, own, **more)


def of_both(shown: str) -> list[str]:
    """Which secrets stand in it, plain or as disclosures have them."""
    found = [one for one in SECRETS if one in shown or base64.b64encode(one.encode()).decode()[:-4] in shown]
    return found


def test_two_people_sign_before_anything_is_shown(desk: Desk) -> None:
    said = fields(purpose=SECRET, document_number=DOCUMENT)
    readers = [desk.second.key.agent]
    first = audit(desk.first).ask(WATCHED, said, sealed=True, readers=readers)
    assert first.state == "second"
    with pytest.raises(RefusedError) as error:
        audit(desk.first).page(first)
    assert error.value.code == "AUDIT_SECOND_MISSING"
    shared = audit(desk.second).open(first.statement)
    own = {"agent_name": "郭十四"}
    second = audit(desk.second).second(first.statement, first.number, shared, own, sealed=True, readers=[])
    for client, asked in ((desk.first, first), (desk.second, second)):
        assert [group["count"] for group in audit(client).page(asked)["groups"]] == [3]


# name → who tries to be the second; what of the first's disclosures they sign again; what comes of it.
NOT_SECOND = {
    "the first once more": ("first", "shared", None),
    "another office's": ("colleague", "shared", "RIGHT_MISSING"),
    "with another filter": ("second", "other", None),
    "with words of their own": ("second", "own", None),
}


@pytest.mark.parametrize("name", NOT_SECOND)
def test_who_is_no_second_inquirer(desk: Desk, name: str) -> None:
    who, what, code = NOT_SECOND[name]
    said = fields(purpose=SECRET, document_number=DOCUMENT)
    first = audit(desk.first).ask(WATCHED, said, sealed=True, readers=[desk.second.key.agent])
    other = audit(desk.second).ask(AuditFilter(), said, sealed=True, readers=[desk.first.key.agent])
    shared = {"shared": first.disclosures, "other": other.disclosures, "own": ()}[what]
    own = {"agent_name": "某人"}
    if what == "own":
        own |= {"purpose": SECRET, "document_number": DOCUMENT, "criteria": filter_text(WATCHED)}
    client = {"first": desk.first, "second": desk.second, "colleague": desk.colleague}[who]
    readers = [desk.first.key.agent, desk.second.key.agent]
    with pytest.raises(RefusedError) if code else nullcontext() as error:
        audit(client).second(first.statement, first.number, shared, own, sealed=True, readers=readers)
    assert error is None or error.value.code == code
    with pytest.raises(RefusedError) as refused:
        audit(desk.first).page(first)
    assert refused.value.code == "AUDIT_SECOND_MISSING"


def test_no_road_leads_to_what_is_sealed(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    first, second = secret(desk)
    page = audit(desk.first).page(first)
    assert [group["count"] for group in page["groups"]] == [3]
    assert of_both(str(page))
    told: dict[str, str] = {"log": capfd.readouterr().err}
    roads: dict[str, tuple[str, str, dict[str, Any]]] = {
        "the statement": ("GET", f"/v1/statements/{first.statement}", {}),
        "the second's": ("GET", f"/v1/statements/{second.own}", {}),
        "the inquiry as a record": ("GET", f"/v1/records/{first.number}", {}),
        "the list of records": ("GET", "/v1/records?limit=200", {}),
        "the list of inquiries": ("GET", "/v1/audit/inquiries?limit=200", {}),
        "the trail": ("GET", f"/v1/trails/agent/{desk.first.key.agent}", {}),
        "evidence": ("POST", "/v1/evidence", {"json": {"records": [first.number], "purpose": "核对"}}),
        "figures": ("GET", "/metrics", {}),
    }
    hidden = {RECORD, "李四"}
    for client in (desk.clerk, desk.archivist, desk.system, desk.security, desk.colleague):
        for name, (method, path, more) in roads.items():
            if not client.token:
                client.sign_in()
            headers = {"Authorization": f"Bearer {client.token}"}
            answer = client.http.request(method, path, headers=headers, **more)
            # The list of records names every record, and who reads it may.
            names = set(SECRETS) - (hidden if name == "the list of records" else set())
            assert not names & set(of_both(answer.text)), name
            assert answer.status_code in (200, 403, 404), answer.text
    assert not set(of_both(told["log"])) & {SECRET, DOCUMENT}
    asked = AuditFilter(kinds=("query.audit",))
    by_others = str(rows(desk, asked, desk.colleague))
    assert first.statement in by_others
    assert not {SECRET, DOCUMENT} & set(of_both(by_others))
    evidence = build_evidence(desk.house.ledger, [first.number], with_pending=True).data.decode()
    assert of_both(evidence) == []
    saved = tmp_path / "backup"
    backup(desk.house.ledger, saved)
    for file in (path for path in saved.rglob("*") if path.is_file()):
        octets = file.read_bytes()
        assert SECRET.encode() not in octets, file
        for text in first.disclosures:
            assert text.encode() not in octets, file


def test_the_envelope_is_for_its_own_office(desk: Desk) -> None:
    first, _ = secret(desk)
    assert set(audit(desk.first).open(first.statement)) == set(first.disclosures)
    for client, code in ((desk.colleague, "RIGHT_MISSING"), (desk.system, "RIGHT_MISSING")):
        with pytest.raises(RefusedError) as error:
            audit(client).open(first.statement)
        assert error.value.code == code
    with closing(sqlite3.connect(desk.house.ledger.paths.database)) as store:
        envelope = store.execute("SELECT envelope FROM sealed ORDER BY statement_id DESC").fetchone()[0]
    stranger = desk.house.person(ARCHIVE)
    key = read_signer(stranger.certificate_der).key_sha256
    with pytest.raises(CallerError) as opened:
        open_envelope(envelope, bytes.fromhex(first.statement), stranger.key, key)
    assert opened.value.code == "ENVELOPE_NOT_FOR_KEY"


def test_what_an_envelope_holds_shows_neither_in_its_length_nor_its_order(desk: Desk) -> None:
    signers = [read_signer(one.key.certificate_der) for one in (desk.first, desk.second)]
    short, long = (seal_envelope(b"\x01" * 32, texts, signers) for texts in (["a"], ["a" * 3000, "b" * 3000]))
    assert len(short) == len(long)
    damaged = short.replace(b'"statement":"01', b'"statement":"02')
    key = desk.first.key
    with pytest.raises(CallerError) as error:
        open_envelope(damaged, b"\x02" * 32, key.key, read_signer(key.certificate_der).key_sha256)
    assert error.value.code == "ENVELOPE_DAMAGED"


def test_of_two_sealed_inquiries_others_see_the_same(desk: Desk) -> None:
    """Whatever they ask, and however much they find."""
    one, _ = secret(desk)
    two, _ = secret(desk, asked=AuditFilter(record="6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8fff"))
    listed = desk.clerk.ask("GET", "/v1/audit/inquiries?limit=200").json()["inquiries"]
    shown = {each["statement"]: each for each in listed}
    differ = {
        name for name in shown[one.statement] if shown[one.statement][name] != shown[two.statement][name]
    }
    assert differ == {"statement", "number", "accepted_at", "second"}
    for asked in (AuditFilter(purpose="密查"), AuditFilter(purpose="没有"), AuditFilter(name="李四")):
        auditor = audit(desk.colleague)
        page = auditor.page(auditor.ask(replace(asked, kinds=("query.audit",)), fields()), limit=200)
        assert page["withheld"] > 3
        assert not {one.statement, two.statement} & {
            group["lead"]["step"]["statement"] for group in page["groups"]
        }


def test_a_sealed_inquiry_is_read_with_its_own_disclosures_and_no_others(desk: Desk) -> None:
    first, _ = secret(desk)
    auditor = audit(desk.first)
    for texts, code in (((), "AUDIT_SEALED"), (secret(desk)[0].disclosures, "SD_NOT_BOUND")):
        with pytest.raises(RefusedError) as error:
            auditor.page(replace(first, disclosures=texts))
        assert error.value.code == code


def test_its_second_inquirer_does_not_give_it_away(desk: Desk) -> None:
    """Handing the second statement in unsealed is refused."""
    said = fields(purpose=SECRET, document_number=DOCUMENT)
    first = audit(desk.first).ask(WATCHED, said, sealed=True, readers=[desk.second.key.agent])
    with pytest.raises(RefusedError) as error:
        audit(desk.second).second(first.statement, first.number, first.disclosures, {"agent_name": "郭十四"})
    assert error.value.code == "AUDIT_SEALED"


def test_one_key_alone_opens_no_envelope(desk: Desk) -> None:
    stranger = desk.house.person(ARCHIVE).agent
    with pytest.raises(RefusedError) as error:
        audit(desk.first).ask(WATCHED, fields(), sealed=True, readers=[stranger])
    assert error.value.code == "SEALED_UNKNOWN_PERSON"


def test_a_released_inquiry_shows_the_very_same(desk: Desk) -> None:
    first, second = secret(desk)
    opened = {first.statement: first.disclosures, second.own: audit(desk.first).open(second.own)}
    for texts, code in (
        (first.disclosures[1:], "RELEASE_INCOMPLETE"),
        (opened[second.own], "SD_NOT_BOUND"),
    ):
        with pytest.raises(RefusedError) as error:
            audit(desk.first).release(first.number, {first.statement: texts}, {"agent_name": "吴十"})
        assert error.value.code == code
    assert desk.house.count("inquiry.release") == 0
    audit(desk.first).release(first.number, opened, {"agent_name": "吴十"})
    shown = desk.clerk.ask("GET", f"/v1/statements/{first.statement}").json()["step"]
    assert shown["disclosed"]["purpose"] == SECRET
    assert shown["disclosed"]["document_number"] == DOCUMENT
    assert shown["hidden"] == []
    evidence = build_evidence(desk.house.ledger, [first.number], with_pending=True).data.decode()
    for text in first.disclosures:
        assert text in evidence
    listed = desk.clerk.ask("GET", "/v1/audit/inquiries?limit=200").json()["inquiries"]
    assert [one["released"] for one in listed if one["statement"] == first.statement] == [True]


def test_only_its_own_office_releases_it(desk: Desk) -> None:
    first, _ = secret(desk)
    with pytest.raises(RefusedError) as error:
        audit(desk.colleague).release(
            first.number, {first.statement: first.disclosures}, {"agent_name": "某"}
        )
    assert error.value.code == "RIGHT_MISSING"


def test_a_secret_export_lies_on_the_disk_for_nobody(desk: Desk) -> None:
    first, _ = secret(desk, EXPORT)
    job = audit(desk.first).export(first)
    desk.first.ask("GET", f"/v1/jobs/{job['job']}/events")
    found = desk.first.ask("GET", f"/v1/jobs/{job['job']}").json()
    assert found["state"] == "done", found
    assert of_both(str(found)) == []
    for file in desk.house.service.home.glob("jobs-*/*"):
        octets = file.read_bytes()
        assert b"PK\x03\x04" not in octets[:4]
        assert SECRET.encode() not in octets
    package = zipfile.ZipFile(io.BytesIO(desk.first.ask("GET", f"/v1/jobs/{job['job']}/result").content))
    sheet = package.read("audit.csv").decode("utf-8-sig")
    assert SECRET in sheet
    assert DOCUMENT in sheet
    headers = {
        "Authorization": f"Bearer {desk.system.token or (desk.system.sign_in() and desk.system.token)}"
    }
    assert desk.system.http.get(f"/v1/jobs/{job['job']}/result", headers=headers).status_code == 404


def _in_clear(desk: Desk, act: dict[str, Any], disclosed: Sequence[str] | None = None) -> httpx.Response:
    """Signed by the first inquirer and handed in by the road of every statement."""
    client = desk.first
    signed = client.sign(act, client.draft(act))
    if disclosed is not None:
        signed["disclosures"] = list(disclosed)
    return client.http.post(
        "/v1/statements", json=signed, headers={"Authorization": f"Bearer {client.token}"}
    )


def test_no_other_road_takes_an_inquiry_or_its_release_by_lesser_rules(desk: Desk) -> None:
    first, second = secret(desk)
    said = {
        "basis": "audit",
        "occurred_at": "2026-05-20",
        "late": "offline",
        "fields": fields(purpose=SECRET),
    }
    query = {"event": "query.audit", **said}
    released: dict[str, Any] = {
        "event": "inquiry.release",
        "basis": "audit",
        "occurred_at": "2026-05-20",
        "late": "offline",
    }
    released |= {"fields": {"agent_name": "吴十"}, "record": first.number}
    both = sorted([first.statement, second.own])
    attacks: dict[str, tuple[dict[str, Any], Sequence[str] | None, int, str]] = {
        "answering it in clear": (
            {**query, "record": first.number, "answers": [first.statement]}, None, 422, "AUDIT_SEALED"),
        "under its number, in clear": ({**query, "record": first.number}, None, 422, "AUDIT_SEALED"),
        "an inquiry that is sealed to nobody": (
            {**query, "record": str(uuid.uuid4())}, (), 422, "SEALED_WITHHELD"),
        "a release that brings nothing": ({**released, "answers": both}, None, 422, "STATEMENT_REFUSED"),
        "a release of what is not sealed": (
            {**released, "answers": [desk.application]}, None, 422, "STATEMENT_REFUSED"),
    }  # fmt: skip
    before = {event: desk.house.count(event) for event in ("query.audit", "inquiry.release")}
    for name, (act, disclosed, status, code) in attacks.items():
        answer = _in_clear(desk, act, disclosed)
        assert answer.json()["code"] == code, (name, answer.text)
        assert answer.status_code == status, name
        assert not {SECRET, DOCUMENT, "李四"} & set(of_both(answer.text)), name
    assert {event: desk.house.count(event) for event in before} == before
    assert desk.first.ask("GET", f"/v1/records/{first.number}").json()["steps"][0]["disclosed"] == {}


def test_who_has_no_right_to_it_releases_nothing(desk: Desk) -> None:
    """By acceptance itself, whoever asks it: of a Python caller, too."""
    first, second = secret(desk)
    key, ledger = desk.colleague.key, desk.house.ledger
    answers = tuple(bytes.fromhex(one) for one in (first.statement, second.own))
    opened = {
        answers[0]: audit(desk.second).open(first.statement),
        answers[1]: audit(desk.second).open(second.own),
    }
    draft = Draft(
        "inquiry.release", "2026-05-20", record=first.number, answers=answers, fields=OWN, late="offline"
    )
    forged = replace(sign_statement(key, ledger.origin, draft), opened=opened)
    assert refused_codes(ledger, forged) == {"RELEASE_OTHER", "AUDIT_RIGHT"}
    own = sign_statement(desk.second.key, ledger.origin, draft)
    assert refused_codes(ledger, own) == {"RELEASE_FORM", "RELEASE_INCOMPLETE"}
    less = {**opened, answers[0]: opened[answers[0]][1:]}
    assert refused_codes(ledger, replace(own, opened=less)) == {"RELEASE_INCOMPLETE"}
    swapped = {answers[0]: opened[answers[1]], answers[1]: opened[answers[0]]}
    assert refused_codes(ledger, replace(own, opened=swapped)) == {"SD_NOT_BOUND"}
    (done,) = accept(ledger, [replace(own, opened=opened)])
    shown = desk.first.ask("GET", f"/v1/records/{first.number}").json()["steps"]
    assert [step["disclosed"].get("purpose") for step in shown][:2] == [SECRET, SECRET]
    assert accept(ledger, [replace(own, opened=opened)])[0].receipt == done.receipt


OWN = {"agent_name": "郭十四"}


def refused_codes(ledger: Ledger, submission: Submission) -> set[str]:
    with pytest.raises(SubmissionsRefusedError) as caught:
        accept(ledger, [submission])
    return {reason.code for one in caught.value.refusals for reason in one.reasons}
