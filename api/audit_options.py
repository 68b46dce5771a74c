"""The options of an inquiry, and the filter that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import listed, read_code
from api.conventions import Call
from api.event_options import event_option_help
from api.language import text
from api.signer import signer
from ledger.audit_filter import OCCURRED, RECORDED, AuditFilter, filter_text, read_filter
from verifier.catalogue import Words, catalogue
from verifier.shape import UUID

if TYPE_CHECKING:
    from ledger.handle import Ledger

_DAY = text("日期", "DAY")
Purpose = Annotated[str, typer.Option("--purpose", help=text("查询目的", "what the inquiry is for"))]
Record = Annotated[str | None, typer.Option("--record", help=text("档号或编号", "a record"))]
PersonNamed = Annotated[
    str | None,
    typer.Option("--person", help=text("经手人:姓名或编号", "who signed, or was signed in")),
]
Name = Annotated[
    str | None,
    typer.Option("--name", help=text("所记姓名(利用人、代办人或经手人)", "a name that is disclosed")),
]
Organisation = Annotated[
    str | None,
    typer.Option("--organisation", help=text("机构代号,或所记利用人单位", "an organisation")),
]
PurposeContains = Annotated[
    str | None, typer.Option("--purpose-contains", help=text("利用目的含", "part of the purpose of use"))
]
From = Annotated[str | None, typer.Option("--from", metavar=_DAY, help=text("自(北京时间)", "first day"))]
To = Annotated[str | None, typer.Option("--to", metavar=_DAY, help=text("至(含)", "last day"))]
ByOccurred = Annotated[
    bool, typer.Option("--by-occurred", help=text("期间按发生时间", "the days are of when it happened"))
]
OUTCOMES = {
    "all": Words("全部", "all"),
    "given": Words("已办理", "given"),
    "refused": Words("不予提供", "refused"),
}
Outcome = Annotated[
    str,
    typer.Option(
        "--outcome",
        metavar=text("代码", "CODE"),
        help=text("结果:", "outcome: ") + text(*listed(OUTCOMES)),
    ),
]
Kind = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", help=text("行为或行为类别(如 利用):代码或中文名,可多次", "an event or group; repeat")
    ),
]
Basis = Annotated[
    str, typer.Option("--basis", metavar=text("代码", "CODE"), help=event_option_help("query.audit", "basis"))
]
DocumentNumber = Annotated[
    str | None, typer.Option("--document-number", help=text("文书号", "number of the document"))
]
Second = Annotated[
    str | None,
    typer.Option(
        "--second",
        metavar=text("人员", "PERSON"),
        help=text("第二查询人(导出、密查须有)", "second inquirer (an export or a sealed one needs it)"),
    ),
]
SecondPassphrase = Annotated[
    Path | None,
    typer.Option("--second-passphrase-file", help=text("第二查询人的口令文件", "the second's passphrase")),
]
Secret = Annotated[
    bool,
    typer.Option(
        "--secret", help=text("密查:查询的内容密封,公开前只有查询人看得到", "keep what it asks sealed")
    ),
]


def filter_asked(
    call: Call,
    ledger: Ledger,
    record: str | None,
    person: str | None,
    texts: tuple[str | None, str | None, str | None],
    period: tuple[str | None, str | None, bool],
    outcome: str,
    kinds: list[str] | None,
) -> AuditFilter:
    """Raises CommandError USAGE_VALUE; CallerError AUDIT_FILTER, RECORD_…, PERSON_…."""
    from ledger.query import find_record

    known = catalogue()
    allowed = {**known.groups, **{name: spec.words for name, spec in known.events.items()}}
    name, organisation, contains = texts
    first, last, by_occurred = period
    asked = AuditFilter(
        person=person if person is None or UUID.match(person) else signer(call, person).agent,
        name=name,
        record=find_record(ledger, record).record if record else None,
        organisation=organisation,
        purpose=contains,
        first=first,
        last=last,
        clock=OCCURRED if by_occurred else RECORDED,
        outcome=read_code("--outcome", outcome, OUTCOMES),
        kinds=tuple(sorted({read_code("--kind", kind, allowed) for kind in kinds or ()})),
    )
    return read_filter(filter_text(asked))
