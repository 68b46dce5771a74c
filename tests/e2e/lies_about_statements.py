"""Lies about certificates, statements, items and links: what people signed, and where it stands."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ledger.sign import ItemDraft
from network.ca import load_authority
from network.certificates import Authority, issue_person, make_authority
from network.layout import layout
from tests.e2e.dishonest import Lie, Scene, Told, another_list, item
from verifier.canonical import base64url_bytes, base64url_text
from verifier.digests import sha256
from verifier.statement import P256_ORDER

NOBODY = bytes(32)


def certified(scene: Scene, authority: Authority, agent: str, days: float = 30) -> bytes:
    """王五's key under another certificate."""
    life = datetime.timedelta(days=days)
    made = issue_person(authority, agent, "person", scene.operator.key.public_key(), life)
    return made.public_bytes(Encoding.DER)


def authority(scene: Scene, msp: str, kind: str) -> Authority:
    return load_authority(layout(scene.network.home), msp, kind)


def signed_with(make: Callable[[Scene], bytes]) -> Lie:
    """王五 signs with a certificate made for the occasion."""
    return lambda scene: scene.signed_by(replace(scene.operator, certificate_der=make(scene)))


def as_key(**changes: str) -> Lie:
    return lambda scene: scene.signed_by(replace(scene.operator, **changes))  # type: ignore[arg-type]


def person_ca(scene: Scene) -> Authority:
    return authority(scene, "QingheTownship", "person")


def of_nobody(scene: Scene) -> bytes:
    return certified(scene, make_authority("青禾镇", "QingheTownship person CA"), scene.operator.agent)


def of_the_node_ca(scene: Scene) -> bytes:
    return certified(scene, authority(scene, "QingheTownship", "node"), scene.operator.agent)


def of_another_organisation(scene: Scene) -> bytes:
    return certified(scene, authority(scene, "YunlingAudit", "person"), scene.operator.agent)


def run_out(scene: Scene) -> bytes:
    """In date for four minutes, until a minute ago; recorded now."""
    return certified(scene, person_ca(scene), scene.operator.agent, days=-1 / 24 / 60)


def longer_certificate(scene: Scene) -> Told:
    """An octet after the certificate: other octets, and so another name, for the same certificate."""
    longer = sorted((*scene.honest.certificates[1:], scene.honest.certificates[0] + b"\x00"), key=sha256)
    return scene.told(certificates=tuple(longer))


def spare_certificate(scene: Scene) -> Told:
    spare = certified(scene, person_ca(scene), scene.operator.agent)
    return scene.told(certificates=tuple(sorted((*scene.honest.certificates, spare), key=sha256)))


OTHER_AGENT = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b"

CERTIFICATES: list[tuple[str, Lie, str]] = [
    ("out of order", lambda s: s.told(certificates=s.honest.certificates[::-1]), "CERTIFICATE_ORDER"),
    ("one twice", lambda s: s.told(certificates=(s.honest.certificates[0],) * 2), "CERTIFICATE_ORDER"),
    ("one that nobody used", spare_certificate, "CERTIFICATE_UNUSED"),
    ("one kept back", lambda s: s.told(certificates=()), "CERTIFICATE_ABSENT"),
    ("an octet too long", longer_certificate, "CERTIFICATE_FORM"),
    ("of a CA of the same name, of nobody", signed_with(of_nobody), "CERTIFICATE_ISSUER"),
    ("of the organisation's node CA", signed_with(of_the_node_ca), "CERTIFICATE_ISSUER"),
    ("of another organisation's person CA", signed_with(of_another_organisation), "CERTIFICATE_ISSUER"),
    ("in another organisation's name", as_key(iss="YunlingAudit"), "CERTIFICATE_ISSUER"),
    ("in another person's name", as_key(agent=OTHER_AGENT), "CERTIFICATE_AGENT"),
    ("of no person", signed_with(lambda s: certified(s, person_ca(s), "王五")), "CERTIFICATE_SUBJECT"),
    ("run out", signed_with(run_out), "CERTIFICATE_DATE"),
]


def resigned(change: Callable[[bytes], bytes]) -> Lie:
    """The first statement with another signature; `change` is given the 64 octets."""

    def lie(scene: Scene) -> Told:
        head, _, signature = scene.honest.statements[0].statement.rpartition(b".")
        other = base64url_text(change(base64url_bytes(signature.decode(), "signature")))
        return scene.with_statement(0, statement=head + b"." + other.encode())

    return lie


def high_s(signature: bytes) -> bytes:
    """The other signature that mathematics admits for the same statement."""
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


def unsigned_header(scene: Scene) -> Told:
    """alg none, and no signature: the oldest trick with tokens."""
    header, payload, _ = scene.honest.statements[0].statement.split(b".")
    plain = base64url_bytes(header.decode(), "header").replace(b"ES256", b"none")
    return scene.with_statement(0, statement=b".".join((base64url_text(plain).encode(), payload, b"")))


