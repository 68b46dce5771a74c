"""Attacks with certificates and endorsements (check 7), and on who sent the anchor."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import transaction_pb2

from tests.verifier.fabric.attacks import Attack, code_of
from tests.verifier.fabric.forge import Case, Draft, anchor_draft, block_with, good, judge, peers, seal
from tests.verifier.fabric.forge_channel import Edit, config_envelope, serialized
from tests.verifier.fabric.forge_keys import (
    END,
    START,
    Holder,
    Org,
    authority,
    certificate,
    name,
    new_key,
    node,
    org,
    orgs,
    other_s,
    revocations,
    sign,
)

TOWN, COUNTY, VILLAGE, JUSTICE = orgs()
AT_ANCHOR = datetime.datetime(2026, 1, 12, 9, 30, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def _case(draft: Draft) -> Case:
    return dataclasses.replace(good(), block=block_with(draft), attestations=())


def _endorsed_by(*endorsers: tuple[str, Holder]) -> Callable[[], Case]:
    return lambda: _case(dataclasses.replace(anchor_draft(), endorsers=list(endorsers)))


def _instead(holder: Holder, msp: str = TOWN.msp) -> Callable[[], Case]:
    """Three good peers and this one."""
    return _endorsed_by(*peers()[1:], (msp, holder))


def _sent_by(msp: str, holder: Holder) -> Callable[[], Case]:
    """Somebody else calls; the anchor names the transaction id that follows from that."""

    def make() -> Case:
        sender = dataclasses.replace(anchor_draft(), creator=(msp, holder))
        draft = anchor_draft(lambda anchor: dataclasses.replace(anchor, txid=sender.txid))
        return _case(dataclasses.replace(draft, creator=(msp, holder)))

    return make


def _issued(
    ca: Holder,
    *units: str,
    start: datetime.datetime = START,
    end: datetime.datetime = END,
    is_ca: bool = False,
) -> Holder:
    subject = name(None, "node", units)
    return certificate(subject, new_key(), ca.certificate.subject, ca.key, ca=is_ca, start=start, end=end)


def _with_rsa_key() -> Holder:
    """A certificate of the node CA for an RSA key; the endorsement itself is made with another key."""
    ca, key = TOWN.node_ca, rsa.generate_private_key(65537, 2048)
    builder = x509.CertificateBuilder().subject_name(name(None, "node", ("peer",)))
    builder = builder.issuer_name(ca.certificate.subject).public_key(key.public_key()).serial_number(9)
    builder = builder.not_valid_before(START).not_valid_after(END)
    return Holder(builder.sign(ca.key, hashes.SHA256()), new_key())


def _impostor(of: Org) -> Holder:
    """A CA with the name of the organisation's node CA and another key."""
    return authority(of.title, "node CA")


def _with_endorsement(change: Callable[[transaction_pb2.Endorsement], None]) -> Callable[[], Case]:
    """Changes the first endorsement after it was made."""

    def edit(message: transaction_pb2.ChaincodeActionPayload) -> None:
        change(message.action.endorsements[0])

    edits: dict[str, Edit] = {"action_payload": edit}
    return lambda: _case(anchor_draft(edits=edits))


def _endorser(msp: str, pem: bytes) -> Callable[[], Case]:
    """The first endorser with another serialized identity, signing anew."""

    def change(endorsement: transaction_pb2.Endorsement) -> None:
        identity = identities_pb2.SerializedIdentity(mspid=msp, id_bytes=pem)
        endorsement.endorser = identity.SerializeToString()

    return _with_endorsement(change)


