"""The office's work over HTTP: lists on their way, loans, repairs, volumes; and what waits for whom."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import Client
from api.drafted import DishonestError
from api.overdue import state_overdue
from ledger.refusals import refusals
from ledger.unit_store import put_tree
from tests.api.http.house import House, problem_of, receive
from tests.api.http.staff import Staff, refused, sample_tree, staffed

# Whom a list may wait for.
ASKED = ("刘十四", "钱七", "赵六", "冯十二", "镇长", "郑十一")
PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture(scope="module")
def staff(house: House) -> Iterator[Staff]:
    put_tree(house.ledger, sample_tree())
    with staffed(house.url, partial(house.person, duties=())) as made:
        yield made


def received(staff: Staff, count: int, **changes: Any) -> list[str]:
    records = [str(uuid.uuid4()) for _ in range(count)]
    for record in records:
        staff["王五"].act(**receive(record, state="in_place", **changes))
    return records


def kept(house: House) -> list[str]:
    """Of each statement that was refused, a reason's code, oldest first; there is one for each item."""
    by_statement = {one.statement: one.code for one in reversed(refusals(house.ledger, limit=10_000))}
    return list(by_statement.values())


def waits(staff: Staff, list_id: str) -> dict[str, list[str]]:
    """Who finds the list among what waits for them, and for which act."""
    found = {}
    for name in ASKED:
        for one in staff.work(name)["lists"]:
            if one["list_id"] == list_id:
                found[name] = sorted({step["event"] for step in one["steps"]})
    return found


def loans(staff: Staff, **asked: Any) -> list[dict[str, Any]]:
    return list(staff["孙八"].every("/v1/loans", "loans", **asked))


def originals(staff: Staff, **asked: Any) -> list[dict[str, Any]]:
    return list(staff["赵六"].every("/v1/originals", "originals", **asked))


