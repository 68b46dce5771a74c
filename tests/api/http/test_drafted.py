"""A service that drafts another act than it was asked for gets no signature: every member is looked at."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.client import Client
from api.drafted import DishonestError
from tests.api.http.house import RECORD, House, receive

Act = dict[str, Any]
DIGESTS = {"sha256": "11" * 32, "size": 5, "sm3": "22" * 32}
FILE = {"role": "body", "format": "application/pdf", "carrier": "electronic", "copy": "original"}
OTHER = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
AGENT = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a03"


def received(**changes: Any) -> Act:
    return receive(files=[{**FILE, "digests": DIGESTS}], late="old_paper", pages=3, **changes)


def listed(*records: str, title: str = "户档", **changes: Any) -> Act:
    items = [{"record": one, "fields": {"title": title, "number": one}} for one in records]
    act = {
        "event": "receive",
        "occurred_at": "2026-01-08",
        "late": "offline",
        "fields": {"agent_name": "王五"},
    }
    return {**act, "list": {"items": items}, **changes}


def about(event: str, **changes: Any) -> Act:
    act = {
        "event": event,
        "occurred_at": "2026-01-08",
        "late": "offline",
        "subject": AGENT,
        "fields": {"agent_name": "王五"},
    }
    return {**act, **changes}


PAIRS: dict[str, tuple[Act, Act]] = {
    "another record": (received(), received(record=OTHER)),
    "another event": (receive(), receive(event="capture")),
    "another day": (receive(), receive(occurred_at="2026-01-09", late="offline")),
    "other pages": (received(), received() | {"pages": 4}),
    "pages that nobody asked for": (receive(), receive(pages=3)),
    "pages left out": (receive(pages=3), receive()),
    "another file": (
        received(),
        received() | {"files": [{**FILE, "digests": {**DIGESTS, "sha256": "33" * 32}}]},
    ),
    "another size": (received(), received() | {"files": [{**FILE, "digests": {**DIGESTS, "size": 6}}]}),
    "a file more": (receive(), received() | {"late": None, "pages": None}),
    "another copy": (received(), received() | {"files": [{**FILE, "copy": "scan", "digests": DIGESTS}]}),
    "another value of a field": (receive(), receive(fields={**receive()["fields"], "title": "别的"})),
    "a field more": (receive(), receive(fields={**receive()["fields"], "note": "另加"})),
    "a field left out": (receive(fields={**receive()["fields"], "note": "说明"}), receive()),
    "another answer": (receive(answers=["44" * 32]), receive(answers=["55" * 32])),
    "an answer that nobody gave": (receive(), receive(answers=["55" * 32])),
    "another duty": (about("appoint", duty="head"), about("appoint", duty="auditor")),
    "another key": (about("key.enrol", key="66" * 32), about("key.enrol", key="77" * 32)),
    "another subject": (about("appoint", duty="head"), about("appoint", duty="head", subject=OTHER)),
    "another last day": (
        about("appoint", duty="head", due="2027"),
        about("appoint", duty="head", due="2028"),
    ),
    "another item": (listed(RECORD), listed(OTHER)),
    "an item more": (listed(RECORD), listed(RECORD, OTHER)),
    "an item's other title": (listed(RECORD), listed(RECORD, title="别的")),
    "items in another order": (listed(RECORD, OTHER), listed(OTHER, RECORD)),
    "a list instead of one": (receive(), listed(RECORD)),
    "one instead of a list": (listed(RECORD), receive()),
}


@pytest.mark.parametrize("name", PAIRS)
def test_another_act(house: House, name: str) -> None:
    asked, drafted = PAIRS[name]
    role = "registrar" if "subject" in asked else "person"
    with house.client(role=role) as client:
        made = client.draft(drafted)
        with pytest.raises(DishonestError):
            client.sign(asked, made)
        client.sign(drafted, made)


def other_items(client: Client, made: Act) -> None:
    made["items"] = client.draft(listed(OTHER))["items"]


def other_disclosures(client: Client, made: Act) -> None:
    made["disclosures"] = client.draft(listed(RECORD))["disclosures"]


def no_disclosures(_: Client, made: Act) -> None:
    made["disclosures"] = []


def not_even_a_statement(_: Client, made: Act) -> None:
    made["octets"] = made["octets"].replace(".", ".A", 1)


@pytest.mark.parametrize("change", [other_items, other_disclosures, no_disclosures, not_even_a_statement])
def test_octets_and_the_rest_that_do_not_belong_together(
    house: House, change: Callable[[Client, Act], None]
) -> None:
    with house.client() as client:
        made = copy.deepcopy(client.draft(listed(RECORD)))
        client.sign(listed(RECORD), made)
        change(client, made)
        with pytest.raises(DishonestError):
            client.sign(listed(RECORD), made)


def test_anothers_draft(house: House) -> None:
    with house.client() as one, house.client() as another:
        made = one.draft(receive())
        another.sign_in()
        with pytest.raises(DishonestError, match="agent"):
            another.sign(receive(), made)


def test_another_ledger(house: House) -> None:
    """Signed for another ledger, a statement could be logged there: by whom, nobody would ask."""
    with house.client() as client:
        made = client.draft(receive())
        elsewhere = replace(client, origin="elsewhere.example/archives")
        with pytest.raises(DishonestError, match="aud"):
            elsewhere.sign(receive(), made)
        challenge = house.ask("GET", "/v1/challenge").json()["challenge"]
        with pytest.raises(DishonestError, match="elsewhere"):
            elsewhere.answer(challenge)
