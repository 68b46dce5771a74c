"""What one line of an auditor's export says: a cell for each column, blank where nobody knows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from ledger.audit_groups import Groups
from ledger.audit_right import terms_at
from ledger.audit_rows import ACTS, AuditRow, Place, row_at
from ledger.audit_subject import RecordFacts, record_facts
from ledger.people_trails import signer_of
from ledger.people_view import name_in
from ledger.query import acts_on
from ledger.steps import StepView
from ledger.store.tables import NO_ITEM, anchor, certificate, entry, link, statement
from ledger.unusual_alerts import AlertBook, Handling
from verifier.catalogue import code_words, event, field_words
from verifier.clock import date_words, instant_words
from verifier.duties import duty_words
from verifier.errors import EvidenceError
from verifier.statement import check_signature
from verifier.trail import trail_key

# DOMAIN: the columns of an auditor's export, in their order.
COLUMNS = (
    *("序号", "轨迹序号(n/N)", "行为编号", "上级行为编号", "行为", "利用方式", "结果", "不予提供原因"),
    *("发生时间", "记录时间", "上链时间及存证批次", "实时/补录(原因)", "档号", "题名", "类别", "卷/件"),
    *("载体及份别", "范围(页、份数、下载量)", "利用人", "单位及职务", "任职当时有效"),
    *("证件核验方式及结果(不含号码)", "代办人及委托凭证", "利用目的", "法律依据", "介绍信或调取文书号"),
    *("审批人、时间、意见", "经办人", "地点/终端/IP", "借出、应还、实还", "归还状况", "异常标记"),
    *("处置人及结果", "签名人证书指纹、验签结果", "条目序号、叶哈希、前一条哈希", "本行隐去字段"),
)
_LOANS = ("borrow.out", "borrow.renew", "borrow.recall", "borrow.overdue", "borrow.return")
_REMEMBERED = 256
Shown: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class ExportWords:
    """What only the caller can say, in Chinese: names of organisations and units, what reason codes mean,
    verdicts on evidence."""

    organisation: Callable[[str], str]
    unit: Callable[[str], str]
    reason: Callable[[str], str]
    verdict: Callable[[bytes], str]


@dataclass
class Cells:
    """Of one export. Remembers the records that it saw last."""

    connection: Connection
    groups: Groups
    book: AlertBook
    words: ExportWords
    _facts: dict[str, RecordFacts] = field(default_factory=dict)

    def of(self, number: int, row: AuditRow) -> tuple[str, ...]:
        """As many as there are COLUMNS."""
        if row.step is None:
            return self._refused(number, row)
        return self._act(number, row, row.step)

    def _act(self, number: int, row: AuditRow, step: StepView) -> tuple[str, ...]:
        shown, facts = dict(step.shown), self._of_record(row)
        above = self._chain(row)
        seq, entries = self._trail(row, step)
        spec = event(step.event)
        approval = next((one for one in above if one.event in ("access.approve", "access.refuse")), None)
        identity = next((one for one in (row, *above) if one.event == "identity.check"), None)
        handling = self.book.marks(bytes.fromhex(step.statement), row.place.id, row.subject or step.agent)
        return (
            str(number),
            seq,
            _named(step.statement, step.item),
            _named(above[0].digest, above[0].place.item if above[0].place.item != NO_ITEM else None)
            if above
            else "",
            spec.words.zh if spec else step.event,
            spec.words.zh if spec and spec.group == "access" else "",
            "不予提供" if row.is_refusal else _code("outcome", step.outcome),
            _code("reason", step.reason) if row.is_refusal else "",
            date_words(step.occurred_at, "zh"),
            instant_words(step.recorded_at, "zh") if step.recorded_at else "",
            self._anchored(step),
            f"补录({_code('late', step.late)})" if step.late else "实时",
            facts.number,
            facts.title,
            facts.category,
            facts.volume,
            _carriers(row),
            _scope(row, step, shown),
            _reader(row, shown, above),
            _joined(_inherited("reader_organisation", shown, above), _inherited("reader_duty", shown, above)),
            self._duties(row, step),
            _identity(shown, identity),
            _joined(_inherited("proxy_name", shown, above), _inherited("mandate", shown, above)),
            _inherited("purpose", shown, above),
            _joined(_inherited("legal_basis", shown, above), _code("basis", _basis(step, above))),
            _inherited("document_number", shown, above),
            _approval(approval),
            shown.get("agent_name", ""),
            _joined(shown.get("place", ""), shown.get("terminal", "")),
            *self._loan(row, step),
            *_handling(handling),
            self._signature(row),
            entries,
            "、".join(_field(name) for name in step.hidden),
        )

    def _refused(self, number: int, row: AuditRow) -> tuple[str, ...]:
        one = row.refused[0]
        spec = event(one.event)
        facts = self._of_record(row)
        known = {
            "序号": str(number),
            "行为编号": one.statement,
            "行为": spec.words.zh if spec else one.event,
            "利用方式": spec.words.zh if spec and spec.group == "access" else "",
            "结果": "拒绝登记",
            "不予提供原因": "、".join(dict.fromkeys(self.words.reason(each.code) for each in row.refused)),
            "记录时间": instant_words(one.at, "zh"),
            "档号": facts.number,
            "题名": facts.title,
            "类别": facts.category,
            "卷/件": facts.volume,
            "利用人": f"{name_in(self.connection, one.agent)} 编号 {one.agent}".strip(),
            "单位及职务": self.words.organisation(one.iss),
        }
        return tuple(known.get(column, "") for column in COLUMNS)

    def _chain(self, row: AuditRow) -> list[AuditRow]:
        """What the act rests on, the nearest first."""
        found: list[AuditRow] = []
        above = self.groups.parent(row)
        while above is not None and len(found) < 16:
            found.append(above)
            above = self.groups.parent(above)
        return found

    def _of_record(self, row: AuditRow) -> RecordFacts:
        record = row.record
        if record is None:
            return RecordFacts()
        if record not in self._facts:
            while len(self._facts) >= _REMEMBERED:
                del self._facts[next(iter(self._facts))]
            self._facts[record] = record_facts(self.connection, record)
        return self._facts[record]

    def _trail(self, row: AuditRow, step: StepView) -> tuple[str, str]:
        """The place on the record's trail, in words, as a spreadsheet program takes 3/12 for a day; and what
        of the log shows it. Both blank while it is in no batch."""
        if step.index is None:
            return "", ""
        leaf = self.connection.execute(select(entry.c.leaf).where(entry.c.idx == step.index)).scalar_one()
        if row.record is None:
            return "", f"{step.index} {leaf.hex()}"
        key = bytes.fromhex(trail_key("record", row.record))
        own = select(link.c.seq).where(link.c.trail_key == key, link.c.idx == step.index)
        seq = self.connection.execute(own).scalar()
        size = select(func.max(link.c.seq)).where(link.c.trail_key == key)
        most = self.connection.execute(size).scalar()
        if seq is None or most is None:
            return "", f"{step.index} {leaf.hex()}"
        query = select(link.c.leaf).where(link.c.trail_key == key, link.c.seq == seq - 1)
        previous = self.connection.execute(query).scalar()
        return (
            f"第{seq + 1}条/共{most + 1}条",
            f"{step.index} {leaf.hex()} {previous.hex() if previous else '-'}",
        )

    def _anchored(self, step: StepView) -> str:
        if step.batch is None:
            return ""
        query = select(anchor.c.time).where(anchor.c.batch == step.batch)
        time = self.connection.execute(query).scalar()
        return f"{instant_words(time, 'zh')} 第{step.batch}批次" if time else ""

    def _duties(self, row: AuditRow, step: StepView) -> str:
        """What was held at the act's own place, by organisation: of who used, else of who signed."""
        agent = row.subject or step.agent
        if row.statement is None:
            return ""
        held = terms_at(self.connection, agent, row.place.id, step.accepted_at)
        known, by = duty_words(), dict[str, list[str]]()
        for one in sorted(held, key=lambda one: (one.iss, one.duty, one.unit or "")):
            unit = f"({self.words.unit(one.unit)})" if one.unit else ""
            by.setdefault(one.iss, []).append(f"{known[one.duty].zh}{unit}")
        told = (f"{self.words.organisation(iss)}:{'、'.join(duties)}" for iss, duties in by.items())
        return ";".join(told) or "无任职记录"

    def _loan(self, row: AuditRow, step: StepView) -> tuple[str, str]:
        if step.event not in _LOANS or row.record is None:
            return "", ""
        lead, out, due, back, state = self.groups.lead(row).place, "", "", "", ""
        for key, number in acts_on(self.connection, row.record):
            if key > self.groups.until.id:
                break
            one = row_at(self.connection, Place(ACTS, key, number))
            if one.step is None or one.event not in _LOANS or self.groups.lead(one).place != lead:
                continue
            due = one.step.due or due
            if one.event == "borrow.out":
                out = one.step.occurred_at
            if one.event == "borrow.return":
                back = one.step.occurred_at
                state = _joined(_code("outcome", one.step.outcome), dict(one.step.shown).get("condition", ""))
        dates = [date_words(one, "zh") if one else "" for one in (out, due, back)]
        return f"借出 {dates[0]};应还 {dates[1]};实还 {dates[2]}", state

    def _signature(self, row: AuditRow) -> str:
        if row.statement is None:
            return ""
        query = (
            select(certificate.c.der)
            .join(statement, statement.c.certificate == certificate.c.sha256)
            .where(statement.c.id == row.place.id)
        )
        signer = signer_of(self.connection.execute(query).scalar_one())
        try:
            check_signature(row.statement, signer.key)
        except EvidenceError:
            return f"{signer.sha256.hex()} 验签不符"
        return f"{signer.sha256.hex()} 验签相符"