def test_a_list_from_the_village_to_the_county_with_one_item_sent_back(house: House, staff: Staff) -> None:
    on, do = staff.on_list, staff.on_record
    a, b, c = received(staff, 3)
    since = len(kept(house))
    first = staff.freeze("王五", [a, b, c], "望禾村移交清单")
    shown = staff["孙八"].show_list(first)
    assert [one["record"] for one in shown["items"]] == [a, b, c]
    assert (shown["status"], shown["state"], shown["title"]) == ("under_way", "listed", "望禾村移交清单")
    assert shown["frozen"]["units"] == [sample_tree().named("qinghe.wanghe")[0].id]
    assert waits(staff, first) == {
        "刘十四": ["review.village"],
        "钱七": ["review.department"],
    }

    ok = {"outcome": "approved"}
    refused("CUSTODY_SAME_PERSON", on, "王五", first, "review.village", **ok)
    refused("CUSTODY_TRANSFER_ORDER", on, "钱七", first, "review.department", **ok)
    refused("CUSTODY_TRANSFER_ORDER", on, "赵六", first, "review.final", **ok)
    on("孙八", first, "list.count", outcome="complete")
    on("刘十四", first, "review.village", **ok)
    assert waits(staff, first) == {"钱七": ["review.department"]}
    on("钱七", first, "item.return", record=b, reason="missing_item")
    assert kept(house)[since:] == ["CUSTODY_SAME_PERSON", *["CUSTODY_TRANSFER_ORDER"] * 2]

    shown = staff["王五"].show_list(first)
    assert (shown["status"], [one["on_list"] for one in shown["items"]]) == ("divided", [True, False, True])
    assert (shown["items"][1]["sent_back"]["reason"], shown["items"][1]["state"]) == (
        "missing_item",
        "returned",
    )
    assert [one["event"] for one in shown["next"]] == ["list.freeze"]
    (back,) = staff.work("王五")["sent_back"]
    assert (back["record"], back["reason"], back["list_id"]) == (b, "missing_item", first)

    # The list as it was fixed goes no further, whoever tries; the rest goes on under a new one.
    since = len(kept(house))
    with pytest.raises(Exception, match="CUSTODY"):
        on("钱七", first, "review.department", **ok)
    assert "CUSTODY_TRANSFER_ORDER" in kept(house)[since:]
    rest = str(on("王五", first, "list.freeze")["list_id"])
    assert rest != first
    assert [one["record"] for one in staff["王五"].show_list(rest)["items"]] == [a, c]
    assert staff["王五"].show_list(rest)["title"] == "望禾村移交清单"
    assert staff["王五"].show_list(first)["status"] == "replaced"

    do("王五", b, "resubmit", reason="supplied")
    steps = staff["王五"].ask("GET", f"/v1/records/{b}").json()["steps"]
    assert (steps[-1]["event"], steps[-1]["version"], len(steps[-1]["answers"])) == ("resubmit", 2, 1)
    assert staff.work("王五")["sent_back"] == []
    again = staff.freeze("王五", [b], "望禾村补报清单")
    on("刘十四", again, "review.village", **ok)
    for list_id in (rest, again):
        assert waits(staff, list_id) == {"钱七": ["review.department"]}
        refused("CUSTODY_SAME_PERSON CUSTODY_DUTY", on, "刘十四", list_id, "review.department", **ok)
        on("钱七", list_id, "review.department", **ok)
        assert waits(staff, list_id) == {"赵六": ["review.final"], "冯十二": ["review.final"]}
        on("赵六", list_id, "review.final", **ok)
        assert waits(staff, list_id) == {}
    assert staff["王五"].show_list(rest)["status"] == "filed"

    # Years later, to the county archive: another act with another paper.
    county = staff.freeze("冯十二", [a, b, c], "移交进馆清单")
    assert waits(staff, county)["郑十一"] == ["handover.sign"]
    refused("CUSTODY_DEED_INCOMPLETE", on, "郑十一", county, "transfer.accept")
    on("冯十二", county, "handover.sign", basis="giver_clerk")
    refused("CUSTODY_SAME_PERSON CUSTODY_DUTY", on, "冯十二", county, "handover.sign", basis="giver_head")
    refused("CUSTODY_DEED_PARTY", on, "馆长", county, "handover.sign", basis="giver_head")
    on("镇长", county, "handover.sign", basis="giver_head")
    on("郑十一", county, "handover.sign", basis="receiver_clerk")
    on("馆长", county, "handover.sign", basis="receiver_head")
    assert waits(staff, county) == {"郑十一": ["transfer.accept"]}
    on("郑十一", county, "transfer.accept", state="in_place")
    done = staff["郑十一"].show_list(county)
    assert (done["status"], done["state"], len(done["deed"])) == ("transferred", "transferred", 4)
    assert done["barred"] == staff["王五"].show_list(county)["barred"]

    lists = staff["赵六"].every("/v1/lists", "lists", limit=1)
    assert [one["list_id"] for one in lists][:2] == [county, again]
    filed = [one["list_id"] for one in staff["赵六"].every("/v1/lists", "lists", status="filed")]
    assert filed == [again, rest]


def test_a_whole_list_sent_back_a_declared_route_and_a_temporary_authorisation(staff: Staff) -> None:
    on, do = staff.on_list, staff.on_record
    ok = {"outcome": "approved"}
    (record,) = received(staff, 1)
    back = staff.freeze("王五", [record], "整单退回")
    on("钱七", back, "list.return", reason="title_form")
    assert staff["王五"].show_list(back)["status"] == "returned"
    refused("CUSTODY_TRANSFER_ORDER", on, "刘十四", back, "review.village", **ok)
    do("王五", record, "resubmit")
    own = staff.freeze("王五", [record], "部门自行归档")
    on("钱七", own, "review.department", basis="declared_route", **ok)
    temporary = {"basis": "temporary_authorisation", **ok}
    refused("CUSTODY_AUTHORISATION_UNDATED", on, "冯十二", own, "review.final", **temporary)
    ended = {**temporary, "due": "2026-01-14"}
    refused("CUSTODY_AUTHORISATION_ENDED", on, "冯十二", own, "review.final", **ended)
    on("冯十二", own, "review.final", due="2026-03-31", **temporary)
    assert staff["王五"].show_list(own)["state"] == "filed"


