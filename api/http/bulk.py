"""Many submissions in one request, a line each (NDJSON), answered line by line while they come in.

A line is judged by itself: one that is wrong keeps out no other. What was answered is kept, also if the
connection breaks: whoever sends everything again gets the same receipts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.caller import Caller
from api.http.envelope import problem_for
from api.http.invalid import problem_of_validation
from api.http.note import Note, current
from api.http.problem import Problem, ProblemError, body_of, of_reasons, refuse
from api.http.service import Service, take
from api.http.statement_forms import SubmitForm
from api.http.statements import read_submission
from ledger.accept import Accepted, SubmissionsRefusedError
from ledger.submission import Submission

MEDIA_TYPE = "application/x-ndjson"
_TOGETHER = 64  # committed at once, as long as they are small
_TOGETHER_OCTETS = 1024 * 1024


@dataclass(frozen=True)
class _Line:
    number: int
    data: bytes


class Answers(Response):
    """An answer that begins while the request still comes in. The framework's own streams listen for the end
    of the connection meanwhile, and would swallow the request."""

    media_type = MEDIA_TYPE

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        super().__init__()
        self.parts = parts
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The first part before the status: a request that is refused as a whole has its own.
        first = await anext(self.parts, b"")
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def answered(service: Service, caller: Caller, request: Request) -> AsyncIterator[bytes]:
    """Answers wait for their reader, never the request for them: else a client that sends all before it reads
    would wait for ever. There are so many lines at most, and so there is an end to what waits."""
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
    task = asyncio.create_task(_work(service, caller, request, waiting, current()))
    try:
        while (part := await waiting.get()) is not None:
            yield part
    finally:
        task.cancel()


async def _work(
    service: Service, caller: Caller, request: Request, waiting: asyncio.Queue[bytes | None], note: Note
) -> None:
    counts = {"lines": 0, "accepted": 0, "duplicates": 0, "refused": 0}
    together: list[_Line] = []
    octets = 0

    async def settle() -> None:
        for answer in await run_in_threadpool(_take_lines, service, caller, tuple(together), note):
            counts["lines"] += 1
            counts[_counted(answer["status"])] += 1
            waiting.put_nowait(_encoded(answer))
        together.clear()

    ending: Problem | None = None
    try:
        try:
            async for line in _lines(service, request):
                together.append(line)
                octets += len(line.data)
                if len(together) >= _TOGETHER or octets >= _TOGETHER_OCTETS:
                    await settle()
                    octets = 0
        except ProblemError as error:
            # What came before it is still answered.
            ending = error.problem
        await settle()
    except ClientDisconnect:
        note.code = "CLIENT_GONE"
    except Exception as error:  # noqa: BLE001  said as the last line: the status was sent long ago
        ending = problem_for(error, note)
    if ending is None:
        waiting.put_nowait(_encoded({"total": counts}))
    else:
        note.code = ending.code
        waiting.put_nowait(_encoded({"total": counts, "problem": body_of(ending, note.request)}))
    waiting.put_nowait(None)


async def _lines(service: Service, request: Request) -> AsyncIterator[_Line]:
    """Raises ProblemError BULK_LINE, BULK_LINES, and what reading the request raises."""
    limits, rest, number = service.limits, bytearray(), 0
    async for chunk in request.stream():
        rest += chunk
        *whole, rest = rest.split(b"\n")
        for data in whole:
            number += 1
            if number > limits.bulk_lines:
                raise refuse("BULK_LINES", "body", f"≤ {limits.bulk_lines} lines", f"line {number}")
            _check_line(service, number, len(data))
            if data.strip():
                yield _Line(number, bytes(data))
        _check_line(service, number + 1, len(rest))
    if rest.strip():
        yield _Line(number + 1, bytes(rest))


def _check_line(service: Service, number: int, octets: int) -> None:
    most = service.limits.bulk_line
    if octets > most:
        raise refuse("BULK_LINE", f"line {number}", f"≤ {most} octets", str(octets))


def _take_lines(service: Service, caller: Caller, lines: Sequence[_Line], note: Note) -> list[dict[str, Any]]:
    """An answer for each line, in order."""
    answers: dict[int, dict[str, Any]] = {}
    good: list[tuple[int, Submission]] = []
    for line in lines:
        try:
            good.append((line.number, read_submission(caller, SubmitForm.model_validate_json(line.data))))
        except (ProblemError, ValidationError) as error:
            answers[line.number] = _refused(line.number, _problem(error), note)
    while good:
        try:
            accepted = take(service, [submission for _, submission in good])
        except SubmissionsRefusedError as error:
            wrong = {refusal.number: of_reasons(refusal.reasons) for refusal in error.refusals}
            for place, problem in wrong.items():
                answers[good[place][0]] = _refused(good[place][0], problem, note)
            good = [one for place, one in enumerate(good) if place not in wrong]
            continue
        for (number, _), one in zip(good, accepted, strict=True):
            note.statements.append(one.statement.hex())
            answers[number] = _accepted(number, one)
        break
    return [answers[line.number] for line in lines]


def _problem(error: ProblemError | ValidationError) -> Problem:
    return error.problem if isinstance(error, ProblemError) else problem_of_validation(error.errors())


def _accepted(number: int, one: Accepted) -> dict[str, Any]:
    return {
        "line": number,
        "status": 200 if one.duplicate else 201,
        "statement": one.statement.hex(),
        "accepted_at": one.accepted_at,
        "due": one.due,
        "receipt": one.receipt,
    }


def _refused(number: int, problem: Problem, note: Note) -> dict[str, Any]:
    return {"line": number, "status": problem.status, "problem": body_of(problem, note.request)}


def _counted(status: int) -> str:
    return {200: "duplicates", 201: "accepted"}.get(status, "refused")


def _encoded(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
