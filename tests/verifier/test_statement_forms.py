"""Statements, items and disclosures: what is read, and what is refused."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from tests.verifier.forge_evidence import LIST, ZHANG, good
from tests.verifier.forge_log import Lines, sha256, trail_key
from tests.verifier.forge_people import (
    Signed,
    canonical,
    disclosure,
    header_of,
    identifier,
    item,
    person,
    sign_bytes,
    sm3,
    state,
    url,
)
from verifier.certificate import read_signer
from verifier.disclosure import file_field, parse_disclosure
from verifier.errors import EvidenceError
from verifier.item import list_roots, parse_item
from verifier.statement import (
    P256_ORDER,
    check_signature,
    check_signature_form,
    header_bytes,
    parse_statement,
)
from verifier.trail import trail, trails_of_item, trails_of_statement

H = "ab" * 32
Edit = Callable[[Lines], object]


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(EvidenceError) as refused:
        call()
    return refused.value.code


def _edited(text: str, edit: Edit) -> str:
    lines = text.split("\n")[:-1]
    edit(lines)
    return "\n".join(lines) + "\n"


def _signed(name: str) -> Signed:
    return next(act.signed for act in good().acts if act.name == name)


@pytest.mark.parametrize("name", [act.name for act in good().acts])
def test_statements_are_read(name: str) -> None:
    signed = _signed(name)
    statement = parse_statement(signed.data)
    payload = signed.payload
    assert statement.data == signed.data
    assert (statement.digests.sha256, statement.digests.sm3) == (sha256(signed.data), sm3(signed.data))
    for claim in ("aud", "jti", "iss", "agent", "event", "occurred_at"):
        assert getattr(statement, claim) == payload[claim]
    assert statement.record == payload.get("record")
    assert len(statement.claims.files) == len(payload.get("files", []))
    signer = read_signer(signed.signer.der)
    assert header_bytes(signer.sha256) == base64.urlsafe_b64decode(signed.data.split(b".")[0] + b"==")
    check_signature(statement, signer.key)


@pytest.mark.parametrize("name", ["receive", "resubmit", "view", "list"])
def test_statements_are_sd_jwts(name: str) -> None:
    """An implementation of RFC 9901 that is not ours accepts them, and finds the same disclosures."""
    signed = _signed(name)
    presented = "~".join([signed.data.decode(), *signed.disclosures, ""])
    key = JWK.from_pyca(signed.signer.holder.key.public_key())
    verified: dict[str, Any] = SDJWTVerifier(presented, lambda *_: key).get_verified_payload()
    shown = {d.name for d in map(parse_disclosure, signed.disclosures)}
    clear = {k: v for k, v in signed.payload.items() if k not in ("_sd", "_sd_alg")}
    assert verified.keys() == clear.keys() | shown
    assert {k: verified[k] for k in clear} == clear


def test_every_claim() -> None:
    signed = state(
        person("clerk"), "all", "disclosure.erase", {}, record=ZHANG, answers=[H], basis="statute",
        due="2026-06", erased=["holder"], late="old_paper", outcome="approved", reason="statutory_order",
        pages=3, version=2, state="in_place", seen={"root": H, "size": 7}, subject=identifier("x"),
        files=[{"carrier": "paper", "copy": "original", "format": "text/plain", "role": "page"}],
    )  # fmt: skip
    statement = parse_statement(signed.data)
    claims = statement.claims
    assert (claims.basis, claims.late, claims.outcome, claims.reason) == (
        "statute", "old_paper", "approved", "statutory_order",
    )  # fmt: skip
    assert (claims.pages, claims.version, claims.state, claims.answers) == (
        3,
        2,
        "in_place",
        (bytes.fromhex(H),),
    )
    assert (statement.due, statement.erased, statement.subject) == ("2026-06", ("holder",), identifier("x"))
    assert statement.seen is not None
    assert (statement.seen.size, statement.seen.root.hex()) == (7, H)
    assert claims.files[0].digests is None


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "answers out of order": ({"answers": ["b" * 64, "a" * 64]}, "SHAPE_ORDER"),
    "no answers": ({"answers": []}, "SHAPE_VALUE"),
    "65 answers": ({"answers": [f"{n:064x}" for n in range(65)]}, "SHAPE_VALUE"),
    "a code in upper case": ({"basis": "Statute"}, "SHAPE_VALUE"),
    "a due date that is a span": ({"due": "1998/1999"}, "SHAPE_VALUE"),
    "a negative count": ({"pages": -1}, "JSON_NUMBER"),
    "no files": ({"files": []}, "SHAPE_VALUE"),
    "a file that is text": ({"files": ["form.png"]}, "SHAPE_TYPE"),
    "a file that is a list of its members": ({"files": [["sha256", "sm3", "size"]]}, "SHAPE_TYPE"),
    "a file with half its digests": (
        {"files": [{"carrier": "paper", "copy": "scan", "format": "a/b", "role": "page", "sha256": H}]},
        "SHAPE_MEMBERS",
    ),
    "an unknown carrier": (
        {"files": [{"carrier": "stone", "copy": "scan", "format": "a/b", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "an unknown copy": (
        {"files": [{"carrier": "paper", "copy": "clone", "format": "a/b", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "a format in upper case": (
        {"files": [{"carrier": "paper", "copy": "scan", "format": "A/B", "role": "page"}]},
        "SHAPE_VALUE",
    ),
    "erased without erasing": ({"erased": ["holder"]}, "ERASED_CLAIM"),
    "erasing without erased": ({"event": "disclosure.erase"}, "ERASED_CLAIM"),
    "a list and a record": (
        {"record": ZHANG, "list": {"id": LIST, "sha256": H, "size": 1, "sm3": H}},
        "LIST_CLAIM_OUTSIDE_ITEM",
    ),
    "a list and files": (
        {
            "files": [{"carrier": "paper", "copy": "scan", "format": "a/b", "role": "page"}],
            "list": {"id": LIST, "sha256": H, "size": 1, "sm3": H},
        },
        "LIST_CLAIM_OUTSIDE_ITEM",
    ),
    "a list of more than the cap": (
        {"list": {"id": LIST, "sha256": H, "size": 40_001, "sm3": H}},
        "SHAPE_VALUE",
    ),
    "something seen without root": ({"seen": {"size": 1}}, "SHAPE_MEMBERS"),
    "a record that is no uuid": ({"record": ZHANG.upper()}, "SHAPE_VALUE"),
    "an organisation with a blank": ({"iss": "A B"}, "SHAPE_VALUE"),
    "an origin in upper case": ({"aud": "Example"}, "SHAPE_VALUE"),
    "a digest of 42 characters": ({"_sd": ["A" * 42], "fields": ["title"]}, "SHAPE_VALUE"),
    "a digest with stray bits": ({"_sd": ["A" * 42 + "B"], "fields": ["title"]}, "SHAPE_VALUE"),
    "a field in upper case": ({"_sd": ["A" * 43], "fields": ["Title"]}, "SHAPE_VALUE"),
    "fields without digests": ({"_sd": None, "fields": ["title"]}, "SD_COUNT"),
    "digests without fields": ({"fields": None}, "SD_COUNT"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_refused(name: str) -> None:
    claims, code = CLAIMS[name]
    signer = person("clerk")
    payload = {**_signed("scan").payload, **claims}
    payload = {k: v for k, v in payload.items() if v is not None}
    if "list" in claims:
        for claim in {"record", "files", "pages"} - claims.keys():
            del payload[claim]
    data = sign_bytes(signer, header_of(signer), canonical(payload))
    assert _code(lambda: parse_statement(data)) == code


# r ‖ s of a true signature, with s in its lower half.
TRUE = base64.urlsafe_b64decode(_signed("scan").data.rpartition(b".")[2] + b"==")
SIGNATURES = {
    "nothing": b"",
    "zeros": bytes(64),
    "ones": b"\xff" * 64,
    "an octet less": TRUE[:63],
    "an octet more": TRUE + b"\x00",
    "a padded s: the same numbers in more octets": TRUE[:32] + b"\x00" + TRUE[32:],
    "no r": bytes(32) + TRUE[32:],
    "no s": TRUE[:32] + bytes(32),
    "r beyond the order": P256_ORDER.to_bytes(32, "big") + TRUE[32:],
    "s in its upper half": TRUE[:32] + (P256_ORDER // 2 + 1).to_bytes(32, "big"),
}


def test_a_signature_form_that_is_read() -> None:
    check_signature_form(TRUE, "here")
    check_signature_form(TRUE[:32] + (P256_ORDER // 2).to_bytes(32, "big"), "here")


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_forms_refused(name: str) -> None:
    head, _, _ = _signed("scan").data.rpartition(b".")
    encoded = base64.urlsafe_b64encode(SIGNATURES[name]).rstrip(b"=")
    assert _code(lambda: parse_statement(head + b"." + encoded)) == "STATEMENT_SIGNATURE_FORM"


def test_statement_that_is_not_ascii() -> None:
    assert _code(lambda: parse_statement("é.é.é".encode())) == "STATEMENT_FORM"


# Trails, items, disclosures


def test_trails() -> None:
    receive = parse_statement(_signed("receive").data)
    found = {(t.kind, t.key) for t in trails_of_statement(receive)}
    clear = receive.claims.files[0].digests
    assert clear is not None
    assert found == {
        ("agent", trail_key("agent", receive.agent)),
        ("record", trail_key("record", ZHANG)),
        ("content", trail_key("content", clear.sha256.hex())),
    }
    listed = parse_statement(_signed("list").data)
    assert {t.kind for t in trails_of_statement(listed)} == {"agent", "list"}
    data, _ = _signed("list").items[0]
    assert trails_of_item(parse_item(data, 0)) == (trail("record", ZHANG),)


def test_the_same_content_twice_is_one_trail() -> None:
    claim = {
        "carrier": "both", "copy": "scan", "format": "a/b", "role": "page", "sha256": H, "size": 1, "sm3": H,
    }  # fmt: skip
    body, _ = item("two", "record zhang", files=[claim, claim])
    assert [t.kind for t in trails_of_item(parse_item(body, 0))] == ["content", "record"]


def test_list_roots() -> None:
    bodies = [data for data, _ in _signed("list").items]
    listing = parse_statement(_signed("list").data).list
    assert listing is not None
    assert list_roots(bodies) == listing.roots


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("file.0.name", (0, "name")),
        ("file.999.digests", (999, "digests")),
        ("file.01.name", None),
        ("file.0.size", None),
        ("file.name", None),
        ("title", None),
    ],
)
def test_file_fields(name: str, place: tuple[int, str] | None) -> None:
    assert file_field(name) == place


@pytest.mark.parametrize("value", [1, {}, [], True, "字" * 11_000])
def test_disclosed_values_refused(value: Any) -> None:
    assert _code(lambda: parse_disclosure(disclosure("note", value))) == "SD_FORM"


SALT = url(bytes(16))
DISCLOSURES: dict[str, tuple[Any, str]] = {
    "text of three characters": ("abc", "SD_FORM"),
    "an object of three members": ({"a": SALT, "b": "note", "c": "text"}, "SD_FORM"),
    "two": ([SALT, "text"], "SD_FORM"),
    "four": ([SALT, "note", "text", "more"], "SD_FORM"),
    "a salt that is a number": ([1, "note", "text"], "SD_FORM"),
    "a salt that is a list": ([[], "note", "text"], "SD_FORM"),
    "a salt of 15 octets": ([url(bytes(15)), "note", "text"], "SD_FORM"),
    "a salt of 17 octets": ([url(bytes(17)), "note", "text"], "SD_FORM"),
    "a name that is a list": ([SALT, ["note"], "text"], "SD_FORM"),
}


@pytest.mark.parametrize("name", DISCLOSURES)
def test_disclosures_refused(name: str) -> None:
    value, code = DISCLOSURES[name]
    assert _code(lambda: parse_disclosure(url(canonical(value)))) == code


def test_a_disclosure_of_other_letters_or_too_many() -> None:
    for text in ("é" * 40, "A" * 65_537):
        assert _code(lambda text=text: parse_disclosure(text)) == "SD_FORM"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["Title", "", "a" * 65, "a-b", 1])
def test_disclosed_names_refused(name: Any) -> None:
    assert _code(lambda: parse_disclosure(disclosure(name, "text"))) == "SD_FORM"


@pytest.mark.parametrize("name", ["record", "iss", "cnf", "status", "_sd_alg", "_sd", "fields", "nbf", "vct"])
def test_clear_claims_are_not_disclosed(name: str) -> None:
    assert _code(lambda: parse_disclosure(disclosure(name, "text"))) in ("SD_CLEAR_CLAIM", "SD_FORM")


def test_digests_are_the_only_object() -> None:
    value = {"sha256": H, "size": 1, "sm3": H}
    assert parse_disclosure(disclosure("file.0.digests", value)).name == "file.0.digests"
    for wrong in ("text", {**value, "x": 1}, {"sha256": H}):
        assert _code(lambda wrong=wrong: parse_disclosure(disclosure("file.0.digests", wrong))).startswith(  # type: ignore[misc]
            "SHAPE_"
        )
