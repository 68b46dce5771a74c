"""What a request is told when it is refused: problem details of RFC 9457, in Chinese and English."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException

from api.errors import Exit
from api.failure import problem_of, words_of
from api.remedies import remedies
from verifier.errors import ArchiveError, CallerError, EvidenceError, found_text
from verifier.report import Reason

MEDIA_TYPE = "application/problem+json"
_LISTED = 100  # so many things that are wrong are told; the number of the others is


@dataclass(frozen=True)
class Problem:
    """`code` is stable. `wrong`: each thing that is wrong, with its place, the limit and what was found.

    `like`: the code of the service's own whose remedy holds where `code` is the ledger's or verifier's.
    """

    status: int
    code: str
    wrong: tuple[Reason, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    like: str = "REQUEST_INVALID"


@dataclass(frozen=True)
class _Words:
    """`remedy`: what to do about it."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    status: int | None = field(default=None)


class ProblemError(HTTPException):
    """Ends a request. A kind of HTTPException so that the framework lets it through while a body is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.code)
        self.problem = problem


def refuse(code: str, at: str = "", expected: str = "", found: str = "", **headers: str) -> ProblemError:
    """The refusal with this code of `data/problems.json`; header names with `_` for `-`."""
    return refuse_all(code, [Reason(code, at, expected, found)] if at or expected or found else (), **headers)


def refuse_all(code: str, wrong: Sequence[Reason], **headers: str) -> ProblemError:
    status = _table()[code].status
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return ProblemError(Problem(status or 500, code, tuple(wrong), sent))


def of_error(error: BaseException) -> Problem | None:
    """What somebody else raised on purpose; None for what nobody foresaw."""
    from ledger.accept import SubmissionsRefusedError

    if isinstance(error, SubmissionsRefusedError):
        return of_reasons([reason for refusal in error.refusals for reason in refusal.reasons])
    if isinstance(error, ArchiveError):
        reason = Reason(error.code, error.at, error.expected, error.found)
        status = _status(error)
        like = "UNHEALTHY" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "REQUEST_INVALID"
        return Problem(status, error.code, (reason,), like=like)
    found = problem_of(error)
    if found is None:
        return None
    if found.exit in (Exit.USAGE, Exit.DATA):
        told = Reason(found.code, found=found_text(found.en, 500))
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, found.code, (told,))
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, found.code, like="UNHEALTHY")


def of_reasons(reasons: Sequence[Reason]) -> Problem:
    """Why a statement is not accepted; its own code where there is one reason only."""
    codes = list(dict.fromkeys(reason.code for reason in reasons))
    code = codes[0] if len(codes) == 1 else "STATEMENT_REFUSED"
    repeated = codes == ["STATEMENT_JTI_REPEATED"]
    status = HTTPStatus.CONFLICT if repeated else HTTPStatus.UNPROCESSABLE_ENTITY
    return Problem(status, code, tuple(reasons), like="STATEMENT_REFUSED")


def body_of(problem: Problem, request: str) -> dict[str, Any]:
    """The document; Chinese first where a member holds one language only."""
    said = words(problem.code, problem.like)
    listed = problem.wrong[:_LISTED]
    more = remedies(problem.wrong)
    remedy_zh = "。".join((said.remedy_zh, *(zh for zh, _ in more)))
    remedy_en = ". ".join((said.remedy_en, *(en for _, en in more)))
    return {
        "type": f"urn:archive-ledger:problem:{problem.code}",
        "status": int(problem.status),
        "code": problem.code,
        "title": f"{said.zh} · {said.en}",
        "title_zh": said.zh,
        "title_en": said.en,
        "detail": f"{said.zh}。{remedy_zh}",
        "detail_zh": f"{said.zh}。{remedy_zh}",
        "detail_en": f"{said.en}. {remedy_en}",
        "remedy_zh": remedy_zh,
        "remedy_en": remedy_en,
        "wrong": [_wrong(reason) for reason in listed],
        "more": len(problem.wrong) - len(listed),
        "request": request,
    }


def _wrong(reason: Reason) -> dict[str, str]:
    zh, en = _short(reason.code)
    return {
        "code": reason.code,
        "zh": zh,
        "en": en,
        "at": reason.at,
        "limit": reason.expected,
        "found": reason.found,
    }


def _short(code: str) -> tuple[str, str]:
    if code in _table():
        return _table()[code].zh, _table()[code].en
    return words_of(code)


def words(code: str, like: str = "REQUEST_INVALID") -> _Words:
    own = _table().get(code)
    if own is not None:
        return own
    zh, en = words_of(code)
    general = _table()[like]
    return _Words(zh.rstrip("。"), en.rstrip("."), general.remedy_zh, general.remedy_en)


def _status(error: ArchiveError) -> int:
    own = words(error.code).status
    if own is not None:
        return own
    if error.code.endswith(("_UNKNOWN", "_ABSENT")) and isinstance(error, CallerError):
        return HTTPStatus.NOT_FOUND
    if error.code.endswith("_SEVERAL"):
        return HTTPStatus.CONFLICT
    if isinstance(error, CallerError | EvidenceError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    # The ledger's own store, or the network: nothing that another request would mend.
    return HTTPStatus.SERVICE_UNAVAILABLE


@functools.cache
def _table() -> dict[str, _Words]:
    file = importlib.resources.files("api") / "data" / "problems.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    return {
        code: _Words(one["zh"], one["en"], one["remedy_zh"], one["remedy_en"], one["status"])
        for code, one in table.items()
    }


def codes() -> tuple[str, ...]:
    """Every code of the service's own."""
    return tuple(_table())
