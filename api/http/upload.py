"""Taking a file in: from the socket to its place, hashed once on the way, never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio.from_thread
import anyio.to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from api.http.caller import Caller
from api.http.problem import ProblemError, refuse
from api.http.service import Service
from api.http.states import state
from api.secrecy.look import Looked, look
from ledger.erase_files import is_erased
from ledger.files import StoredFile, store_chunks
from verifier.digests import Digests

# The one declared grade with which anything is taken.
NO_GRADE = "none"
# Of the service's own codes, those stated, with the catalogue's reason.
_STATED = {
    "UPLOAD_DECLARED": "secret_declared",
    "UPLOAD_ERASED": "mistaken_upload",
    "UPLOAD_SECRET": "secret_marked",
}


async def take_file(
    service: Service, caller: Caller, request: Request, grade: str, expected: str | None
) -> tuple[StoredFile, Looked]:
    """Raises ProblemError UPLOADS_BUSY, UPLOAD_CUT, UPLOAD_DIGEST, UPLOAD_DECLARED, UPLOAD_ERASED,
    UPLOAD_SECRET; LedgerError FILE_SPACE. That something was refused as secret is stated, and nothing of
    what it was."""
    try:
        if grade != NO_GRADE:
            # Before an octet of it is read.
            raise refuse("UPLOAD_DECLARED", "X-Declared-Grade", NO_GRADE)
        return await _take(service, request, expected)
    except ProblemError as error:
        if error.problem.code in _STATED:
            await anyio.to_thread.run_sync(_state, service, caller, _STATED[error.problem.code])
        raise


def _state(service: Service, caller: Caller, reason: str) -> None:
    state(service, "secrecy.refuse", {}, subject=caller.session.agent, reason=reason)


async def _take(service: Service, request: Request, expected: str | None) -> tuple[StoredFile, Looked]:
    if not service.uploading.acquire(blocking=False):
        raise refuse("UPLOADS_BUSY", "files", f"≤ {service.limits.uploads} at once", Retry_After="10")
    try:
        stream = request.stream()

        async def following() -> bytes | None:
            return await anext(stream, None)

        def chunks() -> Iterator[bytes]:
            while (chunk := anyio.from_thread.run(following)) is not None:
                if chunk:
                    yield chunk

        looked: list[Looked] = []

        def admit(digests: Digests, path: Path) -> None:
            if expected is not None and digests.sha256.hex() != expected:
                raise refuse("UPLOAD_DIGEST", "body", expected, digests.sha256.hex())
            if is_erased(service.ledger, digests.sha256):
                raise refuse("UPLOAD_ERASED", "body", "no file that was erased as received by mistake")
            looked.append(look(path))
            if looked[0].secret:
                raise refuse("UPLOAD_SECRET", "body", "no secrecy marking")

        # Threads of its own: slow uploads must not hold up who only asks.
        own = anyio.CapacityLimiter(1)
        stored = await anyio.to_thread.run_sync(store_chunks, service.ledger, chunks(), admit, limiter=own)
        return stored, looked[0]
    except ClientDisconnect:
        raise refuse("UPLOAD_CUT", "body") from None
    finally:
        service.uploading.release()
