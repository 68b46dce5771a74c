"""Whether the service is well, for whoever watches it; figures for Prometheus. No data of anybody."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select

from api.http.caller import Guarded, ServiceOf
from api.http.forms import Body
from api.http.service import Service
from api.service_key import check_standing
from api.worker_log import Run, is_alive, read_state
from ledger.pending import waiting
from ledger.status import last_anchor_at
from ledger.store.engine import reading
from ledger.store.tables import statement
from verifier.errors import EvidenceError

router = APIRouter(tags=["service"], route_class=Guarded)
# Beyond its due time, so much is left for the round that is under way.
_GRACE = 60.0


class Check(Body):
    """`unknown`: could not be found out, which is not well either."""

    name: Literal["checkpoint", "chain", "worker", "service_key"]
    state: Literal["good", "bad", "unknown"]
    detail: str


class Health(Body):
    well: bool
    checks: list[Check]


@router.get("/healthz", operation_id="health", responses={503: {"model": Health}})
def health(service: ServiceOf, response: Response) -> Health:
    """Well (200): the checkpoint is younger than its due time, the chain is reached, the worker runs."""
    checks = [_checkpoint(service), *_worker(service), _key(service)]
    well = all(check.state == "good" for check in checks)
    if not well:
        response.status_code = 503
    return Health(well=well, checks=checks)


@router.get("/metrics", operation_id="metrics", response_class=Response)
def metrics(service: ServiceOf) -> Response:
    """The Prometheus text format."""
    age = _age(service)
    service.metrics.anchor_age.set(age if age is not None else float("nan"))
    with reading(service.ledger.engine) as connection:
        query = select(func.count()).select_from(statement).where(waiting(connection))
        service.metrics.pending.set(connection.execute(query).scalar_one())
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _age(service: Service) -> float | None:
    last = last_anchor_at(service.ledger)
    if last is None:
        return None
    return (service.ledger.now() - datetime.datetime.fromisoformat(last)).total_seconds()


def _checkpoint(service: Service) -> Check:
    age, due = _age(service), service.heartbeat + _GRACE
    if age is None:
        return Check(name="checkpoint", state="bad", detail="none yet")
    state: Literal["good", "bad"] = "good" if age <= due else "bad"
    return Check(name="checkpoint", state=state, detail=f"{age:.0f} s old, due within {due:.0f} s")


def _worker(service: Service) -> list[Check]:
    """What the worker noted last: it asks the chain all the time, so nobody else needs to."""
    state = read_state(service.home)
    if state is None:
        return [
            Check(name="worker", state="unknown", detail="never ran here"),
            _unasked("nobody asked it"),
        ]
    alive = is_alive(state, datetime.datetime.now(datetime.UTC)) and not state.alarm
    worker = Check(
        name="worker",
        state="good" if alive else "bad",
        detail=state.alarm or ("runs" if alive else "stopped"),
    )
    return [worker, _chain(state.runs) if alive else _unasked("nobody asks it")]


def _chain(runs: Sequence[Run]) -> Check:
    """By the worker's runs since it started. Each that anchors asks the chain, whether or not there is
    anything to anchor; the others may have had nothing to ask."""
    failing = sorted(
        {run.error for run in runs if run.job in ("anchor", "attest", "heartbeat") and run.error}
    )
    if failing:
        return Check(name="chain", state="bad", detail=" ".join(failing))
    if not any(run.job == "anchor" and run.finished for run in runs):
        return _unasked("not asked yet")
    return Check(name="chain", state="good", detail="reached")


def _unasked(detail: str) -> Check:
    return Check(name="chain", state="unknown", detail=detail)


def _key(service: Service) -> Check:
    try:
        check_standing(service.ledger, service.key)
    except EvidenceError as error:
        return Check(name="service_key", state="bad", detail=error.code)
    left = service.key.not_after - service.ledger.now()
    state: Literal["good", "bad"] = "good" if left > datetime.timedelta(0) else "bad"
    return Check(name="service_key", state=state, detail=f"{left.days} days left")
