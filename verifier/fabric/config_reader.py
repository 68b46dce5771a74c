"""Reading a CONFIG envelope. docs/formats.md section 13.

The rules are our own, each a reason why something cannot be checked: capabilities are known, ordering is BFT,
hashing is Fabric's default, an organisation has one MSP for ordering and application, each CA its own key,
and endorsement policies are such that a verifier can reason about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from verifier.errors import EvidenceError, found_text
from verifier.fabric.certificates import public_key, read_certificate
from verifier.fabric.config_group import groups_of, value_octets, value_of
from verifier.fabric.config_messages import (
    BlockDataHashingStructure,
    Capabilities,
    ConfigEnvelope,
    ConfigGroup,
    ConsensusType,
    HashingAlgorithm,
    Orderers,
)
from verifier.fabric.configuration import Consenter, Content
from verifier.fabric.endorsement_policy import check_majority_policy, check_peer_policy
from verifier.fabric.identity import check_node
from verifier.fabric.messages import HEADER_TYPE_CONFIG, ChannelHeader, Envelope, Payload
from verifier.fabric.organisation import Organisation, check_distinct_authorities, read_organisation
from verifier.fabric.wire import UINT32, read

# A capability changes what blocks mean: who does not know one must stop.
# Known ones, and those of which one is needed.
_CHANNEL = {"V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0"}, {"V3_0"}
_ORDERER = {"V1_1", "V1_4_2", "V2_0"}, {"V2_0"}
_APPLICATION = {"V1_1", "V1_2", "V1_3", "V1_4_2", "V2_0", "V2_5"}, {"V2_0", "V2_5"}


@dataclass(frozen=True)
class _Member:
    """An organisation's group, what its MSP says, and the MSP's octets."""

    group: ConfigGroup
    organisation: Organisation
    msp_octets: bytes


def read_configuration(envelope: Envelope, at: str) -> Content:
    """Raises EvidenceError CONFIG_…, AUTHORITY_FORM.

    Whoever calls has other reasons to believe the octets (a trust root, a quorum). So what cannot be read
    here is not forged but unknown: CONFIG_FORM.
    """
    try:
        return _read(envelope, at)
    except EvidenceError as error:
        if not error.code.startswith("WIRE_"):
            raise
        found = found_text(f"{error.code} {error.found}")
        raise EvidenceError("CONFIG_FORM", error.at, error.expected, found) from None


def _read(envelope: Envelope, at: str) -> Content:
    payload = read(Payload, envelope.payload, f"{at}.payload")
    if payload.header is None:
        raise EvidenceError("CONFIG_ENVELOPE", at, "a header")
    header = read(ChannelHeader, payload.header.channel_header, f"{at}.channel_header")
    if header.type != HEADER_TYPE_CONFIG or header.epoch != 0 or not header.channel_id:
        raise EvidenceError("CONFIG_ENVELOPE", at, "type CONFIG, epoch 0, a channel", f"type {header.type}")
    config = read(ConfigEnvelope, payload.data, f"{at}.config").config
    if config is None or config.channel_group is None:
        raise EvidenceError("CONFIG_ENVELOPE", at, "a configuration")
    root, place = config.channel_group, f"{at}.Channel"
    groups = groups_of(root)
    if set(groups) != {"Application", "Orderer"}:
        raise EvidenceError("CONFIG_GROUPS", place, "Application Orderer", found_text(" ".join(groups)))
    application, orderer = groups["Application"], groups["Orderer"]
    _check_constants(root, application, orderer, place)
    members, ordering = _members(application, f"{place}.Application"), _members(orderer, f"{place}.Orderer")
    _check_one_msp(members, ordering, place)
    check_majority_policy(application, f"{place}.Application")
    for msp, member in members.items():
        check_peer_policy(member.group, msp, f"{place}.Application.{msp}")
    return Content(
        channel=header.channel_id,
        sequence=config.sequence,
        consenters=_consenters(orderer, ordering, f"{place}.Orderer"),
        organisations={msp: member.organisation for msp, member in members.items()},
    )


def _check_constants(root: ConfigGroup, application: ConfigGroup, orderer: ConfigGroup, at: str) -> None:
    algorithm = value_of(root, "HashingAlgorithm", HashingAlgorithm, at).name
    width = value_of(root, "BlockDataHashingStructure", BlockDataHashingStructure, at).width
    if algorithm != "SHA256" or width != UINT32:
        raise EvidenceError("CONFIG_HASHING", at, f"SHA256 {UINT32}", found_text(f"{algorithm} {width}"))
    for group, (known, needed), name in (
        (root, _CHANNEL, at),
        (orderer, _ORDERER, f"{at}.Orderer"),
        (application, _APPLICATION, f"{at}.Application"),
    ):
        entries = value_of(group, "Capabilities", Capabilities, name).capabilities
        names = {entry.key for entry in entries}
        if not names <= known or not names & needed:
            expected = f"{' or '.join(sorted(needed))}, none unknown"
            raise EvidenceError("CONFIG_CAPABILITY", name, expected, found_text(" ".join(sorted(names))))
    consensus = value_of(orderer, "ConsensusType", ConsensusType, f"{at}.Orderer")
    if consensus.type != "BFT" or consensus.state != 0:
        found = found_text(f"{consensus.type} {consensus.state}")
        raise EvidenceError("CONFIG_CONSENSUS", f"{at}.Orderer", "BFT 0 (NORMAL)", found)


def _members(group: ConfigGroup, at: str) -> dict[str, _Member]:
    """The group's organisations by MSP id, sorted."""
    found: dict[str, _Member] = {}
    for key, member in groups_of(group).items():
        place = f"{at}.{found_text(key)}"
        if member.groups:
            raise EvidenceError("CONFIG_GROUPS", place, "no groups below an organisation")
        octets = value_octets(member, "MSP", place)
        organisation = read_organisation(octets, f"{place}.MSP")
        if organisation.msp in found:
            raise EvidenceError("CONFIG_MSP", place, "an MSP id of its own", organisation.msp)
        found[organisation.msp] = _Member(member, organisation, octets)
    if not found:
        raise EvidenceError("CONFIG_GROUPS", at, "at least one organisation")
    return dict(sorted(found.items()))