def _named(digest: str, item: int | None) -> str:
    return digest if item is None else f"{digest}#{item + 1}"


def _code(claim: str, code: str | None) -> str:
    if code is None:
        return ""
    words = code_words(claim, code)
    return words.zh if words else code


@functools.lru_cache(maxsize=256)
def _field(name: str) -> str:
    words = field_words(name)
    return words.zh if words else name


def _joined(*parts: str) -> str:
    return ";".join(part for part in parts if part)


def _inherited(name: str, shown: Shown, above: list[AuditRow]) -> str:
    """What the act says, else what the act says on which it rests."""
    if name in shown:
        return shown[name]
    for one in above:
        said = dict(one.step.shown) if one.step else {}
        if name in said:
            return said[name]
    return ""


def _basis(step: StepView, above: list[AuditRow]) -> str | None:
    known = [step.basis, *(one.step.basis for one in above if one.step)]
    return next((basis for basis in known if basis), None)


def _reader(row: AuditRow, shown: Shown, above: list[AuditRow]) -> str:
    name = _inherited("reader_name", shown, above)
    return name or (f"编号 {row.subject}" if row.subject else "")


def _carriers(row: AuditRow) -> str:
    files = row.claims.files if row.claims else ()
    return "、".join(dict.fromkeys(f"{one.carrier}/{one.copy}" for one in files))


def _scope(row: AuditRow, step: StepView, shown: Shown) -> str:
    files = row.claims.files if row.claims else ()
    sizes = [one.size for one in files if one.size is not None]
    parts = [f"{step.pages}页" if step.pages is not None else "", f"{len(files)}份" if files else ""]
    parts += [f"{sum(sizes)}字节" if sizes else "", shown.get("scope", "")]
    return _joined(*parts)


def _identity(shown: Shown, check: AuditRow | None) -> str:
    said = dict(check.step.shown) if check is not None and check.step else shown
    outcome = check.step.outcome if check is not None and check.step else None
    return _joined(said.get("id_method", ""), _code("outcome", outcome))


def _approval(row: AuditRow | None) -> str:
    if row is None or row.step is None:
        return ""
    shown, step = dict(row.step.shown), row.step
    opinion = shown.get("opinion", "") or _code("outcome", step.outcome) or _code("reason", step.reason)
    return _joined(shown.get("agent_name", ""), date_words(step.occurred_at, "zh"), opinion)


def _handling(found: tuple[Handling, ...]) -> tuple[str, str]:
    marks = "、".join(dict.fromkeys(one.words for one in found))
    return marks, "、".join(dict.fromkeys(one.handled for one in found if one.handled))
