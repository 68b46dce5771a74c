"""Unusual uses: the alerts, their handling, and the rules by which they are raised."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.http.caller import CallerOf, Guarded, ServiceOf
from api.http.forms import HEX32, Body
from api.http.pages import Cursor, Limit, cursor_of, number, read_cursor
from api.http.service import take
from api.http.statement_forms import Acknowledged, SubmitForm
from api.http.statements import read_submission
from ledger.accept import Accepted
from ledger.store.engine import reading
from ledger.unusual_alerts import HANDLE, Alert, alerts, find_alert, rule_words
from ledger.unusual_rules import RULE, read_rules, rules_in_force, rules_text
from verifier.disclosure import check_disclosures, parse_disclosure
from verifier.errors import CallerError
from verifier.statement import parse_statement

router = APIRouter(tags=["alerts"], route_class=Guarded)
Digest = Annotated[str, Path(pattern=HEX32, description="SHA-256 of the alert's statement.")]


class HandledShown(Body):
    """`counts`: signed by a security administrator whom the alert is not about."""

    statement: str
    agent: str
    organisation: str
    outcome: str
    at: str
    counts: bool


class AlertShown(Body):
    """`agent`: whose uses. `uses`, `records`: how many; from `begins` to `ends`."""

    statement: str
    rule: str
    rule_zh: str
    rule_en: str
    agent: str
    at: str
    begins: str
    ends: str
    uses: int
    records: int
    named: list[str]
    open: bool
    handled: list[HandledShown]


class AlertsShown(Body):
    """`open`: how many are open in all."""

    alerts: list[AlertShown]
    open: int
    next: str | None


class RulesShown(Body):
    """`set_by`: the statement that set them; null for those that the program brings. `criteria`: their text,
    as a statement `alert.rule` has it. Times are Beijing's; Monday is 1."""

    set_by: str | None
    criteria: str
    rules: dict[str, Any]


class RulesForm(SubmitForm):
    """A signed `alert.rule`; its field `criteria` says all rules, as canonical JSON."""

    disclosures: Annotated[
        list[Annotated[str, Field(max_length=65_536)]], Field(min_length=1, max_length=100)
    ]


@router.get("/v1/alerts", operation_id="list_alerts")
def list_alerts(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[Literal["all", "open", "handled"], Query()] = "all",
) -> AlertsShown:
    """The newest first. Open: nobody whose word counts has handled it."""
    known = alerts(service.ledger)
    fitting = [one for one in known if state == "all" or one.is_open == (state == "open")]
    start = number(read_cursor(cursor, "alerts", 1)[0]) if cursor is not None else 0
    # Counted from the oldest, so that new ones shift nothing.
    end = len(fitting) - start if cursor is None else min(start, len(fitting))
    shown = fitting[len(fitting) - end :][:limit]
    left = end - len(shown)
    return AlertsShown(
        alerts=[_shown(one) for one in shown],
        open=sum(one.is_open for one in known),
        next=cursor_of("alerts", left) if left > 0 and shown else None,
    )


@router.post("/v1/alerts/{sha256}/handling", status_code=201, operation_id="handle_alert")
def handle_alert(form: SubmitForm, service: ServiceOf, caller: CallerOf, sha256: Digest) -> AlertShown:
    """Takes a signed `alert.handle` in that answers the alert."""
    submission = read_submission(caller, form)
    parsed, alert = parse_statement(submission.statement), find_alert(service.ledger, sha256)
    answers = [digest.hex() for digest in parsed.claims.answers]
    if parsed.event != HANDLE or sha256 not in answers or parsed.agent == alert.agent:
        found = f"{parsed.event} {parsed.agent}"
        raise CallerError("ALERT_HANDLING", sha256, f"{HANDLE}, not by {alert.agent}", found)
    take(service, [submission])
    return _shown(find_alert(service.ledger, sha256))


@router.get("/v1/alerts/rules", operation_id="show_alert_rules")
def show_alert_rules(service: ServiceOf) -> RulesShown:
    """The rules in force, and who set them."""
    with reading(service.ledger.engine) as connection:
        rules = rules_in_force(connection)
    return RulesShown(set_by=rules.set_by or None, criteria=rules_text(rules), rules=asdict(rules))


@router.post("/v1/alerts/rules", status_code=201, operation_id="set_alert_rules")
def set_alert_rules(form: RulesForm, service: ServiceOf, caller: CallerOf) -> Acknowledged:
    """Takes a signed `alert.rule` in: from then on uses are judged by it."""
    submission = read_submission(caller, form)
    parsed = parse_statement(submission.statement)
    shown = check_disclosures(
        parsed.claims, [parse_disclosure(text, "disclosures") for text in form.disclosures], "disclosures"
    )
    criteria = shown.get("criteria")
    if parsed.event != RULE or criteria is None or not isinstance(criteria.value, str):
        raise CallerError("ALERT_RULES", "statement", f"{RULE} with its criteria", parsed.event)
    read_rules(criteria.value)
    (accepted,) = take(service, [submission])
    return _acknowledged(accepted)


def _acknowledged(done: Accepted) -> Acknowledged:
    return Acknowledged(
        statement=done.statement.hex(),
        accepted_at=done.accepted_at,
        due=done.due,
        receipt=done.receipt,
        duplicate=done.duplicate,
    )


def _shown(alert: Alert) -> AlertShown:
    zh, en = rule_words(alert.rule)
    return AlertShown(
        statement=alert.statement,
        rule=alert.rule,
        rule_zh=zh,
        rule_en=en,
        agent=alert.agent,
        at=alert.at,
        begins=alert.begins,
        ends=alert.ends,
        uses=alert.uses,
        records=alert.records,
        named=sorted(digest.hex() for digest in alert.named),
        open=alert.is_open,
        handled=[
            HandledShown(
                statement=one.statement,
                agent=one.agent,
                organisation=one.iss,
                outcome=one.outcome,
                at=one.at,
                counts=one.counts,
            )
            for one in alert.handled
        ],
    )
