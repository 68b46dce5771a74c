"""A record's whole way on the real network: village, department, township, county; a loan; a repair; and then
its evidence, checked offline by whoever has the trust root."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.handle import open_ledger
from ledger.keys import SigningKey
from ledger.unit_store import current_tree
from tests.api.http.process import ADDRESS, serving, stop, until
from tests.api.http.staff import Staff, refused, sample_tree, staffed
from tests.e2e.test_service import Office, wait
from tests.e2e.test_service import office as office
from tests.people import ARCHIVE, enrol_all

OK = {"outcome": "approved"}
ELEVEN = 11


def verdict(*arguments: object) -> tuple[int, dict[str, Any]]:
    """The verifier's exit code, and its report."""
    command = [sys.executable, "-c", "import sys; from verifier.command import main; sys.exit(main())"]
    run = subprocess.run(
        [*command, *map(str, arguments), "--json"], capture_output=True, timeout=600, check=False
    )
    return run.returncode, json.loads(run.stdout)


def enrolled(office: Office, msp: str, role: str) -> SigningKey:
    """A person without a duty; registrars need no enrolment."""
    key = office.person(msp, role)
    if role == "person":
        with closing(open_ledger(office.home)) as ledger:
            enrol_all(ledger, office.network.home, [key], ())
    return key


def received(staff: Staff, folder: Path, number: int) -> tuple[str, Path]:
    """A scan, and its paper in its place."""
    record, scan = str(uuid.uuid4()), folder / f"0{number}_界址图.txt"
    scan.parent.mkdir(exist_ok=True)
    scan.write_text(f"界址草图第{number}幅", encoding="utf-8")
    file = {"role": "content", "format": "text/plain", "carrier": "both", "copy": "scan"}
    clerk = staff["王五"]
    clerk.act(
        event="receive",
        occurred_at="2026-01-08",
        late="offline",
        record=record,
        state="in_place",
        files=[{**file, "digests": clerk.upload(scan)}],
        fields={
            "title": f"界址图{number}",
            "number": f"QC03-{number}",
            "agent_name": "王五",
            "file.0.name": scan.name,
        },
    )
    return record, scan


def transferred(staff: Staff, records: list[str]) -> tuple[str, ...]:
    """From the village to the county archive; the second record is sent back once. Its lists."""
    on, do = staff.on_list, staff.on_record
    first = staff.freeze("王五", records, "望禾村移交清单")
    refused("CUSTODY_TRANSFER_ORDER", on, "钱七", first, "review.department", **OK)
    refused("CUSTODY_SAME_PERSON", on, "王五", first, "review.village", **OK)
    on("刘十四", first, "review.village", **OK)
    refused("CUSTODY_SAME_PERSON CUSTODY_DUTY", on, "刘十四", first, "review.department", **OK)
    refused("CUSTODY_DUTY", on, "赵六", first, "review.department", **OK)
    on("钱七", first, "item.return", record=records[1], reason="missing_item")
    rest = str(on("王五", first, "list.freeze")["list_id"])
    do("王五", records[1], "resubmit", reason="supplied")
    again = staff.freeze("王五", [records[1]], "望禾村补报清单")
    refused("CUSTODY_UNIT", on, "吴二", again, "review.village", **OK)
    on("何十五", again, "review.village", **OK)
    for list_id in (rest, again):
        on("孙八", list_id, "list.count", outcome="complete")
        refused("CUSTODY_TRANSFER_ORDER", on, "赵六", list_id, "review.final", **OK)
        on("钱七", list_id, "review.department", **OK)
        on("赵六", list_id, "review.final", **OK)
    county = staff.freeze("冯十二", records, "移交进馆清单")
    signatures = {
        "冯十二": "giver_clerk",
        "镇长": "giver_head",
        "郑十一": "receiver_clerk",
        "馆长": "receiver_head",
    }
    for name, basis in signatures.items():
        refused("CUSTODY_DEED_INCOMPLETE", on, "郑十一", county, "transfer.accept")
        on(name, county, "handover.sign", basis=basis)
    on("郑十一", county, "transfer.accept", state="in_place")
    return first, rest, again, county


