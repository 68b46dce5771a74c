"""Long work: beginning it, watching it, taking its result."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field
from starlette.responses import FileResponse, StreamingResponse

from api.http.audit_box import opened
from api.http.caller import Caller, CallerOf, Guarded, ServiceOf
from api.http.forms import UUID, Body
from api.http.job_work import check_work, evidence_work
from api.http.jobs import Job, Work
from api.http.problem import refuse
from api.http.service import Service
from api.http.states import state
from ledger.query import record_steps

router = APIRouter(tags=["jobs"], route_class=Guarded)
JobName = Annotated[str, Path(pattern=UUID)]
# How often a watched job is looked at, and how often a silent stream says that it is still there.
_LOOK, _ALIVE = 0.2, 15.0

_JSON, _ZIP = "application/json", "application/zip"
_OCTETS = {"type": "string", "format": "binary"}
# Kinds of jobs whose result is a zip.
_PACKED = frozenset(["evidence", "audit"])


class CheckForm(Body):
    """`offline`: do not compare with the chain; then that is among what was not checked."""

    offline: bool = False


class ManyForm(Body):
    records: Annotated[list[Annotated[str, Field(pattern=UUID)]], Field(min_length=1, max_length=1000)]
    purpose: Annotated[str, Field(min_length=1, max_length=500, examples=["移交清单附核验文件"])]


class JobShown(Body):
    """`state`: running, done, failed. `summary`: what came of it. `code`: why it failed."""

    job: str
    kind: str
    state: str
    stage: str
    done: int
    total: int
    summary: dict[str, Any]
    code: str


@router.post("/v1/jobs/check", status_code=202, operation_id="start_check")
def start_check(form: CheckForm, service: ServiceOf, caller: CallerOf, response: Response) -> JobShown:
    """Derives everything again from the stored octets and compares it with the chain."""
    return begun(service, caller, "check", check_work(service, offline=form.offline), response)


@router.post("/v1/jobs/evidence", status_code=202, operation_id="start_evidence")
def start_evidence(form: ManyForm, service: ServiceOf, caller: CallerOf, response: Response) -> JobShown:
    """An evidence file for each of many records, as one zip. It is stated before it is begun."""
    for record in form.records:
        record_steps(service.ledger, record)
    told = f"agent {caller.session.agent}; evidence; {len(form.records)}: {' '.join(form.records)}"[:8000]
    state(service, "export", {"purpose": form.purpose, "criteria": told})
    return begun(service, caller, "evidence", evidence_work(service, form.records), response)


@router.get("/v1/jobs/{job}", operation_id="show_job")
def show_job(service: ServiceOf, caller: CallerOf, job: JobName) -> JobShown:
    """How far it has come. Only whoever began a job sees it."""
    return _shown(_found(service, caller, job))


@router.get(
    "/v1/jobs/{job}/events",
    operation_id="watch_job",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def watch_job(service: ServiceOf, caller: CallerOf, job: JobName) -> StreamingResponse:
    """Server-sent events: `progress` whenever there is news, and `end` when it is done or has failed."""
    first = _found(service, caller, job)
    return StreamingResponse(_told(service, caller, first), media_type="text/event-stream")


@router.get(
    "/v1/jobs/{job}/result",
    operation_id="job_result",
    response_class=FileResponse,
    responses={200: {"content": {_JSON: {"schema": {}}, _ZIP: {"schema": _OCTETS}}}},
)
def job_result(service: ServiceOf, caller: CallerOf, job: JobName) -> Response:
    """Findings of a check and what fixity came to, as JSON; evidence, and an audit's export, as a zip."""
    found = _found(service, caller, job)
    if found.state != "done":
        raise refuse("JOB_NOT_DONE", "job", "done", found.state)
    packed = found.kind in _PACKED
    media, name = (_ZIP, f"{found.kind}.zip") if packed else (_JSON, f"{found.kind}.json")
    if found.key:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        octets = opened(service.jobs.result(found), found.key)
        return StreamingResponse(octets, media_type=media, headers=headers)
    return FileResponse(service.jobs.result(found), media_type=media, filename=name)


async def _told(service: Service, caller: Caller, job: Job) -> AsyncIterator[bytes]:
    changes, said = -1, time.monotonic()
    while True:
        if job.changes != changes:
            name = "progress" if job.state == "running" else "end"
            data = json.dumps(_shown(job).model_dump(), ensure_ascii=False)
            yield f"event: {name}\ndata: {data}\n\n".encode()
            changes, said = job.changes, time.monotonic()
            if name == "end":
                return
        elif time.monotonic() - said > _ALIVE:
            yield b": \n\n"
            said = time.monotonic()
        await asyncio.sleep(_LOOK)
        found = service.jobs.find(job.id, caller.session.agent)
        if found is None:
            return
        job = found


def begun(
    service: Service, caller: Caller, kind: str, work: Work, response: Response, key: bytes = b""
) -> JobShown:
    job = service.jobs.begin(kind, caller.session.agent, work, key)
    if job is None:
        raise refuse("JOBS_BUSY", "jobs", f"≤ {service.limits.jobs} at once", Retry_After="30")
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return _shown(job)


def _found(service: Service, caller: Caller, name: str) -> Job:
    job = service.jobs.find(name, caller.session.agent)
    if job is None:
        raise refuse("JOB_UNKNOWN", "job", "a job begun by the same person", name)
    return job


def _shown(job: Job) -> JobShown:
    return JobShown(
        job=job.id,
        kind=job.kind,
        state=job.state,
        stage=job.stage,
        done=job.done,
        total=job.total,
        summary=job.summary,
        code=job.code,
    )
