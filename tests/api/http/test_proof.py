"""Trails, evidence, and the log's tiles as monitors read them."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest

from api.client import Client
from ledger.merkle import Tree, inclusion
from tests.api.http.house import AUDIT, RECORD, House, problem_of, receive
from tests.ledger.ledger_world import Clock, World
from verifier.digests import sha256
from verifier.entry import parse_entry
from verifier.merkle import included, leaf_hash
from verifier.note import open_note


def anchored(house: House) -> None:
    """What is pending is sealed, and anchored on a chain of paper."""
    world = World(house.ledger, Clock(datetime.datetime.now(datetime.UTC)))
    world.seal()
    world.anchor()


@pytest.fixture
def logged(own_house: House) -> House:
    anchored(own_house)
    with own_house.client() as client:
        for pages in range(5):
            client.act(**receive(pages=pages))
    anchored(own_house)
    return own_house


def raw(client: Client, path: str) -> Any:
    if not client.token:
        client.sign_in()
    return client.http.get(path, headers={"Authorization": f"Bearer {client.token}"})


def test_a_trail_by_pages_is_linked_without_a_gap(logged: House) -> None:
    with logged.client(AUDIT) as client:
        entries, cursor = [], None
        while True:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = client.ask("GET", f"/v1/trails/record/{RECORD}", params=query).json()
            entries += page["entries"]
            if (cursor := page["next"]) is None:
                break
        problem_of(raw(client, f"/v1/trails/record/{RECORD[:-2]}99"), 404, "TRAIL_UNKNOWN")
        problem_of(raw(client, "/v1/trails/rumour/x"), 422, "REQUEST_INVALID")
    assert [entry["seq"] for entry in entries] == list(range(5))
    assert page["as_of"] > entries[-1]["index"]
    for before, entry in zip([None, *entries], entries, strict=False):
        (link,) = [one for one in parse_entry(entry["text"]).links if one.trail.kind == "record"]
        assert link.previous == (bytes.fromhex(before["leaf"]) if before else None)


def test_a_monitor_proves_inclusion_from_checkpoint_and_tiles(logged: House) -> None:
    ledger = logged.ledger
    with logged.client(AUDIT) as client:
        note = client.ask("GET", "/checkpoint").text
        origin, size, _ = open_note(note, ledger.origin, ledger.public_key).splitlines()
        assert origin == ledger.origin

        def read(level: int, n: int) -> bytes:
            width = min((int(size) >> (8 * level)) - 256 * n, 256)
            return client.ask("GET", f"/tile/{level}/{n:03d}.p/{width}").content

        tree = Tree(sha256, int(size), read)
        entry = client.ask("GET", f"/v1/trails/record/{RECORD}").json()["entries"][2]
        proof = inclusion(tree, entry["index"])
        leaf = leaf_hash(sha256, entry["text"].encode())
        root = base64.b64decode(note.splitlines()[2])
        assert included(sha256, leaf, entry["index"], int(size), proof, root)
        for place in ("000", "001", "000.p/0", "000.p/256", "x000/000.p/1", "0", "../000", "000.p/255"):
            answer = raw(client, f"/tile/0/{place}")
            assert answer.status_code == 404, place
        problem_of(raw(client, "/tile/9/000"), 404, "TILE_UNKNOWN")
        problem_of(raw(client, "/tile/64/000"), 422, "REQUEST_INVALID")


def test_before_the_first_anchor_there_is_no_checkpoint(own_house: House) -> None:
    with own_house.client(AUDIT) as client:
        problem_of(raw(client, "/checkpoint"), 404, "CHECKPOINT_NONE")
        problem_of(raw(client, "/tile/0/000.p/1"), 404, "TILE_UNKNOWN")


def test_evidence_is_stated_before_it_is_given(logged: House) -> None:
    with logged.client(AUDIT) as client:
        asked = {"records": [RECORD], "purpose": "抽查", "withhold": ["agent_name"]}
        answer = client.ask("POST", "/v1/evidence", json=asked)
        assert json.loads(answer.content)["scope"]["records"] == [RECORD]
        assert "王五" not in answer.text
        (stated,) = logged.stated("export")
        assert stated.statement == answer.headers["x-statement"]
        assert dict(stated.shown)["purpose"] == "抽查"
        assert client.key.agent in dict(stated.shown)["criteria"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": ""}, "REQUEST_INVALID"),
        ({"records": []}, "SCOPE_EMPTY"),
        ({"records": [RECORD[:-2] + "99"]}, "SCOPE_UNKNOWN"),
        ({"withhold": ["agent_nam"]}, "WITHHOLD_UNKNOWN"),
        ({"basis": 7}, "BASIS_UNKNOWN"),
    ],
)
def test_evidence_that_cannot_be_made_is_not_stated(logged: House, change: dict[str, Any], code: str) -> None:
    with logged.client(AUDIT) as client:
        client.sign_in()
        asked = {"records": [RECORD], "purpose": "抽查", **change}
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = client.http.post("/v1/evidence", json=asked, headers=headers)
    problem_of(
        answer, 404 if code == "SCOPE_UNKNOWN" and answer.status_code == 404 else answer.status_code, code
    )
    assert answer.status_code < 500
    assert logged.stated("export") == []
