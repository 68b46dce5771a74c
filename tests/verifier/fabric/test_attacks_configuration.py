"""Configurations that a verifier must not reason about (check 7's own rules; kind: cannot check)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.msp import msp_config_pb2

from tests.verifier.fabric.attacks import adding, clearing, group_edit, pinned_with, setting
from tests.verifier.fabric.forge_channel import Edit
from tests.verifier.fabric.forge_keys import (
    END,
    START,
    Holder,
    authority,
    certificate,
    name,
    new_key,
    node,
    orgs,
    revocations,
)
from verifier.errors import EvidenceError
from verifier.fabric.cannot import CANNOT

TOWN, COUNTY = orgs()[0], orgs()[1]
MSP = f"msp:{TOWN.msp}"


def _roots(*pems: bytes) -> Edit:
    def edit(message: Any) -> None:
        del message.root_certs[:]
        message.root_certs.extend(pems)

    return edit


def _unit(role: str, **members: Any) -> Edit:
    def edit(message: Any) -> None:
        unit = getattr(message.fabric_node_ous, f"{role}_ou_identifier")
        for key, value in members.items():
            setattr(unit, key, value)

    return edit


def _node_ca(holder: Holder) -> Edit:
    """All four identifiers and a root: the organisation stands on another node CA."""

    def edit(message: Any) -> None:
        message.root_certs.append(holder.pem)
        for role in ("client", "peer", "admin", "orderer"):
            getattr(message.fabric_node_ous, f"{role}_ou_identifier").certificate = holder.pem

    return edit


_CA, _NO_CA = (x509.BasicConstraints(ca=ca, path_length=None) for ca in (True, False))


def _appending(member: str, *items: Any) -> Edit:
    return lambda message: getattr(message, member).extend(items)


def _no_ca() -> bytes:
    """Self-signed, and not a CA."""
    key, subject = new_key(), name("镇档案馆", "person CA")
    return certificate(subject, key, subject, key, ca=False).pem


def _root(*extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    """Self-signed, with these extensions and no other."""
    key, subject = new_key(), name(None, "root")
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 7)
    builder = builder.not_valid_before(START).not_valid_after(END)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _usage(*, signs: bool) -> x509.KeyUsage:
    rest = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign")
    more = dict.fromkeys((*rest, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=True, key_cert_sign=signs, **more)


def _issued_ca() -> bytes:
    """A CA, and not self-signed."""
    ca = TOWN.node_ca
    return certificate(name(None, "below"), new_key(), ca.certificate.subject, ca.key, ca=True).pem


def _other_curve() -> bytes:
    key, subject = ec.generate_private_key(ec.SECP384R1()), name(None, "p384")
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(TOWN.node_ca.certificate.not_valid_before_utc)
    builder = builder.not_valid_after(TOWN.node_ca.certificate.not_valid_after_utc)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _other_algorithm() -> bytes:
    key, subject = new_key(), name(None, "sha384")
    return certificate(subject, key, subject, key, ca=True, algorithm=hashes.SHA384()).pem


def _same_key(holder: Holder) -> bytes:
    return authority("镇档案馆", "person CA two", key=holder.key).pem


def _drop_value(key: str) -> Edit:
    return lambda message: message.values.pop(key)


def _consenter(index: int, **members: Any) -> Edit:
    def edit(message: Any) -> None:
        for key, value in members.items():
            setattr(message.consenter_mapping[index], key, value)

    return edit


def _capability(stage: str, *names: str) -> dict[str, Edit]:
    def edit(message: Any) -> None:
        message.capabilities.clear()
        for item in names:
            message.capabilities[item].SetInParent()

    return {f"capabilities:{stage}": edit}


def _copy_group(source: str, target: str) -> Edit:
    return lambda message: message.groups[target].CopyFrom(message.groups[source])


SHAPES: dict[str, tuple[dict[str, Edit], str]] = {
    # the channel
    "another hash": ({"hashing": setting(name="SHA3_256")}, "CONFIG_HASHING"),
    "data hashed as a tree": ({"width": setting(width=2)}, "CONFIG_HASHING"),
    "a capability nobody knows": (_capability("Channel", "V3_0", "V4_0"), "CONFIG_CAPABILITY"),
    "a channel without V3_0": (_capability("Channel", "V2_0"), "CONFIG_CAPABILITY"),
    "orderers with a capability nobody knows": (_capability("Orderer", "V2_0", "V9_9"), "CONFIG_CAPABILITY"),
    "an application of Fabric 1": (_capability("Application", "V1_4_2"), "CONFIG_CAPABILITY"),
    "no capabilities": (group_edit("Orderer", _drop_value("Capabilities")), "CONFIG_VALUE_MISSING"),
    "a third group": ({"group": _copy_group("Application", "Consortiums")}, "CONFIG_GROUPS"),
    "no Application": ({"group": lambda message: message.groups.pop("Application")}, "CONFIG_GROUPS"),
    "no organisation": (group_edit("Application", clearing("groups")), "CONFIG_GROUPS"),
    "a group below an organisation": (
        group_edit("Application", lambda m: m.groups[TOWN.msp].groups["x"].SetInParent()),
        "CONFIG_GROUPS",
    ),
    "ordering by Raft": ({"consensus": setting(type="etcdraft")}, "CONFIG_CONSENSUS"),
    "ordering in maintenance": ({"consensus": setting(state=1)}, "CONFIG_CONSENSUS"),
    "a capability twice": ({"capabilities:Channel!": lambda octets: octets + octets}, "CONFIG_FORM"),
    "a field nobody knows, deep inside": ({f"{MSP}!": adding(b"\xfa\x01\x01x")}, "CONFIG_FORM"),
    # consenters
    "no consenters": ({"orderers": clearing("consenter_mapping")}, "CONFIG_CONSENTER"),
    "two consenters with one number": ({"orderers": _consenter(1, id=1)}, "CONFIG_CONSENTER"),
    "two consenters with one key": (
        {"orderers": _consenter(1, identity=TOWN.orderer.pem, msp_id=TOWN.msp)},
        "CONFIG_CONSENTER",
    ),
    "two consenters with one key in two certificates": (
        {
            "orderers": _consenter(
                1,
                identity=node(TOWN.node_ca, "other", "orderer", key=TOWN.orderer.key).pem,
                msp_id=TOWN.msp,
            )
        },
        "CONFIG_CONSENTER",
    ),
    "a consenter of an organisation that does not order": (
        {"orderers": _consenter(1, msp_id="Nobody")},
        "CONFIG_CONSENTER",
    ),
    "a consenter under another organisation's name": (
        {"orderers": _consenter(1, msp_id=TOWN.msp)},
        "CONFIG_CONSENTER",
    ),
    "a peer as consenter": ({"orderers": _consenter(0, identity=TOWN.peer.pem)}, "CONFIG_CONSENTER"),
    "a consenter from the person CA": (
        {"orderers": _consenter(0, identity=node(TOWN.person_ca, "orderer0", "orderer").pem)},
        "CONFIG_CONSENTER",
    ),
    "a consenter without certificate": ({"orderers": _consenter(0, identity=b"none")}, "CONFIG_CONSENTER"),
    # an organisation's MSP
    "an MSP of another kind": ({f"msp_config:{TOWN.msp}": setting(type=1)}, "CONFIG_MSP"),
    "an MSP id with a blank": ({MSP: setting(name="Town MSP")}, "CONFIG_MSP"),
    "two organisations with one MSP id": ({MSP: setting(name=COUNTY.msp)}, "CONFIG_MSP"),
    "an intermediate CA": ({MSP: _appending("intermediate_certs", TOWN.node_ca.pem)}, "CONFIG_MSP"),
    "further rules for OUs": (
        {
            MSP: _appending(
                "organizational_unit_identifiers",
                msp_config_pb2.FabricOUIdentifier(organizational_unit_identifier="x"),
            )
        },
        "CONFIG_MSP",
    ),
    "a signing identity": (
        {MSP: lambda m: setattr(m.signing_identity, "public_signer", b"x")},
        "CONFIG_MSP",
    ),
    "no family of hashes": ({MSP: clearing("crypto_config")}, "CONFIG_MSP"),
    "another family of hashes": (
        {MSP: lambda m: setattr(m.crypto_config, "signature_hash_family", "SHA3")},
        "CONFIG_MSP",
    ),
    "a root twice": ({MSP: _appending("root_certs", TOWN.node_ca.pem)}, "CONFIG_MSP"),
    "a root that is no CA": ({MSP: _appending("root_certs", _no_ca())}, "AUTHORITY_FORM"),
    "a root that says nothing of being a CA": ({MSP: _appending("root_certs", _root())}, "AUTHORITY_FORM"),
    "a root that says only that it signs certificates": (
        {MSP: _appending("root_certs", _root((_usage(signs=True), True)))},
        "AUTHORITY_FORM",
    ),
    "a CA that may not sign certificates": (
        {MSP: _appending("root_certs", _root((_CA, True), (_usage(signs=False), True)))},
        "AUTHORITY_FORM",
    ),
    "a root that may sign and is no CA": (
        {MSP: _appending("root_certs", _root((_NO_CA, True), (_usage(signs=True), True)))},
        "AUTHORITY_FORM",
    ),
    "a root that another CA issued": ({MSP: _appending("root_certs", _issued_ca())}, "AUTHORITY_FORM"),
    "a root with another curve": ({MSP: _appending("root_certs", _other_curve())}, "AUTHORITY_FORM"),
    "a root with another signature": ({MSP: _appending("root_certs", _other_algorithm())}, "AUTHORITY_FORM"),
    "a root with text around it": (
        {MSP: _roots(b"note\n" + TOWN.node_ca.pem, TOWN.person_ca.pem)},
        "AUTHORITY_FORM",
    ),
    "two certificates in one root": (
        {MSP: _roots(TOWN.node_ca.pem + TOWN.person_ca.pem)},
        "AUTHORITY_FORM",
    ),
    "NodeOUs switched off": ({MSP: lambda m: m.fabric_node_ous.ClearField("enable")}, "CONFIG_NODE_OU"),
    "no NodeOUs": ({MSP: clearing("fabric_node_ous")}, "CONFIG_NODE_OU"),
    "peers from any CA, people's too": ({MSP: _unit("peer", certificate=b"")}, "CONFIG_NODE_OU"),
    "peers from the person CA": ({MSP: _unit("peer", certificate=TOWN.person_ca.pem)}, "CONFIG_NODE_OU"),
    "all nodes from any CA": (
        {
            MSP: lambda m: [
                getattr(m.fabric_node_ous, f"{r}_ou_identifier").ClearField("certificate")
                for r in ("client", "peer", "admin", "orderer")
            ]
        },
        "CONFIG_NODE_OU",
    ),
    "people are peers": (
        {MSP: _unit("peer", organizational_unit_identifier="person")},
        "CONFIG_NODE_OU",
    ),
    "no identifier for admins": (
        {MSP: lambda m: m.fabric_node_ous.ClearField("admin_ou_identifier")},
        "CONFIG_NODE_OU",
    ),
    "a node CA that is no root": ({MSP: _roots(TOWN.person_ca.pem)}, "CONFIG_NODE_OU"),
    "one key for node and person CA": (
        {MSP: _appending("root_certs", _same_key(TOWN.node_ca))},
        "CONFIG_SHARED_AUTHORITY",
    ),
    "another organisation's node CA among the roots": (
        {MSP: _appending("root_certs", COUNTY.node_ca.pem)},
        "CONFIG_SHARED_AUTHORITY",
    ),
    "another organisation's person CA as node CA": (
        {MSP: _node_ca(COUNTY.person_ca)},
        "CONFIG_SHARED_AUTHORITY",
    ),
    "an organisation without MSP": (
        group_edit("Application", lambda m: m.groups[TOWN.msp].values.pop("MSP")),
        "CONFIG_VALUE_MISSING",
    ),
}


@pytest.mark.parametrize(("edits", "code"), SHAPES.values(), ids=SHAPES)
def test_a_shape_that_cannot_be_checked(edits: dict[str, Edit], code: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        pinned_with(edits)
    assert refused.value.code == code
    assert code in CANNOT


def test_an_organisation_has_one_msp_for_ordering_and_application() -> None:
    """The orderers' copy of the MSP lists a CRL that the application's has not."""

    def revoking(octets: bytes) -> bytes:
        config = msp_config_pb2.MSPConfig.FromString(octets)
        fabric = msp_config_pb2.FabricMSPConfig.FromString(config.config)
        fabric.revocation_list.append(revocations(TOWN.node_ca, 5))
        config.config = fabric.SerializeToString()
        changed: bytes = config.SerializeToString()
        return changed

    with pytest.raises(EvidenceError) as refused:
        pinned_with({f"orderer_msp:{TOWN.msp}": revoking})
    assert refused.value.code == "CONFIG_MSP_DIFFERS"


def test_revocations_of_the_node_ca_are_read() -> None:
    crls = (revocations(TOWN.node_ca, 5, 6), revocations(TOWN.node_ca, 7))
    assert pinned_with({}, crls).organisations[TOWN.msp].revoked == {5, 6, 7}


def test_revocations_of_another_ca_do_not_count() -> None:
    assert pinned_with({}, (revocations(TOWN.person_ca, 5),)).organisations[TOWN.msp].revoked == frozenset()


@pytest.mark.parametrize("crl", [revocations(TOWN.node_ca, 5, key=new_key()), b"no list"])
def test_a_list_in_the_name_of_the_node_ca_must_be_its_own(crl: bytes) -> None:
    with pytest.raises(EvidenceError) as refused:
        pinned_with({}, (crl,))
    assert refused.value.code == "CONFIG_CRL"


def test_the_display_name_is_the_node_cas() -> None:
    configuration = pinned_with({})
    assert [o.name for o in configuration.organisations.values()] == [
        org.title for org in sorted(orgs(), key=lambda org: org.msp)
    ]
    assert configuration.majority == 3
    assert configuration.organisation(TOWN.msp, "here").name == TOWN.title
    with pytest.raises(EvidenceError) as refused:
        configuration.organisation("NobodyMSP", "here")
    assert refused.value.code == "NODE_MSP_UNKNOWN"


@pytest.mark.parametrize("title", [None, "a\u202eb", "x" * 101])
def test_a_display_name_that_could_deceive_gives_way_to_the_msp_id(title: str | None) -> None:
    ca = authority(title, "node CA")
    orderer = node(ca, "orderer0", "orderer")
    edits = {MSP: _node_ca(ca), "orderers": _consenter(0, identity=orderer.pem)}
    assert pinned_with(edits).organisations[TOWN.msp].name == TOWN.msp
