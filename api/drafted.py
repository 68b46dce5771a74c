"""Whether a draft says what was asked, and nothing else: looked at before a person's key signs it.

Every octet that is signed is accounted for: what was asked, what the key itself says of its signer, and the
few things that a draft adds (salts, the statement's own number, an anchor that was seen).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.keys import SigningKey
from verifier.canonical import base64_bytes, base64url_bytes, base64url_text, parse
from verifier.digests import sha256
from verifier.disclosure import Disclosure, FileDigests, disclosure_digest, parse_disclosure
from verifier.errors import EvidenceError
from verifier.item import list_roots, parse_item
from verifier.statement import header_bytes, parse_statement

Object = Mapping[str, Any]

# Of an act: what becomes something else in a statement.
_NOT_CLAIMS = frozenset(["disclosures", "fields", "list", "seen"])
# Of a statement: what a draft adds. Each is looked at by itself, but for `jti` and `seen`, which harm nobody:
# an anchor that was never there makes the statement worthless, and the ledger refuses it.
_ADDED = frozenset(["_sd", "_sd_alg", "agent", "aud", "fields", "iss", "jti", "list", "seen"])
_SORTED = frozenset(["answers", "erased"])
# Stands in for the signature that is not there yet: r = s = 1.
_UNSIGNED = base64url_text((b"\x00" * 31 + b"\x01") * 2)


class DishonestError(Exception):
    """What the service asked to be signed is not what was asked of it. Nothing was signed."""


def check_draft(key: SigningKey, origin: str, act: Object, made: Object) -> None:
    """`act`: what was asked, as docs/api.md describes acts. `made`: the draft. `origin`: the ledger's.

    Raises DishonestError unless the octets are this signer's statement, in this ledger, of exactly that.
    """
    octets = str(made["octets"])
    try:
        wrong = _judge(key, origin, act, octets, made["disclosures"], made["items"])
    except EvidenceError as error:
        wrong = [f"{error.code} {error.at}"]
    if wrong:
        raise DishonestError(f"the draft is not of the act asked for: {', '.join(sorted(wrong))}")


def _judge(
    key: SigningKey, origin: str, act: Object, octets: str, disclosed: Sequence[str], items: Sequence[Object]
) -> list[str]:
    header, _, payload = octets.partition(".")
    parse_statement(f"{octets}.{_UNSIGNED}".encode())
    said = parse(base64url_bytes(payload, "payload"), "payload")
    if not isinstance(said, dict):
        return ["payload"]
    wrong = []
    if base64url_bytes(header, "header") != header_bytes(sha256(key.certificate_der)):
        wrong.append("header")
    for name, mine in (("agent", key.agent), ("iss", key.iss), ("aud", origin)):
        if said.get(name) != mine:
            wrong.append(name)
    wrong += _claims(said, act)
    wrong += _disclosures(said, act, disclosed)
    return wrong + _list(said, act, items)


def _claims(said: Object, asked: Object) -> list[str]:
    expected = {name: _claim(name, value) for name, value in asked.items() if name not in _NOT_CLAIMS}
    expected = {name: value for name, value in expected.items() if value not in (None, [], "")}
    found = {name: value for name, value in said.items() if name not in _ADDED}
    return [name for name in {*expected, *found} if expected.get(name) != found.get(name)]


def _claim(name: str, value: Any) -> Any:
    if name == "files" and value:
        return [_file(one) for one in value]
    return sorted(value) if name in _SORTED and value else value


def _file(asked: Object) -> Object:
    """As a statement has it: a file's digests stand beside its other members."""
    return {**{name: v for name, v in asked.items() if name != "digests"}, **(asked.get("digests") or {})}


def _disclosures(said: Object, asked: Object, texts: Iterable[str]) -> list[str]:
    shown = {one.name: one for one in map(parse_disclosure, texts)}
    named: Sequence[str] = said.get("fields", [])
    digests: Sequence[str] = said.get("_sd", [])
    ready = {one.name: one for one in map(parse_disclosure, asked.get("disclosures") or [])}
    values: Object = asked.get("fields") or {}
    wrong = [f"fields.{name}" for name in {*named} ^ {*values, *ready}]
    for name, digest in zip(named, digests, strict=True):
        one = shown.get(name)
        bound = one is not None and disclosure_digest(one.text) == digest
        if one is None or not bound or not _as_asked(one, values, ready):
            wrong.append(f"fields.{name}")
    return wrong


def _as_asked(shown: Disclosure, values: Object, ready: Mapping[str, Disclosure]) -> bool:
    if shown.name in ready:
        return shown.text == ready[shown.name].text
    return shown.name in values and bool(_value(shown) == values[shown.name])


def _value(shown: Disclosure) -> Any:
    if isinstance(shown.value, FileDigests):
        digests = shown.value.digests
        return {"sha256": digests.sha256.hex(), "size": shown.value.size, "sm3": digests.sm3.hex()}
    return shown.value


def _list(said: Object, act: Object, made: Sequence[Object]) -> list[str]:
    asked, listed = act.get("list"), said.get("list")
    if asked is None or listed is None:
        return ["list"] if asked is not None or listed is not None or made else []
    octets = [base64_bytes(str(one["data"]), f"items[{n}]") for n, one in enumerate(made)]
    roots = list_roots(octets)
    same = (listed["size"], listed["sha256"], listed["sm3"]) == (
        len(asked["items"]),
        roots.sha256.hex(),
        roots.sm3.hex(),
    )
    if not same or len(made) != len(asked["items"]) or asked.get("id") not in (None, listed["id"]):
        return ["list"]
    wrong = []
    for number, (data, one, wanted) in enumerate(zip(octets, made, asked["items"], strict=True)):
        parse_item(data, number)
        item = parse(data, f"items[{number}]")
        if not isinstance(item, dict):
            wrong.append(f"items[{number}]")
            continue
        bad = _claims(item, wanted) + _disclosures(item, wanted, one["disclosures"])
        wrong += [f"items[{number}].{name}" for name in bad]
    return wrong
