"""A malicious operator: has the real operator's certificate and an honest batch, and sends what it likes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from fabric_protos.msp.identities_pb2 import SerializedIdentity

from ledger.anchor import in_flight
from ledger.batch import BatchStatement, Frontier, encode_batch
from ledger.chain_state import head
from ledger.fabric.client import Client, load_client
from ledger.fabric.gateway import Chain, proposal
from ledger.fabric.refusal import RefusedError
from ledger.keys import SigningKey
from ledger.reread import reread
from ledger.seal import seal
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from network.layout import layout
from tests.conftest import RunningNetwork
from tests.e2e.endorsing import endorse
from tests.e2e.world import ORIGIN, World, file_claims
from verifier.anchor import Anchor
from verifier.canonical import base64_bytes, encode, parse
from verifier.digests import sha256

RECORD = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"
FILES = {"01_合同.txt": "承包合同".encode(), "02_调查表.txt": "调查表".encode()}


@dataclass(frozen=True)
class Parts:
    """What `encode_batch` is given; each lie changes some of it."""

    ledger: bytes
    number: int
    marker: str
    frontier: Frontier
    statements: tuple[BatchStatement, ...]
    links: tuple[str, ...]
    certificates: tuple[bytes, ...]

    def encoded(self) -> bytes:
        return encode_batch(
            self.ledger,
            self.number,
            self.marker,
            self.frontier,
            self.statements,
            self.links,
            self.certificates,
        )


@dataclass(frozen=True)
class Told:
    """What is sent to every organisation. `batch` None sends no transient data at all; `minutes` is how
    far the transaction's time is from now; `client` who sends it, by default the real operator."""

    batch: bytes | None
    ledger: bytes
    minutes: float = 0
    client: Client | None = None


@dataclass(frozen=True)
class Scene:
    """`honest` is batch 2, sealed and not anchored: 王五 receives a record, 赵六 shelves it, 王五 takes in a
    list of three. `anchored` is the anchor of batch 1, `replayed` its whole batch."""

    world: World
    network: RunningNetwork
    honest: Parts
    anchored: Anchor
    replayed: bytes

    @property
    def operator(self) -> SigningKey:
        return self.world.people["王五"]

    def told(self, **changes: object) -> Told:
        return self.as_told(replace(self.honest, **changes))  # type: ignore[arg-type]  # fields of Parts

    def as_told(self, parts: Parts) -> Told:
        return Told(parts.encoded(), self.world.ledger.id)

    def with_statement(self, number: int, **changes: object) -> Told:
        statements = list(self.honest.statements)
        statements[number] = replace(statements[number], **changes)  # type: ignore[arg-type]
        return self.told(statements=tuple(statements))

    def with_link(self, number: int, text: str) -> Told:
        links = list(self.honest.links)
        links[number] = text
        return self.told(links=tuple(links))

    def signed_by(self, key: SigningKey, aud: str = ORIGIN) -> Told:
        """The first statement signed anew by `key`, whose certificate takes the place of nobody's."""
        files, names = file_claims(FILES)
        draft = Draft("receive", "2026-01-08", RECORD, files, {"agent_name": "王五", **names}, late="offline")
        submission = sign_statement(key, aud, draft)
        first = replace(self.honest.statements[0], statement=submission.statement)
        # The others keep their signers; 王五 still signs the list.
        certificates = sorted({*self.honest.certificates, submission.certificate}, key=sha256)
        return self.told(statements=(first, *self.honest.statements[1:]), certificates=tuple(certificates))

    def client(self, msp: str, identity: str) -> Client:
        """One of the network's own identities."""
        folder = layout(self.network.home).identity(msp, identity)
        connection = replace(
            self.world.chain.connection,
            msp=msp,
            certificate=(folder / "certificate.pem").read_bytes(),
            key=folder / "key.pem",
        )
        return load_client(connection)

    def person_client(self, name: str) -> Client:
        """A person's own key and certificate, as if it were a client of the network."""
        key = self.world.people[name]
        pem = load_der_x509_certificate(key.certificate_der).public_bytes(Encoding.PEM)
        return Client(key.key, SerializedIdentity(mspid=key.iss, id_bytes=pem).SerializeToString())

    def as_client(self, client: Client | None, minutes: float = 0) -> Chain:
        when = datetime.timedelta(minutes=minutes)
        chain = self.world.chain
        return replace(
            chain, now=lambda: datetime.datetime.now(datetime.UTC) + when, client=client or chain.client
        )

    def refusals(self, told: Told) -> dict[str, set[str]]:
        """What the organisations say to this."""
        transient = {} if told.batch is None else {"batch": told.batch}
        chain = self.as_client(told.client, told.minutes)
        return refusals_of(chain, ["Anchor", told.ledger.hex()], transient)

    def replicas(self, number: int) -> dict[str, list[Path]]:
        """By organisation what its replica holds under a batch number of this ledger."""
        places, ledger = layout(self.network.home), self.world.ledger.id.hex()
        folders = {msp: places.replica(msp) / ledger / str(number) for msp in self.world.chain.organisations}
        return {msp: sorted(folder.iterdir()) if folder.exists() else [] for msp, folder in folders.items()}


