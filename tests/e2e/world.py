"""What an end-to-end test works with: people who sign, a ledger that logs, a chain that anchors."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from ledger.accept import Accepted, accept
from ledger.anchor import anchor
from ledger.attest import AttestedBatch, attest
from ledger.chain_state import open_on_chain
from ledger.configurations import kept_configurations, sync_configurations
from ledger.evidence import EvidenceFile, build_evidence
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import Chain, close, connect
from ledger.handle import Clock, Ledger, system_clock
from ledger.keys import SigningKey
from ledger.seal import seal
from ledger.settings import Settings
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.trust import build_trust_root
from network.certificates import Authority, issue_person, new_key
from tests.conftest import RunningNetwork
from tests.ledger.databases import new_ledger, on_its_database
from tests.people import ARCHIVE, KINDS, TOWN, USUAL, certified, enrol_all
from verifier.claims import FileClaim
from verifier.digests import both
from verifier.report import Report
from verifier.verify import GivenFile, verify

ORIGIN = "qinghe.yunling.example/archives"

# What enrols the two people, by two registrars each, and appoints them.
ENROLLING = sum(2 + len(USUAL[msp]) for msp in (TOWN, ARCHIVE))


@dataclass(frozen=True)
class World:
    """`ca`: data folder of the network whose CAs certify people."""

    ledger: Ledger
    chain: Chain
    people: Mapping[str, SigningKey]
    ca: Path

    def close(self) -> None:
        close(self.chain)
        self.ledger.close()

    def enrol(self, key: SigningKey) -> SigningKey:
        enrol_all(self.ledger, self.ca, [key])
        return key

    def receive(self, title: str, contents: Mapping[str, bytes], version: int | None = None) -> str:
        """王五 registers a record with these files; its uuid."""
        record = str(uuid.uuid4())
        self.act("receive", record, contents, title=title, number=record, version=version)
        return record

    def act(
        self,
        event: str,
        record: str,
        contents: Mapping[str, bytes] | None = None,
        *,
        who: str = "王五",
        answers: bytes | None = None,
        outcome: str | None = None,
        reason: str | None = None,
        version: int | None = None,
        state: str | None = None,
        **fields: str,
    ) -> Accepted:
        files, names = file_claims(contents or {})
        draft = Draft(
            event=event,
            occurred_at="2026-01-08",
            late="offline",
            record=record,
            files=files,
            fields={"agent_name": who, **names, **fields},
            answers=(answers,) if answers else (),
            outcome=outcome,
            reason=reason,
            version=version,
            state=state,
        )
        return accept(self.ledger, [sign_statement(self.people[who], ORIGIN, draft)])[0]

    def list_of(self, event: str, items: list[ItemDraft], **fields: str) -> tuple[str, Accepted]:
        """王五 signs one list statement; the list's id."""
        draft = Draft(
            event=event, occurred_at="2026-01-08", late="offline", fields={"agent_name": "王五", **fields}
        )
        list_id = str(uuid.uuid4())
        submission = sign_list(self.people["王五"], ORIGIN, draft, list_id, items)
        return list_id, accept(self.ledger, [submission])[0]

    def anchor_all(self) -> AttestedBatch:
        """Seals what is pending, anchors, attests."""
        seal(self.ledger)
        assert anchor(self.ledger, self.chain) is not None
        attested = attest(self.ledger, self.chain)
        assert attested is not None
        return attested

    def anchor_all_empty(self) -> AttestedBatch:
        """A heartbeat: an empty batch, anchored and attested."""
        assert seal(self.ledger, empty=True) is not None
        return self.anchor_all()

    def evidence(self, *records: str, lists: tuple[str, ...] = ()) -> EvidenceFile:
        return build_evidence(self.ledger, records, lists)

    def trust_root(self) -> bytes:
        settings = self.ledger.settings
        pinned = kept_configurations(self.ledger)[0]
        return build_trust_root(
            settings.origin,
            self.ledger.public_key,
            settings.channel,
            settings.chaincode,
            pinned,
        ).data

    def verify(self, evidence: bytes, contents: Mapping[str, bytes], receipt: str | None = None) -> Report:
        return verify(evidence, self.trust_root(), given(contents), receipt)


def given(contents: Mapping[str, bytes]) -> list[GivenFile]:
    return [GivenFile(name, both(data), len(data)) for name, data in contents.items()]


def file_claims(contents: Mapping[str, bytes]) -> tuple[list[FileClaim], dict[str, str]]:
    files = [
        FileClaim("content", "text/plain", "electronic", "original", both(data), len(data))
        for data in contents.values()
    ]
    return files, {f"file.{n}.name": name for n, name in enumerate(contents)}


def make_world(network: RunningNetwork, home: Path, now: Clock = system_clock) -> World:
    """`now` is the operator's clock. What enrols and appoints the two people waits for the first batch."""
    connection = read_connection(network.connection)
    settings = Settings(
        origin=ORIGIN,
        operator="QingheTownship",
        role="ledger",
        channel=connection.channel,
        chaincode=connection.chaincode,
        connection=str(network.connection),
        kinds=KINDS,
    )
    ledger = new_ledger(home, on_its_database(settings), now)
    chain = replace(connect(connection), now=now)
    sync_configurations(ledger, chain)
    open_on_chain(ledger, chain)
    assert anchor(ledger, chain) is not None
    assert attest(ledger, chain) is not None
    people = {
        "王五": certified(home, network.home, TOWN, "王五"),
        "赵六": certified(home, network.home, ARCHIVE, "赵六"),
    }
    enrol_all(ledger, network.home, list(people.values()))
    return World(ledger, chain, people, network.home)


def signer_of(authority: Authority, msp: str) -> SigningKey:
    """A person whom this CA invents."""
    key, agent = new_key(), str(uuid.uuid4())
    made = issue_person(authority, agent, "person", key.public_key(), datetime.timedelta(days=365))
    return SigningKey(agent, msp, "person", key, made.public_bytes(Encoding.DER), made.not_valid_after_utc)
