"""Unusual uses and due files over HTTP: who sees them and handles them; pages that shift under nobody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.client import Client, RefusedError
from ledger.accept import accept
from ledger.sign import Draft, sign_statement
from ledger.unusual import raise_alerts
from ledger.unusual_rules import packaged_rules, rules_text
from tests.api.http.audit_desk import Desk, opened_desk
from tests.api.http.house import RECORD, open_house


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("alerts") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home) as house:
        opened = opened_desk(house)
        yield opened
        opened.close()


def raised(desk: Desk) -> None:
    """The system administrator uses a record: by the rules of `everlasting` that is an alert."""
    ledger, service = desk.house.ledger, desk.house.service.key
    said = {"agent_name": "某人", "purpose": "核对"}
    draft = Draft("access.view", ledger.now().date().isoformat(), record=RECORD, basis="open", fields=said)
    accept(ledger, [sign_statement(desk.system.key, ledger.origin, draft)])

    def state(one: Draft) -> None:
        accept(ledger, [sign_statement(service, ledger.origin, one)])

    raise_alerts(ledger, None, state)


def rules_act(text: str) -> dict[str, Any]:
    said = {"agent_name": "孙", "criteria": text}
    return {"event": "alert.rule", "occurred_at": "2026-05-20", "fields": said}


def handling(alert: str, **changes: Any) -> dict[str, Any]:
    act = {
        "event": "alert.handle",
        "occurred_at": "2026-05-20",
        "outcome": "resolved",
        "answers": [alert],
    }
    return {**act, "fields": {"agent_name": "孙", "detail": "已谈话核实"}, **changes}


def post(client: Client, path: str, act: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.ask("POST", path, json=client.sign(act, client.draft(act))).json()
    return found


def everlasting(desk: Desk) -> None:
    """The office is never open, so that any use is after hours."""
    rules = replace(packaged_rules(), weekdays="")
    post(desk.security, "/v1/alerts/rules", rules_act(rules_text(rules)))


def test_rules_are_set_by_signature_and_shown(desk: Desk) -> None:
    shown = desk.system.ask("GET", "/v1/alerts/rules").json()
    assert (shown["set_by"], shown["criteria"]) == (None, rules_text(packaged_rules()))
    with pytest.raises(RefusedError) as error:
        post(desk.system, "/v1/alerts/rules", rules_act(rules_text(packaged_rules())))
    assert error.value.code == "RIGHT_MISSING"
    for text in ("{}", rules_text(replace(packaged_rules(), records=1))):
        with pytest.raises(RefusedError) as error:
            post(desk.security, "/v1/alerts/rules", rules_act(text))
        assert error.value.code == "ALERT_RULES"
    everlasting(desk)
    shown = desk.system.ask("GET", "/v1/alerts/rules").json()
    assert shown["rules"]["weekdays"] == ""
    assert shown["set_by"]


def test_an_alert_is_listed_handled_and_stays(desk: Desk) -> None:
    everlasting(desk)
    raised(desk)
    listed = desk.security.ask("GET", "/v1/alerts?state=open").json()
    # What he was refused in other tests is an alert of another rule.
    mine = (desk.system.key.agent, "after_hours")
    alert = next(one for one in listed["alerts"] if (one["agent"], one["rule"]) == mine)
    assert (alert["open"], alert["rule_zh"]) == (True, "非工作时间利用")
    path = f"/v1/alerts/{alert['statement']}/handling"
    with pytest.raises(RefusedError) as error:
        post(desk.system, path, handling(alert["statement"]))
    assert error.value.code == "RIGHT_MISSING"
    # By the road that is open to all it is kept, and counts for nothing.
    desk.system.act(**handling(alert["statement"]))
    now = desk.colleague.ask("GET", "/v1/alerts?state=open&limit=200").json()["alerts"]
    (tried,) = [one for one in now if one["statement"] == alert["statement"]]
    assert [one["counts"] for one in tried["handled"]] == [False]
    for wrong in (
        handling("00" * 32),
        {**rules_act(rules_text(packaged_rules()))},
    ):
        with pytest.raises(RefusedError) as error:
            post(desk.security, path, wrong)
        assert error.value.code == "ALERT_HANDLING"
    done = post(desk.security, path, handling(alert["statement"]))
    assert (done["open"], [one["counts"] for one in done["handled"]]) == (False, [False, True])
    with pytest.raises(RefusedError) as error:
        post(desk.security, f"/v1/alerts/{'00' * 32}/handling", handling("00" * 32))
    assert (error.value.status, error.value.code) == (404, "ALERT_UNKNOWN")
    handled = desk.security.ask("GET", "/v1/alerts?state=handled").json()["alerts"]
    assert alert["statement"] in {one["statement"] for one in handled}


def test_pages_of_alerts_shift_under_nobody(desk: Desk) -> None:
    everlasting(desk)
    for _ in range(3):
        raised(desk)
    whole = [one["statement"] for one in desk.security.ask("GET", "/v1/alerts?limit=200").json()["alerts"]]
    page = desk.security.ask("GET", "/v1/alerts?limit=1").json()
    found = [one["statement"] for one in page["alerts"]]
    raised(desk)
    while page["next"]:
        page = desk.security.ask("GET", f"/v1/alerts?limit=1&cursor={page['next']}").json()
        found += [one["statement"] for one in page["alerts"]]
    assert found == whole
    assert len(whole) >= 3


def test_what_is_due_is_told_and_read_over_http(desk: Desk) -> None:
    before = desk.archivist.ask("GET", "/v1/fixity").json()
    assert before["states"]["never"] == before["files"] == 1
    assert [one["state"] for one in before["due"]] == ["never"]
    job = desk.archivist.ask("POST", "/v1/jobs/fixity", json={}).json()["job"]
    desk.archivist.ask("GET", f"/v1/jobs/{job}/events")
    done = desk.archivist.ask("GET", f"/v1/jobs/{job}").json()
    assert (done["state"], done["summary"]["same"]) == ("done", 1), done
    after = desk.system.ask("GET", "/v1/fixity").json()
    assert (after["states"]["good"], after["due"], after["next"]) == (1, [], None)
    shown = desk.system.ask("GET", "/v1/fixity?state=good&limit=1").json()["due"]
    assert [one["result"] for one in shown] == ["same"]