Lie: TypeAlias = Callable[[Scene], Told]


def refusals_of(
    chain: Chain, arguments: Sequence[str], transient: Mapping[str, bytes] | None = None
) -> dict[str, set[str]]:
    """By organisation the codes with which its peer refused; an organisation that endorsed is absent."""
    try:
        endorse(chain, proposal(chain, arguments, transient), chain.organisations)
    except RefusedError as error:
        codes: dict[str, set[str]] = {}
        for refusal in error.refusals:
            codes.setdefault(refusal.msp, set()).add(refusal.code)
        return codes
    return {}


def make_scene(world: World, network: RunningNetwork) -> Scene:
    world.receive("前一批的户档", {"a.txt": b"a"})
    seal(world.ledger)
    before = in_flight(world.ledger)
    assert before == 1
    replayed = reread(world.ledger, before).data
    world.anchor_all()
    world.act("receive", RECORD, FILES, title="张三户土地承包户档", number="QC03-ZY·TD-021")
    world.act("shelve", RECORD, who="赵六", state="in_place", location="02库-03架")
    world.list_of("receive", [item(number) for number in range(3)])
    seal(world.ledger)
    return Scene(world, network, parts_of(reread(world.ledger, 2).data), newest(world), replayed)


def newest(world: World) -> Anchor:
    found = head(world.ledger, world.chain)
    assert found is not None
    return found


def item(number: int) -> ItemDraft:
    record = f"{number:08d}-0000-4000-8000-000000000000"
    return ItemDraft(record, fields={"title": f"第{number}件", "number": f"QC03-{number}"}, pages=1)


def another_list(key: SigningKey, items: Sequence[ItemDraft]) -> BatchStatement:
    """A list statement of its own, not in the honest batch."""
    draft = Draft("receive", "2026-01-08", fields={"agent_name": "王五"}, late="offline")
    made = sign_list(key, ORIGIN, draft, "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", items)
    return BatchStatement("", made.statement, tuple(one.data for one in made.items))


def parts_of(data: bytes) -> Parts:
    """An encoded batch taken apart; put together again it is the same octets."""
    value: Any = parse(data, "batch")
    frontier = value["frontier"]
    parts = Parts(
        ledger=bytes.fromhex(value["ledger"]),
        number=value["number"],
        marker=value["marker"],
        frontier=Frontier(
            frontier["size"],
            tuple(bytes.fromhex(h) for h in frontier["sha256"]),
            tuple(bytes.fromhex(h) for h in frontier["sm3"]),
        ),
        statements=tuple(
            BatchStatement(
                s["recorded_at"],
                s["statement"].encode(),
                tuple(i.encode() for i in s.get("items", ())),
            )
            for s in value["statements"]
        ),
        links=tuple(value["links"]),
        certificates=tuple(base64_bytes(text, "certificate") for text in value["certificates"]),
    )
    assert parts.encoded() == data == encode(value)
    return parts
