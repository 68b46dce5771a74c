"""Uses by every road: what for and on what ground, on whose approval, and how often."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import Client, RefusedError
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from tests.api.http.house import RECORD, House, problem_of
from tests.api.http.test_files import CONTENT, open_file, with_file
from verifier.canonical import base64_text

JUSTICE = "YunlingJustice"
WHEN = "2026-01-09"
USES = ("access.view", "access.print", "access.copy", "access.download", "borrow.out")


@pytest.fixture(scope="module")
def clerk(house: House) -> Iterator[Client]:
    with house.client() as client:
        client.sign_in()
        yield client


def answer(client: Client, path: str, json: Any) -> httpx.Response:
    return client.http.post(path, json=json, headers={"Authorization": f"Bearer {client.token}"})


def body(made: Submission) -> dict[str, Any]:
    items = [{"data": base64_text(one.data), "disclosures": list(one.disclosures)} for one in made.items]
    disclosures = list(made.disclosures)
    return {"statement": made.statement.decode(), "disclosures": disclosures, "items": items}


def bare(house: House, client: Client, event: str) -> dict[str, Any]:
    """Signed, though it says neither what for nor on what ground."""
    said = {"due": "2026-02-01", "state": "on_loan"} if event == "borrow.out" else {}
    names = {"agent_name": "孙八", **({"reader_name": "李四"} if event == "borrow.out" else {})}
    draft = Draft(event, WHEN, record=str(uuid.uuid4()), fields=names, **said)  # type: ignore[arg-type]
    return body(sign_statement(client.key, house.ledger.origin, draft))


def _single(house: House, client: Client, event: str) -> Any:
    return problem_of(answer(client, "/v1/statements", bare(house, client, event)), 422, "STATEMENT_REFUSED")


def _bulk(house: House, client: Client, event: str) -> Any:
    refused, total = client.submit_many([bare(house, client, event)])
    assert total["total"]["refused"] == 1
    return refused["problem"]


def _listed(house: House, client: Client, event: str) -> Any:
    said = {"due": "2026-02-01"} if event == "borrow.out" else {}
    state = "on_loan" if event == "borrow.out" else None
    names = {"agent_name": "孙八", **({"reader_name": "李四"} if event == "borrow.out" else {})}
    draft = Draft(event, WHEN, fields=names, **said)  # type: ignore[arg-type]
    items = [ItemDraft(str(uuid.uuid4()), state=state)]
    made = sign_list(client.key, house.ledger.origin, draft, str(uuid.uuid4()), items)
    return problem_of(answer(client, "/v1/statements", body(made)), 422, "STATEMENT_REFUSED")


def _draft(_: House, client: Client, event: str) -> Any:
    said = {"due": "2026-02-01", "state": "on_loan"} if event == "borrow.out" else {}
    names = {"agent_name": "孙八", **({"reader_name": "李四"} if event == "borrow.out" else {})}
    act = {"event": event, "occurred_at": WHEN, "record": str(uuid.uuid4()), "fields": names, **said}
    return problem_of(answer(client, "/v1/drafts", act), 422, "STATEMENT_REFUSED")


ROADS: dict[str, Callable[[House, Client, str], Any]] = {
    "a statement": _single,
    "a line of many": _bulk,
    "a list": _listed,
    "a draft": _draft,
}


@pytest.mark.parametrize("event", USES)
@pytest.mark.parametrize("road", ROADS)
def test_no_use_without_what_for_and_on_what_ground(
    house: House, clerk: Client, road: str, event: str
) -> None:
    before = house.count(event)
    problem = ROADS[road](house, clerk, event)
    told = [(one["code"], one["limit"]) for one in problem["wrong"]]
    assert ("EVENT_CLAIM_MISSING", "basis") in told
    assert ("EVENT_FIELD_MISSING", "purpose") in told
    assert house.count(event) == before


def granted(reader: Client, head: Client, record: str = RECORD, **said: Any) -> list[str]:
    """An application, and its approval with what is `said`."""
    fields = {"purpose": "土地纠纷调解", "reader_name": "李四", "agent_name": "周九"}
    when = {"occurred_at": WHEN, "late": "offline", "record": record}
    asked = reader.act(event="access.apply", basis="mediation", fields=fields, **when)["statement"]
    agreed = {"outcome": "granted", "answers": [asked], "fields": {"agent_name": "郑"}, **said}
    return [asked, head.act(event="access.approve", **agreed, **when)["statement"]]


def test_many_at_once_on_an_approval_for_three(own_house: House, tmp_path: Path) -> None:
    """However many come together, three are served, and the others get no octet."""
    house = own_house
    with house.client() as clerk, house.client(JUSTICE) as mediator, house.client(JUSTICE) as other:
        kept = with_file(clerk, tmp_path)
        answers = granted(mediator, clerk, uses=3)
        # Not for the colleague of the same office, not with the reader's name either.
        for more in ({}, {"reader_name": "李四"}):
            asked = open_file(other, kept["sha256"], basis="mediation", answers=answers, **more)
            problem_of(asked, 422, "CUSTODY_OTHER_READER")
            assert CONTENT not in asked.content
        told: list[httpx.Response] = []

        def ask() -> None:
            told.append(open_file(mediator, kept["sha256"], basis="mediation", answers=answers))

        mediator.sign_in()
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(600)
        assert sorted(given.status_code for given in told) == [200] * 3 + [422] * 5
        for given in told:
            if given.status_code == 422:
                problem_of(given, 422, "CUSTODY_APPROVAL_USED_UP")
        assert house.count("access.view") == 3
        (loan,) = clerk.ask("GET", f"/v1/loans?record={RECORD}").json()["loans"]
        assert (loan["state"], loan["uses"], loan["used"]) == ("approved", 3, 3)
        # Who applied sees how it stands; a colleague sees nothing of it.
        assert mediator.ask("GET", "/v1/loans").json()["loans"] == [loan]
        assert other.ask("GET", "/v1/loans").json()["loans"] == []
        # At the counter the clerk is shown it for the reader, whom he names.
        answers = granted(mediator, clerk)
        use: dict[str, Any] = {"basis": "mediation", "answers": answers}
        problem_of(open_file(clerk, kept["sha256"], **use), 422, "CUSTODY_OTHER_READER")
        wrong = open_file(clerk, kept["sha256"], reader_name="张三", **use)
        problem_of(wrong, 422, "READER_OTHER")
        assert "李四" not in wrong.text
        assert open_file(clerk, kept["sha256"], reader_name="李四", **use).content == CONTENT


def test_a_filled_draft_bears_number_and_reader(house: House, clerk: Client) -> None:
    record, reader = str(uuid.uuid4()), str(uuid.uuid4())
    fields = {"purpose": "调解", "reader_name": "李四", "agent_name": "孙八"}
    when = {"occurred_at": WHEN, "late": "offline"}
    applied = {"event": "access.apply", "basis": "mediation", "fields": fields, "subject": reader, **when}
    asked = clerk.act(record=record, **applied)["statement"]
    said = {
        "event": "access.approve",
        "outcome": "granted",
        "uses": 2,
        "fields": {"agent_name": "郑"},
        **when,
    }
    act = clerk.ask("POST", f"/v1/records/{record}/drafts", json=said).json()["act"]
    assert (act["uses"], act["answers"]) == (2, [asked])
    with pytest.raises(RefusedError) as refused:
        clerk.ask("POST", f"/v1/records/{record}/drafts", json={**said, "uses": 0})
    assert refused.value.code == "REQUEST_INVALID"
