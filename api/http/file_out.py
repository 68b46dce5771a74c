"""Giving a record's file out: first the statement, then the octets.

If the statement cannot be kept, nothing is served.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import StreamingResponse

from api.http.caller import Caller
from api.http.file_reader import Use
from api.http.problem import refuse
from api.http.service import Service
from api.http.states import state
from api.intake.formats import format_of
from api.lookup import files_now
from api.shown_name import shown_name
from ledger.query import record_steps
from ledger.whole_file import closing_chunks, open_whole
from verifier.claims import FileClaim
from verifier.disclosure import FileDigests
from verifier.verify_files import KnownFile

_ROLE = "content"


def open_file_of(service: Service, caller: Caller, record: str, sha256: bytes, use: Use) -> StreamingResponse:
    """Raises ProblemError RECORD_FILE_UNKNOWN, RECORD_FILE_DESTROYED, CallerError FILE_NOT_HELD,
    FILE_DAMAGED, and what `accept` raises."""
    known, content = _present(service, record, sha256)
    reader = open_whole(service.ledger, content)
    try:
        digest = _state(service, caller, record, known, content, use)
    except BaseException:
        reader.close()
        raise
    shown = "inline" if use.act == "view" else "attachment"
    name = quote(shown_name(known), safe="")
    headers = {
        # What is shown is never run: no page of ours is made of a record's file.
        "Content-Disposition": f"{shown}; filename*=UTF-8''{name}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Length": str(content.size),
        "X-Statement": digest,
    }
    return StreamingResponse(closing_chunks(reader), headers=headers, media_type="application/octet-stream")


def _present(service: Service, record: str, sha256: bytes) -> tuple[KnownFile, FileDigests]:
    record_steps(service.ledger, record)  # raises RECORD_UNKNOWN
    files = files_now(service.ledger, record)
    for known in files.current:
        if known.content is not None and known.content.digests.sha256 == sha256:
            return known, known.content
    for known in files.erased:
        if known.destroyed_by and known.content is not None and known.content.digests.sha256 == sha256:
            raise refuse("RECORD_FILE_DESTROYED", "sha256", "", f"statement {known.destroyed_by}")
    raise refuse("RECORD_FILE_UNKNOWN", "sha256", "a present file of the record", sha256.hex())


def _state(
    service: Service, caller: Caller, record: str, known: KnownFile, content: FileDigests, use: Use
) -> str:
    form = format_of(known.name)
    claim = FileClaim(_ROLE, form, known.carrier, known.copy, content.digests, content.size)
    fields = {
        "purpose": use.purpose,
        "reader_organisation": caller.session.iss,
        "reader_duty": " ".join(sorted(caller.duties)),
    }
    fields |= {"reader_name": use.reader_name} if use.reader_name else {}
    fields |= {"legal_basis": use.legal_basis} if use.legal_basis else {}
    event = "access.view" if use.act == "view" else "access.download"
    return state(
        service,
        event,
        fields,
        subject=caller.session.agent,
        record=record,
        files=(claim,),
        basis=use.basis,
        answers=use.answers,
    )
