"""connection.json: the one file that the network hands the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verifier.canonical import parse
from verifier.errors import CallerError, EvidenceError
from verifier.shape import MSP_ID, Members, members

MEMBERS = ("version", "channel", "chaincode", "msp", "client", "genesis", "organisations")


@dataclass(frozen=True)
class Peer:
    """An organisation's gateway. `tls_ca` is PEM."""

    msp: str
    name_zh: str
    name_en: str
    address: str
    tls_ca: bytes


@dataclass(frozen=True)
class Connection:
    """`certificate` is PEM, `key` the path of a PKCS8 PEM file; `peers` are sorted by MSP id.

    Paths in the file are absolute, or relative to the file's own folder; here they are complete.
    """

    channel: str
    chaincode: str
    msp: str
    certificate: bytes
    key: Path
    genesis: Path
    peers: tuple[Peer, ...]


def read_connection(path: Path) -> Connection:
    """Raises CallerError CONNECTION_MISSING, CONNECTION_FORM."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CallerError("CONNECTION_MISSING", str(path), found=error.strerror or "") from None
    try:
        return _connection(members(parse(data, path.name), path.name, MEMBERS), path.parent)
    except EvidenceError as error:
        raise CallerError("CONNECTION_FORM", error.at, error.expected, error.found) from None


def _connection(m: Members, folder: Path) -> Connection:
    m.constant("version", "archive-ledger connection v1")
    client = m.child("client", ("certificate", "key"))
    return Connection(
        channel=m.text("channel"),
        chaincode=m.text("chaincode"),
        msp=m.text("msp", MSP_ID),
        certificate=client.text("certificate").encode(),
        key=folder / client.text("key"),
        genesis=folder / m.text("genesis"),
        peers=tuple(
            _peer(members(value, at, ("msp", "name", "peer", "node_ca", "person_cas")))
            for at, value in m.objects("organisations", 100, 1)
        ),
    )


def _peer(m: Members) -> Peer:
    name, peer = m.child("name", ("zh", "en")), m.child("peer", ("address", "tls_ca"))
    return Peer(
        msp=m.text("msp", MSP_ID),
        name_zh=name.text("zh"),
        name_en=name.text("en"),
        address=peer.text("address"),
        tls_ca=peer.text("tls_ca").encode(),
    )
