"""A whole invented ledger with its evidence and trust root: everything in it holds.

`forge(script)` plays one story. A test changes one thing by a hook of `Script`; whatever is computed after
that stage follows it, as for an adversary who holds the keys for it. Tables of attacks build on that.

The story: everybody's key is enrolled in batch 0. Zhang's record is received in batch 1 with two files (the
digests of the second are a disclosure), goes on a list with two other records in batch 2, is sent back in
batch 3 and resubmitted with other files, has a field erased, goes on a list of its own and passes three
reviews in batch 4, and is read in batch 5, which is the anchor's own. Everything is done by the rules of
docs/formats.md section 17.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fabric_protos.common import common_pb2

from tests.verifier.fabric.forge import (
    ANCHOR_BLOCK,
    ANCHOR_TRANSACTION,
    CHAINCODE,
    Draft,
    Peers,
    config_block,
    first_config,
    peers,
    seal,
)
from tests.verifier.fabric.forge_channel import CHANNEL, SECONDS, Edits
from tests.verifier.forge_enrolment import duties_for, registrar, role_of, say_duty, say_key
from tests.verifier.forge_log import Lines, Log, path, root, sha256
from tests.verifier.forge_people import (
    ORIGIN,
    File,
    Payload,
    Person,
    Signed,
    canonical,
    identifier,
    item,
    person,
    sm3,
    state,
)
from verifier.custody_tables import tables
from verifier.digests import Digests
from verifier.fabric.block import CarriedBlock, block_json, header_hash
from verifier.verify_files import GivenFile

TIME = "2026-01-12T09:30:00.123Z"  # of the anchor's transaction
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"checkpoint").digest())
KEY_OCTETS = KEY.public_key().public_bytes_raw()
LEDGER = sha256(f"archive-ledger ledger v1\n{ORIGIN}\n{KEY_OCTETS.hex()}\n".encode()).hex()
LAST_BATCH = 5

ZHANG, LI, OTHER = identifier("record zhang"), identifier("record li"), identifier("record other")
LIST, AGAIN = identifier("list one"), identifier("list again")

OLD_FORM, OLD_MAP = File("form.png", b"form, first"), File("map.png", b"map, first")
FORM, MAP, EXTRA = (
    File("form.png", b"form, second"),
    File("map.png", b"map, first"),
    File("extra.png", b"extra"),
)
STRANGE = File("strange.png", b"nobody recorded this")

Object = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def given(file: File) -> GivenFile:
    digests = Digests(sha256(file.content), sm3(file.content))
    return GivenFile(file.name, digests, len(file.content))


CURRENT = (given(FORM), given(MAP), given(EXTRA))


@dataclass(frozen=True)
class Act:
    """Something logged in `batch`, or pending (None), at `recorded_at`."""

    name: str
    batch: int | None
    signed: Signed
    recorded_at: str


def anchor_time(batch: int) -> str:
    """When the anchor of a batch before the last was made: every two minutes."""
    return f"2026-01-12T09:{18 + 2 * batch:02d}:00.000Z"


def recorded(batch: int, second: int = 0) -> str:
    """A time after the anchor of the batch before and before that of this one."""
    return f"2026-01-12T09:{17 + 2 * batch:02d}:{second:02d}.000Z"


@dataclass(frozen=True)
class Script:
    """What a test changes. Hooks edit in place; `lines` of entries by (name, item number).

    `numbers`: the order of a list's entries; `batches`: an entry logged in another batch than its act.
    `last`: the anchor's batch; what would be logged after it is left out.
    """

    claims: Mapping[str, Callable[[Payload], object]] = field(default_factory=dict)
    signed: Mapping[str, Callable[[Signed], Signed]] = field(default_factory=dict)
    items: Callable[[list[tuple[bytes, tuple[str, ...]]]], object] | None = None
    acts: Callable[[list[Act]], object] | None = None
    lines: Mapping[tuple[str, int | None], Callable[[Lines], object]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    batches: Mapping[tuple[str, int | None], int] = field(default_factory=dict)
    markers: Mapping[int, Callable[[Lines], object]] = field(default_factory=dict)
    anchor: Callable[[Lines], object] | None = None
    transaction: Edits = field(default_factory=dict)
    endorsers: Peers | None = None
    attesters: tuple[Peers, ...] | None = None
    attested_after: int = 60
    attestation: Edits = field(default_factory=dict)
    block: Callable[[CarriedBlock], CarriedBlock] | None = None
    configurations: Callable[[list[CarriedBlock]], object] | None = None
    records: tuple[str, ...] = (ZHANG,)
    lists: tuple[str, ...] = ()
    withhold: frozenset[tuple[str, str]] = frozenset({("receive", "holder")})
    evidence: Callable[[Object], object] | None = None
    trust: Callable[[Object], object] | None = None
    people: Mapping[str, Person] = field(default_factory=dict)
    appointments: Callable[[list[Act]], object] | None = None
    last: int = LAST_BATCH


@dataclass(frozen=True)
class Forged:
    """`evidence` and `trust` as objects, to be edited or encoded."""

    evidence: Object
    trust: Object
    acts: tuple[Act, ...]
    log: Log

    @property
    def octets(self) -> bytes:
        return canonical(self.evidence)

    @property
    def trust_octets(self) -> bytes:
        return canonical(self.trust)

    def statement(self, name: str) -> str:
        """The SHA-256 in hex of the statement named."""
        return next(sha256(a.signed.data).hex() for a in self.acts if a.name == name)

    def place(self, name: str) -> int:
        """Its number among the evidence's statements."""
        texts = [s["statement"] for s in self.evidence["statements"]]
        return texts.index(next(a.signed.data.decode() for a in self.acts if a.name == name))


