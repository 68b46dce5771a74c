"""One organisation that knows a ledger with an empty batch 0, and what Python and Go make of the next batch.

A batch is forged from what is handed in without asking first whether it may be: what the trails are is
guessed from the payload, however it is written. Keys and signatures are the same in every run.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ledger.batch import BatchStatement, Frontier, encode_batch
from ledger.examine import Rules
from ledger.judge import judge
from ledger.membership import ders
from ledger.submission import Submission, SubmittedItem
from network.certificates import Authority
from tests.differential.forge_certificate import Forged, authority, key_info, name_of, subject
from tests.differential.judge import Answer, Judge, Known
from tests.verifier.fabric.forge_keys import SAME_EACH_TIME, named_key
from tests.verifier.forge_people import identifier
from verifier import merkle
from verifier.anchor import Anchor, anchor_digest, encode_anchor, ledger_id
from verifier.canonical import base64url_text, encode
from verifier.digests import Digests, both, sha256, sm3
from verifier.marker import Marker, PreviousAnchor, encode_marker
from verifier.report import Reason
from verifier.statement import P256_ORDER, header_bytes
from verifier.trail import trail

ORIGIN, TOWN, ARCHIVE = "qinghe.example/archives", "QingheTownship", "YunlingArchives"
RECORDED_AT, DUE = "2026-01-12T09:30:00.000Z", "2026-01-12T09:31:00.000Z"
BEFORE, AFTER = "2026-01-12T09:00:00.000Z", "2026-01-12T09:30:01.000Z"
# All that a certificate can say.
ALWAYS = (
    datetime.datetime(1950, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC),
)
LEDGER = ledger_id(ORIGIN, bytes(32))

Claims = dict[str, Any]


@dataclass(frozen=True)
class Person:
    agent: str
    key: ec.EllipticCurvePrivateKey
    der: bytes


@dataclass(frozen=True)
class Scene:
    """`person` is certified by `ca`, the person CA of TOWN; `other` is that of ARCHIVE."""

    ca: Authority
    other: Authority
    person: Person
    rules: Rules
    known: Known
    anchor: Anchor
    marker: str

    def forged(self) -> Forged:
        """The parts of the person's certificate."""
        return Forged(name_of(self.ca.certificate), subject(self.person.agent), key_info(self.person.key))


def make_scene(ca_dates: tuple[datetime.datetime, datetime.datetime] = ALWAYS) -> Scene:
    ca, other = authority("清河镇", *ca_dates), authority("云岭县档案馆", *ALWAYS)
    first = encode_marker(Marker(0, LEDGER, 0, None))
    roots = Digests(merkle.leaf_hash(sha256, first.encode()), merkle.leaf_hash(sm3, first.encode()))
    before = Anchor(LEDGER, 0, 1, roots, None, None, bytes(32), BEFORE)
    text = encode_anchor(before)
    marker = encode_marker(Marker(1, LEDGER, 1, PreviousAnchor(anchor_digest(text), BEFORE, bytes(32))))
    agent, key = identifier("person"), named_key("person")
    forged = Forged(name_of(ca.certificate), subject(agent), key_info(key))
    cas = {TOWN: ca, ARCHIVE: other}
    return Scene(
        ca=ca,
        other=other,
        person=Person(agent, key, forged.sign(ca.key)),
        rules=Rules(
            ORIGIN,
            ders({msp: (held.certificate,) for msp, held in cas.items()}),
            {},
            RECORDED_AT,
            DUE,
        ),
        known=Known(
            policy=_policy(cas),
            ledger_id=LEDGER.hex(),
            ledger=_record(),
            before=text.decode(),
            transaction="11" * 32,
            time=AFTER,
        ),
        anchor=before,
        marker=marker,
    )


def _policy(cas: dict[str, Authority]) -> str:
    return encode(
        {
            "msp": ARCHIVE,
            "origins": {ORIGIN: {"operator": TOWN, "role": "ledger"}},
            "person_cas": {msp: [held.pem.decode()] for msp, held in cas.items()},
            "version": "archive-ledger policy v1",
        }
    ).decode()


def _record() -> str:
    return encode(
        {
            "checkpoint_key": bytes(32).hex(),
            "operator": TOWN,
            "origin": ORIGIN,
            "role": "ledger",
            "version": "archive-ledger ledger v1",
        }
    ).decode()


def claims_of(person: Person, **more: Any) -> Claims:
    """The claims that every statement has, and more; a claim that is None is left out."""
    own: Claims = {
        "_sd_alg": "sha-256",
        "agent": person.agent,
        "aud": ORIGIN,
        "event": "receive",
        "iss": TOWN,
        "jti": identifier(f"jti {more}"),
        "occurred_at": "2026-01-08",
        **more,
    }
    return {name: value for name, value in own.items() if value is not None}


def signed(person: Person, payload: bytes, header: bytes | None = None) -> bytes:
    """The statement of any payload."""
    head = header if header is not None else header_bytes(sha256(person.der))
    data = f"{base64url_text(head)}.{base64url_text(payload)}".encode()
    r, s = decode_dss_signature(person.key.sign(data, SAME_EACH_TIME))
    low = r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")
    return data + b"." + base64url_text(low).encode()


