"""What is sent and answered when uses are looked into."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from api.http.forms import HEX32, UUID, Body
from api.http.pages import PAGE
from api.http.statement_forms import SubmitForm
from api.show_command import step_json
from ledger.audit_groups import Group
from ledger.audit_inquiry import Inquiry
from ledger.audit_rows import AuditRow

_Disclosures = Annotated[list[Annotated[str, Field(max_length=65_536)]], Field(max_length=100)]


class InquiryForm(SubmitForm):
    """The signed statement of an inquiry, or of its second inquirer. Its field `criteria` is the filter, as
    canonical JSON; its `record` a new uuid, the inquiry's number.

    `sealed`: keep what it asks from everybody but its own office; all disclosures must then be sent.
    `readers`: agents who must be able to open it, the second inquirer among them.
    """

    sealed: bool = False
    readers: Annotated[list[Annotated[str, Field(pattern=UUID)]], Field(max_length=20)] = Field(
        default_factory=list
    )


class InquiryShown(Body):
    """What everybody may know of an inquiry. `state`: ready; second: another inquirer must sign first; ended.
    `statement`: of the first inquirer. What it asks is not here."""

    statement: str
    number: str
    event: str
    agent: str
    organisation: str
    accepted_at: str
    sealed: bool
    released: bool
    second: str | None
    state: str


class InquiriesShown(Body):
    inquiries: list[InquiryShown]
    next: str | None


class PageForm(Body):
    """`disclosures`: of a sealed inquiry, every time. `cursor`: `next` of the page before."""

    disclosures: _Disclosures = Field(default_factory=list)
    cursor: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=PAGE)] = 50


class ExportForm(Body):
    disclosures: _Disclosures = Field(default_factory=list)


class RowShown(Body):
    """`step`: as `show` has acts; null for an attempt that was refused, which `attempt` tells. `subject`: in
    whose session a service did it. `refusal`: something was not provided, not let through or not accepted."""

    record: str | None
    step: dict[str, Any] | None
    attempt: list[dict[str, Any]]
    subject: str | None
    refusal: bool


class GroupShown(Body):
    """`lead`: the act on which the others rest; `lead_fits`: whether it is among those asked for. `rows`: the
    first of those beside it that fit; `count`: how many fit in all."""

    lead: RowShown
    lead_fits: bool
    rows: list[RowShown]
    count: int


class PageShown(Body):
    """`withheld`: of so many acts looked at for this page nobody can tell, as what the filter asks about is
    withheld or erased. A page may be short, even empty, and have a `next` all the same."""

    filter_zh: str
    filter_en: str
    groups: list[GroupShown]
    withheld: int
    next: str | None


class ReleasedForm(SubmitForm):
    """The signed inquiry.release; `opened`: of each sealed statement that it answers, all disclosures."""

    opened: Annotated[
        dict[Annotated[str, Field(pattern=HEX32)], _Disclosures], Field(min_length=1, max_length=8)
    ]


def inquiry_shown(inquiry: Inquiry) -> InquiryShown:
    parsed = inquiry.parsed
    return InquiryShown(
        statement=inquiry.digest.hex(),
        number=inquiry.number,
        event=parsed.event,
        agent=parsed.agent,
        organisation=parsed.iss,
        accepted_at=inquiry.accepted_at,
        sealed=inquiry.is_sealed,
        released=inquiry.released,
        second=inquiry.second[0].hex() if inquiry.second else None,
        state=inquiry.state,
    )


def row_shown(row: AuditRow) -> RowShown:
    return RowShown(
        record=row.record,
        step=step_json(row.step) if row.step else None,
        attempt=[asdict(one) for one in row.refused],
        subject=row.subject,
        refusal=row.is_refusal,
    )


def group_shown(group: Group) -> GroupShown:
    return GroupShown(
        lead=row_shown(group.lead),
        lead_fits=group.lead_fits,
        rows=[row_shown(row) for row in group.rows],
        count=group.count,
    )
