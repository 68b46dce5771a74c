"""connection.json: the one file by which the ledger reaches the network, and policy.json for chaincode.

connection.json, canonical JSON (RFC 8785), UTF-8:

    version        "archive-ledger connection v1"
    channel        the channel's name, archive-<8 hex digits>
    chaincode      the chaincode's name
    msp            the organisation whose client this is
    client         {certificate: PEM, key: path of a PKCS8 PEM file}; its units are client and ledger
    genesis        path of the genesis block (bytes of common.Block)
    organisations  sorted by msp; each {msp, name: {zh, en}, node_ca: PEM, person_cas: [PEM, ...],
                   peer: {address: "host:port", tls_ca: PEM}}. Every peer is a gateway; TLS needs no
                   client certificate.

Paths are absolute as written here; who copies the file may make them relative to the file's folder.

policy.json, canonical JSON: what one organisation lets its chaincode accept.

    version        "archive-ledger policy v1"
    msp            the organisation whose policy this is
    origins        {origin: {operator: msp, role: certificate unit that may anchor}}
    person_cas     {msp: [PEM, ...]}
"""

from collections.abc import Mapping
from dataclasses import dataclass

from network.consortium import Ledger, Words
from network.files import canonical_json

CHAINCODE = "archive"


@dataclass(frozen=True)
class Peer:
    """`address` is host:port; `tls_ca` PEM."""

    address: str
    tls_ca: str


@dataclass(frozen=True)
class Member:
    msp: str
    name: Words
    peer: Peer
    node_ca: str
    person_cas: tuple[str, ...]


@dataclass(frozen=True)
class Connection:
    """`certificate` is PEM; `key` and `genesis` are absolute paths."""

    channel: str
    msp: str
    certificate: str
    key: str
    genesis: str
    organisations: tuple[Member, ...]


def encode_connection(connection: Connection) -> bytes:
    return canonical_json(
        {
            "version": "archive-ledger connection v1",
            "channel": connection.channel,
            "chaincode": CHAINCODE,
            "msp": connection.msp,
            "client": {"certificate": connection.certificate, "key": connection.key},
            "genesis": connection.genesis,
            "organisations": [
                {
                    "msp": one.msp,
                    "name": {"zh": one.name.zh, "en": one.name.en},
                    "peer": {"address": one.peer.address, "tls_ca": one.peer.tls_ca},
                    "node_ca": one.node_ca,
                    "person_cas": list(one.person_cas),
                }
                for one in sorted(connection.organisations, key=lambda one: one.msp)
            ],
        }
    )


def encode_policy(msp: str, ledgers: tuple[Ledger, ...], person_cas: Mapping[str, tuple[str, ...]]) -> bytes:
    return canonical_json(
        {
            "version": "archive-ledger policy v1",
            "msp": msp,
            "origins": {one.origin: {"operator": one.operator, "role": one.role} for one in ledgers},
            "person_cas": {key: list(pems) for key, pems in person_cas.items()},
        }
    )
