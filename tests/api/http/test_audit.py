"""Looking into uses: what each filter lists, how acts stand under one another, and who may ask at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import Client, RefusedError
from api.http.pages import cursor_of
from ledger.audit_filter import AuditFilter, filter_text
from tests.api.http.audit_desk import (
    FORMULA,
    OTHER,
    PURPOSE,
    Desk,
    audit,
    events,
    fields,
    opened_desk,
    rows,
)
from tests.api.http.house import AUDIT, JUSTICE, RECORD, open_house, problem_of
from verifier.canonical import base64url_bytes
from verifier.disclosure import parse_disclosure


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("audit") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home) as house:
        opened = opened_desk(house)
        yield opened
        opened.close()


USES = ("access.apply", "access.approve", "access.refuse", "access.view")
ON_RECORD = ["access.apply", "access.approve", "access.view", "access.view"]
ON_OTHER = ["access.apply", "access.refuse", "refused borrow.return"]
# name → the filter, and every act that it lists.
FILTERS: dict[str, tuple[AuditFilter, list[str]]] = {
    "a record": (AuditFilter(record=RECORD), ON_RECORD),
    "another record": (AuditFilter(record=OTHER), ON_OTHER),
    "uses": (AuditFilter(kinds=("access",)), [*ON_RECORD, *ON_OTHER]),
    "one kind of use": (AuditFilter(kinds=("access.view",)), ["access.view"] * 2),
    "two kinds": (
        AuditFilter(kinds=("access.refuse", "access.view")),
        ["access.refuse", "access.view", "access.view"],
    ),
    "refused": (
        AuditFilter(outcome="refused", kinds=("access",)),
        ["access.refuse", "refused borrow.return"],
    ),
    "carried out": (AuditFilter(outcome="given", record=OTHER), ["access.apply"]),
    "a purpose": (AuditFilter(purpose="经营权", kinds=("access",)), ["access.view"]),
    "a reader's name": (AuditFilter(name="李四", kinds=("access.view",)), ["access.view"] * 2),
    "a signer's name": (AuditFilter(name="郑十一"), ["access.refuse"]),
    "an organisation": (
        AuditFilter(organisation="YunlingArchives"),
        ["access.approve", "access.refuse", "refused borrow.return"],
    ),
    "whose reader's organisation": (
        AuditFilter(organisation=JUSTICE, kinds=("access.view",)),
        ["access.view"] * 2,
    ),
    "today": (AuditFilter(first="2026-01-01", kinds=("access.view",)), ["access.view"] * 2),
    "a period before": (AuditFilter(last="2026-01-31", kinds=("access",)), []),
    "by when it happened": (
        AuditFilter(first="2026-01-09", last="2026-01-09", clock="occurred", kinds=("access.apply",)),
        ["access.apply", "access.apply"],
    ),
    "happened on another day": (
        AuditFilter(first="2026-01-10", last="2026-01-11", clock="occurred", kinds=("access.apply",)),
        [],
    ),
    "another group": (AuditFilter(kinds=("arrange",)), ["receive", "receive"]),
    "everything at once": (
        AuditFilter(record=RECORD, purpose="经营权", name="李四", organisation=JUSTICE, outcome="given"),
        ["access.view"],
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_lists_what_it_says(desk: Desk, name: str) -> None:
    asked, expected = FILTERS[name]
    assert events(rows(desk, asked)) == sorted(expected)


def test_a_person_is_who_signed_and_in_whose_session_it_was_done(desk: Desk) -> None:
    by_mediator = rows(desk, AuditFilter(person=desk.mediator.key.agent, kinds=("access", "session.denied")))
    assert set(events(by_mediator)) == {"access.apply", "access.view", "session.denied"}
    assert events(by_mediator).count("access.view") == 2
    assert events(rows(desk, AuditFilter(person=desk.archivist.key.agent, kinds=("access",)))) == [
        "access.approve",
        "access.refuse",
        "refused borrow.return",
    ]


def test_files_opened_stand_under_the_application(desk: Desk) -> None:
    auditor = audit(desk.first)
    groups = list(auditor.groups(auditor.ask(AuditFilter(record=RECORD), fields()), limit=1))
    assert [group["lead"]["step"]["statement"] for group in groups] == [desk.application]
    assert events(groups[0]["rows"]) == ["access.approve", "access.view", "access.view"]
    assert groups[0]["count"] == 4
    # The application itself was not asked for: it still stands above, and is said not to fit.
    only_views = list(auditor.groups(auditor.ask(AuditFilter(kinds=("access.view",)), fields())))
    assert [(group["lead_fits"], group["count"]) for group in only_views] == [(False, 2)]


def test_an_inquiry_is_kept_before_anything_is_shown_and_lists_itself(desk: Desk) -> None:
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(kinds=("query.audit",)), fields(document_number="云审〔2026〕1号"))
    kept = desk.first.ask("GET", f"/v1/statements/{asked.statement}").json()["step"]
    assert kept["disclosed"]["document_number"] == "云审〔2026〕1号"
    assert json.loads(kept["disclosed"]["criteria"])["kinds"] == ["query.audit"]
    listed = [row["lead"]["step"]["statement"] for row in auditor.groups(asked)]
    assert listed[-1] == asked.statement
    before = len(listed)
    # What came later is not in it: the inquiry shows what there was when it was signed.
    auditor.ask(AuditFilter(), fields())
    assert len(list(auditor.groups(asked))) == before


def submit(client: Client, act: dict[str, Any], **more: Any) -> httpx.Response:
    signed = client.sign(act, client.draft(act))
    headers = {"Authorization": f"Bearer {client.token}"}
    sent = {**signed, **more}
    return client.http.post("/v1/audit/inquiries", json=sent, headers=headers)


def inquiry(**changes: Any) -> dict[str, Any]:
    act = {"event": "query.audit", "basis": "audit", "occurred_at": "2026-05-20", "late": "offline"}
    act |= {"record": "0f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8b01"}
    said = {**fields(), "criteria": filter_text(AuditFilter())}
    return {**act, "fields": said, **changes}


def with_criteria(text: str) -> dict[str, Any]:
    return inquiry(fields={**fields(), "criteria": text})


VERSION = '"version":"archive-ledger audit filter v1"'
# name → an inquiry that is not taken, and why.
BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no criteria": (inquiry(fields=fields()), 422, "AUDIT_CRITERIA"),
    "criteria that are no JSON": (with_criteria("全部"), 422, "AUDIT_FILTER"),
    "an unknown member": (with_criteria(f'{{"everything":"1",{VERSION}}}'), 422, "AUDIT_FILTER"),
    "another version": (with_criteria('{"version":"2"}'), 422, "AUDIT_FILTER"),
    "an unknown kind": (with_criteria(f'{{"kinds":["spying"],{VERSION}}}'), 422, "AUDIT_FILTER"),
    "a day that is none": (with_criteria(f'{{"from":"2026-02-30",{VERSION}}}'), 422, "AUDIT_FILTER"),
    "an end before its beginning": (
        with_criteria(f'{{"from":"2026-02-03","to":"2026-02-02",{VERSION}}}'),
        422,
        "AUDIT_FILTER",
    ),
    "what holds anyway, said again": (with_criteria(f'{{"outcome":"all",{VERSION}}}'), 422, "AUDIT_FILTER"),
    "no number of its own": (inquiry(record=None), 422, "AUDIT_NO_INQUIRY"),
    "the number of a record": (inquiry(record=RECORD), 409, "AUDIT_NUMBER_TAKEN"),
    "another event": (
        {"event": "access.apply", "basis": "audit", "occurred_at": "2026-05-20", "late": "offline",
         "record": OTHER, "fields": {
            **fields(), "reader_name": "吴十"}},
        422,
        "AUDIT_NO_INQUIRY",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_an_inquiry_that_cannot_be_answered_is_not_taken(desk: Desk, name: str) -> None:
    act, status, code = BAD[name]
    desk.first.sign_in()
    before = desk.house.count("query.audit")
    problem_of(submit(desk.first, act), status, code)
    assert desk.house.count("query.audit") == before


def test_who_has_no_right_is_refused_and_that_is_on_record(desk: Desk) -> None:
    for client in (desk.clerk, desk.mediator, desk.system, desk.security):
        client.sign_in()
        before = len(desk.house.denied())
        headers = {"Authorization": f"Bearer {client.token}"}
        problem_of(client.http.post("/v1/audit/inquiries", json={}, headers=headers), 403, "RIGHT_MISSING")
        (denied,) = desk.house.denied(before)
        assert (denied.detail, denied.subject) == ("RIGHT_MISSING begin_inquiry", client.key.agent)
    # And whoever looks into it sees that.
    listed = rows(desk, AuditFilter(person=desk.system.key.agent, outcome="refused"))
    assert events(listed) == ["session.denied"]


def test_one_who_did_not_sign_the_inquiry_reads_none_of_it(desk: Desk) -> None:
    asked = audit(desk.first).ask(AuditFilter(), fields())
    for client in (desk.second, desk.colleague):
        before = len(desk.house.denied())
        with pytest.raises(RefusedError) as error:
            audit(client).page(asked)
        assert (error.value.status, error.value.code) == (403, "AUDIT_NOT_YOURS")
        assert [one.detail for one in desk.house.denied(before)] == ["AUDIT_NOT_YOURS read_inquiry"]


def test_an_audit_administrator_may_ask_but_not_under_seal(desk: Desk) -> None:
    assert events(rows(desk, AuditFilter(kinds=("access.refuse",)), desk.colleague)) == ["access.refuse"]
    desk.colleague.sign_in()
    act = inquiry(record="0f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8b02")
    problem_of(submit(desk.colleague, act, sealed=True), 403, "RIGHT_MISSING")


def test_a_cursor_shows_nothing_beyond_the_filter(desk: Desk) -> None:
    """Whatever place a forged cursor names, the signed filter and the moment of the inquiry hold."""
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(record=OTHER, first="2026-01-01", kinds=("access.refuse",)), fields())
    own = asked.statement[:32]
    auditor.ask(AuditFilter(), fields())
    for part in (0, 1):
        for key in (0, 1, 5, 10**6, 10**15):
            for item in (0, 1, 2, 40_000):
                page = auditor.page(asked, cursor_of("audit", own, part, key, item))
                shown = [group["lead"] for group in page["groups"]]
                assert {row["record"] for row in shown} <= {OTHER}
                assert {row["step"]["event"] for group in page["groups"] for row in group["rows"]} <= {
                    "access.refuse"
                }


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        cursor_of("records", 1, RECORD),
        cursor_of("audit", "0" * 32, 0, 1, 0),
        cursor_of("audit", "OWN", 2, 1, 0),
        cursor_of("audit", "OWN", 0, -1, 0),
        cursor_of("audit", "OWN", 0, "1 OR 1=1", 0),
    ],
)
def test_a_cursor_of_something_else_is_refused(desk: Desk, cursor: str) -> None:
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(), fields())
    if "OWN" in (said := base64url_bytes(cursor, "cursor").decode() if len(cursor) > 8 else ""):
        kind, _, *rest = said.split("\n")
        cursor = cursor_of(kind, asked.statement[:32], *rest)
    with pytest.raises(RefusedError) as error:
        auditor.page(asked, cursor)
    assert error.value.code == "CURSOR_FORM"


def test_pages_put_together_are_the_whole(desk: Desk) -> None:
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(kinds=("access", "session.denied")), fields())
    whole = [group["lead"] for group in auditor.page(asked, limit=200)["groups"]]
    assert [group["lead"] for group in auditor.groups(asked, limit=1)] == whole
    assert len(whole) > 3


def test_everybody_sees_that_an_inquiry_took_place_and_nobody_hides_their_own(desk: Desk) -> None:
    asked = audit(desk.first).ask(AuditFilter(), fields())
    listed = desk.mediator.ask("GET", "/v1/audit/inquiries?limit=200").json()["inquiries"]
    (own,) = [one for one in listed if one["statement"] == asked.statement]
    assert (own["agent"], own["organisation"], own["state"]) == (desk.first.key.agent, AUDIT, "ready")
    assert not {"criteria", "purpose", "disclosed"} & own.keys()
    seen = rows(desk, AuditFilter(person=desk.first.key.agent), desk.colleague)
    assert asked.statement in {row["step"]["statement"] for row in seen}


def test_what_a_filter_asks_about_and_is_withheld_is_counted_not_guessed(desk: Desk) -> None:
    """A use whose signer's name was never disclosed."""
    act = {
        "event": "access.view",
        "basis": "open",
        "occurred_at": "2026-01-10",
        "late": "offline",
        "record": OTHER,
    }
    said = {**act, "fields": fields("王五", purpose="公开的目的")}
    signed = desk.clerk.sign(said, desk.clerk.draft(said))
    told = [text for text in signed["disclosures"] if parse_disclosure(text).name == "purpose"]
    desk.clerk.submit({**signed, "disclosures": told})
    auditor = audit(desk.first)
    asked = AuditFilter(record=OTHER, name="王五", kinds=("access.view",))
    page = auditor.page(auditor.ask(asked, fields()))
    assert (page["groups"], page["withheld"]) == ([], 1)
    assert events(rows(desk, AuditFilter(record=OTHER, kinds=("access.view",)))) == ["access.view"]


