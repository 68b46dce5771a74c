"""A ledger in a temporary folder, people who may sign to it, a clock set by hand, and a chain of paper."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import insert, select, update

from ledger.accept import Accepted, accept
from ledger.appoint import DutyChange, duty_statement
from ledger.enrol_key import KeyChange, by_both
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.reread import reread
from ledger.seal import Sealed, seal
from ledger.settings import Settings
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.store.engine import reading, writing
from ledger.store.tables import ATTESTED, anchor, attestation, batch
from ledger.submission import Submission
from tests.ledger.databases import new_ledger, on_its_database
from verifier.anchor import Anchor, anchor_digest, encode_anchor
from verifier.certificate import read_signer
from verifier.claims import FileClaim
from verifier.digests import both, sha256
from verifier.people import ENROL
from verifier.shape import instant_of

ORIGIN = "archive.example/qinghe"
TOWN, AUDIT = "QingheMSP", "AuditMSP"
START = datetime.datetime(2026, 1, 12, 9, 30, tzinfo=datetime.UTC)
RECORD = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"

SETTINGS = Settings(
    origin=ORIGIN,
    operator=TOWN,
    role="client",
    channel="archive-test",
    chaincode="archive",
    connection="network/connection.json",
    kinds={TOWN: "township", AUDIT: "audit"},
)


# Organisation and role of the cast, enrolled in batch 1 by two statements each; people are appointed as well.
CAST = ((TOWN, "person"), (TOWN, "person"), (AUDIT, "person"), (TOWN, "service"))
# What people are appointed to from the start: it is asked for by no step of a workflow.
USUAL_DUTY = "reader"
ENROLLING = 2 * len(CAST) + sum(role == "person" for _, role in CAST)
# The number of a test's own first batch, and the index of its marker: two markers and the cast stand before.
FIRST = 2
# What somebody of the township may be at once.
OFFICE = (
    *("village_archivist", "village_supervisor", "department_reviewer", "township_archivist"),
    *("counter_clerk", "head"),
)
FIRST_INDEX = 2 + ENROLLING


def number_of(record: str) -> str:
    """The one number that each record has; RECORD's is short."""
    return "QC03-ZY·TD-021" if record == RECORD else f"QC03-{record}"


def new_uuid() -> str:
    return str(uuid.uuid4())


@dataclass
class Clock:
    when: datetime.datetime = START

    def __call__(self) -> datetime.datetime:
        return self.when

    def step(self, seconds: float) -> None:
        self.when += datetime.timedelta(seconds=seconds)


