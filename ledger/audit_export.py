"""An auditor's export: the sheet of the acts asked for, and evidence over their records beside it.

Twice through the same view of the store: first to count, as the head of the sheet says how many lines must
follow; then to write. What is in memory does not grow with the number of lines.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias

from sqlalchemy import Connection

from ledger.audit_columns import COLUMNS, Cells, ExportWords
from ledger.audit_csv import Sheet
from ledger.audit_filter import AuditFilter, filter_words
from ledger.audit_foot import foot_rows, pauses
from ledger.audit_groups import Groups
from ledger.audit_inquiry import Inquiry
from ledger.audit_rows import AsOf, AuditRow, Fit, scan
from ledger.blocked import blocked
from ledger.evidence import build_evidence
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.unusual_alerts import AlertBook
from verifier.clock import instant_words
from verifier.digests import Digests, both
from verifier.errors import CallerError

# Opens a file of the export by its name.
Sink: TypeAlias = Callable[[str], AbstractContextManager[BinaryIO]]
Tell: TypeAlias = Callable[[str, int, int], None]
SHEET, DIGESTS = "audit.csv", "digests.txt"
# In one evidence file so many records; of more than so many in all none is made, and the head says so.
_RECORDS_AT_ONCE, MOST_RECORDS = 100, 2000
_TELL_EVERY = 100
_REMEMBERED = 4096


@dataclass
class Counts:
    """`expected`: lines that fit, and those of which nobody can tell; `withheld`: the latter.
    `without_evidence`: lines of records beyond MOST_RECORDS, or (`in_case`) of which nothing may leave."""

    expected: int = 0
    listed: int = 0
    withheld: int = 0
    refused: int = 0
    records: dict[str, None] = field(default_factory=dict)
    without_evidence: int = 0
    in_case: int = 0

    def add(self, row: AuditRow, fits: Fit, is_blocked: Callable[[str], bool]) -> None:
        if fits is Fit.NO:
            return
        self.expected += 1
        if fits is Fit.UNKNOWN:
            self.withheld += 1
            return
        self.listed += 1
        self.refused += row.is_refusal
        if row.step is not None and row.record is not None:
            if is_blocked(row.record):
                self.in_case += 1
                self.without_evidence += 1
            elif len(self.records) < MOST_RECORDS:
                self.records[row.record] = None
            elif row.record not in self.records:
                self.without_evidence += 1


@dataclass(frozen=True)
class Exported:
    counts: Counts
    files: tuple[tuple[str, Digests], ...]
    verdicts: Mapping[str, int]


def count(connection: Connection, asked: AuditFilter, until: AsOf, tell: Tell) -> Counts:
    found = Counts()
    is_blocked = functools.lru_cache(_REMEMBERED)(functools.partial(blocked, connection))
    for number, (row, fits) in enumerate(scan(connection, asked, until)):
        found.add(row, fits, is_blocked)
        if number % _TELL_EVERY == 0:
            tell("count", number, 0)
    return found


def export(
    ledger: Ledger,
    inquiry: Inquiry,
    asked: AuditFilter,
    said: Mapping[str, str],
    sink: Sink,
    words: ExportWords,
    tell: Tell = lambda stage, done, total: None,
) -> Exported:
    """`said`: the fields that the inquiry's statement discloses, by name."""
    with reading(ledger.engine) as connection:
        counts = count(connection, asked, inquiry.until, tell)
        files: list[tuple[str, Digests]] = []
        verdicts: dict[str, int] = {}
        for number, data in enumerate(_evidence(ledger, inquiry, tuple(counts.records), tell)):
            name = f"evidence-{number + 1:03d}.evidence.json"
            with sink(name) as out:
                out.write(data)
            files.append((name, both(data)))
            verdict = words.verdict(data)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        made = Exported(counts, tuple(files), verdicts)
        with sink(SHEET) as out:
            _sheet(connection, ledger, inquiry, (asked, said), made, Sheet(out), words, tell)
    with sink(DIGESTS) as out:
        for name, digests in files:
            out.write(f"{digests.sha256.hex()} {digests.sm3.hex()} {name}\n".encode())
    return made


def _evidence(ledger: Ledger, inquiry: Inquiry, records: Sequence[str], tell: Tell) -> Iterator[bytes]:
    """Each with the inquiry itself, whose signed filter so stands in every one of them."""
    waiting = [records[n : n + _RECORDS_AT_ONCE] for n in range(0, len(records), _RECORDS_AT_ONCE)] or [()]
    done = 0
    while waiting:
        some = waiting.pop(0)
        tell("evidence", done, len(records))
        try:
            made = build_evidence(ledger, [*some, inquiry.number], with_pending=True)
        except CallerError as error:
            if error.code != "EVIDENCE_SIZE" or len(some) < 2:
                raise
            half = len(some) // 2
            waiting[:0] = [some[:half], some[half:]]
            continue
        done += len(some)
        yield made.data