def test_borrowing_from_the_application_to_the_return(house: House, staff: Staff) -> None:
    do = staff.on_record
    (record,) = received(staff, 1)
    reader = {"reader_name": "李四", "purpose": "界址勘验"}
    refused(
        "CUSTODY_UNAPPROVED",
        do,
        "孙八",
        record,
        "borrow.out",
        due="2026-02-01",
        basis="mediation",
        fields=reader,
    )
    asked = do("周九", record, "access.apply", basis="mediation", fields=reader)
    (waiting,) = [one for one in staff.work("赵六")["applications"] if one["record"] == record]
    assert waiting["statement"] == asked["statement"]
    assert staff.work("孙八")["applications"] == []
    do("赵六", record, "access.approve", outcome="granted", due="2026-03-01")
    do("孙八", record, "borrow.out", due="2026-02-01", fields=reader)
    (loan,) = loans(staff, record=record, state="overdue")
    assert (loan["basis"], loan["due"], loan["renewals_left"], loan["said"]["reader_name"]) == (
        "mediation",
        "2026-02-01",
        2,
        "李四",
    )
    later = {"occurred_at": "2026-01-30", "late": "offline"}
    do("孙八", record, "borrow.renew", due="2026-02-10", **later)
    do("孙八", record, "borrow.recall")
    refused(
        "CUSTODY_DUE_NOT_LATER",
        do,
        "孙八",
        record,
        "borrow.renew",
        due="2026-02-09",
        **later,
    )
    do("孙八", record, "borrow.renew", due="2026-02-20", **later)
    refused("CUSTODY_RENEWALS", do, "孙八", record, "borrow.renew", due="2026-03-20", **later)
    (late,) = [one for one in staff.work("孙八")["overdue"] if one["record"] == record]
    assert late["due"] == "2026-02-20"

    # The service states it, once, by its own key.
    assert record in [one.record for one in state_overdue(house.ledger, house.service.key)]
    assert state_overdue(house.ledger, house.service.key) == ()
    (stated,) = [one for one in house.stated("borrow.overdue") if one.record == record]
    assert (stated.due, stated.agent) == ("2026-02-20", house.service.key.agent)
    do("孙八", record, "borrow.return", outcome="damaged", fields={"condition": "封面撕裂"})
    rows = list(loans(staff, record=record, limit=1))
    assert [(one["event"], one["state"], one["outcome"], one["renewals"]) for one in rows] == [
        ("borrow.out", "returned", "damaged", 2),
        ("access.apply", "approved", "granted", 0),
    ]
    (original,) = [one for one in originals(staff) if one["record"] == record]
    assert original["state"] == "in_place"


def test_an_application_refused_and_one_that_is_not_the_only_one(staff: Staff) -> None:
    do = staff.on_record
    (record,) = received(staff, 1)
    fields = {"reader_name": "路人", "purpose": "好奇"}
    asked = [
        do("孙八", record, "access.apply", basis="official_duty", fields=fields)["statement"]
        for _ in range(2)
    ]
    refused("FILL_SEVERAL", do, "赵六", record, "access.refuse", reason="no_mandate")
    do("赵六", record, "access.refuse", reason="no_mandate", answers=[asked[0]])
    do("赵六", record, "access.refuse", reason="not_open")
    states = [(one["state"], one["reason"]) for one in loans(staff, record=record)]
    assert states == [("refused", "not_open"), ("refused", "no_mandate")]
    refused(
        "CUSTODY_REFUSED",
        do,
        "赵六",
        record,
        "access.approve",
        outcome="granted",
        answers=[asked[0]],
    )


