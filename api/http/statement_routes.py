"""Drafts and statements, one at a time and many."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.event.catalogue_view import spec_json
from api.http.bulk import MEDIA_TYPE, Answers, answered
from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import Body
from api.http.note import current
from api.http.service import take
from api.http.statement_forms import Acknowledged, DraftForm, DraftMade, SubmitForm
from api.http.statements import make_draft, read_submission
from ledger.accept import Accepted
from verifier.catalogue import catalogue


class EventsShown(Body):
    """With the members of `archive-ledger events --json`."""

    events: list[dict[str, Any]]


_LINES = {"type": "string", "description": "Objects, one a line."}
router = APIRouter(tags=["statements"], route_class=Guarded)


@router.get("/v1/events", operation_id="list_events")
def list_events() -> EventsShown:
    """The event catalogue: what each act must and may say."""
    return EventsShown(events=[spec_json(spec) for spec in catalogue().events.values()])


@router.post("/v1/drafts", operation_id="draft")
def draft(form: DraftForm, service: ServiceOf, caller: CallerOf) -> DraftMade:
    """The exact octets to sign for an act, with its disclosures. Nothing is kept; nothing is signed here."""
    return make_draft(service, caller, form)


@router.post(
    "/v1/statements",
    status_code=201,
    operation_id="submit",
    responses={200: {"model": Acknowledged, "description": "Accepted before: the same receipt."}},
)
def submit(form: SubmitForm, service: ServiceOf, caller: CallerOf, response: Response) -> Acknowledged:
    """Takes a signed statement in and gives its receipt; the same octets again get the same one (200)."""
    accepted = take(service, [read_submission(caller, form)])[0]
    current().statements.append(accepted.statement.hex())
    if accepted.duplicate:
        response.status_code = 200
    response.headers["Location"] = f"/v1/statements/{accepted.statement.hex()}"
    return acknowledged(accepted)


@router.post(
    "/v1/statements:bulk",
    status_code=200,
    operation_id="submit_many",
    response_class=Answers,
    openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": _LINES}}}},
)
async def submit_many(service: ServiceOf, caller: CallerOf, request: Request) -> Answers:
    """NDJSON: a submission (as of POST /v1/statements) a line; each line's answer is streamed back as it is
    known, then a total. `status`: 201 accepted, 200 accepted before, else `problem` says why it is not.
    """
    return Answers(answered(service, caller, request))


def acknowledged(accepted: Accepted) -> Acknowledged:
    return Acknowledged(
        statement=accepted.statement.hex(),
        accepted_at=accepted.accepted_at,
        due=accepted.due,
        receipt=accepted.receipt,
        duplicate=accepted.duplicate,
    )
