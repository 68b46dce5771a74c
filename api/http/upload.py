"""Taking a file in: from the socket to its place, hashed once on the way, never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio.from_thread
import anyio.to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from api.http.problem import refuse
from api.http.service import Service
from api.intake.secrecy import marked_head
from ledger.files import StoredFile, store_chunks
from verifier.digests import Digests


async def take_file(service: Service, request: Request, expected: str | None) -> StoredFile:
    """Raises ProblemError UPLOADS_BUSY, UPLOAD_CUT, UPLOAD_DIGEST, UPLOAD_SECRET; LedgerError FILE_SPACE."""
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

        def admit(digests: Digests, path: Path) -> None:
            if expected is not None and digests.sha256.hex() != expected:
                raise refuse("UPLOAD_DIGEST", "body", expected, digests.sha256.hex())
            if marked_head(path):
                raise refuse("UPLOAD_SECRET", "body", "no secrecy marking")

        # Threads of its own: slow uploads must not hold up who only asks.
        own = anyio.CapacityLimiter(1)
        return await anyio.to_thread.run_sync(store_chunks, service.ledger, chunks(), admit, limiter=own)
    except ClientDisconnect:
        raise refuse("UPLOAD_CUT", "body") from None
    finally:
        service.uploading.release()
