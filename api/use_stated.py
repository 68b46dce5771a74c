"""What a person states of taking files of a record out of the store, before they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.conventions import Call
from api.dates import now
from api.errors import CommandError
from api.intake.formats import format_of
from api.signer import own_fields, signer, unlocked
from ledger.accept import accept
from ledger.sign import Draft, sign_statement
from verifier.claims import FileClaim

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from verifier.verify_files import KnownFile

_ROLE, DOWNLOAD = "content", "access.download"


def use_draft(
    event: str,
    record: str,
    files: Iterable[KnownFile],
    fields: Mapping[str, str],
    basis: str,
    answers: tuple[bytes, ...] = (),
) -> Draft:
    """Of `files` those that have digests."""
    claims = tuple(
        FileClaim(_ROLE, format_of(one.name), one.carrier, one.copy, one.content.digests, one.content.size)
        for one in files
        if one.content is not None
    )
    return Draft(event, now(), record=record, files=claims, fields=fields, basis=basis, answers=answers)


@dataclass(frozen=True)
class Taken:
    """By whom, what for and on what ground files are taken out beside their evidence."""

    by: str | None
    purpose: str | None
    basis: str | None
    passphrase_file: Path | None


def state_downloads(
    call: Call, ledger: Ledger, files: Mapping[str, Iterable[KnownFile]], taken: Taken
) -> tuple[str, ...]:
    """`files`: by record. All are stated at once, or none is given.

    Raises CommandError USE_UNSTATED, and what `accept` raises."""
    from api.codes import read_event_codes
    from api.event.request import named_event

    if taken.by is None or not (taken.purpose or "").strip() or taken.basis is None:
        raise CommandError(
            "USE_UNSTATED",
            "文件取出前须先登记:请用 --as、--purpose、--basis 写明何人、为何、凭何依据。没有写出任何文件。",
            "Before files are given it must be on record who takes them, what for and on what ground: --as, "
            "--purpose, --basis. No file was written.",
        )
    person = signer(call, taken.by)
    basis = read_event_codes(named_event(DOWNLOAD), {"basis": taken.basis})["basis"]
    fields = own_fields(person) | {"purpose": str(taken.purpose)}
    drafts = [use_draft(DOWNLOAD, record, known, fields, basis) for record, known in files.items()]
    key = unlocked(call, person, taken.passphrase_file)
    accepted = accept(ledger, [sign_statement(key, ledger.origin, draft) for draft in drafts])
    return tuple(one.statement.hex() for one in accepted)
