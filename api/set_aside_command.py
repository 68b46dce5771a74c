"""`set-aside`: a statement for which the organisations refuse a batch, out of the way and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.language import text
from api.opened import opened_chain, opened_ledger
from api.refusals import words_of_refusal

if TYPE_CHECKING:
    from ledger.decisions import Decision
    from ledger.refused_batch import RefusedStatement


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "set-aside",
        set_aside,
        "各机构因某一份签名行为记录拒绝整批时:说明是哪一份;搁置它使其余继续上链;--undo 恢复",
        "Where the organisations refuse a batch for one statement: which; set it aside; --undo takes it up",
    )


def set_aside(
    call: Call,
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar=text("[摘要]", "[DIGEST]"),
            help=text(
                "签名行为记录的 SHA-256(64 位);不写则只查看,不改动",
                "the statement's SHA-256, 64 digits; without it, only a look",
            ),
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar=text("文字", "TEXT"),
            help=text(
                "何人、为何这样决定,记入 decisions.jsonl", "who decided, and why; kept in decisions.jsonl"
            ),
        ),
    ] = None,
    undo: Annotated[
        bool,
        typer.Option("--undo", help=text("恢复:回到待封存", "take it up again: it is pending as before")),
    ] = False,
) -> None:
    from ledger.refused_batch import look, take_up
    from ledger.refused_batch import set_aside as set_one_aside

    if statement is None:
        with opened_ledger(call) as ledger, opened_chain(ledger) as chain:
            _tell_refused(call, look(ledger, chain))
        return
    digest = _digest(statement)
    if not reason:
        raise CommandError(
            "REASON_NEEDED",
            "请用 --reason 写明何人、为何这样决定;没有改动。",
            "Say with --reason who decides this, and why; nothing was changed.",
        )
    with opened_ledger(call) as ledger:
        if undo:
            decision = take_up(ledger, digest, reason)
        else:
            with opened_chain(ledger) as chain:
                decision = set_one_aside(ledger, chain, digest, reason)
    _tell_decided(call, decision, undo=undo)


def _digest(given: str) -> bytes:
    if len(given) == 64:
        try:
            return bytes.fromhex(given)
        except ValueError:
            pass
    raise CommandError(
        "DIGEST_FORM",
        f"“{given}”不是 64 位十六进制的 SHA-256。archive-ledger set-aside 列出被拒绝的。",
        f"'{given}' is no SHA-256 of 64 hex digits. archive-ledger set-aside lists what is refused.",
    )


def _tell_refused(call: Call, refused: tuple[RefusedStatement, ...]) -> None:
    rows = [
        {
            "statement": one.statement.hex(),
            "code": one.code,
            "organisations": list(one.organisations),
            "expected": one.expected,
            "found": one.found,
        }
        for one in refused
    ]
    call.out.document({"refused": rows, "decision": None})
    if not refused:
        call.out.say(
            "没有因某一份签名行为记录而被各机构拒绝的批次。各机构拒绝的若是整批或其中的证书(位置为 "
            "certificates[…]),搁置一份解决不了:用 archive-ledger anchor 看各机构的原话,由它们先放行。",
            "No batch is refused by the organisations for one of its statements. If what they refuse is the "
            "batch as a whole or a certificate in it (at certificates[…]), setting one statement aside is no "
            "remedy: see their words with archive-ledger anchor, and have them allow it first.",
        )
        return
    for one in refused:
        zh, en = words_of_refusal(one.code)
        who = ", ".join(one.organisations)
        call.out.say(
            f"{one.statement.hex()}\n  {zh}[{one.code}]\n  拒绝的机构:{who}",
            f"{one.statement.hex()}\n  {en} [{one.code}]\n  refused by: {who}",
        )
    call.out.say(
        "请先请各机构核对这条规则:它们放行后自动继续,什么也不必搁置。不能放行的:"
        "archive-ledger set-aside 摘要 --reason …,同批其余照常上链。",
        "First ask the organisations about that rule: once they allow it, all goes on by itself. If they "
        "cannot: archive-ledger set-aside DIGEST --reason …, and the rest of the batch goes on.",
    )
    raise typer.Exit(Exit.DATA)


def _tell_decided(call: Call, decision: Decision, *, undo: bool) -> None:
    call.out.document({"refused": [], "decision": asdict(decision)})
    if undo:
        call.out.say("已恢复:这一份回到待封存。", "It is taken up again and pending.")
        return
    call.out.say(
        f"第 {decision.batch} 批次已收回,这一份已搁置,其余回到待封存并继续上链。它和回执都保留;"
        "回执的承诺未兑现,archive-ledger check 会一直列出。各机构放行后:"
        "archive-ledger set-aside 摘要 --undo --reason …",
        f"Batch {decision.batch} is taken back and this statement set aside; the rest is pending and goes on."
        " It is kept, with its receipt; that promise is open, and archive-ledger check says so. Once the "
        "organisations allow it: archive-ledger set-aside DIGEST --undo --reason …",
    )