def _check_one_msp(members: dict[str, _Member], ordering: dict[str, _Member], at: str) -> None:
    for msp in members.keys() & ordering.keys():
        if members[msp].msp_octets != ordering[msp].msp_octets:
            raise EvidenceError("CONFIG_MSP_DIFFERS", at, "the same MSP in Application and Orderer", msp)
    check_distinct_authorities([m.organisation for m in {**ordering, **members}.values()], at)


def _orderer_certificate(pem: bytes, organisation: Organisation, at: str) -> x509.Certificate:
    try:
        certificate = read_certificate(pem, at)
        role = check_node(certificate, organisation, at)
    except EvidenceError as error:
        raise EvidenceError("CONFIG_CONSENTER", at, error.expected, f"{error.code} {error.found}") from None
    if role != "orderer":
        raise EvidenceError("CONFIG_CONSENTER", at, "orderer", role)
    return certificate


def _consenters(orderer: ConfigGroup, ordering: dict[str, _Member], at: str) -> tuple[Consenter, ...]:
    """Ascending by id. Each holds a certificate with OU orderer of the node CA of its organisation."""
    consenters: list[Consenter] = []
    for n, entry in enumerate(value_of(orderer, "Orderers", Orderers, at).consenter_mapping):
        place = f"{at}.Orderers[{n}]"
        member = ordering.get(entry.msp_id)
        if member is None:
            raise EvidenceError("CONFIG_CONSENTER", place, " ".join(ordering), found_text(entry.msp_id))
        certificate = _orderer_certificate(entry.identity, member.organisation, place)
        revoked = certificate.serial_number in member.organisation.revoked
        consenters.append(Consenter(entry.id, entry.msp_id, certificate, revoked))
    ids = {c.id for c in consenters}
    keys = {public_key(c.certificate) for c in consenters}
    # Two numbers for one key would give one orderer two votes.
    if not consenters or len(ids) != len(consenters) or len(keys) != len(consenters):
        raise EvidenceError("CONFIG_CONSENTER", at, "consenters with ids and keys of their own")
    return tuple(sorted(consenters, key=lambda c: c.id))