@functools.cache
def good() -> Forged:
    return forge(Script())


def forge(script: Script) -> Forged:
    acts = story(script)
    log = _log(acts, script)
    block, attestations = _chain(log, script)
    evidence = _evidence(acts, log, block, attestations, script)
    if script.evidence:
        script.evidence(evidence)
    trust: Object = trust_root()
    if script.trust:
        script.trust(trust)
    rest = {name: value for name, value in trust.items() if name != "fingerprint"}
    trust.setdefault("fingerprint", sha256(canonical(rest)).hex())
    return Forged(evidence, trust, tuple(acts), log)


def trust_root() -> Object:
    return {
        "chaincode": CHAINCODE,
        "channel": CHANNEL,
        "checkpoint_key": KEY_OCTETS.hex(),
        "configuration": {"envelopes": [b64(first_config())], "number": 0, "previous": ""},
        "least_attesters": 3,
        "ledger": {"id": LEDGER, "origin": ORIGIN},
        "version": "archive-ledger trust v1",
    }


def story(script: Script) -> list[Act]:
    clerk = script.people.get("clerk", person("clerk"))
    reviewer = script.people.get("reviewer", person("reviewer", 1))
    service = script.people.get("service", person("service", role="service"))
    acts: list[Act] = []

    def say(
        name: str,
        batch: int,
        second: int,
        signer: Person,
        event: str,
        fields: Object | None = None,
        **rest: Any,
    ) -> str:
        signed = state(signer, name, event, fields, edit=script.claims.get(name), **rest)
        if name in script.signed:
            signed = script.signed[name](signed)
        acts.append(Act(name, batch, signed, recorded(batch, second)))
        return sha256(signed.data).hex()

    town = script.people.get("registrar", registrar(0))
    committee = script.people.get("committee", person("committee"))
    everybody = (clerk, reviewer, service, committee, person("department", 1))
    for who in everybody:
        say_key(say, who, town=town)
    title = {"title": "土地承包户档", "number": "QC03-ZY·TD-021"}
    say("other", 0, 1, clerk, "receive", title, record=OTHER)
    received = say(
        "receive", 1, 1, clerk, "receive",
        {**title, "holder": "张三", "file.1.digests": OLD_MAP.digests(), "file.1.name": OLD_MAP.name},
        record=ZHANG, files=[OLD_FORM.claim(), OLD_MAP.claim(clear=False)], version=1, pages=44,
    )  # fmt: skip
    say("receive li", 1, 2, clerk, "receive", title, record=LI, files=[STRANGE.claim()])
    frozen = say_list(say, script, clerk)
    say("return", 3, 1, reviewer, "item.return", record=ZHANG, answers=[frozen], reason="missing_item")
    resubmitted = say(
        "resubmit", 3, 2, clerk, "resubmit",
        {"file.1.digests": MAP.digests(), "file.1.name": MAP.name, "file.0.name": FORM.name},
        record=ZHANG, answers=[received], version=2, pages=46,
        files=[FORM.claim(), MAP.claim(clear=False)],
    )  # fmt: skip
    say("scan", 3, 3, clerk, "digitise", record=ZHANG, files=[EXTRA.claim()], pages=46)
    say(
        "erase", 4, 1, reviewer, "disclosure.erase", {"approver": "王五", "document_number": "2026-1"},
        record=ZHANG, answers=[received], erased=["holder"], reason="statutory_order",
    )  # fmt: skip
    again = say_again(say, clerk)
    passed: Object = {"record": ZHANG, "answers": sorted([again, resubmitted]), "outcome": "approved"}
    say("village", 4, 3, committee, "review.village", **passed)
    say("department", 4, 4, person("department", 1), "review.department", **passed)
    say("final", 4, 5, reviewer, "review.final", **passed)
    said = {"purpose": "核对面积"}
    say("view", 5, 1, service, "access.view", said, record=ZHANG, basis="own_record")
    say("view li", 5, 2, service, "access.view", said, record=LI, basis="own_record")
    if script.acts:
        script.acts(acts)
    more = dict.fromkeys(act.signed.signer for act in acts if role_of(act.signed.signer) != "registrar")
    told, acts = acts, []
    for who in more:
        if who.agent not in {one.agent for one in everybody}:
            say_key(say, who, town=town)
    for act in told:
        for duty in duties_for(act.signed):
            if f"appoint {act.signed.signer.agent} {duty}" not in {one.name for one in acts}:
                say_duty(say, act.signed.signer, duty, town=town)
    if script.appointments:
        script.appointments(acts)
    return [*acts, *told]


