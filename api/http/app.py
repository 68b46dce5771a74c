"""The application: its routes, and what stands around them."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.http import (
    alert_routes,
    audit_routes,
    file_routes,
    fixity_routes,
    health_routes,
    job_routes,
    list_routes,
    loan_routes,
    log_routes,
    record_routes,
    repair_routes,
    session_routes,
    statement_routes,
    transfer_routes,
    unit_routes,
    volume_routes,
    work_routes,
)
from api.http.envelope import Envelope, problem_answer, problem_for
from api.http.note import current
from api.http.openapi import described
from api.http.service import Service

ROUTERS = (
    *(health_routes, session_routes, statement_routes, file_routes),
    *(record_routes, log_routes, job_routes, unit_routes),
    *(audit_routes, alert_routes, fixity_routes),
    *(list_routes, transfer_routes, loan_routes, repair_routes, volume_routes, work_routes),
)
# Requests at work side by side, all of which may want the store; the others wait in turn.
_THREADS = 12


def build_app(service: Service) -> FastAPI:
    """The framework's own pages of the description load programs from elsewhere: they are left out."""

    @asynccontextmanager
    async def threads(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        service.jobs.close()

    app = FastAPI(
        title="档案存证链 · Archive Ledger",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=threads,
        redirect_slashes=False,
    )
    app.state.service = service
    for module in ROUTERS:
        app.include_router(module.router)
    app.add_middleware(Envelope, service=service)
    app.add_exception_handler(HTTPException, _by_framework)

    # Written when it is first asked for: it takes longer than all the rest of the start.
    @functools.cache
    def openapi() -> dict[str, Any]:
        return described(app)

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to replace it

    @app.get("/openapi.json", include_in_schema=False)
    def openapi_json() -> JSONResponse:
        current().operation = "openapi"
        return JSONResponse(openapi())

    return app


def operations(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Operation → (method, path), of everything that is described."""
    found = {}
    for path, methods in app.openapi()["paths"].items():
        for method, one in methods.items():
            found[one["operationId"]] = (method.upper(), path)
    return found


async def _by_framework(_: Request, error: Exception) -> Response:
    return problem_answer(problem_for(error, current()), current())
