"""Files in, statements signed, sealed, anchored on four organisations, proved offline from one file."""

from __future__ import annotations

from ledger.sign import ItemDraft
from tests.e2e.world import World, file_claims
from verifier.report import Outcome, Report, Verdict

FILES = {"01_合同.txt": "承包合同".encode(), "02_调查表.txt": "调查表".encode()}


def passed_all(report: Report) -> bool:
    return all(check.outcome is Outcome.PASSED for check in report.checks)


def test_a_record_is_proved_from_one_file(world: World) -> None:
    record = world.receive("张三户土地承包户档", FILES)
    attested = world.anchor_all()
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report
    assert passed_all(report)
    assert len(report.checks) == 11
    assert attested.organisations == attested.asked
    assert len([w for w in report.witnesses if w.attested]) == 4


def test_a_changed_file_is_named_and_the_rest_stand(world: World) -> None:
    record = world.receive("张三户土地承包户档", FILES)
    world.anchor_all()
    changed = FILES | {"02_调查表.txt": "调查表?".encode()}
    report = world.verify(world.evidence(record).data, changed)
    assert report.verdict is Verdict.INCONSISTENT
    assert {f.given: f.status.value for f in report.files if f.given} == {
        "01_合同.txt": "same",
        "02_调查表.txt": "different",
    }


def test_a_signed_but_unanchored_record_is_incomplete(world: World) -> None:
    record = world.receive("回访记录", FILES)
    evidence = world.evidence(record)
    assert evidence.pending_included
    report = world.verify(evidence.data, FILES)
    assert report.verdict is Verdict.INCOMPLETE, report


def test_a_later_anchor_proves_earlier_entries(world: World) -> None:
    record = world.receive("张三户土地承包户档", FILES)
    world.anchor_all()
    for n in range(3):
        world.receive(f"别的档案{n}", {f"{n}.txt": str(n).encode()})
        world.anchor_all()
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report


def test_one_signature_covers_a_list_and_each_item_is_proved_alone(world: World) -> None:
    items = []
    contents = [{f"{n}.txt": f"第{n}件".encode()} for n in range(9)]
    for n, content in enumerate(contents):
        files, names = file_claims(content)
        fields = {"title": f"第{n}件", "number": f"QC03-{n}", **names}
        record = f"{n:08d}-0000-4000-8000-000000000000"
        items.append(ItemDraft(record, files, fields))
    list_id, _ = world.list_of("receive", items, note="移交清单")
    world.anchor_all()
    for n in (0, 4, 8):
        report = world.verify(world.evidence(items[n].record).data, contents[n])
        assert report.verdict is Verdict.CONSISTENT, report
    every = {name: data for content in contents for name, data in content.items()}
    whole = world.verify(world.evidence(lists=(list_id,)).data, every)
    assert whole.verdict is Verdict.CONSISTENT, whole
    assert len(whole.records) == 9
    assert [listing.id for listing in whole.lists] == [list_id]
    changed = world.verify(world.evidence(lists=(list_id,)).data, every | {"4.txt": b"?"})
    assert changed.verdict is Verdict.INCONSISTENT


def test_a_receipt_is_found_kept(world: World) -> None:
    record = world.receive("有回执的档案", FILES)
    accepted = world.act("shelve", record, state="in_place", location="02库-03架-4层")
    world.anchor_all()
    report = world.verify(world.evidence(record).data, FILES, accepted.receipt)
    assert report.receipt is not None
    assert report.receipt.known
    assert report.receipt.logged
