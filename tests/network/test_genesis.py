"""The genesis block: policies of the shapes that verifiers rely on, roles by the node CA alone."""

import hashlib
from typing import Any

import pytest

from network import protos
from network.ca import LISTENERS, certificates, make_organisation
from network.consortium import Consortium, Ledger, Organisation, Words
from network.genesis import genesis_block
from network.layout import Layout
from network.make import channel_members
from network.policies import quorum
from network.site import sites

MSPS = ("Alpha", "Beta", "Gamma", "Delta")
CONSORTIUM = Consortium(
    tuple(Organisation(msp, Words(f"{msp}局", msp), Words("见证", "witness")) for msp in MSPS),
    (Ledger("a.example/x", "Alpha", "ledger"),),
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    made = Layout(tmp_path_factory.mktemp("home"))
    for organisation in CONSORTIUM.organisations:
        make_organisation(made, organisation, dict.fromkeys(LISTENERS, "127.4.5.6"))
    return made


@pytest.fixture(scope="module")
def block(places: Layout) -> Any:
    raw = genesis_block("archive-00c0ffee", channel_members(places, sites(CONSORTIUM, "127.4.5.6")))
    return protos.common.Block.FromString(raw)


@pytest.fixture(scope="module")
def channel(block: Any) -> Any:
    payload = protos.common.Payload.FromString(protos.common.Envelope.FromString(block.data.data[0]).payload)
    return protos.configtx.ConfigEnvelope.FromString(payload.data).config.channel_group


def test_header_binds_the_data_and_names_the_channel(block: Any) -> None:
    assert block.header.number == 0
    assert block.header.previous_hash == b""
    assert block.header.data_hash == hashlib.sha256(block.data.data[0]).digest()
    payload = protos.common.Payload.FromString(protos.common.Envelope.FromString(block.data.data[0]).payload)
    header = protos.common.ChannelHeader.FromString(payload.header.channel_header)
    assert (header.type, header.channel_id) == (protos.common.CONFIG, "archive-00c0ffee")


def test_endorsement_is_a_majority_of_organisations(channel: Any) -> None:
    application = channel.groups["Application"]
    for name in ("Endorsement", "LifecycleEndorsement"):
        policy = application.policies[name].policy
        assert policy.type == protos.policies.Policy.IMPLICIT_META
        meta = protos.policies.ImplicitMetaPolicy.FromString(policy.value)
        assert (meta.rule, meta.sub_policy) == (protos.policies.ImplicitMetaPolicy.MAJORITY, "Endorsement")


@pytest.mark.parametrize("msp", MSPS)
def test_an_organisation_endorses_by_one_signature_of_its_peer(channel: Any, msp: str) -> None:
    policy = channel.groups["Application"].groups[msp].policies["Endorsement"].policy
    assert policy.type == protos.policies.Policy.SIGNATURE
    envelope = protos.policies.SignaturePolicyEnvelope.FromString(policy.value)
    assert envelope.rule.n_out_of.n == 1
    assert [one.signed_by for one in envelope.rule.n_out_of.rules] == [0]
    (only,) = envelope.identities
    role = protos.principal.MSPRole.FromString(only.principal)
    assert only.principal_classification == protos.principal.MSPPrincipal.ROLE
    assert (role.msp_identifier, role.role) == (msp, protos.principal.MSPRole.PEER)


@pytest.mark.parametrize("group", ["Application", "Orderer"])
@pytest.mark.parametrize("msp", MSPS)
def test_roles_come_from_the_node_ca_alone(channel: Any, places: Layout, group: str, msp: str) -> None:
    value = channel.groups[group].groups[msp].values["MSP"].value
    found = protos.msp_config.FabricMSPConfig.FromString(protos.msp_config.MSPConfig.FromString(value).config)
    held = certificates(places, msp)
    assert list(found.root_certs) == [held.node, held.person]
    assert list(found.tls_root_certs) == [held.tls]
    units = found.fabric_node_ous
    identifiers = (
        units.client_ou_identifier,
        units.peer_ou_identifier,
        units.admin_ou_identifier,
        units.orderer_ou_identifier,
    )
    assert units.enable
    assert {one.certificate for one in identifiers} == {held.node}
    assert [one.organizational_unit_identifier for one in identifiers] == [
        "client",
        "peer",
        "admin",
        "orderer",
    ]


def test_blocks_are_valid_by_a_quorum_of_named_orderers(channel: Any, places: Layout) -> None:
    policy = channel.groups["Orderer"].policies["BlockValidation"].policy
    envelope = protos.policies.SignaturePolicyEnvelope.FromString(policy.value)
    assert envelope.rule.n_out_of.n == 3
    named = [protos.identities.SerializedIdentity.FromString(one.principal) for one in envelope.identities]
    assert [one.mspid for one in named] == list(MSPS)
    consenters = protos.channel_configuration.Orderers.FromString(
        channel.groups["Orderer"].values["Orderers"].value
    ).consenter_mapping
    assert [one.id for one in consenters] == [1, 2, 3, 4]
    assert [one.identity for one in consenters] == [one.id_bytes for one in named]


@pytest.mark.parametrize(("n", "signatures"), [(4, 3), (5, 4), (6, 4), (7, 5), (10, 7), (13, 9)])
def test_quorum_is_that_of_byzantine_agreement(n: int, signatures: int) -> None:
    """Two quorums share at least f + 1 of n, so at least one that does not lie."""
    f = (n - 1) // 3
    assert quorum(n) == signatures
    assert 2 * quorum(n) - n >= f + 1
    assert quorum(n) <= n - f


def test_two_networks_have_two_genesis_blocks(places: Layout) -> None:
    members = channel_members(places, sites(CONSORTIUM, "127.4.5.6"))
    one, two = (genesis_block("archive-00000001", members) for _ in range(2))
    assert one != two
