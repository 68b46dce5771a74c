"""Records, what was done with them, and statements by their digest."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from api.http.caller import Guarded, ServiceOf
from api.http.forms import HEX32, UUID, Body
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.lookup import files_shown
from api.show_command import step_json
from ledger.query import find_records, record_steps, statement_by_digest
from ledger.record_pages import Place, record_page
from verifier.errors import CallerError

router = APIRouter(tags=["records"], route_class=Guarded)
Record = Annotated[str, Path(pattern=UUID, examples=["6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"])]
Digest = Annotated[str, Path(pattern=HEX32, description="SHA-256 of the exact octets.")]


class RecordShown(Body):
    """`number` (档号) and `title` as last disclosed."""

    record: str
    number: str
    title: str
    steps: int
    last_event: str
    last_at: str


class RecordsShown(Body):
    records: list[RecordShown]
    next: str | None


class FileShown(Body):
    """Digests and size are null where they are disclosures that are not kept here."""

    name: str
    carrier: str
    copy_: str = Field(alias="copy")
    sha256: str | None
    sm3: str | None
    size: int | None


class RecordWhole(Body):
    """`steps`: every act on it, in the order of acceptance, with the members of `archive-ledger show`."""

    record: str
    version: int | None
    files: list[FileShown]
    steps: list[dict[str, Any]]


class StatementShown(Body):
    statement: str
    receipt: str
    due: str
    step: dict[str, Any]


@router.get("/v1/records", operation_id="list_records")
def list_records(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    event: Annotated[str | None, Query(max_length=64, description="Whose newest act it is.")] = None,
    number_is: Annotated[str | None, Query(alias="number", min_length=1, max_length=200)] = None,
) -> RecordsShown:
    """Records by their newest act, newest first; with `number`, those with this 档号 (no pages)."""
    if number_is is not None:
        try:
            rows = find_records(service.ledger, number_is)
        except CallerError:
            rows = ()
        return RecordsShown(records=[_row(row) for row in rows], next=None)
    after = None
    if cursor is not None:
        act, record = read_cursor(cursor, "records", 2)
        after = Place(number(act), record)
    page = record_page(service.ledger, limit, after, event)
    following = cursor_of("records", page.next.act, page.next.record) if page.next else None
    return RecordsShown(records=[_row(row) for row in page.rows], next=following)


@router.get("/v1/records/{record}", operation_id="show_record")
def show_record(service: ServiceOf, record: Record) -> RecordWhole:
    """Its steps and present files. To open a file see /v1/records/{record}/files/{sha256}."""
    steps = record_steps(service.ledger, record)
    files = files_shown(service.ledger, record)
    return RecordWhole(
        record=record,
        version=files.version,
        files=[
            FileShown(
                name=known.name,
                carrier=known.carrier,
                copy=known.copy,
                sha256=known.content.digests.sha256.hex() if known.content else None,
                sm3=known.content.digests.sm3.hex() if known.content else None,
                size=known.content.size if known.content else None,
            )
            for known in files.current
        ],
        steps=[step_json(step) for step in steps],
    )


@router.get("/v1/statements/{sha256}", operation_id="show_statement")
def show_statement(service: ServiceOf, sha256: Digest) -> StatementShown:
    """The exact octets, the receipt, and what it says."""
    found = statement_by_digest(service.ledger, bytes.fromhex(sha256))
    return StatementShown(
        statement=found.data.decode(), receipt=found.receipt, due=found.due, step=step_json(found.step)
    )


@router.get(
    "/v1/statements/{sha256}/receipt",
    operation_id="show_receipt",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_receipt(service: ServiceOf, sha256: Digest) -> Response:
    """The signed note by which the ledger promised to log it."""
    found = statement_by_digest(service.ledger, bytes.fromhex(sha256))
    return Response(found.receipt, media_type="text/plain")


def _row(row: Any) -> RecordShown:
    return RecordShown(
        record=row.record,
        number=row.number,
        title=row.title,
        steps=row.steps,
        last_event=row.last_event,
        last_at=row.last_at,
    )
