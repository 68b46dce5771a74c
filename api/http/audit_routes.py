"""Looking into uses: the inquiry is stated and kept first; then its pages, its export, its release."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.http.audit_box import new_key
from api.http.audit_forms import (
    ExportForm,
    InquiriesShown,
    InquiryForm,
    InquiryShown,
    PageForm,
    PageShown,
    ReleasedForm,
    group_shown,
    inquiry_shown,
)
from api.http.audit_work import export_work
from api.http.caller import Caller, CallerOf, Guarded, ServiceOf
from api.http.forms import HEX32
from api.http.job_routes import JobShown, begun
from api.http.note import current
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.http.problem import refuse
from api.http.service import Service, take
from api.http.statement_forms import Acknowledged
from api.http.statements import read_submission
from ledger.accept import Accepted
from ledger.audit_filter import filter_words
from ledger.audit_inquiry import (
    EXPORT,
    Inquiry,
    asked_by,
    check_may_read,
    check_number,
    find_inquiry,
    read_inquiry,
)
from ledger.audit_page import inquiries, read_page
from ledger.audit_right import AUDITOR
from ledger.audit_rows import Place
from ledger.audit_sealed import check_open, envelope_for, release, submit_sealed
from ledger.store.engine import reading
from ledger.submission import Submission
from verifier.errors import CallerError

router = APIRouter(tags=["audit"], route_class=Guarded)
Digest = Annotated[str, Path(pattern=HEX32, description="SHA-256 of the inquiry's statement.")]


@router.post("/v1/audit/inquiries", status_code=201, operation_id="begin_inquiry")
def begin_inquiry(form: InquiryForm, service: ServiceOf, caller: CallerOf) -> InquiryShown:
    """Takes the signed statement of an inquiry in. Nothing is shown before it is durable."""
    submission = read_submission(caller, form)
    parsed, _ = read_inquiry(submission)
    if form.sealed and AUDITOR not in caller.duties:
        raise refuse("RIGHT_MISSING", "sealed", AUDITOR, " ".join(sorted(caller.duties)))
    with reading(service.ledger.engine) as connection:
        check_number(connection, parsed)
        if not form.sealed:
            check_open(connection, parsed)
    if form.sealed:
        submit_sealed(service.ledger, submission, form.readers, lambda one: _take(service, one))
    else:
        _take(service, submission)
    return inquiry_shown(find_inquiry(service.ledger, parsed.digests.sha256))


@router.get("/v1/audit/inquiries", operation_id="list_inquiries")
def list_inquiries(service: ServiceOf, limit: Limit = 50, cursor: Cursor = None) -> InquiriesShown:
    """That inquiries took place, by whom and when; of none what it asks."""
    below = number(read_cursor(cursor, "inquiries", 1)[0]) if cursor is not None else None
    page = inquiries(service.ledger, limit, below)
    following = cursor_of("inquiries", page.next) if page.next is not None else None
    return InquiriesShown(inquiries=[inquiry_shown(one) for one in page.inquiries], next=following)


@router.post("/v1/audit/inquiries/{sha256}/page", operation_id="read_inquiry")
def read_pages(form: PageForm, service: ServiceOf, caller: CallerOf, sha256: Digest) -> PageShown:
    """The acts that the inquiry asked for, each under the act on which it rests."""
    inquiry = _own(service, caller, sha256)
    with reading(service.ledger.engine) as connection:
        asked, _ = asked_by(connection, inquiry, form.disclosures)
    page = read_page(service.ledger, inquiry, asked, form.limit, _after(form.cursor, inquiry))
    zh, en = filter_words(asked)
    return PageShown(
        filter_zh=zh,
        filter_en=en,
        groups=[group_shown(one) for one in page.groups],
        withheld=page.withheld,
        next=_cursor(inquiry, page.next) if page.next is not None else None,
    )


@router.get(
    "/v1/audit/inquiries/{sha256}/envelope",
    operation_id="show_envelope",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def show_envelope(service: ServiceOf, caller: CallerOf, sha256: Digest) -> Response:
    """What a sealed inquiry asks, under the keys of those who may read it; the key stays on one's device."""
    envelope = envelope_for(service.ledger, bytes.fromhex(sha256), caller.session.agent)
    return Response(envelope, media_type="application/json")


@router.post("/v1/audit/inquiries/{sha256}/release", status_code=201, operation_id="release_inquiry")
def release_inquiry(form: ReleasedForm, service: ServiceOf, caller: CallerOf, sha256: Digest) -> Acknowledged:
    """Makes a sealed inquiry known: its disclosures are kept in clear from then on."""
    submission = read_submission(caller, form)
    opened = {bytes.fromhex(one): texts for one, texts in form.opened.items()}
    if bytes.fromhex(sha256) not in opened:
        raise CallerError("RELEASE_FORM", "opened", sha256, " ".join(form.opened))
    done = release(service.ledger, submission, opened, lambda one: _take(service, one))
    return Acknowledged(
        statement=done.statement.hex(),
        accepted_at=done.accepted_at,
        due=done.due,
        receipt=done.receipt,
        duplicate=done.duplicate,
    )


@router.post("/v1/audit/inquiries/{sha256}/export", status_code=202, operation_id="start_export")
def start_export(
    form: ExportForm,
    service: ServiceOf,
    caller: CallerOf,
    response: Response,
    sha256: Digest,
) -> JobShown:
    """A zip: the sheet (CSV), evidence over its records, their digests. For statements of event `export`."""
    inquiry = _own(service, caller, sha256)
    if inquiry.parsed.event != EXPORT:
        raise CallerError("AUDIT_NO_EXPORT", sha256, EXPORT, inquiry.parsed.event)
    with reading(service.ledger.engine) as connection:
        asked, said = asked_by(connection, inquiry, form.disclosures)
    key = new_key()
    work = export_work(service, inquiry, asked, said, key)
    return begun(service, caller, "audit", work, response, key)


def _take(service: Service, submission: Submission) -> Accepted:
    (accepted,) = take(service, [submission])
    current().statements.append(accepted.statement.hex())
    return accepted


def _own(service: Service, caller: Caller, sha256: str) -> Inquiry:
    """An inquiry of the caller's, ready to be read. That somebody asked for another's is recorded."""
    inquiry = find_inquiry(service.ledger, bytes.fromhex(sha256))
    check_may_read(inquiry, caller.session.agent)
    return inquiry


def _cursor(inquiry: Inquiry, place: Place) -> str:
    return cursor_of("audit", inquiry.digest.hex()[:32], place.part, place.id, place.item + 1)


def _after(cursor: str | None, inquiry: Inquiry) -> Place | None:
    """Where a page begins says nothing of what it may show: the filter is asked of every act again."""
    if cursor is None:
        return None
    of, part, key, item = read_cursor(cursor, "audit", 4)
    if of != inquiry.digest.hex()[:32] or part not in ("0", "1"):
        raise refuse("CURSOR_FORM", "cursor", "`next` of a page of this inquiry", cursor[:80])
    return Place(int(part), number(key), number(item) - 1)
