"""Certificates and signatures with an octet changed: refused, and never a crash."""

from __future__ import annotations

import base64
import functools
import textwrap

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.fabric.forge_channel import msp_value
from tests.verifier.fabric.forge_keys import P256_ORDER, orgs, revocations, sign
from verifier.errors import EvidenceError
from verifier.fabric.certificates import check_node_signature, is_authority, read_certificate
from verifier.fabric.identity import check_node
from verifier.fabric.organisation import Organisation, read_organisation

TOWN = orgs()[0]
DER = TOWN.peer.certificate.public_bytes(Encoding.DER)
REFUSED = {"NODE_CERTIFICATE_FORM", "NODE_CERTIFICATE_ISSUER"}


def _pem(der: bytes, label: str = "CERTIFICATE") -> bytes:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


@functools.cache
def _township() -> Organisation:
    return read_organisation(msp_value(TOWN, (), {}), "here")


def test_the_peers_certificate_is_a_peers() -> None:
    assert check_node(read_certificate(_pem(DER), "here"), _township(), "here") == "peer"
    assert not is_authority(TOWN.peer.certificate)
    assert is_authority(TOWN.node_ca.certificate)


@given(position=st.integers(0, len(DER) - 1), change=st.integers(1, 255))
def test_a_changed_certificate_is_refused(position: int, change: int) -> None:
    changed = bytearray(DER)
    changed[position] ^= change
    with pytest.raises(EvidenceError) as refused:
        check_node(read_certificate(_pem(bytes(changed)), "here"), _township(), "here")
    assert refused.value.code in REFUSED


@given(size=st.integers(0, len(DER) - 1))
def test_a_shortened_certificate_is_refused(size: int) -> None:
    with pytest.raises(EvidenceError) as refused:
        read_certificate(_pem(DER[:size]), "here")
    assert refused.value.code == "NODE_CERTIFICATE_FORM"


CRL = base64.b64decode("".join(revocations(TOWN.node_ca, 5, 6).decode().splitlines()[1:-1]))


@given(position=st.integers(0, len(CRL) - 1), change=st.integers(1, 255))
def test_a_changed_revocation_list_is_refused_or_nobody_elses(position: int, change: int) -> None:
    """Where its issuer's name is changed it is another CA's list, and revokes nobody here."""
    changed = bytearray(CRL)
    changed[position] ^= change
    crl = _pem(bytes(changed), "X509 CRL")
    try:
        revoked = read_organisation(msp_value(TOWN, (crl,), {}), "here").revoked
    except EvidenceError as error:
        code = error.code
    else:
        code = f"revokes {len(revoked)}"
    assert code in {"CONFIG_CRL", "revokes 0"}


DATA = b"what is signed"
SIGNATURE = sign(TOWN.peer, DATA)


@given(position=st.integers(0, len(SIGNATURE) - 1), change=st.integers(1, 255))
def test_a_changed_signature_is_refused(position: int, change: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[position] ^= change
    with pytest.raises(EvidenceError) as refused:
        check_node_signature(TOWN.peer.certificate, bytes(changed), DATA, "here")
    assert refused.value.code in {"NODE_SIGNATURE", "NODE_SIGNATURE_FORM"}


HALF = P256_ORDER // 2
FORMS = {
    "r is 0": (encode_dss_signature(0, 1), "NODE_SIGNATURE_FORM"),
    "s is 0": (encode_dss_signature(1, 0), "NODE_SIGNATURE_FORM"),
    "r is the order": (encode_dss_signature(P256_ORDER, 1), "NODE_SIGNATURE_FORM"),
    "s just above the half": (encode_dss_signature(1, HALF + 1), "NODE_SIGNATURE_FORM"),
    "s is the half": (encode_dss_signature(1, HALF), "NODE_SIGNATURE"),
    "r is negative": (bytes.fromhex("30060201ff020101"), "NODE_SIGNATURE_FORM"),
    "an integer longer than it must be": (bytes.fromhex("3007020200010201") + b"\1", "NODE_SIGNATURE_FORM"),
    "a length longer than it must be": (bytes.fromhex("308106020101020101"), "NODE_SIGNATURE_FORM"),
    "three integers": (bytes.fromhex("3009020101020101020101"), "NODE_SIGNATURE_FORM"),
}


@pytest.mark.parametrize(("signature", "code"), FORMS.values(), ids=FORMS)
def test_forms_of_a_signature(signature: bytes, code: str) -> None:
    check_node_signature(TOWN.peer.certificate, SIGNATURE, DATA, "here")
    with pytest.raises(EvidenceError) as refused:
        check_node_signature(TOWN.peer.certificate, signature, DATA, "here")
    assert refused.value.code == code