def test_a_repair_is_checked_by_somebody_else(house: House, staff: Staff) -> None:
    do = staff.on_record
    digests = {"sha256": "11" * 32, "sm3": "22" * 32, "size": 3}
    scan = {
        "role": "content",
        "format": "image/tiff",
        "carrier": "electronic",
        "copy": "scan",
        "digests": digests,
    }
    (record,) = received(staff, 1, files=[scan])
    mended = {**scan, "copy": "enhanced", "digests": {**digests, "sha256": "33" * 32}}
    said = {
        "method": "去噪、拼接",
        "scope": "第3页",
        "filled_in": "左下角按邻页推补",
        "file.0.name": "03_修复.tif",
    }
    refused(
        "CUSTODY_NOT_ENHANCED",
        do,
        "冯十二",
        record,
        "repair.digital",
        files=[scan],
        pages=1,
        fields=said,
    )
    done = do("冯十二", record, "repair.digital", files=[mended], pages=1, fields=said)
    (row,) = staff["赵六"].every("/v1/repairs", "repairs", record=record, state="unchecked")
    assert (row["statement"], row["pages"]) == (done["statement"], 1)
    assert row["said"]["filled_in"] == "左下角按邻页推补"
    assert row["files"] == [{"name": "03_修复.tif", "copy": "enhanced", "sha256": "33" * 32}]
    received_by = staff["赵六"].ask("GET", f"/v1/records/{record}").json()["steps"][0]
    assert row["source"] == [received_by["statement"]]
    assert staff.work("冯十二")["repairs"] == []
    assert [one["record"] for one in staff.work("赵六")["repairs"]] == [record]
    refused("CUSTODY_OWN_WORK", do, "冯十二", record, "repair.check", outcome="passed")
    do("赵六", record, "repair.check", outcome="passed")
    (row,) = staff["赵六"].every("/v1/repairs", "repairs", record=record)
    assert (row["state"], [one["outcome"] for one in row["checks"]]) == ("passed", ["passed"])
    assert staff.work("赵六")["repairs"] == []


def test_volumes_and_the_stocktaking_list(house: House, staff: Staff) -> None:
    do = staff.on_record
    a, b = received(staff, 2)
    volume = {"volume": "ZY·TD 张三户"}
    do("赵六", a, "volume.create", fields=volume)
    do("赵六", b, "volume.add", fields=volume)
    shown = staff["赵六"].ask("GET", "/v1/volumes/ZY·TD 张三户").json()
    assert (shown["state"], [one["record"] for one in shown["members"]]) == ("open", [a, b])
    do("赵六", b, "volume.remove", reason="misfiled", fields=volume)
    do("赵六", a, "volume.close", fields=volume)
    (row,) = [one for one in staff["赵六"].every("/v1/volumes", "volumes", limit=1)]
    assert (row["name"], row["state"], row["members"]) == ("ZY·TD 张三户", "closed", 1)
    refused(
        "CUSTODY_VOLUME_ORDER",
        do,
        "赵六",
        a,
        "volume.remove",
        reason="misfiled",
        fields=volume,
    )
    asked = {"volumes": ["ZY·TD 张三户"], "purpose": "核验", "with_pending": True}
    assert a in staff["赵六"].ask("POST", "/v1/evidence", json=asked).text
    unknown = house.ask(
        "POST",
        "/v1/evidence",
        json={**asked, "volumes": ["无"]},
        headers={"Authorization": f"Bearer {staff['赵六'].token}"},
    )
    problem_of(unknown, 404, "VOLUME_UNKNOWN")

    do("冯十二", a, "shelve", state="in_place", fields={"location": "02库-03架-4层-盒021"})
    do("冯十二", b, "check_out", state="in_repair", fields={"location": "修复室"})
    rows = {one["record"]: one for one in originals(staff, location="02库")}
    assert rows.keys() == {a}
    assert [one["record"] for one in originals(staff, state="in_repair")] == [b]
    do("冯十二", b, "check_in", outcome="intact", fields={"location": "02库-03架"})
    do("赵六", a, "stocktake", outcome="missing", state="missing")
    (gone,) = originals(staff, state="missing")
    assert (gone["record"], gone["stocktaking"]["outcome"]) == (a, "missing")
    due = list(originals(staff, location="02库", not_counted_since="2026-01-15"))
    assert [one["record"] for one in due] == [b]