def say_list(say: Callable[..., str], script: Script, clerk: Person) -> str:
    """The list statement in batch 2 over three records; `say` appends it."""
    items = [
        item("zhang", "record zhang", {"note": "第一件"}, pages=44),
        item("li", "record li", pages=2),
        item("other", "record other", {"note": "第三件"}),
    ]
    if script.items:
        script.items(items)
    bodies = [data for data, _ in items]
    listing = {
        "id": LIST, "size": len(bodies), "sha256": root(sha256, bodies).hex(), "sm3": root(sm3, bodies).hex(),
    }  # fmt: skip
    return say("list", 2, 1, clerk, "list.freeze", {"list_title": "移交清单"}, items=items, list=listing)


def say_again(say: Callable[..., str], clerk: Person) -> str:
    """Zhang's record alone on a new list, so that each review of it may be a single statement."""
    items = [item("again", "record zhang")]
    bodies = [data for data, _ in items]
    listing = {
        "id": AGAIN, "size": 1, "sha256": root(sha256, bodies).hex(), "sm3": root(sm3, bodies).hex(),
    }  # fmt: skip
    return say("relist", 4, 2, clerk, "list.freeze", {"list_title": "重报清单"}, items=items, list=listing)


def _log(acts: list[Act], script: Script) -> Log:
    log = Log(LEDGER)
    for batch in range(script.last + 1):
        log.mark(batch, previous_anchor(batch), script.markers.get(batch))
        for act in acts:
            for number in script.numbers.get(act.name, (None, *range(len(act.signed.items)))):
                if script.batches.get((act.name, number), act.batch) == batch:
                    edit = script.lines.get((act.name, number))
                    log.enter(act.name, number, act.signed, act.recorded_at, edit)
    return log


def previous_anchor(batch: int) -> Lines:
    """Digest, time and transaction id of the anchor before `batch`, as its marker names them."""
    if batch == 0:
        return ["-", "-", "-"]
    named = [sha256(f"{what} {batch - 1}".encode()).hex() for what in ("anchor", "transaction")]
    return [named[0], anchor_time(batch - 1), named[1]]


def _chain(log: Log, script: Script) -> tuple[CarriedBlock, list[bytes]]:
    draft = Draft([b"Anchor", LEDGER.encode()], [], [], b"", edits=script.transaction)
    if script.endorsers is not None:
        draft.endorsers = script.endorsers
    last = [leaf.split("\n")[2] for leaf in log.leaves if leaf.startswith("archive-ledger entry")]
    lines = [
        "archive-ledger anchor v1",
        LEDGER,
        str(script.last),
        str(len(log.leaves)),
        root(sha256, log.octets).hex(),
        root(sm3, log.octets).hex(),
        last[-1] if last else "-",
        previous_anchor(script.last)[0],
        draft.txid.hex(),
        TIME,
    ]
    if script.anchor:
        script.anchor(lines)
    value = ("\n".join(lines) + "\n").encode()
    key = f"anchor/{LEDGER}/{lines[2]}"
    draft.response = value
    draft.reads = [(f"head/{LEDGER}", (4, 0))]
    draft.writes = [(key, value), (f"head/{LEDGER}", lines[2].encode())]
    other = common_pb2.Envelope(payload=b"other", signature=b"theirs").SerializeToString()
    block = seal(ANCHOR_BLOCK, b"\x05" * 32, [other, draft.envelope(), other], 3)
    if script.block:
        block = script.block(block)
    read = Draft(
        [b"Get", LEDGER.encode(), lines[2].encode()],
        [(key, (ANCHOR_BLOCK, ANCHOR_TRANSACTION))],
        [],
        value,
        seconds=SECONDS + script.attested_after,
        edits=script.attestation,
    )
    groups = script.attesters if script.attesters is not None else (peers(4),)
    payloads = [replace(read, endorsers=group).payload() for group in groups]
    return block, payloads


