"""`event`: any act of the catalogue on one or many records. `events`: the catalogue itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.carrier import Carrier, Copy, Stated, asked_or_refused, read_stated, words
from api.conventions import Call, add_command
from api.dates import now, read_date, read_occurred
from api.errors import CommandError, Exit
from api.event_options import option_help
from api.filled_command import Uses
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.secrecy.declared import Grade, declared_grade, refused_as_declared
from api.secrecy.refused import SECRETS, state_refusals
from api.signer import As, number_of, own_fields, signer, unlocked
from ledger.secrecy import GRADE, field_is_secret
from verifier.catalogue import EventSpec, catalogue

if TYPE_CHECKING:
    from api.event.drafts import Act
    from api.event.request import Request
    from ledger.accept import Accepted
    from ledger.handle import Ledger
    from ledger.people import Person

_CODE = text("代码", "CODE")
_DATE = text("日期", "DATE")


def _code_help(zh: str, en: str) -> str:
    return text(f"{zh}:代码或中文名,见 events 行为", f"{en}: see events EVENT")


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "event",
        event,
        "登记一个行为:一条或多条记录,由一人签名(多条即一份清单)",
        "Record an act on one or many records, signed by one person (many make a list)",
    )
    add_command(
        app, "events", events, "列出全部行为及其必填、选填项", "List all events and what each must say"
    )


def event(
    call: Call,
    name: Annotated[
        str,
        typer.Argument(
            metavar=text("行为", "EVENT"), help=text("代码或中文名,见 events", "code; see events")
        ),
    ],
    named: As,
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar=text("记录...", "RECORD..."),
            help=text("档号、编号,或 new(新记录)", "archival number, uuid, or new (a new record)"),
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar=text("名称=内容", "NAME=VALUE"), help=text("附项", "a disclosure")),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file", help=text("文件(引用时也可用记录中的文件名)", "a file; to refer, its name will do")
        ),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar=_CODE, help=_code_help("结果", "outcome"))
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar=_CODE, help=_code_help("原因", "reason"))
    ] = None,
    basis: Annotated[
        str | None, typer.Option("--basis", metavar=_CODE, help=_code_help("依据", "basis"))
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar=_CODE, help=_code_help("原件状态", "state"))
    ] = None,
    late: Annotated[
        str | None,
        typer.Option("--late", metavar=_CODE, help=option_help("late", catalogue().codes["late"])),
    ] = None,
    due: Annotated[
        str | None, typer.Option("--due", metavar=_DATE, help=text("应还、到期日", "due date"))
    ] = None,
    occurred: Annotated[
        str | None,
        typer.Option("--occurred", metavar=_DATE, help=text("何时发生(默认现在)", "when (default: now)")),
    ] = None,
    pages: Annotated[int | None, typer.Option("--pages", min=0, help=text("页数", "pages"))] = None,
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, help=text("版次(必填时默认下一版)", "version (default: the next)")),
    ] = None,
    uses: Uses = None,
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answers",
            metavar=text("last|行为|摘要", "last|EVENT|DIGEST"),
            help=text(
                "所答复的一份:last(上一步)、某行为的最近一份,或摘要(至少前 8 位)",
                "what is answered: last, the last of an event, or a digest (8 digits of it at least)",
            ),
        ),
    ] = None,
    list_id: Annotated[
        str | None,
        typer.Option(
            "--list-id",
            metavar=text("清单|new", "LIST|new"),
            help=text(
                "按清单登记:清单的编号、名称或 ID;new 另立一份", "a list by number, title or id; new: another"
            ),
        ),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject", help=text("所涉人员(任免、密钥;利用人)", "the person it is about; the reader")
        ),
    ] = None,
    duty: Annotated[
        str | None,
        typer.Option(
            "--duty", metavar=_CODE, help=text("职责(任免、交接):代码或中文名", "duty: code or name")
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit",
            metavar=text("单位", "UNIT"),
            help=text("部门、村、站所:代码、名称或编号", "department, village or station: code, name or id"),
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="SHA256", help=text("密钥指纹(登记、撤销)", "a key's fingerprint")),
    ] = None,
    compromised_since: Annotated[
        str | None,
        typer.Option(
            "--compromised-since", metavar=_DATE, help=text("何时起可能被人冒用", "key compromised since")
        ),
    ] = None,
    erase: Annotated[
        list[str] | None, typer.Option("--erase", help=text("要删除的附项", "a field to erase"))
    ] = None,
    grade: Grade = None,
    carrier: Carrier = None,
    copy: Copy = None,
    hide_digests: Annotated[
        bool,
        typer.Option(
            "--hide-digests",
            help=text("文件摘要不公开,作附项(内容容易被猜中的)", "file digests as disclosures"),
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help=text("其余现行文件照旧(重报、新版)", "keep the record's other present files")
        ),
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.codes import FINGERPRINT, read_code, read_event_codes, read_form
    from api.event.drafts import NEW
    from api.event.request import Request, named_event, read_erased, read_fields
    from api.event.subjects import read_subjects, refuse_wrong_number
    from api.units_command import unit_named
    from verifier.duties import duty_words

    spec, person = named_event(name), signer(call, named)
    if file and spec.files in ("set", "add") and declared_grade(call, grade):
        with opened_ledger(call) as ledger:
            state_refusals(ledger, unlocked(call, person, passphrase_file), person, ["secret_declared"])
        raise refused_as_declared()
    codes = {"basis": basis, "late": late, "outcome": outcome, "reason": reason, "state": state}
    claims = read_event_codes(spec, {claim: value for claim, value in codes.items() if value is not None})
    about = {
        "compromised_since": read_date(compromised_since, "--compromised-since"),
        "due": read_date(due, "--due"),
        "duty": None if duty is None else read_code("--duty", duty, duty_words()),
        "key": read_form("--key", key, FINGERPRINT),
    }
    claims |= {claim: value for claim, value in about.items() if value is not None}
    said = read_fields(field or ())
    stated = _stated(call, spec, file or [], read_stated(carrier, copy), new=NEW in (records or ()))
    with opened_ledger(call) as ledger:
        place = unit_named(ledger, unit)
        claims |= {"unit": place} if place is not None else {}
        subjects = read_subjects(ledger, records or [], list_id)
        refuse_wrong_number(ledger, subjects, said)
        request = Request(
            spec=spec,
            records=subjects.records,
            fields=own_fields(person) | said,
            claims=claims,
            files=tuple(file or ()),
            answers=tuple(answers or ()),
            erased=read_erased(erase or ()),
            pages=pages,
            version=version,
            uses=uses,
            occurred_at=read_occurred(occurred) or now(),
            list_id=subjects.list_id,
            subject=number_of(call, subject) if subject else None,
            carrier=stated.carrier or "",
            copy=stated.copy_of(stated.carrier or ""),
            hide_digests=hide_digests,
            keep=keep,
        )
        act, accepted = _record(
            call, ledger, request, person, passphrase_file, known_list=subjects.known_list
        )
    _tell(call, request, act, accepted)


def _stated(call: Call, spec: EventSpec, files: Sequence[str], stated: Stated, *, new: bool) -> Stated:
    """What new files are: stated, or asked. Raises CommandError CARRIER_UNSTATED, CARRIER_NOT_HERE."""
    brings = bool(files) and spec.files in ("set", "add")
    if stated != Stated() and not brings:
        remedy = (
            (
                "没有文件的档案,载体写作附项:--field 载体=纸质;有文件的,加 --file 文件。",
                "Of a record without files the carrier is a field: --field carrier=paper; "
                "if it has files, add --file FILE.",
            )
            if new
            else (
                "要更正档案的载体,请用 event metadata.correct --field 载体=…",
                "To correct a record's carrier: event metadata.correct --field carrier=...",
            )
        )
        raise CommandError(
            "CARRIER_NOT_HERE",
            f"--carrier、--copy 说明的是本次放入的新文件,这里没有新文件。{remedy[0]}",
            f"--carrier and --copy say what new files are, and there are none here. {remedy[1]}",
        )
    if stated.carrier is None and brings:
        names = [Path(file).name for file in files]
        places = text("、", ", ").join(names[:3]) + ("…" if len(names) > 3 else "")
        stated = asked_or_refused(
            call, stated, f"{len(names)} 个文件({places})", f"{len(names)} files ({places})"
        )
    return stated


def _record(
    call: Call,
    ledger: Ledger,
    request: Request,
    person: Person,
    passphrase_file: Path | None,
    *,
    known_list: bool,
) -> tuple[Act, Accepted]:
    from api.event.check import refuse_unless_admitted
    from api.event.drafts import prepare
    from api.secrecy.erased import ENDING, forget
    from ledger.accept import accept, refuse_unless_acceptable
    from ledger.files import store_file

    try:
        _refuse_secret_fields(request)
        act = prepare(ledger, request, known_list)
        _refuse_erased(ledger, act)
    except CommandError as error:
        if error.code in SECRETS:
            key = unlocked(call, person, passphrase_file)
            state_refusals(ledger, key, person, [SECRETS[error.code]])
        raise
    kind = ledger.settings.kinds.get(person.msp)
    kinds = ({kind} if kind else set()) if ledger.settings.kinds else None
    refuse_unless_admitted(person, kinds, lambda key: act.sign(key, ledger.origin))
    key = unlocked(call, person, passphrase_file)
    submission = act.sign(key, ledger.origin)
    # Files of an act that is refused are not kept; those of one that is accepted are there before it.
    refuse_unless_acceptable(ledger, [submission])
    for file in act.files:
        if file.path is not None and store_file(ledger, file.path).digests != file.digests:
            raise CommandError(
                "FILE_CHANGED",
                f"{file.path} 在登记期间被改动。请停止改动后重试。",
                f"{file.path} changed meanwhile. Stop that, then try again.",
            )
    accepted = accept(ledger, [submission])[0]
    if request.spec.name in ENDING:
        forget(ledger, call.home)
    return act, accepted


def _refuse_erased(ledger: Ledger, act: Act) -> None:
    """Raises CommandError FILE_ERASED."""
    from ledger.erase_files import is_erased

    for file in act.files:
        if file.path is not None and is_erased(ledger, file.digests.sha256):
            raise CommandError(
                "FILE_ERASED",
                "放入的文件曾按误传处置删除,不予登记,没有保存。请按保密规定处置。",
                "A file given was erased as received by mistake; nothing is recorded or kept. Handle it by "
                "the secrecy rules.",
                Exit.DATA,
            )


def _refuse_secret_fields(request: Request) -> None:
    """Raises CommandError FIELD_SECRET, GRADE_SECRET; of the content nothing is repeated."""
    for name, value in request.fields.items():
        if field_is_secret(name, value):
            if name == GRADE:
                raise refused_as_declared()
            raise CommandError(
                "FIELD_SECRET",
                f"附项 {name} 中见有密级标志,不予登记,没有保存。请按保密规定处置。",
                f"The field {name} bears a secrecy marking; nothing is recorded or kept. Handle it by the "
                "secrecy rules.",
                Exit.DATA,
            )


def _tell(call: Call, request: Request, act: Act, accepted: Accepted) -> None:
    from api.intake.fault import Fault

    call.out.document(
        {
            "event": request.spec.name,
            "records": list(request.records),
            "list": act.list_id,
            "statement": accepted.statement.hex(),
            "accepted_at": accepted.accepted_at,
            "due": accepted.due,
            "receipt": accepted.receipt,
            "files": [file.name for file in act.files],
            "marked_internal": [file.name for file in act.files if file.marked_internal],
            "looked_through_partly": [file.name for file in act.files if file.partly],
        }
    )
    event_words, count, digest = request.spec.words, len(request.records), accepted.statement.hex()
    call.out.say(
        f"已登记“{event_words.zh}”:{count} 条记录,签名行为记录 {digest}。待封存上链。",
        f"Recorded '{event_words.en}' on {count} records: statement {digest}; pending.",
    )
    new = [file for file in act.files if file.path is not None]
    if new:
        zh, en = words(request.carrier, request.copy)
        call.out.say(f"放入文件 {len(new)} 个:{zh}。", f"{len(new)} files given: {en}.")
    for code, files in (
        ("MARKED_INTERNAL", [file for file in new if file.marked_internal]),
        ("NOT_LOOKED_THROUGH", [file for file in new if file.partly]),
    ):
        for file in files:
            zh, en = Fault(code, file.name).words
            call.out.say(f"{file.name}:{zh}。", f"{file.name} {en}.")
    if act.list_id:
        call.out.say(f"清单 {act.list_id}", f"list {act.list_id}")


def events(
    call: Call,
    name: Annotated[
        str | None, typer.Argument(metavar=text("行为", "EVENT"), help=text("只看这一个", "only this one"))
    ] = None,
) -> None:
    from api.event.catalogue_view import show_all, show_one
    from api.event.request import named_event

    if name is None:
        show_all(call, catalogue())
    else:
        show_one(call, named_event(name))
