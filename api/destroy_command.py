"""`destroy`: a destruction proposed, approved, carried out, and witnessed by a second person, by verbs."""

from __future__ import annotations

from collections.abc import Callable

import typer

from api.conventions import Call, add_command
from api.event_options import for_event
from api.filled_command import Basis, Fields, Late, Occurred, Options, Outcome, on_record, sign_filled
from api.language import text
from api.passphrase import PassphraseFile
from api.signer import As
from api.transfer_command import OneRecord

# Each by another person; the order is the ledger's rule.
_VERBS = {
    "review": (
        "expiry.review",
        "到期鉴定(--outcome 拟销毁|延长保管期限|改为永久)",
        "Appraise what has expired (--outcome)",
    ),
    "propose": ("destroy.propose", "提出销毁", "Propose to destroy it"),
    "approve": (
        "destroy.approve",
        "批准销毁(--outcome;--field 文书号=…)",
        "Approve it, or not (--outcome, --field document_number=…)",
    ),
    "carry-out": (
        "destroy.carry_out",
        "监销:实施销毁(--outcome 纸质已销毁|电子已删除);待第二人见证",
        "Carry it out (--outcome: paper or electronic copies); a second person then says that they saw it",
    ),
    "witness": (
        "destroy.witness",
        "监销见证:在场的第二人签名(--outcome 所见销毁的是哪一种);电子件随即删除",
        "The second signature: who saw it destroyed (--outcome: which copies); then the files are deleted",
    ),
}


def destroy_commands() -> typer.Typer:
    app = typer.Typer(
        name="destroy",
        help=text("鉴定与销毁:提出、批准、监销、见证", "Destruction, before a second person"),
        no_args_is_help=True,
    )
    for verb, (event, zh, en) in _VERBS.items():
        add_command(app, verb, _on_record(event), zh, en)
    return app


def _on_record(event: str) -> Callable[..., None]:
    def act(
        call: Call,
        record: OneRecord,
        named: As,
        outcome: Outcome = None,
        basis: Basis = None,
        late: Late = None,
        occurred: Occurred = None,
        field: Fields = None,
        passphrase_file: PassphraseFile = None,
    ) -> None:
        options = Options(outcome=outcome, basis=basis, late=late, occurred=occurred, field=field or ())
        sign_filled(call, event, named, options, passphrase_file, on_record(record))

    return for_event(event, act)