def _evidence(
    acts: list[Act], log: Log, block: CarriedBlock, attestations: list[bytes], script: Script
) -> Object:
    scope = {f"record {key('record', r)}" for r in script.records} | {
        f"list {key('list', i)}" for i in script.lists
    }
    scope |= _duty_scope(acts, log, scope)
    scope |= _key_scope(acts, log, scope)

    def on_scope(index: int) -> bool:
        return any(line.rsplit(" ", 2)[0] in scope for line in log.leaves[index].split("\n")[5:-1])

    shown = {known: index for known, index in log.entries.items() if on_scope(index)}
    markers: set[int] = set()
    for index in shown.values():
        batch = max(b for b, at in log.markers.items() if at < index)
        markers |= {log.markers[b] for b in (batch, batch + 1) if b in log.markers}
    found = [a for a in acts if any(name == a.name for name, _ in shown) or a.batch is None]
    chosen = list({a.signed.data: a for a in reversed(found)}.values())
    configurations = [config_block(3, 1), config_block(9, 2)]
    if script.configurations:
        script.configurations(configurations)
    evidence: Object = {
        "attestations": sorted(b64(a) for a in attestations),
        "basis": {"hash": header_hash(0, b"", (first_config(),)).hex(), "number": 0},
        "certificates": [b64(der) for der in sorted({a.signed.signer.der for a in chosen}, key=sha256)],
        "configurations": [block_json(b) for b in configurations],
        "entries": [log.shown(index) for index in sorted(shown.values())],
        "ledger": {"id": LEDGER, "origin": ORIGIN},
        "markers": [log.shown(index) for index in sorted(markers)],
        "scope": {"lists": sorted(script.lists), "records": sorted(script.records)},
        "statements": [
            _statement(a, shown, script) for a in sorted(chosen, key=lambda a: sha256(a.signed.data))
        ],
        "version": "archive-ledger evidence v1",
    }
    if shown or attestations:
        evidence["anchor"] = {"block": block_json(block), "transaction": ANCHOR_TRANSACTION}
    return evidence


def _duty_scope(acts: list[Act], log: Log, scope: set[str]) -> set[str]:
    """The trails `duties` of all who signed what asks for a duty, or have to do with a use, of what is on a
    trail in scope."""
    known, agents = tables(), set[str]()
    for act in _in_scope(acts, log, scope):
        said = act.signed.payload
        if said["event"] in known.asking_duty | known.asked:
            agents.add(said["agent"])
        if said["event"] in known.asked and "subject" in said:
            agents.add(said["subject"])
    return {f"duties {key('duties', agent)}" for agent in agents}


def _key_scope(acts: list[Act], log: Log, scope: set[str]) -> set[str]:
    """The trails `keys` of all who signed what is on a trail in scope, but registrars."""
    told = (act.signed for act in _in_scope(acts, log, scope))
    signers = {one.payload["agent"] for one in told if role_of(one.signer) != "registrar"}
    return {f"keys {key('keys', agent)}" for agent in signers}


def _in_scope(acts: list[Act], log: Log, scope: set[str]) -> list[Act]:
    """Of which an entry is on one of these trails."""
    names = {
        name
        for (name, _), index in log.entries.items()
        if any(line.rsplit(" ", 2)[0] in scope for line in log.leaves[index].split("\n")[5:-1])
    }
    return [act for act in acts if act.name in names]


def key(kind: str, subject: str) -> str:
    return sha256(f"archive-ledger trail v1\n{kind}\n{subject}\n".encode()).hex()


def _statement(act: Act, shown: Mapping[tuple[str, int | None], int], script: Script) -> Object:
    bodies = [data for data, _ in act.signed.items]
    items = [
        {
            "disclosures": list(texts),
            "number": number,
            "sha256": [p.hex() for p in path(sha256, number, bodies)],
            "sm3": [p.hex() for p in path(sm3, number, bodies)],
            "text": data.decode(),
        }
        for number, (data, texts) in enumerate(act.signed.items)
        if act.batch is None or (act.name, number) in shown
    ]
    return {
        "disclosures": [t for t in act.signed.disclosures if (act.name, field_of(t)) not in script.withhold],
        "items": items,
        "statement": act.signed.data.decode(),
    }


def field_of(disclosure: str) -> str:
    octets = base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))
    name: str = json.loads(octets)[1]
    return name