def submission(
    person: Person, claims: Claims, items: Sequence[bytes] = (), certificate: bytes | None = None
) -> Submission:
    submitted = tuple(SubmittedItem(item) for item in items)
    return Submission(signed(person, encode(claims)), certificate or person.der, (), submitted)


def by_python(scene: Scene, submitted: Submission) -> list[Reason]:
    """Every reason to refuse it, but what the catalogue says: the chaincode does not know the catalogue."""
    _, reasons = judge(submitted, scene.rules)
    return [reason for reason in reasons if not reason.code.startswith("EVENT_")]


def by_go(scene: Scene, judge: Judge, submitted: Sequence[Submission]) -> tuple[Answer, Anchor]:
    """The chaincode's answer, and the anchor that Python derives."""
    batch, expected = forge_batch(scene, submitted)
    return judge.examine(batch, scene.known), expected


def forge_batch(scene: Scene, submitted: Sequence[Submission]) -> tuple[bytes, Anchor]:
    """The batch that holds these and the anchor it should leave; all are recorded at RECORDED_AT."""
    leaves, links = [scene.marker], []
    heads: dict[str, tuple[int, str]] = {}
    for one in submitted:
        parts = [("-", statement_trails(one.statement))]
        for number, part in enumerate(one.items):
            digests = both(part.data)
            line = f"{number} {digests.sha256.hex()} {digests.sm3.hex()}"
            parts.append((line, item_trails(part.data)))
        digests = both(one.statement)
        for line, trails in parts:
            places = [_place(heads, name) for name in trails]
            text = "\n".join(
                [
                    "archive-ledger entry v1",
                    str(len(leaves) + 1),
                    RECORDED_AT,
                    f"{digests.sha256.hex()} {digests.sm3.hex()}",
                    line,
                    *(f"{name} {place}" for name, place in zip(trails, places, strict=True)),
                ]
            )
            leaves.append(text + "\n")
            links += places
            leaf = merkle.leaf_hash(sha256, leaves[-1].encode()).hex()
            heads |= {name: (heads[name][0] + 1 if name in heads else 0, leaf) for name in trails}
    certificates = sorted({one.certificate for one in submitted}, key=sha256)
    before = scene.anchor
    batch = encode_batch(
        LEDGER,
        1,
        scene.marker,
        Frontier(1, (before.roots.sha256,), (before.roots.sm3,)),
        [
            BatchStatement(RECORDED_AT, one.statement, tuple(item.data for item in one.items))
            for one in submitted
        ],
        links,
        certificates,
    )
    return batch, _expected(scene, leaves, bool(submitted))


def _expected(scene: Scene, leaves: Sequence[str], recorded: bool) -> Anchor:
    before = scene.anchor
    hashes = {h: [merkle.leaf_hash(h, leaf.encode()) for leaf in leaves] for h in (sha256, sm3)}
    return Anchor(
        ledger=LEDGER,
        batch=1,
        size=1 + len(leaves),
        roots=Digests(
            merkle.root_of(sha256, [before.roots.sha256, *hashes[sha256]]),
            merkle.root_of(sm3, [before.roots.sm3, *hashes[sm3]]),
        ),
        last_recorded_at=RECORDED_AT if recorded else None,
        previous=anchor_digest(encode_anchor(before)),
        txid=bytes.fromhex(scene.known.transaction),
        time=scene.known.time,
    )


def _place(heads: dict[str, tuple[int, str]], name: str) -> str:
    head = heads.get(name)
    return f"{head[0] + 1} {head[1]}" if head else "0 -"


_ABOUT = {"keys": ("key.enrol", "key.revoke"), "duties": ("appoint", "release", "duty.handover")}


def statement_trails(statement: bytes) -> list[str]:
    """ "<kind> <key>", as docs/formats.md section 6 derives them, however the payload is written."""
    claims = _loads(_payload(statement))
    listing = claims.get("list")
    if isinstance(listing, dict):
        return _sorted({("agent", claims.get("agent")), ("list", listing.get("id"))})
    own = {("agent", claims.get("agent")), ("record", claims.get("record")), *_contents(claims)}
    event, subject = claims.get("event"), claims.get("subject")
    if isinstance(event, str) and isinstance(subject, str):
        own |= {(kind, subject) for kind, events in _ABOUT.items() if event in events}
    return _sorted(own)


def item_trails(item: bytes) -> list[str]:
    claims = _loads(item)
    return _sorted({("record", claims.get("record")), *_contents(claims)})


def _payload(statement: bytes) -> bytes:
    part = statement.split(b".")[1] if b"." in statement else b""
    try:
        return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        return b""


def _loads(data: bytes) -> Claims:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _contents(claims: Claims) -> set[tuple[str, object]]:
    files = claims.get("files")
    found = files if isinstance(files, list) else []
    digests = [file.get("sha256") for file in found if isinstance(file, dict)]
    return {("content", digest) for digest in digests if isinstance(digest, str)}


def _sorted(subjects: set[tuple[str, object]]) -> list[str]:
    named = [trail(kind, subject) for kind, subject in subjects if isinstance(subject, str)]
    return sorted(f"{found.kind} {found.key}" for found in named)