def test_the_purpose_of_a_formula_is_only_text(desk: Desk) -> None:
    assert events(rows(desk, AuditFilter(purpose=FORMULA))) == ["access.view"]
    assert events(rows(desk, AuditFilter(purpose=f"{PURPOSE}%"))) == []


def test_a_page_looks_at_so_much_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages may be short, even empty; put together they are the whole."""
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(kinds=("access.refuse", "receive", "access.view")), fields())
    whole = [group["lead"] for group in auditor.page(asked, limit=200)["groups"]]
    monkeypatch.setattr("ledger.audit_page.LOOKED_AT", 1)
    pages, cursor = [], None
    while True:
        page = auditor.page(asked, cursor)
        pages.append(page["groups"])
        cursor = page["next"]
        if cursor is None:
            break
    assert [group["lead"] for groups in pages for group in groups] == whole
    assert max(map(len, pages)) == 1
    assert [] in pages


def test_of_a_large_group_the_first_are_shown_and_all_counted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.audit_groups.SHOWN", 1)
    auditor = audit(desk.first)
    (group,) = auditor.groups(auditor.ask(AuditFilter(record=RECORD), fields()))
    assert (len(group["rows"]), group["count"]) == (1, 4)


def test_a_list_is_told_item_by_item_over_pages(desk: Desk) -> None:
    records = [f"6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8d0{n}" for n in range(5)]
    items = [{"record": one, "fields": {"title": "一件", "number": one}} for one in records]
    act = {"event": "receive", "occurred_at": "2026-01-08", "late": "offline", "list": {"items": items}}
    desk.clerk.act(**act, fields={"agent_name": "王五"})
    auditor = audit(desk.first)
    asked = auditor.ask(AuditFilter(kinds=("receive",)), fields())
    found = [group["lead"] for group in auditor.groups(asked, limit=2)]
    assert [row["record"] for row in found if row["step"]["item"] is not None] == records
    (one,) = rows(desk, AuditFilter(record=records[3], kinds=("receive",)))
    assert (one["record"], one["step"]["item"]) == (records[3], 3)
