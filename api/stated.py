"""Acts of keeping the ledger itself (back-up, restore, drill) are stated: by the person named, else by the
service with its own key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from api.conventions import Call
from api.dates import now
from api.failure import problem_of
from api.language import text
from api.output import complain
from api.passphrase import PassphraseFile
from api.signer import own_fields, signer, unlocked

if TYPE_CHECKING:
    from ledger.handle import Ledger

By: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar=text("人员", "PERSON"),
        help=text("由谁签名登记(默认由服务签名)", "who states it (default: the service)"),
    ),
]


def state_keeping(
    call: Call,
    ledger: Ledger,
    home: Path,
    event: str,
    outcome: str,
    fields: Mapping[str, str],
    by: str | None,
    passphrase_file: PassphraseFile,
) -> str | None:
    """The statement's SHA-256, hex. None where nobody can sign here: that is said, and is no reason to undo
    what was done."""
    from api.service_key import service_key
    from ledger.accept import accept
    from ledger.sign import Draft, sign_statement

    said = dict(fields)
    try:
        if by is not None:
            person = signer(call, by)
            key, said = unlocked(call, person, passphrase_file), own_fields(person) | said
        else:
            key = service_key(ledger, home, None)
        draft = Draft(event, now(), outcome=outcome, fields=said)
        return accept(ledger, [sign_statement(key, ledger.origin, draft)])[0].statement.hex()
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        complain(
            f"已完成,但没有登记进总账({problem.code}):{problem.zh}\n"
            f"请由一名人员补记:archive-ledger event {event} --outcome {outcome} --late forgotten --as 人员",
            f"Done, but not stated in the ledger ({problem.code}): {problem.en}\n"
            f"Let a person state it: archive-ledger event {event} --outcome {outcome} --late forgotten --as "
            "PERSON",
        )
        return None
