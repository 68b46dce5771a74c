"""Proof: trails, evidence, and the log itself for monitors (C2SP tlog-tiles)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import Field
from sqlalchemy import select

from api.evidence_command import withheld
from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import HEX32, UUID, Body
from api.http.log_tiles import read_tile
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.http.problem import refuse
from api.http.states import state
from ledger.evidence import build_evidence
from ledger.receipt import sign_checkpoint
from ledger.seen import last_seen
from ledger.store.engine import reading
from ledger.store.tables import entry, link
from ledger.volume_query import records_of_volumes
from verifier.trail import trail

router = APIRouter(tags=["proof"], route_class=Guarded)
_Subjects = Annotated[list[Annotated[str, Field(pattern=UUID)]], Field(max_length=1000)]
_BOTH = f"{UUID[:-1]}$|{HEX32}"


class EntryShown(Body):
    """`text`: the leaf's exact text; `index`: its place in the log; `seq`: on the trail, from 0 on."""

    seq: int
    index: int
    recorded_at: str
    leaf: str
    text: str


class TrailShown(Body):
    """`as_of`: the log's size at the newest anchor that was checked; later entries are not anchored."""

    entries: list[EntryShown]
    as_of: int | None
    next: str | None


class EvidenceForm(Body):
    """`withhold`: fields to leave out. `basis`: the configuration block that the reader's trust root pins.
    `purpose`: what the evidence is for; it is recorded."""

    records: _Subjects = Field(default_factory=list)
    lists: _Subjects = Field(default_factory=list)
    volumes: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=100)] = (
        Field(default_factory=list, description="Names of volumes or household files: their members now.")
    )
    withhold: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=200)] = Field(
        default_factory=list
    )
    with_pending: bool = False
    basis: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0
    purpose: Annotated[str, Field(min_length=1, max_length=500, examples=["调解委员会核验"])]


@router.get("/v1/trails/{kind}/{subject}", operation_id="show_trail")
def show_trail(
    service: ServiceOf,
    kind: Literal["record", "agent", "content", "list"],
    subject: Annotated[str, Path(pattern=_BOTH, description="A uuid; a SHA-256 for `content`.")],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> TrailShown:
    """The entries on one subject's trail, from the first on, linked without a gap."""
    begin = number(read_cursor(cursor, f"trail {kind} {subject}", 1)[0]) if cursor is not None else 0
    key = bytes.fromhex(trail(kind, subject).key)
    with reading(service.ledger.engine) as connection:
        rows = connection.execute(
            select(link.c.seq, link.c.idx, link.c.leaf, entry.c.recorded_at, entry.c.text)
            .join(entry, entry.c.idx == link.c.idx)
            .where(link.c.trail_key == key, link.c.seq >= begin)
            .order_by(link.c.seq)
            .limit(limit + 1)
        ).all()
    if not rows and begin == 0:
        raise refuse("TRAIL_UNKNOWN", "subject", "a subject with an entry in the log", subject)
    seen = last_seen(service.ledger)
    following = cursor_of(f"trail {kind} {subject}", rows[limit].seq) if len(rows) > limit else None
    shown = [
        EntryShown(seq=r.seq, index=r.idx, recorded_at=r.recorded_at, leaf=r.leaf.hex(), text=r.text)
        for r in rows[:limit]
    ]
    return TrailShown(entries=shown, as_of=seen.size if seen else None, next=following)


@router.post(
    "/v1/evidence",
    operation_id="evidence",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def evidence(form: EvidenceForm, service: ServiceOf, caller: CallerOf) -> Response:
    """One file that proves these records and lists offline. It is stated before it is sent."""
    records = sorted({*form.records, *records_of_volumes(service.ledger, form.volumes)})
    made = build_evidence(
        service.ledger,
        records,
        form.lists,
        withhold=withheld(service.ledger, form.withhold, records, form.lists),
        with_pending=form.with_pending,
        basis=form.basis,
    )
    subjects = [*records, *form.lists]
    told = f"agent {caller.session.agent}; evidence; {len(subjects)}: {' '.join(subjects)}"[:8000]
    digest = state(service, "export", {"purpose": form.purpose, "criteria": told})
    headers = {
        "Content-Disposition": 'attachment; filename="case.evidence.json"',
        "X-Statement": digest,
        "X-Pending": str(made.pending),
    }
    return Response(made.data, headers=headers, media_type="application/json")


@router.get(
    "/checkpoint",
    operation_id="checkpoint",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def checkpoint(service: ServiceOf) -> Response:
    """The log at its newest anchor, as a signed note (C2SP tlog-checkpoint)."""
    seen = last_seen(service.ledger)
    if seen is None:
        raise refuse("CHECKPOINT_NONE")
    return Response(sign_checkpoint(service.ledger, seen.size, seen.root), media_type="text/plain")


@router.get(
    "/tile/{level}/{place:path}",
    operation_id="tile",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
def tile(
    service: ServiceOf,
    level: Annotated[int, Path(ge=0, le=63)],
    place: Annotated[str, Path(max_length=60, examples=["x001/x234/067", "000.p/5"])],
) -> Response:
    """A tile of the SHA-256 tree: up to 256 hashes (C2SP tlog-tiles).

    Entries are not given in bundles, as one may be longer than a bundle's 65,535 octets; see the trails."""
    data, whole = read_tile(service.ledger, level, place)
    # A full tile never changes; whoever may not see it does not get it from a shared cache.
    kept = "private, max-age=31536000, immutable" if whole else "no-store"
    return Response(data, headers={"Cache-Control": kept}, media_type="application/octet-stream")
