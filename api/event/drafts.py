"""From a request to the drafts of one statement: single, or a list with an item for each record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from api.errors import CommandError, Exit
from api.event.answers import answered, of_subject
from api.event.files import ActFile, claims_of, read_file
from api.event.request import Request
from api.intake.formats import format_of
from api.lookup import files_now
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.query import record_steps
from ledger.seen import last_seen
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from verifier.claims import FileClaim
from verifier.verify_files import KnownFile

# A record that the ledger does not know yet.
NEW = "new"
ROLE = "content"


@dataclass(frozen=True)
class Act:
    """`items` is None for a single statement. `files` are those to be kept if the act is admitted."""

    draft: Draft
    items: tuple[ItemDraft, ...] | None
    list_id: str | None
    files: tuple[ActFile, ...]

    def sign(self, key: SigningKey, origin: str) -> Submission:
        """Raises EvidenceError where the draft breaks a rule of the format."""
        if self.items is None or self.list_id is None:
            return sign_statement(key, origin, self.draft)
        return sign_list(key, origin, self.draft, self.list_id, self.items)


def prepare(ledger: Ledger, request: Request, known_list: bool) -> Act:
    """The act as it will be signed. `known_list`: its list has been acted on before.

    Raises CommandError for files and answers that cannot be had.
    """
    spec, records = request.spec, request.records
    is_list = spec.list == "required" or len(records) > 1 or request.list_id is not None
    list_id = (request.list_id or str(uuid.uuid4())) if is_list else None
    codes = request.claims
    if not is_list:
        record = records[0] if records else None
        files = _act_files(ledger, request, record)
        claims, fields = claims_of(files, hide_digests=request.hide_digests)
        if "file.name" not in spec.fields:
            # Of what is erased not even the name is said again.
            fields = {name: value for name, value in fields.items() if not name.endswith(".name")}
        draft = Draft(
            spec.name,
            request.occurred_at,
            record=record,
            files=claims,
            fields={**request.fields, **fields},
            answers=answered(ledger, request.answers, record, None),
            compromised_since=codes.get("compromised_since"),
            due=codes.get("due"),
            duty=codes.get("duty"),
            erased=request.erased,
            key=bytes.fromhex(codes["key"]) if "key" in codes else None,
            pages=request.pages,
            state=codes.get("state"),
            subject=request.subject,
            unit=codes.get("unit"),
            uses=request.uses,
            seen=last_seen(ledger),
            version=_version(ledger, request, record),
            basis=codes.get("basis"),
            late=codes.get("late"),
            outcome=codes.get("outcome"),
            reason=codes.get("reason"),
        )
        return Act(draft, None, None, files)
    # What the list's own statement answers stands once, over all items; the rest item by item.
    own = set(of_subject(request.answers))
    over = tuple(text for text in request.answers if text not in own or known_list)
    each = () if known_list else tuple(text for text in request.answers if text in own)
    items = tuple(_item(ledger, request, record, each) for record in records)
    draft = Draft(
        spec.name,
        request.occurred_at,
        basis=codes.get("basis"),
        late=codes.get("late"),
        outcome=codes.get("outcome"),
        reason=codes.get("reason"),
        fields=request.fields,
        answers=answered(ledger, over, None, list_id),
        due=codes.get("due"),
        erased=request.erased,
        subject=request.subject,
        uses=request.uses,
        seen=last_seen(ledger),
    )
    return Act(draft, items, list_id, ())


def _item(ledger: Ledger, request: Request, record: str, answers: tuple[str, ...]) -> ItemDraft:
    claims, fields = claims_of(_act_files(ledger, request, record), hide_digests=request.hide_digests)
    return ItemDraft(
        record,
        files=claims,
        fields=fields,
        answers=answered(ledger, answers, record, None),
        pages=request.pages,
        state=request.claims.get("state"),
        version=_version(ledger, request, record),
    )


def _version(ledger: Ledger, request: Request, record: str | None) -> int | None:
    """As asked; where the event needs one and none was given, the next."""
    if request.version is not None or "version" not in request.spec.required_claims:
        return request.version
    if record is None:
        return None
    known = [step.version for step in record_steps(ledger, record) if step.version is not None]
    return max(known, default=1) + 1


def _act_files(ledger: Ledger, request: Request, record: str | None) -> tuple[ActFile, ...]:
    if request.keep and (request.spec.files != "set" or record is None):
        raise CommandError(
            "KEEP_NOT_HERE",
            "--keep 只用于给出一条记录全部文件的行为(如 resubmit、version.add)。",
            "--keep goes with events that give a record's complete files (resubmit, version.add).",
        )
    if not request.files:
        return ()
    if request.spec.files == "refer":
        return tuple(_referred(ledger, record, text) for text in request.files)
    if len(request.records) > 1:
        raise CommandError(
            "FILES_MANY_RECORDS",
            "一次给几条记录登记时,不能同时放入新文件。请逐条登记。",
            "New files cannot be given to several records at once. Record them one by one.",
        )
    given = [read_file(text, ROLE, request.carrier, request.copy) for text in request.files]
    if not request.keep or record is None:
        return tuple(given)
    by_name = {file.name: file for file in given}
    present = [_kept(known) for known in files_now(ledger, record).current]
    # A file of the same name stands in the place of the one that it replaces.
    kept = [by_name.pop(file.name, file) for file in present]
    return (*kept, *by_name.values())


def _kept(known: KnownFile) -> ActFile:
    """A file that the record has, said again. Raises CommandError FILE_DIGESTS_HIDDEN."""
    if known.content is None:
        raise CommandError(
            "FILE_DIGESTS_HIDDEN",
            f"现行文件“{known.name}”的摘要已隐去,不能照旧登记。请把文件一并给出。",
            f"The digests of the present file '{known.name}' are not kept here. Give the file itself too.",
            Exit.DATA,
        )
    digests, size = known.content.digests, known.content.size
    claim = FileClaim(ROLE, format_of(known.name), known.carrier, known.copy, digests, size)
    return ActFile(known.name, digests, size, None, claim)


def _referred(ledger: Ledger, record: str | None, text: str) -> ActFile:
    """One of the record's present files, by its name, or by a file with the same content."""
    present = files_now(ledger, record).current if record is not None else ()
    named = [known for known in present if known.name == text and known.content is not None]
    if not named:
        # Only to compare its content: what the file is to the record, the record says.
        digests = read_file(text, ROLE, "electronic", "original").digests if Path(text).exists() else None
        named = [known for known in present if known.content and known.content.digests == digests]
    if not named:
        names = [known.name for known in present if known.name]
        zh = f"现行文件有:{'、'.join(names)}" if names else "该记录没有现行文件(或文件名已隐去)"
        en = f"its present files: {', '.join(names)}" if names else "it has none, or none whose name is shown"
        raise CommandError(
            "FILE_NOT_OF_RECORD",
            f"“{text}”不是该记录的现行文件(按名称和内容都对不上)。{zh}。",
            f"'{text}' is none of the record's present files, by name or by content; {en}.",
            Exit.DATA,
        )
    return _kept(named[0])