def lent(staff: Staff, record: str) -> None:
    do, reader = staff.on_record, {"reader_name": "李四", "purpose": "界址勘验"}
    lend: Mapping[str, Any] = {"due": "2026-02-01", "fields": reader}
    refused("CUSTODY_UNAPPROVED", do, "孙八", record, "borrow.out", basis="mediation", **lend)
    do("周九", record, "access.apply", basis="mediation", fields=reader)
    do("赵六", record, "access.approve", outcome="granted")
    do("孙八", record, "borrow.out", **lend)
    do("孙八", record, "borrow.renew", due="2026-02-20", occurred_at="2026-01-30", late="offline")

    def stated() -> bool:
        (row,) = staff["孙八"].every("/v1/loans", "loans", record=record, state="overdue")
        return bool(row["overdue_stated"])

    wait("overdue is not stated by the service", 600, stated)
    do("孙八", record, "borrow.return", outcome="intact")


def mended(staff: Staff, record: str, folder: Path) -> Path:
    do, copy = staff.on_record, folder / "01_界址图_修复.txt"
    copy.write_text("界址草图第1幅,左下角推补", encoding="utf-8")
    file = {"role": "content", "format": "text/plain", "carrier": "electronic", "copy": "enhanced"}
    digests = staff["冯十二"].upload(copy)
    said = {"method": "去噪", "scope": "第1页", "filled_in": "左下角按邻页推补", "file.0.name": copy.name}
    do("冯十二", record, "repair.digital", files=[{**file, "digests": digests}], pages=1, fields=said)
    refused("CUSTODY_OWN_WORK", do, "冯十二", record, "repair.check", outcome="passed")
    do("赵六", record, "repair.check", outcome="passed")
    assert [one["state"] for one in staff["赵六"].every("/v1/repairs", "repairs", record=record)] == [
        "passed"
    ]
    return copy


@pytest.mark.usefixtures("office")
def test_from_the_village_to_the_county_and_then_to_a_verdict(office: Office, tmp_path: Path) -> None:
    with closing(open_ledger(office.home)) as ledger:
        tree = current_tree(ledger)
    assert tree is not None
    assert set(tree.tree.units) == set(sample_tree().units)
    folder = tmp_path / "files"
    with serving(office.home, "--interval", "0.5") as (process, said):
        url = until(said, ADDRESS.pattern)[1]
        with staffed(url, partial(enrolled, office)) as staff:
            records, scans = zip(*(received(staff, folder, n) for n in (1, 2, 3)), strict=True)
            lists = transferred(staff, list(records))
            lent(staff, records[0])
            copy = mended(staff, records[0], folder)

            def attested() -> bool:
                found = staff["赵六"].ask("GET", f"/v1/records/{records[0]}").json()
                return all(step["state"] == "attested" for step in found["steps"])

            wait("not attested", 600, attested)
            evidence = tmp_path / "case.evidence.json"
            asked = {"records": list(records), "lists": list(lists), "purpose": "调解委员会核验"}
            evidence.write_bytes(staff["赵六"].ask("POST", "/v1/evidence", json=asked).content)
        stop(process, said)
    trust = tmp_path / "trust.json"
    assert office.ask("trust-root", "-o", trust).exit == 0
    code, report = verdict(evidence, *scans, copy, "--trust", trust)
    found = {one["check"]: one["outcome"] for one in report["checks"]}
    assert (code, set(found.values()), len(found)) == (0, {"passed"}, ELEVEN), found
    # Whoever reviewed for the village in the county's name: the county certified the key.
    (reviewer,) = {
        step["agent"]
        for told in report["records"]
        for step in told["steps"]
        if step["event"] == "review.village" and step["iss"] == ARCHIVE
    }
    assert [one["certified_by"] for one in report["keys"] if one["agent"] == reviewer] == [ARCHIVE]
    kept = {one["code"] for one in office.ask("refused", "--limit", "1000").document["refused"]}
    assert kept == {
        "CUSTODY_DEED_INCOMPLETE",
        "CUSTODY_DUTY",
        "CUSTODY_OWN_WORK",
        "CUSTODY_SAME_PERSON",
        "CUSTODY_TRANSFER_ORDER",
        "CUSTODY_UNAPPROVED",
        "CUSTODY_UNIT",
    }
