"""The story of a boundary dispute, told as the commands that the people of the town would type.

Two households, 张三 and 李四, dispute a boundary after a canal moved its stone. The clock forbids
back-dating: the story's dates are `occurred_at`, its entries are marked as entered late (补录).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from api.demo.records import SampleRecord

OLD_PAPER = ("--late", "old_paper")
MAP, ZHANG, LI = "QC03-ZY·TD-001-0006", "QC03-ZY·TD-021", "QC03-ZY·TD-022"
POSTER, MINUTES, WELFARE, GRANTS = (
    "QH01-WS·2014-D10-DJ-0007",
    "QC05-WS·2019-Y-CW-0004",
    "QH01-ZY·DB-018",
    "QH01-WS·2025-D30-MS-0042",
)
TRAINING, YIELDS, CANAL = (
    "QH01-WS·2024-D30-DJ-0011",
    "QC03-WS·2025-D30-CY-0003",
    "QH01-JJ-009-001",
)
FIRST_LIST = "望禾村土地承包档案移交清单"
REST, AGAIN = f"{FIRST_LIST}(续)", f"{FIRST_LIST}(重报)"
PENDING = 21
HOUSEHOLD = 5
# Files go out only for somebody, for a purpose and on a basis.
HANDING_OUT = ("--as", "孙八", "--purpose", "当事人索取本人档案", "--basis", "own_record")
SCAN = ("--carrier", "paper", "--copy", "scan")
# Paper first, scanned later: these come in without files.
PAPER_FIRST = frozenset((4, 5, 6, 8))


@dataclass(frozen=True)
class Chapter:
    """`commands` are arguments of `archive-ledger`; what they sign is anchored when the chapter ends."""

    step: str
    zh: str
    en: str
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Samples:
    """Where the drawn files lie: `folder(n)` of record n, `first` the household file as first submitted."""

    root: Path
    records: tuple[SampleRecord, ...]
    first: Path

    def folder(self, number: int) -> Path:
        return self.root / self.records[number - 1].folder


def chapters(samples: Samples, intakes: Path) -> tuple[Chapter, ...]:
    """The whole story but its last, unanchored act. `intakes` has one folder for each hand-in."""
    return (
        _arrival(intakes),
        _digitising(samples),
        _custody(),
        _first_review(),
        _returned(samples),
        _filed(),
        _repair(samples),
        _mediation(intakes),
        _refused(),
        _certificate_and_loan(intakes),
        _agreement(intakes),
        _audit(),
        _destruction(),
    )


def pending_act(intakes: Path) -> tuple[str, ...]:
    """S16: signed, and not yet anchored."""
    return ("intake", str(intakes / "S16"), "--as", "周九", "--occurred", "2026-05-06", *OLD_PAPER)


def _review(step: str, who: str, when: str, title: str) -> tuple[str, ...]:
    """Of the very list that was fixed, named by its title."""
    on_list = ("--list-id", title, "--answers", "list.freeze", "--outcome", "approved")
    return _event(f"review.{step}", who, when, (), *on_list)


def _follows(title: str) -> tuple[str, ...]:
    return ("--field", f"list_title={title}")


def _event(name: str, who: str, when: str, records: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return ("event", name, *records, "--as", who, "--occurred", when, *OLD_PAPER, *more)


def _files(folder: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for name in names for word in ("--file", str(folder / name)))


def _arrival(intakes: Path) -> Chapter:
    def take(part: str, who: str, when: str) -> tuple[str, ...]:
        return ("intake", str(intakes / part), "--as", who, "--occurred", when, *OLD_PAPER)

    return Chapter(
        "S01",
        "两村一镇把旧档交来,逐件登记(一人一签,一份清单)",
        "two villages and the town hand their old records in: one signature each, one list each",
        (
            take("S01-望禾村", "王五", "2026-01-08"),
            take("S01-听泉村", "何十五", "2026-01-08"),
            take("S01-青禾镇", "孙八", "2026-01-08"),
            _event("sign.validate", "孙八", "2026-01-08", (TRAINING,), "--outcome", "valid"),
        ),
    )


def _digitising(samples: Samples) -> Chapter:
    scans = {
        MAP: (samples.folder(4), ("01_原扫描.tif",), "1"),
        ZHANG: (samples.first, tuple(sorted(p.name for p in samples.first.iterdir())), "44"),
        LI: (samples.folder(6), samples.records[5].files, "38"),
    }
    commands: list[tuple[str, ...]] = []
    for number, (folder, names, pages) in scans.items():
        scan = ("--pages", pages, *SCAN, *_files(folder, names))
        commands.append(_event("digitise", "冯十二", "2026-01-12", (number,), *scan))
        same = ("--pages", pages, "--outcome", "same", "--answers", "last")
        commands.append(_event("original.compare", "陈十三", "2026-01-12", (number,), *same))
    return Chapter(
        "S02", "扫描,另一人与原件逐页比对", "scanned, and compared page by page by another", tuple(commands)
    )


def _custody() -> Chapter:
    kept = (MAP, ZHANG, LI, MINUTES)
    places = {MAP: "盒001", ZHANG: "盒021", LI: "盒022"}
    deposit: tuple[str, ...] = ("--field", "owner=望禾村、听泉村", "--field", "custodian=镇综合档案室")
    deposit += ("--basis", "agreement", "--field", "document_number=青档寄〔2026〕001号")
    shelves = tuple(
        _event(
            "shelve",
            "陈十三",
            "2026-01-14",
            (number,),
            *("--state", "in_deposit", "--field", f"location=02库-03架-4层-{box}"),
        )
        for number, box in places.items()
    )
    return Chapter(
        "S03",
        "村档乡管:原件代管交接,上架",
        "the villages' originals go into the town's keeping",
        (_event("deposit.in", "陈十三", "2026-01-14", kept, *deposit), *shelves),
    )


def _first_review() -> Chapter:
    title = ("--field", f"list_title={FIRST_LIST}")
    return Chapter(
        "S04",
        "清单定稿,村级初审",
        "the list is fixed, and reviewed in the village",
        (
            _event("list.freeze", "王五", "2026-01-15", (MAP, ZHANG, LI), *title),
            _review("village", "刘十四", "2026-01-15", FIRST_LIST),
        ),
    )


def _returned(samples: Samples) -> Chapter:
    note = "opinion=缺指界签字表2页,补齐后重报"
    second = _files(samples.folder(HOUSEHOLD), samples.records[HOUSEHOLD - 1].files)
    again = ("--answers", "last", "--version", "2", "--pages", "46", *SCAN, *second)
    same = ("--pages", "2", "--outcome", "same", "--answers", "last")
    back = ("--answers", "last", "--reason", "missing_item", "--field", note)
    return Chapter(
        "S05-S06",
        "张三户缺指界签字表2页:单件退回,补齐重报第2版",
        "two pages missing: one item is sent back, and submitted again as version 2",
        (
            _event("item.return", "钱七", "2026-01-19", (ZHANG,), *back),
            _event("resubmit", "王五", "2026-01-23", (ZHANG,), *again),
            _event("original.compare", "陈十三", "2026-01-23", (ZHANG,), *same),
            # What is fixed stays fixed: the other two go on under a list of their own, and so does this one.
            _event(
                "list.freeze", "王五", "2026-01-23", (MAP, LI), *_follows(REST), "--answers", "list.freeze"
            ),
            _event("list.freeze", "王五", "2026-01-23", (ZHANG,), *_follows(AGAIN)),
            _review("village", "刘十四", "2026-01-24", AGAIN),
        ),
    )


def _filed() -> Chapter:
    return Chapter(
        "S07",
        "业务部门审核,镇综合档案室终审归档",
        "reviewed by the department, finally reviewed and filed",
        (
            *(_review("department", "钱七", "2026-01-26", title) for title in (REST, AGAIN)),
            *(_review("final", "赵六", "2026-01-28", title) for title in (REST, AGAIN)),
            _event(
                "metadata.correct",
                "赵六",
                "2026-01-28",
                (YIELDS,),
                *("--reason", "entry_error", "--field", "approver=陈十三"),
                *("--field", "title=望禾村集体经济2025年度收益分配表"),
            ),
            _event(
                "metadata.check",
                "陈十三",
                "2026-01-28",
                (YIELDS,),
                "--answers",
                "last",
                "--outcome",
                "approved",
            ),
        ),
    )


def _repair(samples: Samples) -> Chapter:
    enhanced = _files(samples.folder(4), ("02_增强件.png", "03_修复说明.txt"))
    enhanced += ("--carrier", "paper", "--copy", "enhanced")
    method: tuple[str, ...] = ("--field", "method=去黄、提对比", "--pages", "1", "--answers", "digitise")
    method += ("--field", "filled_in=折痕处,以斜线标出;推补处不作凭证")
    passed = ("--answers", "last", "--outcome", "passed")
    return Chapter(
        "S08",
        "褪色的手绘地图:数字化修复,另一人核验",
        "the faded hand-drawn map is repaired, and checked by another",
        (
            _event("repair.digital", "冯十二", "2026-02-10", (MAP,), *enhanced, *method),
            _event("repair.check", "陈十三", "2026-02-10", (MAP,), *passed),
        ),
    )


def _mediation(intakes: Path) -> Chapter:
    return Chapter(
        "S09",
        "调解委员会受理纠纷",
        "the mediation committee accepts the case",
        (("intake", str(intakes / "S09"), "--as", "周九", "--occurred", "2026-03-09", *OLD_PAPER),),
    )


def _refused() -> Chapter:
    who = ("--basis", "own_record", "--field", "reader_name=郑十一", "--field", "purpose=了解张三户低保情况")
    why = ("--answers", "last", "--reason", "no_mandate")
    return Chapter(
        "S10",
        "郑十一申请查阅他人低保户档:不予提供利用",
        "郑十一 asks for another household's welfare file: access refused",
        (
            _event("access.apply", "孙八", "2026-03-12", (WELFARE,), *who),
            _event("access.refuse", "孙八", "2026-03-12", (WELFARE,), *why),
        ),
    )


def _certificate_and_loan(intakes: Path) -> Chapter:
    number = ("--field", "certificate_number=青档证〔2026〕003号", "--field", "reader_name=张三")
    # Plainly no real numbers; they are withheld from the evidence.
    private = ("--field", "id_number=000000000000000000", "--field", "phone=00000000000")
    granted = ("--answers", "access.approve", "--basis", "mediation")
    loan = (*granted, "--due", "2026-03-30", "--state", "on_loan")
    reader = ("--field", "reader_name=周九", "--field", "purpose=现场勘验比对")
    back = ("--answers", "last", "--outcome", "intact", "--state", "in_deposit")
    return Chapter(
        "S11-S14",
        "出具档案证明;申请、批准,原件借出、现场勘验、归还",
        "a certificate; applied for, approved, the originals are lent, used on the spot, returned",
        (
            _event("certificate.issue", "赵六", "2026-03-19", (ZHANG,), *number, *private),
            _event(
                "access.apply", "周九", "2026-03-19", (MAP, ZHANG, CANAL), "--basis", "mediation", *reader
            ),
            _event(
                "access.approve",
                "赵六",
                "2026-03-20",
                (MAP, ZHANG, CANAL),
                *("--answers", "access.apply", "--outcome", "granted"),
            ),
            _event("access.view", "孙八", "2026-03-20", (CANAL,), *granted, *reader),
            _event("borrow.out", "孙八", "2026-03-23", (MAP, ZHANG), *loan, *reader),
            ("intake", str(intakes / "S13"), "--as", "周九", "--occurred", "2026-03-24", *OLD_PAPER),
            _event("borrow.return", "孙八", "2026-03-27", (MAP, ZHANG), *back),
        ),
    )


def _agreement(intakes: Path) -> Chapter:
    return Chapter(
        "S15",
        "达成调解协议",
        "the parties agree",
        (("intake", str(intakes / "S15"), "--as", "周九", "--occurred", "2026-04-02", *OLD_PAPER),),
    )


def _audit() -> Chapter:
    why = ("--basis", "audit", "--field", "purpose=民生资金发放档案利用情况审计")
    return Chapter(
        "S17",
        "县审计局查询利用轨迹(查询本身也留痕)",
        "the audit bureau queries the trail of uses, and that is recorded too",
        (_event("query.audit", "吴十", "2026-05-20", (WELFARE, GRANTS), *why),),
    )


def _destruction() -> Chapter:
    document = ("--field", "document_number=青档销〔2026〕01号")
    return Chapter(
        "S18",
        "到期鉴定,提出、批准、监销,另一人见证",
        "appraised at expiry; destruction proposed, approved, carried out, witnessed by another",
        (
            _event("expiry.review", "陈十三", "2026-05-28", (POSTER,), "--outcome", "destroy"),
            _event("destroy.propose", "陈十三", "2026-05-28", (POSTER,), "--answers", "last"),
            _event(
                "destroy.approve",
                "赵六",
                "2026-05-28",
                (POSTER,),
                *("--answers", "last", "--outcome", "approved", *document),
            ),
            _event(
                "destroy.carry_out",
                "孙八",
                "2026-05-28",
                (POSTER,),
                *("--answers", "last", "--outcome", "paper_destroyed", "--state", "destroyed"),
            ),
            _event(
                "destroy.witness",
                "刘十四",
                "2026-05-28",
                (POSTER,),
                *("--answers", "destroy.carry_out", "--outcome", "paper_destroyed"),
            ),
        ),
    )
