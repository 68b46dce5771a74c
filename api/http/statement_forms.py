"""What a draft and a submission are made of, as JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.http.forms import BASE64, HEX32, UUID, Body, base64_octets
from api.http.problem import refuse
from ledger.sign import Draft, Fields, ItemDraft
from ledger.submission import Submission, SubmittedItem
from verifier.claims import FileClaim
from verifier.digests import Digests
from verifier.disclosure import FileDigests
from verifier.statement import Seen

RECORD = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"
_Code = Annotated[str, Field(max_length=64)]
_Digest = Annotated[str, Field(pattern=HEX32)]
_Uuid = Annotated[str, Field(pattern=UUID)]
_Text = Annotated[str, Field(max_length=33_000)]
_Count = Annotated[int, Field(ge=0, le=2**53 - 1)]


class DigestsForm(Body):
    """Of one file, both taken in one pass; an upload tells them."""

    sha256: _Digest
    sm3: _Digest
    size: _Count


class FileForm(Body):
    """Without `digests` they are meant to be a disclosure, `file.<n>.digests`."""

    role: _Code
    format: Annotated[str, Field(max_length=100, examples=["application/pdf"])]
    carrier: Annotated[str, Field(max_length=64, examples=["paper"])]
    copy_: Annotated[str, Field(alias="copy", max_length=64, examples=["scan"])]
    digests: DigestsForm | None = None


class ActForm(Body):
    """`fields`: to be disclosed, name → value; the service chooses the salts. `disclosures`: ready ones, with
    salts that the client chose. Both may be given."""

    record: _Uuid | None = None
    occurred_at: Annotated[str, Field(max_length=60)] | None = None
    files: Annotated[list[FileForm], Field(max_length=1000)] = Field(default_factory=list)
    fields: Annotated[dict[str, _Text | DigestsForm], Field(max_length=4096)] = Field(default_factory=dict)
    disclosures: Annotated[list[Annotated[str, Field(max_length=65_536)]], Field(max_length=4096)] = Field(
        default_factory=list
    )
    answers: Annotated[list[_Digest], Field(max_length=64)] = Field(default_factory=list)
    basis: _Code | None = None
    late: _Code | None = None
    outcome: _Code | None = None
    pages: _Count | None = None
    reason: _Code | None = None
    state: _Code | None = None
    version: _Count | None = None


class ItemForm(ActForm):
    record: _Uuid


class ListForm(Body):
    """`id` stays the list's through every act on it; a new one is given where it is absent."""

    id: _Uuid | None = None
    items: Annotated[list[ItemForm], Field(min_length=1, max_length=40_000)]


class DraftForm(ActForm):
    """An act to be signed: on one record, on a list (`list`), or on neither."""

    event: Annotated[str, Field(max_length=64, examples=["receive"])]
    occurred_at: Annotated[str, Field(max_length=60, examples=["2026-01-08"])]
    due: Annotated[str, Field(max_length=60)] | None = None
    erased: Annotated[list[_Code], Field(max_length=4096)] = Field(default_factory=list)
    subject: _Uuid | None = None
    duty: _Code | None = None
    unit: _Uuid | None = None
    uses: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None
    key: Annotated[_Digest, Field(description="SHA-256 of the key's SubjectPublicKeyInfo.")] | None = None
    compromised_since: Annotated[str, Field(max_length=60)] | None = None
    listed: ListForm | None = Field(None, alias="list")
    seen: bool = Field(True, description="Name the newest anchor that the service has checked.")


class ItemMade(Body):
    data: Annotated[str, Field(pattern=BASE64, max_length=100_000, description="Exact octets.")]
    disclosures: Annotated[list[Annotated[str, Field(max_length=65_536)]], Field(max_length=4096)] = Field(
        default_factory=list
    )


class DraftMade(Body):
    """`octets`: header.payload, exactly what is to be signed (ASCII). `draft`: its SHA-256."""

    octets: str
    draft: str
    list_id: str | None
    disclosures: list[str]
    items: list[ItemMade]


class SubmitForm(Body):
    """`certificate`: the signer's, DER; the session's where absent. `draft`: of which it is the answer."""

    statement: Annotated[str, Field(max_length=65_536, examples=["eyJ…header.eyJ…payload.signature"])]
    certificate: Annotated[str, Field(pattern=BASE64, max_length=8000)] | None = None
    disclosures: Annotated[list[Annotated[str, Field(max_length=65_536)]], Field(max_length=4096)] = Field(
        default_factory=list
    )
    items: Annotated[list[ItemMade], Field(max_length=40_000)] = Field(default_factory=list)
    draft: _Digest | None = None


class Acknowledged(Body):
    """`receipt`: the ledger's signed promise, a note."""

    statement: str = Field(description="SHA-256 of the exact octets, hex.")
    accepted_at: str
    due: str
    receipt: str
    duplicate: bool = Field(description="The same octets had been accepted before, with this receipt.")


def draft_of(form: DraftForm, seen: Seen | None) -> Draft:
    return Draft(
        form.event,
        form.occurred_at,
        record=form.record,
        due=form.due,
        erased=tuple(form.erased),
        subject=form.subject,
        duty=form.duty,
        unit=form.unit,
        uses=form.uses,
        key=bytes.fromhex(form.key) if form.key else None,
        compromised_since=form.compromised_since,
        seen=seen if form.seen else None,
        files=_files(form),
        fields=_fields(form),
        disclosures=tuple(form.disclosures),
        answers=_answers(form),
        basis=form.basis,
        late=form.late,
        outcome=form.outcome,
        pages=form.pages,
        reason=form.reason,
        state=form.state,
        version=form.version,
    )


def item_of(form: ItemForm) -> ItemDraft:
    return ItemDraft(
        form.record,
        occurred_at=form.occurred_at,
        files=_files(form),
        fields=_fields(form),
        disclosures=tuple(form.disclosures),
        answers=_answers(form),
        basis=form.basis,
        late=form.late,
        outcome=form.outcome,
        pages=form.pages,
        reason=form.reason,
        state=form.state,
        version=form.version,
    )


def submission_of(form: SubmitForm, certificate: bytes) -> Submission:
    """Raises ProblemError REQUEST_INVALID."""
    if not form.statement.isascii():
        raise refuse("REQUEST_INVALID", "statement", "ASCII", "other characters")
    items = tuple(
        SubmittedItem(base64_octets(one.data, f"items[{n}].data"), tuple(one.disclosures))
        for n, one in enumerate(form.items)
    )
    given = base64_octets(form.certificate, "certificate") if form.certificate is not None else certificate
    return Submission(form.statement.encode(), given, tuple(form.disclosures), items)


def _answers(form: ActForm) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in form.answers)


def _files(form: ActForm) -> tuple[FileClaim, ...]:
    return tuple(
        FileClaim(
            one.role,
            one.format,
            one.carrier,
            one.copy_,
            _digests(one.digests).digests if one.digests else None,
            one.digests.size if one.digests else None,
        )
        for one in form.files
    )


def _fields(form: ActForm) -> Fields:
    return {n: v if isinstance(v, str) else _digests(v) for n, v in form.fields.items()}


def _digests(form: DigestsForm) -> FileDigests:
    return FileDigests(Digests(bytes.fromhex(form.sha256), bytes.fromhex(form.sm3)), form.size)
