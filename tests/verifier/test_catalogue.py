"""The event catalogue: complete, consistent with the formats, and strict."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from verifier import claims
from verifier.catalogue import (
    CLAIMS,
    DATA,
    catalogue,
    code_words,
    event,
    field_words,
    read_catalogue,
)
from verifier.claims import Claims, FileClaim
from verifier.conformity import check_event
from verifier.digests import Digests, both
from verifier.errors import EvidenceError
from verifier.item import Item
from verifier.shape import CODE
from verifier.statement import ListClaim, Statement

RECORD = "5d0c6c5e-8f0b-4b61-9d7a-3a1e0b6f2c11"
# Every event that the archive office's own list of acts names, group by group.
NAMED = {
    "arrange": "capture receive digitise original.compare classify retention.assign number volume.create"
    " volume.add volume.remove volume.close sign.validate four_test metadata.correct version.add"
    " metadata.check secrecy.refuse",
    "transfer": "list.freeze list.count handover.sign review.village review.department review.final"
    " item.return list.return resubmit dispatch arrive transfer.accept transfer.refuse",
    "custody": "shelve relocate check_out check_in stocktake damaged lost found fixity backup restore drill"
    " migrate convert deposit.in deposit.out owner.consent",
    "repair": "repair.physical repair.digital repair.check",
    "access": "access.apply access.approve access.refuse identity.check access.view access.print access.copy"
    " access.download borrow.out borrow.renew borrow.recall borrow.overdue borrow.return seize"
    " certificate.issue certificate.revoke",
    "appraisal": "open.review grade.change expiry.review disposal.hold disposal.release destroy.propose"
    " destroy.approve destroy.carry_out destroy.witness disclosure.erase file.erase secrecy.report"
    " secrecy.dismiss secrecy.approve secrecy.close",
    "system": "appoint release duty.handover key.enrol key.revoke session.open session.denied query.audit"
    " export alert.handle alert.raise alert.rule inquiry.release",
}
# The Library of Congress's preservation/eventType vocabulary, of the terms that the catalogue uses.
PREMIS = {
    *("accession", "appraisal", "capture", "deletion", "digital signature validation", "dissemination"),
    *("exporting", "fixity check", "imaging", "information package creation", "information package merging"),
    *("information package splitting", "ingestion", "metadata modification", "migration", "modification"),
    *("policy assignment", "recovery", "redaction", "refreshment", "replication", "transfer", "validation"),
}


def statement(
    name: str, fields: str = "agent_name", listing: ListClaim | None = None, **changes: object
) -> Statement:
    own = {n: changes.pop(n) for n in tuple(changes) if n in ("due", "erased", "record", "subject", "uses")}
    own = {
        "due": None,
        "erased": (),
        "record": None if listing else RECORD,
        "subject": None,
        "people": None,
        "uses": None,
        **own,
    }
    return Statement(
        data=b"",
        digests=both(b""),
        certificate_sha256=b"",
        signature=b"",
        aud="x",
        jti=RECORD,
        iss="QingheTownship",
        agent=RECORD,
        event=name,
        occurred_at="2026-01-08",
        list=listing,
        seen=None,
        claims=said(fields, **changes),
        **own,  # type: ignore[arg-type] # claims by name, given by the test
    )


def said(fields: str = "", **changes: object) -> Claims:
    names = tuple(fields.split())
    values: dict[str, Any] = dict.fromkeys(
        ("basis", "late", "occurred_at", "outcome", "pages", "reason", "state", "version")
    )
    values |= {"answers": (), "files": (), "fields": names, "sd": names} | changes
    return Claims(**values)


def item(number: int, fields: str = "", **changes: object) -> Item:
    return Item(b"", both(b""), number, RECORD, said(fields, **changes))


def codes(problems: list[Any]) -> list[tuple[str, str]]:
    return [(p.code, p.expected or p.found) for p in problems]


LISTING = ListClaim(RECORD, 2, Digests(b"", b""))
FILE = FileClaim("scan", "application/pdf", "paper", "scan", both(b"x"), 1)
ANSWER = (b"\x01" * 32,)


@pytest.mark.parametrize("group", NAMED)
def test_every_act_of_the_office_is_an_event(group: str) -> None:
    events = [spec.name for spec in catalogue().events.values() if spec.group == group]
    assert events == NAMED[group].split()


def test_the_code_tables_of_return_and_refusal() -> None:
    tables = catalogue().reason_sets
    words = catalogue().codes["reason"]
    told = {name: " ".join(words[code].zh for code in table) for name, table in tables.items()}
    assert told["return"] == (
        "缺件 页数不符 漏扫倒页 题名不规范 责任者不规范 日期不规范 期限划错 断号 重号 签章缺失"
        " 扫描与原件不符 密级未定 非归档范围"
    )
    assert told["refusal"] == "非本人无委托 未开放 个人信息 所有者不同意 手续不全 涉密"
    states = " ".join(word.zh for word in catalogue().codes["state"].values())
    assert states == "在库 借出 修复中 代管 盘亏 遗失 已销毁"


def test_everything_has_words_in_both_languages() -> None:
    known = catalogue()
    words = [*known.groups.values(), *(spec.words for spec in known.events.values())]
    words += [field.words for field in known.fields.values()]
    words += [word for table in known.codes.values() for word in table.values()]
    for word in words:
        assert any("\u4e00" <= ch <= "\u9fff" for ch in word.zh), word
        assert word.en.strip(), word
        assert word.en.isascii(), word
    for bad in ("已公证", "法院认可", "绝对真实", "拒绝", "锚定", "托管"):
        assert not any(bad in word.zh for word in words)


def test_every_code_table_is_used_and_every_code_is_a_code() -> None:
    known = catalogue()
    used: dict[str, set[str]] = {claim: set() for claim in known.codes}
    for spec in known.events.values():
        for claim, allowed in spec.codes.items():
            used[claim] |= allowed
    for claim, table in known.codes.items():
        assert set(table) == used[claim], claim
        assert all(CODE.match(code) for code in table)
    fields = {name for spec in known.events.values() for name in spec.fields}
    assert fields == set(known.fields)


def test_claims_and_fields_are_those_of_the_formats() -> None:
    assert claims.SHARED | claims.STATEMENT_ONLY >= CLAIMS
    for name in catalogue().fields:
        claims.check_field_name(name, "catalogue")


def test_premis_terms_are_of_the_vocabulary() -> None:
    used = {spec.premis for spec in catalogue().events.values() if spec.premis is not None}
    assert used == PREMIS


def test_only_sending_back_rejects() -> None:
    assert {spec.name for spec in catalogue().events.values() if spec.rejects} == {
        "item.return",
        "list.return",
    }


def test_words_of_codes_and_fields() -> None:
    assert event("no.such") is None
    assert code_words("outcome", "no_such") is None
    found = field_words("file.3.name")
    assert found is not None
    assert found.zh == "第4个文件的文件名"
    assert field_words("no_such") is None


def test_a_good_statement_has_no_problem() -> None:
    good = statement("item.return", "agent_name agent_duty note", answers=ANSWER, reason="missing_item")
    assert check_event(good, role="person", kinds={"township"}) == []


def test_unknown_event() -> None:
    assert codes(check_event(statement("item.burn"))) == [("EVENT_UNKNOWN", "an event of the catalogue")]


def test_everything_missing_is_named_at_once() -> None:
    assert codes(check_event(statement("borrow.out", ""))) == [
        ("EVENT_CLAIM_MISSING", "basis"),
        ("EVENT_CLAIM_MISSING", "due"),
        ("EVENT_CLAIM_MISSING", "state"),
        ("EVENT_FIELD_MISSING", "agent_name"),
        ("EVENT_FIELD_MISSING", "purpose"),
        ("EVENT_FIELD_MISSING", "reader_name"),
    ]


@pytest.mark.parametrize("use", ["view", "print", "copy", "download"])
@pytest.mark.parametrize("role", ["person", "service"])
def test_a_use_says_what_for_and_on_what_ground(use: str, role: str) -> None:
    said = codes(check_event(statement(f"access.{use}"), role=role))
    assert said == [("EVENT_CLAIM_MISSING", "basis"), ("EVENT_FIELD_MISSING", "purpose")]


def test_only_an_approval_is_for_so_many_uses() -> None:
    approval = statement("access.approve", answers=ANSWER, outcome="granted", uses=3)
    assert check_event(approval, role="person") == []
    for name in ("access.apply", "access.view", "borrow.out"):
        found = codes(check_event(statement(name, uses=3)))
        assert ("EVENT_CLAIM_EXTRA", "uses") in found


def test_a_service_needs_no_persons_name() -> None:
    assert check_event(statement("fixity", "", outcome="same"), role="service") == []
    assert codes(check_event(statement("fixity", "", outcome="same"), role="person")) == [
        ("EVENT_FIELD_MISSING", "agent_name")
    ]


def test_what_is_not_allowed_is_named() -> None:
    odd = statement(
        "shelve", "agent_name location id_number", state="in_place", outcome="same", due="2026-01-01"
    )
    assert codes(check_event(odd)) == [
        ("EVENT_CLAIM_EXTRA", "due"),
        ("EVENT_CLAIM_EXTRA", "outcome"),
        ("EVENT_FIELD_EXTRA", "id_number"),
    ]


def test_a_code_of_another_event() -> None:
    wrong = statement("access.refuse", answers=ANSWER, reason="missing_item")
    (problem,) = check_event(wrong)
    assert problem.code == "EVENT_CODE"
    assert problem.at == "access.refuse.reason"
    assert problem.found == "missing_item"
    assert "no_mandate" in problem.expected


def test_organisation_and_role() -> None:
    taken = statement("transfer.accept", answers=ANSWER)
    found = codes(check_event(taken, role="service", kinds={"township"}))
    assert found == [("EVENT_ROLE", "person"), ("EVENT_ORGANISATION", "archive")]
    assert check_event(taken, role="person", kinds={"township", "archive"}) == []
    assert check_event(taken) == []


def test_record_and_list_scope() -> None:
    assert codes(check_event(statement("backup", outcome="done"))) == [("EVENT_RECORD", "none")]
    assert codes(check_event(statement("shelve", "agent_name location", record=None, state="in_place"))) == [
        ("EVENT_RECORD", "required")
    ]
    lone = statement("list.count", answers=ANSWER, outcome="complete")
    assert codes(check_event(lone)) == [("EVENT_LIST", "required")]
    many = statement("item.return", answers=ANSWER, reason="missing_item", listing=LISTING)
    assert codes(check_event(many)) == [("EVENT_LIST", "none")]


def test_a_list_may_say_it_once_or_item_by_item() -> None:
    over = statement("review.final", answers=ANSWER, outcome="approved", listing=LISTING)
    assert check_event(over, [item(0), item(1, pages=3)]) == []
    apart = statement("review.final", answers=ANSWER, listing=LISTING)
    assert check_event(apart, [item(0, outcome="approved"), item(1, outcome="approved_with_remarks")]) == []
    (problem,) = check_event(apart, [item(0, outcome="approved"), item(1)])
    assert (problem.code, problem.at, problem.expected) == (
        "EVENT_CLAIM_MISSING",
        "review.final item 2",
        "outcome",
    )


def test_an_item_is_held_to_the_same_rules() -> None:
    over = statement("receive", listing=LISTING)
    problems = check_event(
        over, [item(0, "title number", files=(FILE,)), item(1, "title phone", outcome="same")]
    )
    assert codes(problems) == [
        ("EVENT_CLAIM_EXTRA", "outcome"),
        ("EVENT_FIELD_EXTRA", "phone"),
        ("EVENT_FIELD_MISSING", "number"),
    ]


def test_names_of_files_are_fields_where_files_are() -> None:
    named = statement(
        "digitise", "agent_name file.0.name file.1.digests", files=(FILE, FILE), pages=2, late="old_paper"
    )
    assert check_event(named) == []
    unnamed = statement("access.refuse", "agent_name file.0.name", answers=ANSWER, reason="classified")
    assert codes(check_event(unnamed)) == [("EVENT_FIELD_EXTRA", "file.name")]


def _at(data: Any, *path: str | int) -> Any:
    for part in path:
        data = data[part]
    return data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(version="archive-ledger events v2"),
        lambda d: d.update(extra={}),
        lambda d: d["codes"].pop("late"),
        lambda d: d["fields"]["title"].update(sensitivity="secret"),
        lambda d: d["fields"].update({"Title": d["fields"]["title"]}),
        lambda d: d["field_sets"]["record"].append("no_such"),
        lambda d: d["reason_sets"]["return"].append("no_such"),
        lambda d: d["person_fields"].append("no_such"),
        lambda d: d["events"].append(d["events"][0]),
        lambda d: d["events"][0].update(group="other"),
        lambda d: d["events"][0].update(files="some"),
        lambda d: d["events"][0].update(rejects="no"),
        lambda d: d["events"][0].update(by=[]),
        lambda d: d["events"][0].update(roles=["king"]),
        lambda d: d["events"][0].update(premis=None),
        lambda d: d["events"][0].pop("pages"),
        lambda d: d["events"][0].pop("en"),
        lambda d: d["events"][0]["claims"]["required"].append("aud"),
        lambda d: d["events"][0]["claims"]["required"].append("files"),
        lambda d: d["events"][0]["claims"]["optional"].append("outcome"),
        lambda d: d["events"][0]["fields"]["optional"].append("no_such"),
        lambda d: d["events"][0]["codes"].update(outcome=["same"]),
    ],
)
def test_a_slip_in_the_data_stops_the_load(spoil: Callable[[Any], object]) -> None:
    data = json.loads((DATA / "events.json").read_bytes())
    read_catalogue(json.dumps(data).encode())
    spoil(data)
    with pytest.raises((ValueError, EvidenceError, KeyError)):
        read_catalogue(json.dumps(data).encode())