def reworded(scene: Scene) -> tuple[bytes, bytes]:
    """The first statement with another date, under its old signature; and what there is to sign."""
    header, payload, signature = scene.honest.statements[0].statement.split(b".")
    other = base64url_bytes(payload.decode(), "payload").replace(b"2026-01-08", b"1999-01-08")
    told = b".".join((header, base64url_text(other).encode()))
    return told + b"." + signature, told


def twice(scene: Scene) -> Told:
    first, *rest = scene.honest.statements
    return scene.told(statements=(first, first, *rest))


def same_jti(scene: Scene) -> Told:
    """Two statements of one person under one jti, both truly signed."""
    _, told = reworded(scene)
    r, s = decode_dss_signature(scene.operator.key.sign(told, ec.ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")
    first, *rest = scene.honest.statements
    second = replace(first, statement=told + b"." + base64url_text(signature).encode())
    return scene.told(statements=(first, second, *rest))


def for_another(scene: Scene) -> Told:
    return scene.signed_by(scene.operator, "other.example/archives")


def with_disclosure(scene: Scene) -> Told:
    """A fourth part behind the signature."""
    return scene.with_statement(0, statement=scene.honest.statements[0].statement + b".e30")


STATEMENTS: list[tuple[str, Lie, str]] = [
    ("no signature", resigned(lambda _: b""), "STATEMENT_SIGNATURE_FORM"),
    ("alg none", unsigned_header, "SHAPE_VALUE"),
    ("signature of nobody", resigned(lambda o: bytes([o[0] ^ 1]) + o[1:]), "STATEMENT_SIGNATURE"),
    ("the other signature, with high s", resigned(high_s), "STATEMENT_SIGNATURE_FORM"),
    (
        "reworded after signing",
        lambda s: s.with_statement(0, statement=reworded(s)[0]),
        "STATEMENT_SIGNATURE",
    ),
    ("a disclosure behind it", with_disclosure, "STATEMENT_FORM"),
    ("addressed to another ledger", for_another, "STATEMENT_ORIGIN"),
    ("more than 64 KiB", lambda s: s.with_statement(0, statement=b"a" * 65_537), "STATEMENT_SIZE"),
    ("twice in the batch", twice, "STATEMENT_REPEATED"),
    ("another under the same jti", same_jti, "JTI_REPEATED"),
]


def listed(change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Lie:
    """The list's items, changed after its signature."""
    return lambda scene: scene.with_statement(2, items=change(scene.honest.statements[2].items))


def whole_list(*items: ItemDraft) -> Lie:
    """Another list in its place, truly signed."""

    def lie(scene: Scene) -> Told:
        made = another_list(scene.operator, items)
        return scene.with_statement(2, statement=made.statement, items=made.items)

    return lie


def of_another_list(scene: Scene) -> Told:
    """The items are a list's, each well formed; but of another list of as many."""
    other = another_list(scene.operator, [item(number) for number in range(3, 6)])
    return scene.with_statement(2, items=other.items)


ITEMS: list[tuple[str, Lie, str]] = [
    ("an item left out", listed(lambda items: items[1:]), "LIST_SIZE"),
    ("an item more", listed(lambda items: (*items, items[0])), "LIST_SIZE"),
    ("items in another order", listed(lambda items: items[::-1]), "LIST_SHA256"),
    ("items of another list", of_another_list, "LIST_SHA256"),
    ("an item changed", listed(lambda i: (i[0].replace(b'"pages":1', b'"pages":2'), *i[1:])), "LIST_SHA256"),
    ("one record twice in a list", whole_list(item(0), item(1), item(0)), "LIST_RECORD_REPEATED"),
    (
        "items with a statement that is no list",
        lambda s: s.with_statement(0, items=s.honest.statements[2].items),
        "ITEMS_WITHOUT_LIST",
    ),
]


def previous_of(scene: Scene) -> str:
    """The link of the record's second entry: after its first, in this batch."""
    assert scene.honest.links[5].startswith("1 ")
    return scene.honest.links[5].removeprefix("1 ")


LINKS: list[tuple[str, Lie, str]] = [
    ("a trail line that nothing derives", lambda s: s.told(links=(*s.honest.links, "0 -")), "LINKS_COUNT"),
    ("a trail line kept back", lambda s: s.told(links=s.honest.links[:-1]), "LINKS_COUNT"),
    ("a gap in a trail", lambda s: s.with_link(5, f"2 {previous_of(s)}"), "LINK_SEQ"),
    ("a trail begun anew", lambda s: s.with_link(5, "0 -"), "LINK_SEQ"),
    ("more entries than the log has", lambda s: s.with_link(0, f"99 {NOBODY.hex()}"), "LINK_SEQ"),
    ("the entry before is another", lambda s: s.with_link(5, f"1 {NOBODY.hex()}"), "LINK_PREVIOUS"),
    ("a first entry with one before it", lambda s: s.with_link(3, f"0 {NOBODY.hex()}"), "LINK_FORM"),
    ("a number with a zero before it", lambda s: s.with_link(5, f"01 {previous_of(s)}"), "LINK_FORM"),
]
