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

from api.http.caller import Caller, attempt_of
from api.http.envelope import problem_for
from api.http.invalid import problem_of_validation
from api.http.note import Note, current
from api.http.problem import Problem, ProblemError, body_of, of_reasons, refuse
from api.http.refused import Attempt, is_refusal, record
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


@dataclass(frozen=True)
class _Work:
    """Whose submissions these are."""

    service: Service
    caller: Caller
    note: Note
    attempt: Attempt


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
    work = _Work(service, caller, current(), attempt_of(request, current()))
    task = asyncio.create_task(_work(work, request, waiting))
    try:
        while (part := await waiting.get()) is not None:
            yield part
    finally:
        task.cancel()


async def _work(work: _Work, request: Request, waiting: asyncio.Queue[bytes | None]) -> None:
    note = work.note
    counts = {"lines": 0, "accepted": 0, "duplicates": 0, "refused": 0}
    together: list[_Line] = []
    octets = 0

    async def settle() -> None:
        for answer in await run_in_threadpool(_take_lines, work, tuple(together)):
            counts["lines"] += 1
            counts[_counted(answer["status"])] += 1
            waiting.put_nowait(_encoded(answer))
        together.clear()

    ending: Problem | None = None
    try:
        try:
            async for line in _lines(work.service, request):
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


def _take_lines(work: _Work, lines: Sequence[_Line]) -> list[dict[str, Any]]:
    """An answer for each line, in order."""
    answers: dict[int, dict[str, Any]] = {}
    good: list[tuple[int, Submission]] = []
    for line in lines:
        try:
            good.append(
                (line.number, read_submission(work.caller, SubmitForm.model_validate_json(line.data)))
            )
        except (ProblemError, ValidationError) as error:
            answers[line.number] = _refused(work, line.number, _problem(error))
    while good:
        try:
            accepted = take(work.service, [submission for _, submission in good])
        except SubmissionsRefusedError as error:
            wrong = {refusal.number: of_reasons(refusal.reasons) for refusal in error.refusals}
            for place, problem in wrong.items():
                answers[good[place][0]] = _refused(work, good[place][0], problem)
            good = [one for place, one in enumerate(good) if place not in wrong]
            continue
        for (number, _), one in zip(good, accepted, strict=True):
            work.note.statements.append(one.statement.hex())
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


def _refused(work: _Work, number: int, problem: Problem) -> dict[str, Any]:
    if is_refusal(problem, work.attempt.operation):
        record(work.service, problem, work.attempt)
    return {"line": number, "status": problem.status, "problem": body_of(problem, work.note.request)}


def _counted(status: int) -> str:
    return {200: "duplicates", 201: "accepted"}.get(status, "refused")


def _encoded(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
