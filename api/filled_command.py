"""What verbs of the counter have in common: who signs says what is decided, the rest is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from api.conventions import Call
from api.dates import now, read_date, read_occurred
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.signer import number_of, own_fields, signer, unlocked
from verifier.catalogue import EventSpec, catalogue

if TYPE_CHECKING:
    from ledger.handle import Ledger

# From what was decided to the act.
Fill: TypeAlias = "Callable[[Ledger, dict[str, Any]], dict[str, Any]]"
_CODE = text("代码", "CODE")
_DATE = text("日期", "DATE")
Outcome = Annotated[str | None, typer.Option("--outcome", metavar=_CODE, help=text("结果", "outcome"))]
Why = Annotated[str | None, typer.Option("--reason", metavar=_CODE, help=text("原因", "reason"))]
Basis = Annotated[
    str | None,
    typer.Option("--basis", metavar=_CODE, help=text("依据;交接签字写哪一方", "basis, or whose signature")),
]
State = Annotated[str | None, typer.Option("--state", metavar=_CODE, help=text("原件状态", "its state"))]
Due = Annotated[
    str | None, typer.Option("--due", metavar=_DATE, help=text("应还、到期日", "due, or the last day"))
]
Uses = Annotated[
    int | None,
    typer.Option("--uses", min=1, help=text("同意利用:限用几次", "of an approval: for how many uses")),
]
Late = Annotated[str | None, typer.Option("--late", metavar=_CODE, help=text("补录原因", "entered late"))]
Occurred = Annotated[
    str | None, typer.Option("--occurred", metavar=_DATE, help=text("何时发生(默认现在)", "when (now)"))
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar=text("名称=内容", "NAME=VALUE"), help=text("附项", "a disclosure")),
]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answers",
        metavar=text("摘要", "DIGEST"),
        help=text("答复哪一份(有几份时)", "which statement is answered, where several may be meant"),
    ),
]


@dataclass(frozen=True)
class Options:
    """As they were typed."""

    outcome: str | None = None
    reason: str | None = None
    basis: str | None = None
    state: str | None = None
    due: str | None = None
    late: str | None = None
    occurred: str | None = None
    field: Sequence[str] = ()
    subject: str | None = None
    uses: int | None = None


def on_record(record: str, answers: Sequence[str] = ()) -> Fill:
    """An act on one record; what it answers is looked up where nothing is named."""

    def fill(ledger: Ledger, said: dict[str, Any]) -> dict[str, Any]:
        from api.event.answers import answered
        from ledger.fill_record import fill_on_record
        from ledger.query import find_record

        found = find_record(ledger, record).record
        digests = [one.hex() for one in answered(ledger, answers, found, None)]
        return fill_on_record(ledger, found, {**said, "answers": digests})

    return fill


def sign_filled(
    call: Call,
    event: str,
    named: str,
    options: Options,
    passphrase_file: PassphraseFile,
    fill: Fill,
) -> None:
    """Raises CommandError for what was typed, and refusals."""
    from api.http.statement_forms import DraftForm, draft_of, item_of
    from api.secrecy.erased import ENDING, forget
    from ledger.accept import accept
    from ledger.seen import last_seen
    from ledger.sign import sign_list, sign_statement

    spec, person = catalogue().events[event], signer(call, named)
    said = {**_said(spec, options), "event": event}
    if options.subject is not None:
        said["subject"] = number_of(call, options.subject)
    said["fields"] = own_fields(person) | said["fields"]
    with opened_ledger(call) as ledger:
        form = DraftForm.model_validate(fill(ledger, said))
        draft, listed, list_id = draft_of(form, last_seen(ledger)), form.listed, None
        _refuse_early(call, ledger, named, form)
        key = unlocked(call, person, passphrase_file)
        if listed is None:
            submission = sign_statement(key, ledger.origin, draft)
        else:
            list_id = listed.id or _new_id()
            items = [item_of(one) for one in listed.items]
            submission = sign_list(key, ledger.origin, draft, list_id, items)
        (accepted,) = accept(ledger, [submission])
        if event in ENDING:
            forget(ledger, call.home)
    records = [one.record for one in listed.items] if listed else [form.record]
    call.out.document(
        {
            "event": event,
            "records": records,
            "list": list_id,
            "answers": form.answers,
            "statement": accepted.statement.hex(),
            "receipt": accepted.receipt,
        }
    )
    call.out.say(
        f"已登记“{spec.words.zh}”:{len(records)} 件,签名行为记录 {accepted.statement.hex()}。待封存上链。",
        f"Recorded '{spec.words.en}' on {len(records)} records: {accepted.statement.hex()}; pending.",
    )
    if list_id is not None:
        call.out.say(f"清单 {list_id}", f"list {list_id}")


def _said(spec: EventSpec, options: Options) -> dict[str, Any]:
    from api.codes import read_event_codes
    from api.event.request import read_fields

    codes = {name: getattr(options, name) for name in ("basis", "late", "outcome", "reason", "state")}
    said: dict[str, Any] = dict(read_event_codes(spec, {k: v for k, v in codes.items() if v is not None}))
    due = read_date(options.due, "--due")
    if due is not None:
        said["due"] = due
    if options.uses is not None:
        said["uses"] = options.uses
    said["occurred_at"] = read_occurred(options.occurred) or now()
    said["fields"] = read_fields(list(options.field))
    return said


def _refuse_early(call: Call, ledger: Ledger, named: str, form: Any) -> None:
    """What the catalogue does not admit is said before a passphrase is asked for."""
    from api.event.check import refuse_unless_admitted
    from api.http.statement_forms import draft_of, item_of
    from ledger.sign import sign_list, sign_statement

    person = signer(call, named)
    kind = ledger.settings.kinds.get(person.msp)
    kinds = ({kind} if kind else set()) if ledger.settings.kinds else None
    draft, listed = draft_of(form, None), form.listed
    if listed is None:
        refuse_unless_admitted(person, kinds, lambda key: sign_statement(key, ledger.origin, draft))
    else:
        items = [item_of(one) for one in listed.items]
        own = listed.id or _new_id()
        refuse_unless_admitted(person, kinds, lambda key: sign_list(key, ledger.origin, draft, own, items))


def _new_id() -> str:
    import uuid

    return str(uuid.uuid4())
