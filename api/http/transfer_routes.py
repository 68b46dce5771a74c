"""Acts filled in: whoever acts says what they decide; list, items, digests and versions are looked up.

The filled act comes back beside its draft, so that a client can see what was added before it signs.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from api.http.caller import Caller, CallerOf, Guarded, ServiceOf
from api.http.forms import HEX32, UUID, Body
from api.http.service import Service
from api.http.statement_forms import RECORD, DraftForm, DraftMade, FileForm
from api.http.statements import make_draft
from ledger.fill_list import fill_freeze, fill_on_list
from ledger.fill_record import fill_on_record

router = APIRouter(tags=["transfer"], route_class=Guarded)
_Code = Annotated[str, Field(max_length=64)]
_Text = Annotated[str, Field(max_length=33_000)]
_Date = Annotated[str, Field(max_length=60, examples=["2026-01-15"])]
_Uuid = Annotated[str, Field(pattern=UUID)]


def _example(**said: Any) -> ConfigDict:
    """Beside what all bodies have in common."""
    return ConfigDict(json_schema_extra={"examples": [said]})


class Decided(Body):
    """What is decided. What is left out and can be looked up is filled in."""

    occurred_at: _Date
    fields: Annotated[dict[str, _Text], Field(max_length=4096)] = Field(default_factory=dict)
    basis: _Code | None = None
    due: Annotated[str, Field(max_length=60)] | None = None
    late: _Code | None = None
    outcome: _Code | None = None
    pages: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    reason: _Code | None = None
    state: _Code | None = None
    version: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    seen: bool = Field(True, description="Name the newest anchor that the service has checked.")


class FreezeForm(Decided):
    """A new list, of these records in this order. `fields` has `list_title`, perhaps `list_number`."""

    model_config = _example(
        occurred_at="2026-01-15",
        records=[RECORD],
        fields={"list_title": "望禾村移交清单", "agent_name": "王五"},
    )

    records: Annotated[list[_Uuid], Field(min_length=1, max_length=20_000)]


class OnListForm(Decided):
    """`record`: of the item that is sent back or refused. `list.freeze`: what is left goes on."""

    model_config = _example(
        event="item.return",
        occurred_at="2026-01-19",
        record=RECORD,
        reason="missing_item",
        fields={"opinion": "缺指界签字表2页", "agent_name": "钱七"},
    )

    event: Annotated[_Code, Field(examples=["review.village"])]
    record: _Uuid | None = None


class OnRecordForm(Decided):
    """`answers`: where several things may be meant. `files`: those that the act brings or is about.
    `subject`: for whom, by number. `uses`: of an approval, how many acts of use it answers for."""

    model_config = _example(
        event="borrow.renew",
        occurred_at="2026-03-30",
        due="2026-04-10",
        fields={"agent_name": "孙八"},
    )

    event: Annotated[_Code, Field(examples=["borrow.renew"])]
    answers: Annotated[list[Annotated[str, Field(pattern=HEX32)]], Field(max_length=64)] = Field(
        default_factory=list
    )
    files: Annotated[list[FileForm], Field(max_length=1000)] = Field(default_factory=list)
    subject: _Uuid | None = None
    uses: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None


class Filled(Body):
    """`act`: what POST /v1/drafts would be sent; `draft`: what it answers. Nothing is kept."""

    act: dict[str, Any]
    draft: DraftMade


@router.post("/v1/lists/drafts", operation_id="draft_list")
def draft_list(form: FreezeForm, service: ServiceOf, caller: CallerOf) -> Filled:
    """The draft of a new list: what is signed then is fixed."""
    act = fill_freeze(service.ledger, form.records, _said(form))
    return _filled(service, caller, act)


@router.post("/v1/lists/{list}/drafts", operation_id="draft_on_list")
def draft_on_list(
    form: OnListForm,
    service: ServiceOf,
    caller: CallerOf,
    list_id: Annotated[str, Path(alias="list", pattern=UUID)],
) -> Filled:
    """The draft of an act on the very list that was fixed, on one item of it, or of the list that follows."""
    return _filled(service, caller, fill_on_list(service.ledger, list_id, _said(form)))


@router.post("/v1/records/{record}/drafts", operation_id="draft_on_record")
def draft_on_record(
    form: OnRecordForm, service: ServiceOf, caller: CallerOf, record: Annotated[str, Path(pattern=UUID)]
) -> Filled:
    """The draft of any act on one record: loans, repairs, originals, a new submission."""
    return _filled(service, caller, fill_on_record(service.ledger, record, _said(form)))


def _said(form: Decided) -> dict[str, Any]:
    said: dict[str, Any] = form.model_dump(by_alias=True, exclude_none=True)
    return said


def _filled(service: Service, caller: Caller, act: dict[str, Any]) -> Filled:
    return Filled(act=act, draft=make_draft(service, caller, DraftForm.model_validate(act)))