def test_the_list_of_the_page_docs_api(staff: Staff) -> None:
    _, shown = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    a, b, c = received(staff, 3)
    wang, liu, qian = ({"agent_name": name} for name in ("王五", "刘十四", "钱七"))
    people = {"clerk": staff["王五"], "village": staff["刘十四"], "reviewer": staff["钱七"]}
    names: dict[str, Any] = {**people, "a": a, "b": b, "c": c, "wang": wang, "liu": liu, "qian": qian}
    exec(compile(shown, "docs/api.md", "exec"), names)  # noqa: S102  it is the page's own
    assert [one["record"] for one in staff["王五"].show_list(names["rest"])["items"]] == [a, c]


class Other(Client):
    """Filled in by a service that is not honest."""

    change: Any = None

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = super().ask(method, path, **more)
        if path.endswith("/drafts"):
            value = answer.json()
            self.change(value["act"])
            value["draft"] = super().ask("POST", "/v1/drafts", json=value["act"]).json()
            return httpx.Response(200, json=value)
        return answer


LIES = {
    "another outcome": lambda act: act.update(outcome="approved_with_remarks"),
    "another event": lambda act: act.update(event="review.department"),
    "another record": lambda act: act["list"]["items"][0].update(record=str(uuid.uuid4())),
    "a record left out": lambda act: act["list"]["items"].pop(),
    "another list": lambda act: act["list"].update(id=str(uuid.uuid4())),
    "a statement that was not shown": lambda act: act.update(answers=["00" * 32]),
    "a field more": lambda act: act["fields"].update(opinion="同意"),
    "a claim more": lambda act: act.update(late="forgotten"),
    "a claim of an item": lambda act: act["list"]["items"][0].update(outcome="approved"),
}


def test_a_client_signs_nothing_that_was_filled_in_otherwise(house: House, staff: Staff) -> None:
    list_id = staff.freeze("王五", received(staff, 2), "清单")
    honest = staff["刘十四"]
    said = {
        "occurred_at": "2026-01-15",
        "late": "offline",
        "outcome": "approved",
        "fields": {"agent_name": "刘"},
    }
    with Other(house.url, honest.key) as client:
        for lie, change in LIES.items():
            client.change = change
            with pytest.raises(DishonestError):
                client.on_list(list_id, "review.village", **said)
            assert lie
    assert len(honest.show_list(list_id)["steps"]) == 1


def test_what_cannot_be_filled_in_is_refused(house: House, staff: Staff) -> None:
    on, do = staff.on_list, staff.on_record
    (record,) = received(staff, 1)
    list_id = staff.freeze("王五", [record], "清单")
    other = str(uuid.uuid4())
    refused("FILL_EVENT", on, "王五", list_id, "receive")
    refused("FILL_EVENT", do, "王五", record, "list.count")
    refused("FILL_EVENT", do, "王五", record, "nonsense")
    refused("FILL_RECORD", on, "钱七", list_id, "item.return", reason="missing_item")
    refused(
        "FILL_RECORD",
        on,
        "钱七",
        list_id,
        "item.return",
        record=other,
        reason="missing_item",
    )
    refused("LIST_UNKNOWN", on, "王五", other, "list.count")
    refused("RECORD_UNKNOWN", do, "王五", other, "shelve")
    refused("RECORD_UNKNOWN", staff.freeze, "王五", [record, other], "清单")
    for path in ("/v1/lists", "/v1/loans", "/v1/repairs", "/v1/volumes", "/v1/originals", "/v1/people"):
        answer = house.ask(
            "GET", f"{path}?cursor=eA", headers={"Authorization": f"Bearer {staff['赵六'].token}"}
        )
        problem_of(answer, 422, "CURSOR_FORM")
