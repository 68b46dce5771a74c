"""Files that are to be read again, and reading them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Response

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import Body
from api.http.job_routes import JobShown, begun
from api.http.jobs import Tell, Work
from api.http.pages import Limit, cursor_of, read_cursor
from api.http.problem import refuse
from api.http.service import Service
from ledger.fixity_due import DAYS, FixityState, check_due, due_list, summary

router = APIRouter(tags=["fixity"], route_class=Guarded)
# A path may be long.
FixityCursor: TypeAlias = Annotated[str | None, Query(alias="cursor", max_length=12_000)]
Days = Annotated[int, Query(ge=1, le=3650, description="Within so many days each file is to be read.")]


class FileDue(Body):
    """`result`: of the last try: same, changed, missing, unreadable; null if there was none."""

    sha256: str
    path: str
    state: FixityState
    checked_at: str | None
    result: str | None
    found: str


class FixityShown(Body):
    """`states`: how many files were never checked, are good, are due again, failed, could not be checked."""

    days: int
    files: int
    states: dict[FixityState, int]
    oldest: str | None
    due: list[FileDue]
    next: str | None


class FixityForm(Body):
    days: Annotated[int, Query(ge=1, le=3650)] = DAYS


@router.get("/v1/fixity", operation_id="list_fixity")
def list_fixity(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: FixityCursor = None,
    days: Days = DAYS,
    state: Annotated[FixityState | None, Query(description="Only these; else all to be read.")] = None,
) -> FixityShown:
    """One summary, and the files that are to be read again."""
    after = (b"", "")
    if cursor is not None:
        digest, path = read_cursor(cursor, "fixity", 2)
        after = (_octets(digest, cursor), unquote(path))
    found = summary(service.ledger, days)
    rows = due_list(service.ledger, state, days, limit + 1, after)
    shown = rows[:limit]
    more = cursor_of("fixity", shown[-1].sha256, quote(shown[-1].path)) if len(rows) > limit else None
    return FixityShown(
        days=days,
        files=found.files,
        states=dict(found.states),
        oldest=found.oldest,
        due=[
            FileDue(
                sha256=one.sha256,
                path=one.path,
                state=one.state,
                checked_at=one.checked_at,
                result=one.result,
                found=one.found,
            )
            for one in shown
        ],
        next=more,
    )


@router.post("/v1/jobs/fixity", status_code=202, operation_id="start_fixity")
def start_fixity(form: FixityForm, service: ServiceOf, caller: CallerOf, response: Response) -> JobShown:
    """Reads every file that is due, and records each result."""
    return begun(service, caller, "fixity", _work(service, form.days), response)


def _work(service: Service, days: int) -> Work:
    def work(place: Path, tell: Tell) -> dict[str, Any]:
        def progress(done: int, total: int, _: str) -> None:
            tell("files", done, total)

        run = check_due(service.ledger, days, progress)
        found = {"read": run.read, **{str(result): count for result, count in run.results}}
        place.write_text(json.dumps(found))
        return found

    return work


def _octets(text: str, cursor: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise refuse("CURSOR_FORM", "cursor", "`next` of a page of these", cursor[:80]) from None