def _sheet(
    connection: Connection,
    ledger: Ledger,
    inquiry: Inquiry,
    asks: tuple[AuditFilter, Mapping[str, str]],
    made: Exported,
    sheet: Sheet,
    words: ExportWords,
    tell: Tell,
) -> None:
    asked, said = asks
    for cells in _head(connection, ledger, inquiry, asked, said, made, words):
        sheet.row(cells)
    sheet.row(())
    sheet.row(COLUMNS)
    cells_of = Cells(connection, Groups(connection, asked, inquiry.until), AlertBook(connection), words)
    number = 0
    for row, fits in scan(connection, asked, inquiry.until):
        if fits is Fit.YES:
            number += 1
            sheet.row(cells_of.of(number, row))
            if number % _TELL_EVERY == 0:
                tell("lines", number, made.counts.listed)
    sheet.row(())
    for cells in foot_rows(connection, asked, inquiry.until, words.organisation):
        sheet.row(cells)


def _head(
    connection: Connection,
    ledger: Ledger,
    inquiry: Inquiry,
    asked: AuditFilter,
    said: Mapping[str, str],
    made: Exported,
    words: ExportWords,
) -> Iterator[tuple[str, ...]]:
    counts, parsed = made.counts, inquiry.parsed
    second = inquiry.second[1] if inquiry.second else ""
    period = f"{asked.first or '最早'} 至 {asked.last or '截至时'}"
    yield "审计导出", ledger.origin
    yield "查询机构", words.organisation(parsed.iss)
    yield "文书号", said.get("document_number", "")
    yield "查询人", f"{said.get('agent_name', '')} 编号 {parsed.agent}"
    yield "第二查询人", f"{said.get('second_person', '')} 编号 {second}" if second else "(本次规则不要求)"
    yield "查询目的", said.get("purpose", "")
    yield "条件", filter_words(asked)[0]
    yield "条件(签名原文)", said.get("criteria", "")
    yield "期间", f"{period}(北京时间)"
    yield "截至", f"{instant_words(inquiry.accepted_at, 'zh')}(本次查询被接收之时;其后的不在内)"
    yield "查询的签名行为记录", inquiry.digest.hex()
    yield "应有", f"{counts.expected}"
    yield "列出", f"{counts.listed}"
    yield "隐去(条件涉及的内容已隐去,无法判断是否符合)", f"{counts.withheld}"
    yield "其中不予提供、拒绝", f"{counts.refused}"
    yield "停机时段", "、".join(pauses(connection, asked, inquiry.until)) or "未见(按上链间隔推断)"
    yield "核验结论", _verdicts(made)
    yield (
        "文件摘要",
        "、".join(f"{name} SHA-256 {d.sha256.hex()} SM3 {d.sm3.hex()}" for name, d in made.files[:20]),
    )
    if len(made.files) > 20:
        yield "核验文件", f"共 {len(made.files)} 份,摘要全部列于 {DIGESTS}"
    if counts.without_evidence:
        yield "未附核验文件", without_evidence(counts)[0]
    yield (
        "空白的列",
        "系统没有记载或已隐去的,一律留空,不作推断;目的、依据、单位、审批取自该行所依据的上级行为",
    )
    yield "顺序", "先列已登记的行为(按接收先后),再列被拒绝登记的尝试"


def without_evidence(counts: Counts) -> tuple[str, str]:
    """(zh, en): which lines have no evidence beside them, and what to do; empty where all have."""
    n = counts.without_evidence - counts.in_case
    told = [_in_case(counts.in_case)] if counts.in_case else []
    told += [_beyond(n)] if n else []
    return "".join(zh for zh, _ in told), " ".join(en for _, en in told)


def _in_case(n: int) -> tuple[str, str]:
    return (
        f"其中 {n} 行所属的档案正在误传处置,封存期间不附核验文件;行为照列。需要的,请在办结后再导出。",
        f"{n} lines are of records with an open case of something received by mistake: they are listed, and "
        "no evidence is beside the sheet. Where it is needed, export again when the case is closed.",
    )


def _beyond(n: int) -> tuple[str, str]:
    return (
        f"档案超过 {MOST_RECORDS} 件,其余档案的 {n} 行没有附核验文件。"
        "需要的,请缩小条件(期间、行为、档案),分几次导出。",
        f"There are more than {MOST_RECORDS} records: of the others ({n} lines) no evidence is beside the "
        "sheet. Where it is needed, narrow the filter (days, acts, record) and export in parts.",
    )


def _verdicts(made: Exported) -> str:
    told = "、".join(f"{verdict} {number} 份" for verdict, number in made.verdicts.items())
    return f"{told}(核验文件随附;未比对档案文件本身)"