IDENTITIES: dict[str, Attack] = {
    "a client endorses": (_instead(TOWN.client), "NODE_CERTIFICATE_ROLE"),
    "an orderer endorses": (_instead(TOWN.orderer), "NODE_CERTIFICATE_ROLE"),
    "a peer of the person CA": (_instead(_issued(TOWN.person_ca, "peer")), "NODE_CERTIFICATE_ISSUER"),
    "a peer of another organisation's CA": (_instead(VILLAGE.peer2), "NODE_CERTIFICATE_ISSUER"),
    "a peer of a CA of the same name": (
        _instead(_issued(_impostor(TOWN), "peer")),
        "NODE_CERTIFICATE_ISSUER",
    ),
    "a peer that is a CA": (_instead(_issued(TOWN.node_ca, "peer", is_ca=True)), "NODE_CERTIFICATE_ISSUER"),
    "the node CA itself": (_instead(TOWN.node_ca), "NODE_CERTIFICATE_ISSUER"),
    "a peer below a peer": (_instead(_issued(TOWN.peer, "peer")), "NODE_CERTIFICATE_ISSUER"),
    "peer and client at once": (_instead(_issued(TOWN.node_ca, "peer", "client")), "NODE_CERTIFICATE_ROLE"),
    "peer twice over": (_instead(_issued(TOWN.node_ca, "peer", "peer")), "NODE_CERTIFICATE_ROLE"),
    "no role": (_instead(_issued(TOWN.node_ca, "person")), "NODE_CERTIFICATE_ROLE"),
    "a role in capitals": (_instead(_issued(TOWN.node_ca, "Peer")), "NODE_CERTIFICATE_ROLE"),
    "out of date by a second": (
        _instead(_issued(TOWN.node_ca, "peer", end=AT_ANCHOR - SECOND)),
        "NODE_CERTIFICATE_DATE",
    ),
    "not yet in date": (
        _instead(_issued(TOWN.node_ca, "peer", start=AT_ANCHOR + SECOND)),
        "NODE_CERTIFICATE_DATE",
    ),
    "an organisation that is not there": (_instead(TOWN.peer, "NobodyMSP"), "NODE_MSP_UNKNOWN"),
    "an MSP id in capitals": (_instead(TOWN.peer, TOWN.msp.upper()), "NODE_MSP_UNKNOWN"),
    "a certificate with text before it": (
        _endorser(TOWN.msp, b"note\n" + TOWN.peer.pem),
        "NODE_CERTIFICATE_FORM",
    ),
    "a certificate with another behind it": (
        _endorser(TOWN.msp, TOWN.peer.pem + TOWN.peer2.pem),
        "NODE_CERTIFICATE_FORM",
    ),
    "a certificate with other line ends": (
        _endorser(TOWN.msp, TOWN.peer.pem.replace(b"\n", b"\r\n")),
        "NODE_CERTIFICATE_FORM",
    ),
    "a certificate under another label": (
        _endorser(TOWN.msp, TOWN.peer.pem.replace(b" CERTIFICATE", b" X509 CERTIFICATE")),
        "NODE_CERTIFICATE_FORM",
    ),
    "no certificate": (_endorser(TOWN.msp, b"-"), "NODE_CERTIFICATE_FORM"),
    "an RSA key": (_instead(_with_rsa_key()), "NODE_CERTIFICATE_FORM"),
    "a certificate signed with SHA-384": (
        _instead(
            certificate(
                name(None, "node", ("peer",)),
                new_key(),
                TOWN.node_ca.certificate.subject,
                TOWN.node_ca.key,
                ca=False,
                algorithm=hashes.SHA384(),
            )
        ),
        "NODE_CERTIFICATE_FORM",
    ),
}

ENDORSEMENTS: dict[str, Attack] = {
    "two of four": (_endorsed_by(*peers(2)), "ENDORSEMENT_MAJORITY"),
    "one organisation's two peers for two": (
        _endorsed_by(*peers(2), (TOWN.msp, TOWN.peer2)),
        "ENDORSEMENT_MAJORITY",
    ),
    "one peer twice": (_endorsed_by(*peers(3), peers(1)[0]), "ENDORSEMENT_REPEATED"),
    "one key in two certificates": (
        _endorsed_by(*peers(3), (TOWN.msp, node(TOWN.node_ca, "again", "peer", key=TOWN.peer.key))),
        "ENDORSEMENT_REPEATED",
    ),
    "a fifth endorsement that does not hold": (
        _endorsed_by(*peers(), (TOWN.msp, dataclasses.replace(TOWN.peer2, key=new_key()))),
        "NODE_SIGNATURE",
    ),
    "an endorsement taken by another peer": (
        _with_endorsement(lambda e: setattr(e, "endorser", serialized(TOWN.msp, TOWN.peer2))),
        "NODE_SIGNATURE",
    ),
    "the other S": (
        _with_endorsement(lambda e: setattr(e, "signature", other_s(e.signature))),
        "NODE_SIGNATURE_FORM",
    ),
    "an octet behind the signature": (
        _with_endorsement(lambda e: setattr(e, "signature", e.signature + b"\0")),
        "NODE_SIGNATURE_FORM",
    ),
    "no signature": (_with_endorsement(lambda e: e.ClearField("signature")), "NODE_SIGNATURE_FORM"),
    "no endorser": (_with_endorsement(lambda e: e.ClearField("endorser")), "NODE_MSP_UNKNOWN"),
    "the endorser's identity with something more": (
        _with_endorsement(lambda e: setattr(e, "endorser", e.endorser + b"\x1a\x01x")),
        "WIRE_UNKNOWN_FIELD",
    ),
}

