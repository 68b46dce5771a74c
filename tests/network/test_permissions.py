"""Who may do what on the network, tried for real on the shared one."""

import socket
import ssl
import uuid
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from network.callers import caller, reader
from network.calls import Caller, CallError, endorse, order, peer_height
from network.connection import CHAINCODE
from network.consortium import read_consortium
from network.gateway import endorsed_by_all
from network.layout import Layout, layout
from network.marker import read_marker
from network.people import issue_person_certificate
from network.signing import Signer, assemble, load_signer, propose
from network.site import sites
from tests.conftest import RunningNetwork

OPERATOR = "QingheTownship"


@pytest.fixture
def places(network_home: RunningNetwork) -> Layout:
    return layout(network_home.home)


@pytest.fixture
def channel(places: Layout) -> str:
    marker = read_marker(places)
    assert marker is not None
    return marker.channel


@pytest.fixture
def operator(places: Layout) -> Caller:
    marker = read_marker(places)
    assert marker is not None
    where = sites(read_consortium(places.consortium), marker.address)
    return next(caller(places, site) for site in where if site.msp == OPERATOR)


def everyone(places: Layout) -> tuple[str, ...]:
    return tuple(one.msp for one in read_consortium(places.consortium).organisations)


def person(home: Path, role: str) -> Signer:
    """A genuine certificate of the person CA, tried as an identity of the network."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    pem = request.public_bytes(serialization.Encoding.PEM)
    return Signer(OPERATOR, issue_person_certificate(home, OPERATOR, pem, str(uuid.uuid4()), role, 1), key)


def test_a_plain_client_is_endorsed_by_all(places: Layout, channel: str, operator: Caller) -> None:
    endorsed_by_all(operator, reader(places, OPERATOR), channel, CHAINCODE, everyone(places))


@pytest.mark.parametrize("role", ["person", "service", "registrar"])
def test_nothing_the_person_ca_issues_can_act_on_the_network(
    places: Layout, channel: str, operator: Caller, role: str
) -> None:
    """The person CA is a root of the MSP, yet only the node CA's certificates get a role."""
    signer = person(places.home, role)
    with pytest.raises(CallError):
        endorsed_by_all(operator, signer, channel, CHAINCODE, everyone(places))
    with pytest.raises(CallError):
        endorse(operator, propose(signer, channel, "qscc", (b"GetChainInfo", channel.encode())))


def test_nothing_the_person_ca_issues_can_be_ordered(places: Layout, channel: str, operator: Caller) -> None:
    """Even around a genuine endorsement, an orderer refuses what such an identity signed."""
    good = reader(places, OPERATOR)
    proposal = propose(good, channel, CHAINCODE, (b"org.hyperledger.fabric:GetMetadata",))
    answer = endorse(operator, proposal)
    before = peer_height(operator, channel)
    with pytest.raises(CallError, match="FORBIDDEN"):
        order(operator, assemble(person(places.home, "person"), proposal, (answer,)))
    assert peer_height(operator, channel) == before


def test_a_client_cannot_manage_chaincode(places: Layout, operator: Caller) -> None:
    asked = propose(reader(places, OPERATOR), "", "_lifecycle", (b"QueryInstalledChaincodes", b""))
    with pytest.raises(CallError, match="is not an admin"):
        endorse(operator, asked)


def greet(caller: Caller, port: int, identity: Path, protocol: str, said: bytes) -> bytes:
    """The first bytes a TLS server answers to a client that shows this certificate. In TLS 1.3 it judges the
    certificate when the client is done: one that says nothing meanwhile always reads why it was refused.
    """
    context = ssl.create_default_context(cadata=caller.tls_ca.decode())
    context.set_alpn_protocols([protocol])
    context.load_cert_chain(identity / "tls.pem", identity / "tls.key")
    address = caller.site.listen
    with (
        socket.create_connection((address, port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=address) as secured,
    ):
        secured.sendall(said)
        return secured.recv(12)


def test_the_orderers_admin_endpoint_takes_one_certificate(places: Layout, operator: Caller) -> None:
    """Another TLS certificate of the same organisation does not open it."""
    port = operator.site.ports.orderer_admin
    ask = b"GET /participation/v1/channels HTTP/1.0\r\n\r\n"
    right = places.identity(OPERATOR, "orderer-admin")
    assert greet(operator, port, right, "http/1.1", ask) == b"HTTP/1.0 200"
    for name in ("chaincode", "peer"):
        with pytest.raises(ssl.SSLError):
            greet(operator, port, places.identity(OPERATOR, name), "http/1.1", b"")


def test_an_organisations_chaincode_answers_its_own_peer_only(places: Layout, operator: Caller) -> None:
    port = operator.site.ports.chaincode
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = greet(operator, port, places.identity(OPERATOR, "chaincode-client"), "h2", preface)
    assert settings[3:4] == b"\x04", "the service should begin HTTP/2 with a SETTINGS frame"
    for stranger in (places.identity("YunlingAudit", "chaincode-client"), places.identity(OPERATOR, "peer")):
        with pytest.raises(ssl.SSLError):
            greet(operator, port, stranger, "h2", b"")


def test_the_ledgers_client_is_a_client_with_its_own_unit(
    places: Layout, operator: Caller, channel: str
) -> None:
    signer = load_signer(places.identity(OPERATOR, "ledger"), OPERATOR)
    endorsed_by_all(operator, signer, channel, CHAINCODE, everyone(places))