@dataclass(frozen=True)
class Authority:
    """A self-signed person CA."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def certify(self, key: ec.EllipticCurvePublicKey, agent: str, role: str, days: float) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, agent),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
            ]
        )
        return _certificate(subject, self.certificate.subject, key, self.key, days)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signing: ec.EllipticCurvePrivateKey,
    days: float,
) -> x509.Certificate:
    begins = START - datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
    ends = START + datetime.timedelta(days=days)
    is_ca = subject == issuer
    constraints = x509.BasicConstraints(ca=is_ca, path_length=None)
    builder = builder.not_valid_before(begins).not_valid_after(ends).add_extension(constraints, True)
    return builder.sign(signing, SHA256())


def new_authority(msp: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"person CA {msp} {new_uuid()}")])
    return Authority(key, _certificate(name, name, key.public_key(), key, 3650))


@dataclass
class World:
    """`cas`: MSP id → its person CA. `registrars`: by MSP id, made when first needed. `cast`: people enrolled
    in batch 1, whom no test has asked for yet."""

    ledger: Ledger
    clock: Clock
    cas: dict[str, Authority] = field(default_factory=dict)
    registrars: dict[str, SigningKey] = field(default_factory=dict)
    cast: list[SigningKey] = field(default_factory=list)

    def person_cas(self, _ledger: Ledger) -> dict[str, tuple[x509.Certificate, ...]]:
        return {msp: (ca.certificate,) for msp, ca in self.cas.items()}

    def person(
        self, msp: str = TOWN, role: str = "person", days: float = 365, agent: str | None = None
    ) -> SigningKey:
        """Whose key is enrolled: one of the cast, or somebody new whose enrolment is still pending."""
        for one in self.cast:
            if (one.iss, one.role, days, agent) == (msp, role, 365, None):
                self.cast.remove(one)
                return one
        made = self.certified(msp, role, days, agent)
        self.accept(self.enrolling(made))
        if role == "person":
            self.appoint(made, USUAL_DUTY)
        return made

    def enrolling(self, whose: SigningKey) -> list[Submission]:
        """What registrars of two organisations state of the key."""
        other = next(msp for msp in self.cas if msp != whose.iss)
        both = self.registrar(whose.iss), self.registrar(other)
        change = KeyChange(ENROL, whose.agent, read_signer(whose.certificate_der).key_sha256)
        return by_both(self.ledger, both, "登记员", change)

    def appoint(self, whose: SigningKey, *duties: str) -> None:
        """By a registrar of the person's own organisation."""
        self.accept([self.about_duty(DutyChange(whose.agent, duty), whose.iss) for duty in duties])

    def about_duty(self, change: DutyChange, msp: str = TOWN) -> Submission:
        return duty_statement(self.ledger, self.registrar(msp), "登记员", change)

    def registrar(self, msp: str) -> SigningKey:
        if msp not in self.registrars:
            self.registrars[msp] = self.certified(msp, "registrar", 3650)
        return self.registrars[msp]

    def certified(
        self, msp: str = TOWN, role: str = "person", days: float = 365, agent: str | None = None
    ) -> SigningKey:
        """With a new key, which nobody has enrolled; a new agent unless one is named."""
        key, agent = ec.generate_private_key(ec.SECP256R1()), agent or new_uuid()
        certificate = self.cas[msp].certify(key.public_key(), agent, role, days)
        der = certificate.public_bytes(Encoding.DER)
        return SigningKey(agent, msp, role, key, der, certificate.not_valid_after_utc)

    def accept(self, submissions: Sequence[Submission]) -> list[Accepted]:
        return accept(self.ledger, submissions, self.person_cas)

    def receive(self, key: SigningKey, record: str, **changes: object) -> Submission:
        """A statement `receive` about a record with one file."""
        draft = Draft(
            event="receive",
            occurred_at="2026-01-08",
            record=record,
            files=(a_file(record.encode()),),
            fields={"title": "张三户土地承包户档", "number": number_of(record), "agent_name": "王五"},
            pages=46,
        )
        return sign_statement(key, ORIGIN, replace(draft, **changes))  # type: ignore[arg-type]  # of Draft

    def receive_list(self, key: SigningKey, records: Sequence[str], list_id: str | None = None) -> Submission:
        items = [
            ItemDraft(record=record, fields={"title": f"第{n}件", "number": number_of(record)}, pages=n + 1)
            for n, record in enumerate(records)
        ]
        draft = Draft(event="receive", occurred_at="2026-01-08", fields={"agent_name": "王五"})
        return sign_list(key, ORIGIN, draft, list_id or new_uuid(), items)

    def seal(self, *, empty: bool = False) -> Sealed | None:
        return seal(self.ledger, empty=empty)

    def anchor(self) -> Anchor:
        """What a chain would have answered for the batch in flight, stored as an attested anchor."""
        with reading(self.ledger.engine) as connection:
            number = (
                connection.execute(select(batch.c.number).order_by(batch.c.number.desc())).scalars().first()
            )
        assert number is not None
        encoded = reread(self.ledger, number)
        made = Anchor(
            ledger=self.ledger.id,
            batch=number,
            size=encoded.size,
            roots=encoded.roots,
            last_recorded_at=encoded.last_recorded_at,
            previous=encoded.previous_digest,
            txid=sha256(b"transaction %d" % number),
            time=max(instant_of(self.clock()), encoded.last_recorded_at or ""),
        )
        data = encode_anchor(made)
        with writing(self.ledger.engine) as connection:
            connection.execute(
                insert(anchor).values(
                    batch=number,
                    data=data,
                    sha256=anchor_digest(data),
                    txid=made.txid,
                    time=made.time,
                    block_number=number + 1,
                    transaction=0,
                    block=b"{}",
                )
            )
            connection.execute(
                insert(attestation).values(batch=number, payload=b"", time=made.time, organisations="")
            )
            connection.execute(update(batch).where(batch.c.number == number).values(state=ATTESTED))
        return made

    def seal_and_anchor(self) -> Sealed:
        sealed = self.seal()
        assert sealed is not None
        self.clock.step(1)
        self.anchor()
        return sealed


def a_file(content: bytes, role: str = "main") -> FileClaim:
    return FileClaim(role, "application/pdf", "paper", "scan", both(content), len(content))


def make_world(folder: Path, database: str | None = None, settings: Settings = SETTINGS) -> World:
    """A new ledger whose first batches are anchored, and whose cast is enrolled.

    `database`: its address; None: as the fixture says.
    """
    clock = Clock()
    cas = {msp: new_authority(msp) for msp in (TOWN, AUDIT)}
    settings = on_its_database(settings) if database is None else replace(settings, database=database)
    world = World(new_ledger(folder / "home", settings, clock), clock, cas)
    clock.step(1)
    world.anchor()
    world.cast += [world.certified(*who) for who in CAST]
    world.accept([one for key in world.cast for one in world.enrolling(key)])
    for key in world.cast:
        if key.role == "person":
            world.appoint(key, USUAL_DUTY)
    world.seal_and_anchor()
    return world