SENDER: dict[str, Attack] = {
    "a peer": (_sent_by(TOWN.msp, TOWN.peer), "NODE_CERTIFICATE_ROLE"),
    "an orderer": (_sent_by(TOWN.msp, TOWN.orderer), "NODE_CERTIFICATE_ROLE"),
    "an admin": (_sent_by(TOWN.msp, _issued(TOWN.node_ca, "admin")), "NODE_CERTIFICATE_ROLE"),
    "another organisation's client": (_sent_by(COUNTY.msp, TOWN.client), "NODE_CERTIFICATE_ISSUER"),
    "a client of the person CA": (
        _sent_by(TOWN.msp, _issued(TOWN.person_ca, "client")),
        "NODE_CERTIFICATE_ISSUER",
    ),
    "a person": (_sent_by(TOWN.msp, _issued(TOWN.person_ca, "person")), "NODE_CERTIFICATE_ISSUER"),
    "an organisation that is not there": (_sent_by("NobodyMSP", TOWN.client), "NODE_MSP_UNKNOWN"),
    "a client out of date": (
        _sent_by(TOWN.msp, _issued(TOWN.node_ca, "client", end=AT_ANCHOR - SECOND)),
        "NODE_CERTIFICATE_DATE",
    ),
}


@pytest.mark.parametrize(("make", "code"), IDENTITIES.values(), ids=IDENTITIES)
def test_identities(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(("make", "code"), ENDORSEMENTS.values(), ids=ENDORSEMENTS)
def test_endorsements(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(("make", "code"), SENDER.values(), ids=SENDER)
def test_sender(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


def test_three_of_four_are_enough() -> None:
    assert judge(_endorsed_by(*peers(3))()).endorsed == tuple(sorted(o.msp for o in orgs()[:3]))


def test_a_second_peer_of_an_organisation_may_endorse_beside_the_first() -> None:
    case = _endorsed_by(*peers(3), (TOWN.msp, TOWN.peer2))()
    assert len(judge(case).endorsed) == 3


def test_an_endorser_may_have_ous_beside_its_role() -> None:
    judge(_instead(_issued(TOWN.node_ca, "registry", "peer", "first floor"))())


def _revoking(number: int, sequence: int, serial: int) -> Case:
    """The configuration of block `number` lists a serial number of the township's node CA."""
    crl = revocations(TOWN.node_ca, serial)
    envelope = config_envelope(orgs(), sequence, COUNTY, crls={TOWN.msp: (crl,)})
    block = seal(number, bytes([number]) * 32, [envelope], number)
    first, second = good().configurations
    chain = (block, second) if number == first.number else (first, block)
    return dataclasses.replace(good(), configurations=chain, attestations=())


@pytest.mark.parametrize("holder", [TOWN.peer, TOWN.client])
def test_a_node_revoked_before_the_anchor_does_not_count(holder: Holder) -> None:
    serial = holder.certificate.serial_number
    assert code_of(lambda: _revoking(3, 1, serial)) == "NODE_CERTIFICATE_REVOKED"


def test_a_node_revoked_after_the_anchor_counts() -> None:
    assert len(judge(_revoking(9, 2, TOWN.peer.certificate.serial_number)).endorsed) == 4


def test_an_out_of_date_node_ca_issues_nobody() -> None:
    """The CA's own life counts too: it ended before the anchor."""
    key, subject = new_key(), name("村", "node CA")
    ended = certificate(subject, key, subject, key, ca=True, end=AT_ANCHOR - SECOND)
    other = dataclasses.replace(
        org("LateMSP", "村"),
        node_ca=ended,
        orderer=node(ended, "orderer0", "orderer"),
        peer=node(ended, "peer0", "peer"),
    )
    five = (*orgs(), other)
    first = config_envelope(five, 0, None)
    block = seal(
        5,
        b"\x05" * 32,
        [dataclasses.replace(anchor_draft(), endorsers=[*peers(), (other.msp, other.peer)]).envelope()],
        0,
        [(n, o.orderer) for n, o in enumerate(orgs(), 1)],
    )
    case = Case(pinned=(0, b"", (first,)), configurations=(), block=block, attestations=(), transaction=0)
    assert code_of(lambda: case) == "NODE_CERTIFICATE_DATE"


def test_signatures_are_over_response_and_endorser() -> None:
    """A peer's signature over the response alone is not an endorsement."""

    def alone(message: transaction_pb2.ChaincodeActionPayload) -> None:
        signed = message.action.proposal_response_payload
        message.action.endorsements[0].signature = sign(TOWN.peer, signed)

    edits: dict[str, Edit] = {"action_payload": alone}
    assert code_of(lambda: _case(anchor_draft(edits=edits))) == "NODE_SIGNATURE"
