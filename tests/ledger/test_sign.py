"""Making statements: their form, and that a foreign SD-JWT library accepts them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import InvalidJWSSignature
from sd_jwt.verifier import SDJWTVerifier

from ledger.keys import SigningKey
from ledger.list_proof import list_tree
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from tests.ledger.ledger_world import ORIGIN, RECORD, World, a_file, make_world, new_uuid
from verifier.canonical import base64url_bytes, base64url_text
from verifier.certificate import read_signer
from verifier.digests import both
from verifier.disclosure import FileDigests, check_disclosures, parse_disclosure
from verifier.errors import EvidenceError
from verifier.item import check_item, parse_item
from verifier.statement import P256_ORDER, Seen, check_signature, parse_statement


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def key(world: World) -> SigningKey:
    return world.person()


def test_a_foreign_library_takes_a_statement_with_its_disclosures(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    presented = "~".join([made.statement.decode(), *made.disclosures, ""])
    public = JWK.from_pyca(key.key.public_key())
    payload = SDJWTVerifier(presented, lambda issuer, header: public).get_verified_payload()
    assert payload["title"] == "张三户土地承包户档"
    assert payload["record"] == RECORD
    assert payload["iss"] == key.iss
    without = SDJWTVerifier(made.statement.decode() + "~", lambda issuer, header: public)
    assert "title" not in without.get_verified_payload()


def test_a_foreign_library_refuses_a_changed_statement(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    header, payload, signature = made.statement.decode().split(".")
    octets = base64url_bytes(payload, "payload")
    changed = base64url_text(octets.replace(RECORD.encode(), RECORD.encode()[:-1] + b"2"))
    presented = f"{header}.{changed}.{signature}~"
    with pytest.raises(InvalidJWSSignature):
        SDJWTVerifier(presented, lambda issuer, header: JWK.from_pyca(key.key.public_key()))


def test_what_is_signed_reads_back(world: World, key: SigningKey) -> None:
    draft = Draft(
        event="review.final",
        occurred_at="2026-01-28T10:00:00+08:00",
        record=RECORD,
        files=(a_file(b"one"), replace(a_file(b"two"), digests=None, size=None)),
        fields={"opinion": "同意", "file.1.digests": FileDigests(both(b"two"), 3), "agent_name": "赵六"},
        answers=(both(b"b").sha256, both(b"a").sha256),
        outcome="approved",
        due="2026-02-01",
        seen=Seen(7, both(b"root").sha256),
    )
    made = sign_statement(key, ORIGIN, draft)
    said = parse_statement(made.statement)
    check_signature(said, key.key.public_key())
    assert (said.aud, said.iss, said.agent, said.event) == (ORIGIN, key.iss, key.agent, "review.final")
    assert said.certificate_sha256 == read_signer(made.certificate).sha256
    assert said.claims.answers == tuple(sorted(draft.answers))
    assert said.claims.files == tuple(draft.files)
    assert (said.due, said.seen) == (draft.due, draft.seen)
    shown = check_disclosures(said.claims, [parse_disclosure(text) for text in made.disclosures], "")
    assert {name: one.value for name, one in shown.items()} == draft.fields


def test_signatures_are_low_s_and_salts_fresh(world: World, key: SigningKey) -> None:
    made = [world.receive(key, RECORD) for _ in range(40)]
    halves = [parse_statement(one.statement).signature[32:] for one in made]
    assert all(int.from_bytes(s, "big") <= P256_ORDER // 2 for s in halves)
    assert len({text for one in made for text in one.disclosures}) == 3 * len(made)
    assert len({parse_statement(one.statement).jti for one in made}) == len(made)


def test_each_item_of_a_list_is_proved_alone(world: World, key: SigningKey) -> None:
    made = world.receive_list(key, [new_uuid() for _ in range(7)])
    listing = parse_statement(made.statement).list
    assert listing is not None
    tree = list_tree([item.data for item in made.items])
    for number, item in enumerate(made.items):
        parsed = parse_item(item.data, number)
        check_item(listing, parsed, tree.sha256(number), tree.sm3(number), "")
        shown = [parse_disclosure(text) for text in item.disclosures]
        assert set(check_disclosures(parsed.claims, shown, "")) == {"title", "number"}
    with pytest.raises(EvidenceError, match="ITEM_NOT_IN_LIST"):
        check_item(listing, parse_item(made.items[3].data, 4), tree.sha256(4), tree.sm3(4), "")


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft("Receive", "2026"), "SHAPE_VALUE"),
        (Draft("receive", "2026-13"), "SHAPE_VALUE"),
        (Draft("receive", "2026", record="R1"), "SHAPE_VALUE"),
        (Draft("receive", "2026", fields={"record": "x"}), "SD_CLEAR_CLAIM"),
        (Draft("receive", "2026", fields={"file.0.name": "x"}), "SD_FILE"),
        (Draft("receive", "2026", fields={"title": "x" * 32_769}), "SD_FORM"),
        (Draft("receive", "2026", erased=("title",)), "ERASED_CLAIM"),
        (Draft("receive", "2026", files=[a_file(b"%d" % n) for n in range(1001)]), "STATEMENT_SIZE"),
    ],
)
def test_a_draft_that_breaks_a_rule_is_not_signed(key: SigningKey, draft: Draft, code: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        sign_statement(key, ORIGIN, draft)
    assert refused.value.code == code


def test_claims_of_items_do_not_stand_in_a_list_statement(key: SigningKey) -> None:
    with pytest.raises(EvidenceError, match="LIST_CLAIM_OUTSIDE_ITEM"):
        sign_list(key, ORIGIN, Draft("receive", "2026", pages=3), new_uuid(), [ItemDraft(RECORD)])


def test_the_payload_is_plain_json_without_anything_personal(world: World, key: SigningKey) -> None:
    made = world.receive(key, RECORD)
    said = parse_statement(made.statement)
    payload = json.dumps(said.claims.fields)
    assert "张三" not in payload
    assert "张三".encode() not in made.statement
