"""Draft, sign, submit. The service shows the exact octets; the person's key, elsewhere, signs them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from api.http.caller import Caller
from api.http.problem import Problem, ProblemError, of_reasons, refuse
from api.http.service import Service
from api.http.statement_forms import (
    DraftForm,
    DraftMade,
    ItemForm,
    ItemMade,
    SubmitForm,
    draft_of,
    item_of,
    submission_of,
)
from api.http.states import state
from ledger.secrecy import GRADE, field_is_secret
from ledger.seen import last_seen
from ledger.sign import Author, Unsigned, prepare_list, prepare_statement
from ledger.submission import Submission
from verifier.canonical import base64_text, base64url_text
from verifier.certificate import read_signer
from verifier.conformity import check_event
from verifier.digests import sha256
from verifier.errors import EvidenceError
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import parse_statement

# Has a signature's form and verifies nothing: what is looked at is the rest of the statement.
_UNSIGNED = base64url_text((1).to_bytes(32, "big") * 2)


def make_draft(service: Service, caller: Caller, form: DraftForm) -> DraftMade:
    """Raises ProblemError with everything that the format or the event catalogue does not admit."""
    _refuse_secret(service, caller, form)
    signer = read_signer(caller.session.certificate)
    author = Author(signer.agent, caller.session.iss, signer.sha256)
    listed = form.listed
    list_id = (listed.id or str(uuid.uuid4())) if listed else None
    draft = draft_of(form, last_seen(service.ledger) if form.seen else None)
    if listed is not None and list_id is not None:
        items = [item_of(one) for one in listed.items]
        unsigned = prepare_list(author, service.ledger.origin, draft, list_id, items)
    else:
        unsigned = prepare_statement(author, service.ledger.origin, draft)
    _check_admitted(service, unsigned, signer.role)
    return DraftMade(
        octets=unsigned.octets.decode(),
        draft=sha256(unsigned.octets).hex(),
        list_id=list_id,
        disclosures=list(unsigned.disclosures),
        items=[
            ItemMade(data=base64_text(one.data), disclosures=list(one.disclosures)) for one in unsigned.items
        ],
    )


def _refuse_secret(service: Service, caller: Caller, form: DraftForm) -> None:
    """Stated, and refused: even of a draft nothing secret comes back. Raises ProblemError SECRET_DECLARED,
    SECRET_MARKED."""
    said = [("", form.fields), *((f"list.items[{n}].", one.fields) for n, one in enumerate(items_of(form)))]
    found = [
        Reason("SECRET_DECLARED" if name == GRADE else "SECRET_MARKED", f"{at}{name}")
        for at, fields in said
        for name, value in fields.items()
        if isinstance(value, str) and field_is_secret(name, value)
    ]
    if found:
        reason = "secret_declared" if found[0].code == "SECRET_DECLARED" else "secret_marked"
        state(service, "secrecy.refuse", {}, subject=caller.session.agent, reason=reason)
        raise ProblemError(of_reasons(found))


def items_of(form: DraftForm) -> Sequence[ItemForm]:
    return form.listed.items if form.listed is not None else ()


def read_submission(caller: Caller, form: SubmitForm) -> Submission:
    """Raises ProblemError DRAFT_OTHER_BYTES, SUBMITTER_OTHER, and what a statement's form may lack."""
    submission = submission_of(form, caller.session.certificate)
    try:
        statement = parse_statement(submission.statement)
    except EvidenceError as error:
        raise ProblemError(of_reasons([_reason(error)])) from error
    if statement.agent != caller.session.agent:
        raise refuse("SUBMITTER_OTHER", "agent", caller.session.agent, statement.agent)
    signed = sha256(statement.signed_bytes).hex()
    if form.draft is not None and form.draft != signed:
        raise refuse("DRAFT_OTHER_BYTES", "draft", form.draft, signed)
    return submission


def _check_admitted(service: Service, unsigned: Unsigned, role: str) -> None:
    reasons: list[Reason] = []
    try:
        statement = parse_statement(unsigned.octets + b"." + _UNSIGNED.encode())
        items = [parse_item(one.data, number) for number, one in enumerate(unsigned.items)]
    except EvidenceError as error:
        raise ProblemError(of_reasons([_reason(error)])) from error
    kinds = service.ledger.settings.kinds
    own = {kinds[statement.iss]} if statement.iss in kinds else set()
    reasons += check_event(statement, items, role, own if kinds else None)
    if reasons:
        found: Problem = of_reasons(reasons)
        raise ProblemError(found)


def _reason(error: EvidenceError) -> Reason:
    return Reason(error.code, error.at, error.expected, error.found)
