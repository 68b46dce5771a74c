"""Reports made by hand, after the story of the sample township: what the wording must say of each."""

from __future__ import annotations

from dataclasses import replace

from verifier.report import (
    CheckName,
    CheckResult,
    FileResult,
    FileStatus,
    Interval,
    Outcome,
    Reason,
    RecordReport,
    Report,
    Step,
    StepBreach,
    Verdict,
    Witness,
)

RECORD = "5d0c6c5e-8f0b-4b61-9d7a-3a1e0b6f2c11"
FIRST = Interval("2026-01-12T09:20:00.000Z", "2026-01-12T09:30:00.250Z")
SECOND = Interval("2026-01-23T09:22:00.000Z", "2026-01-23T09:32:00.000Z")
FINGERPRINT = "7f3a19c2" * 8
NAMES = (
    "01_1998承包合同.pdf",
    "02_承包方调查表.pdf",
    "03_地块调查表.pdf",
    "04_指界签字表.pdf",
    "05_公示结果归户表.pdf",
    "06_卷内目录.xlsx",
)
_COUNTS = (6, 11, 4, 11, 11, 1, 3, 4, 1, 11, 11)


def step(event: str, occurred_at: str, name: str = "", duty: str = "", **claims: object) -> Step:
    """A logged step; its index, times and digest follow from `occurred_at` unless given."""
    number = int(occurred_at[5:7]) * 31 + int(occurred_at[8:10])
    disclosed = [("agent_name", name)] if name else []
    disclosed += [("agent_duty", duty)] if duty else []
    disclosed += list(claims.pop("shown", {}).items())  # type: ignore[attr-defined] # a dict by contract
    plain: dict[str, object] = {
        "index": number,
        "event": event,
        "iss": "QingheTownship",
        "agent": "00000000-0000-4000-8000-000000000001",
        "occurred_at": occurred_at,
        "recorded_at": f"{occurred_at[:10]}T09:25:00.000Z",
        "interval": FIRST if number < 50 else SECOND,
        "late": None,
        "basis": None,
        "outcome": None,
        "reason": None,
        "due": None,
        "uses": None,
        "pages": None,
        "version": None,
        "state": None,
        "withheld": (),
        "erased": (),
        "statement": f"{number:064x}",
        "answers": (),
        "files": 0,
        "list": None,
        "item": None,
        "size": None,
    }
    return Step(**{**plain, "disclosed": tuple(disclosed), **claims})  # type: ignore[arg-type] # as above


STEPS = (
    step(
        "receive",
        "2026-01-08",
        "王五",
        "望禾村兼职档案员",
        pages=46,
        shown={
            "title": "张三户土地承包户档",
            "number": "QC03-ZY·TD-021",
            "retention": "永久",
            "custodian": "镇综合档案室",
        },
        withheld=("id_number", "phone"),
        late="old_paper",
        recorded_at="2026-01-12T09:25:00.000Z",
    ),
    step("digitise", "2026-01-12", "冯十二", "镇综合档案室数字化员", pages=44, files=6),
    step("original.compare", "2026-01-12", "陈十三", "镇综合档案室", pages=44, outcome="same"),
    step(
        "shelve",
        "2026-01-14",
        "赵六",
        "镇综合档案室主任",
        state="in_place",
        shown={"location": "02库-03架-4层-盒021"},
    ),
    step("review.village", "2026-01-15", "刘十四", "村务监督委员会主任", outcome="approved", item=0),
    step("item.return", "2026-01-19", "钱七", "农业农村办", reason="missing_item", version=1),
    step("resubmit", "2026-01-23", "王五", "望禾村兼职档案员", version=2, files=6, pages=46),
    step("original.compare", "2026-01-23", "陈十三", "镇综合档案室", pages=2, outcome="same"),
    step("review.department", "2026-01-26", "钱七", "农业农村办", outcome="approved", version=2),
    step(
        "review.final",
        "2026-01-28",
        "赵六",
        "镇综合档案室主任",
        outcome="approved",
        version=2,
        shown={"opinion": "材料齐全,同意归档"},
    ),
    step("certificate.issue", "2026-03-19", "赵六", shown={"certificate_number": "QH-2026-007"}),
)
WITNESSES = (
    Witness("QingheTownship", "青禾镇人民政府", endorsed=True, attested=True),
    Witness("YunlingArchives", "云岭县档案馆", endorsed=True, attested=True),
    Witness("YunlingAudit", "云岭县审计局", endorsed=True, attested=True),
    Witness("YunlingJustice", "云岭县司法局", endorsed=False, attested=True),
)


def same(number: int, **other: object) -> FileResult:
    file = FileResult(
        status=FileStatus.SAME,
        given=NAMES[number],
        name=NAMES[number],
        record=RECORD,
        place=number,
        carrier="paper",
        copy="scan",
        version=2,
        since=SECOND if number in (3, 5) else FIRST,
        rejected_by=None,
    )
    return replace(file, **other)  # type: ignore[arg-type] # fields of FileResult by contract


def passed() -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(name, Outcome.PASSED, count, ()) for name, count in zip(CheckName, _COUNTS, strict=True)
    )


def with_check(checks: tuple[CheckResult, ...], changed: CheckResult) -> tuple[CheckResult, ...]:
    return tuple(changed if check.check is changed.check else check for check in checks)


def consistent() -> Report:
    return Report(
        verdict=Verdict.CONSISTENT,
        checks=passed(),
        reasons=(Reason("LATER_ENTRIES_NOT_PROVED"),),
        fingerprint=FINGERPRINT,
        origin="qinghe.yunling.example/archives",
        ledger="ab" * 32,
        channel="archive-3f9c1d",
        records=(RecordReport(RECORD, STEPS, 2, 6, (("transfer", "filed"), ("original", "in_place"))),),
        lists=(),
        files=tuple(same(number) for number in range(6)),
        witnesses=WITNESSES,
        least_attesters=3,
        anchor_batch=12,
        anchor_size=345,
        anchor_time="2026-03-19T01:10:00.000Z",
        attested_at="2026-03-19T01:10:04.400Z",
        receipt=None,
    )


