"""Where everything of one network lies under the data folder, and which ports it uses.

<home>/network/                    made and removed as a whole
    network.json                   marker: what made this folder, address, channel (marker.py)
    consortium.yaml                the consortium it was made from
    genesis.block                  bytes of common.Block
    connection.json                of the first ledger's operator
    organisations/<msp>/
        connection.json policy.json
        ca/{node,person,tls}.pem .key      ca/issued.jsonl     ca/person-*.pem: person CAs added later
        identities/<name>/         certificate.pem, key.pem (PKCS8), tls.pem, tls.key
        replica/                   the organisation's own copy of every batch
    nodes/<msp>/{orderer,peer,chaincode}/   msp, settings and data of each process
    logs/<msp>-<kind>.log
"""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    ORDERER = "orderer"
    PEER = "peer"
    CHAINCODE = "chaincode"


@dataclass(frozen=True)
class Ports:
    """An organisation's ports, all on the network's one address; all below 32768, where systems begin
    to hand out ports of their own. A peer insists on `peer_callback`, for chaincode that it would start
    itself; nothing calls there."""

    orderer: int
    peer: int
    chaincode: int
    orderer_admin: int
    orderer_operations: int
    peer_operations: int
    peer_callback: int

    def of(self, kind: Kind) -> int:
        return {Kind.ORDERER: self.orderer, Kind.PEER: self.peer, Kind.CHAINCODE: self.chaincode}[kind]

    def all(self) -> tuple[int, ...]:
        return (
            self.orderer,
            self.peer,
            self.chaincode,
            self.orderer_admin,
            self.orderer_operations,
            self.peer_operations,
            self.peer_callback,
        )


def ports(index: int) -> Ports:
    """Ports of the organisation that stands at `index` (from 0) in the consortium."""
    base = 7050 + 100 * index
    return Ports(base, base + 1, base + 2, base + 3, base + 4, base + 5, base + 6)


@dataclass(frozen=True)
class Node:
    """One process of the network, by organisation and kind."""

    msp: str
    kind: Kind

    @property
    def name(self) -> str:
        return f"{self.msp}/{self.kind}"


@dataclass(frozen=True)
class Layout:
    """Paths of one network. `root` is absolute and resolved."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "network"

    @property
    def marker(self) -> Path:
        return self.root / "network.json"

    @property
    def lock(self) -> Path:
        return self.home / "network.lock"

    @property
    def consortium(self) -> Path:
        return self.root / "consortium.yaml"

    @property
    def genesis(self) -> Path:
        return self.root / "genesis.block"

    @property
    def connection(self) -> Path:
        return self.root / "connection.json"

    def organisation(self, msp: str) -> Path:
        return self.root / "organisations" / msp

    def authority(self, msp: str) -> Path:
        return self.organisation(msp) / "ca"

    def identity(self, msp: str, name: str) -> Path:
        return self.organisation(msp) / "identities" / name

    def policy(self, msp: str) -> Path:
        return self.organisation(msp) / "policy.json"

    def replica(self, msp: str) -> Path:
        return self.organisation(msp) / "replica"

    def node(self, node: Node) -> Path:
        return self.root / "nodes" / node.msp / node.kind

    def log(self, node: Node) -> Path:
        return self.root / "logs" / f"{node.msp}-{node.kind}.log"


def default_home() -> Path:
    """ARCHIVE_LEDGER_HOME, else .archive-ledger in the working folder."""
    return Path(os.environ.get("ARCHIVE_LEDGER_HOME") or ".archive-ledger")


def layout(home: Path) -> Layout:
    return Layout(home.expanduser().resolve())


def cache_folder() -> Path:
    """Built programs and the register of addresses: outside every clone and data folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "archive-ledger"