def handling() -> Report:
    """Files and proofs hold; two steps of the handling break rules."""
    report = consistent()
    reason = Reason("CUSTODY_TRANSFER_ORDER", "statements[7]", "village", "listed")
    failed = CheckResult(CheckName.CUSTODY, Outcome.FAILED, 11, (reason,))
    breaches = (
        StepBreach(9, reason.code, reason.expected, reason.found),
        StepBreach(10, "CUSTODY_SAME_PERSON", "", "00000000-0000-4000-8000-000000000001: review.department"),
    )
    return replace(
        report,
        verdict=Verdict.INCOMPLETE,
        checks=with_check(report.checks, failed),
        reasons=(reason, *report.reasons),
        records=(replace(report.records[0], breaches=breaches),),
    )


def inconsistent() -> Report:
    """Version 1 of one file, which was sent back; one organisation gave no attestation."""
    returned = next(s.statement for s in STEPS if s.event == "item.return")
    older = same(3, status=FileStatus.OLDER_VERSION, name="", place=None, version=1, rejected_by=returned)
    absent = same(3, status=FileStatus.NOT_GIVEN, given="")
    reason = Reason("FILE_OLDER_VERSION", NAMES[3], found=returned)
    silent = Reason("ATTESTER_MISSING", "attestations", "YunlingJustice")
    checks = with_check(passed(), CheckResult(CheckName.FILE, Outcome.FAILED, 7, (reason,)))
    checks = with_check(checks, CheckResult(CheckName.COMMITTED, Outcome.PASSED, 3, (silent,)))
    return replace(
        consistent(),
        verdict=Verdict.INCONSISTENT,
        checks=checks,
        reasons=(reason, silent, Reason("LATER_ENTRIES_NOT_PROVED")),
        files=(*(same(number) for number in (0, 1, 2, 4, 5)), older, absent),
        witnesses=(*WITNESSES[:3], replace(WITNESSES[3], attested=False)),
    )


def incomplete() -> Report:
    """Signed and not yet anchored."""
    pending = step(
        "receive",
        "2026-05-06",
        "周九",
        "镇人民调解委员会",
        index=None,
        recorded_at=None,
        interval=None,
        files=1,
        pages=1,
        shown={"title": "张三与李四承包地边界纠纷回访记录", "number": "QH01-ZY·TJ-003-0004"},
        withheld=("phone",),
    )
    file = replace(
        same(0, carrier="electronic", copy="original", version=1, since=None), name="01_回访记录.txt"
    )
    none = Reason("NO_ANCHOR")
    checks = passed()
    for name in (
        CheckName.LOG,
        CheckName.BLOCK,
        CheckName.ENDORSEMENT,
        CheckName.COMMITTED,
        CheckName.TIME,
    ):
        checks = with_check(checks, CheckResult(name, Outcome.NOT_RUN, 0, (none,)))
    waiting = Reason("PENDING", "statements[0]", "an entry in the log")
    checks = with_check(checks, CheckResult(CheckName.ENTRY, Outcome.NOT_RUN, 0, (waiting,)))
    unjudged = (Reason("NOTHING_TO_CHECK"), Reason("CUSTODY_PENDING", found="1"))
    checks = with_check(checks, CheckResult(CheckName.CUSTODY, Outcome.NOT_RUN, 0, unjudged))
    return replace(
        consistent(),
        verdict=Verdict.INCOMPLETE,
        checks=checks,
        reasons=(waiting, none),
        records=(RecordReport(RECORD, (pending,), 1, 1),),
        files=(replace(file, given="01_回访记录.txt"),),
        witnesses=tuple(replace(w, endorsed=False, attested=False) for w in WITNESSES),
        anchor_batch=None,
        anchor_size=None,
        anchor_time=None,
        attested_at=None,
    )


def _told_nothing(report: Report) -> Report:
    return replace(
        report,
        verdict=Verdict.CANNOT_CHECK,
        records=(),
        files=(),
        witnesses=(),
        anchor_batch=None,
        anchor_size=None,
        anchor_time=None,
        attested_at=None,
    )


def no_trust_root() -> Report:
    missing = Reason("TRUST_MISSING")
    report = _told_nothing(consistent())
    return replace(
        report,
        checks=tuple(CheckResult(name, Outcome.NOT_RUN, 0, (missing,)) for name in CheckName),
        reasons=(missing,),
        fingerprint="",
        origin="",
        ledger="",
        channel="",
        least_attesters=None,
    )


def does_not_hold() -> Report:
    """A statement altered after it was signed."""
    broken = Reason("STATEMENT_SIGNATURE", "statements[2]")
    needs = Reason("PREREQUISITE", expected="signature")
    checks = with_check(passed(), CheckResult(CheckName.SIGNATURE, Outcome.FAILED, 11, (broken,)))
    for name in (CheckName.FILE, CheckName.CUSTODY):
        checks = with_check(checks, CheckResult(name, Outcome.NOT_RUN, 0, (needs,)))
    return replace(
        _told_nothing(consistent()),
        checks=checks,
        reasons=(Reason("EVIDENCE_DOES_NOT_HOLD", found="signature"), broken),
    )


CASES = {
    "consistent": consistent,
    "handling": handling,
    "inconsistent": inconsistent,
    "incomplete": incomplete,
    "no_trust_root": no_trust_root,
    "does_not_hold": does_not_hold,
}
