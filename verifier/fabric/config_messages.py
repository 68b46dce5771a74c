"""Field tables of the channel's configuration, named as Fabric names them. docs/formats.md section 14."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.fabric.messages import Envelope
from verifier.fabric.wire import (
    INT32,
    UINT32,
    UINT64,
    Presence,
    chosen_number,
    entries,
    flag,
    message,
    messages,
    number,
    octets,
    octets_list,
    text,
)


@dataclass(frozen=True)
class ConfigEnvelope:
    config: Config | None = message(1, lambda: Config)
    last_update: Envelope | None = message(2, lambda: Envelope)


@dataclass(frozen=True)
class Config:
    sequence: int = number(1, UINT64)
    channel_group: ConfigGroup | None = message(2, lambda: ConfigGroup)


@dataclass(frozen=True)
class ConfigGroup:
    version: int = number(1, UINT64)
    groups: tuple[GroupEntry, ...] = entries(2, lambda: GroupEntry)
    values: tuple[ValueEntry, ...] = entries(3, lambda: ValueEntry)
    policies: tuple[PolicyEntry, ...] = entries(4, lambda: PolicyEntry)
    mod_policy: str = text(5)


@dataclass(frozen=True)
class GroupEntry:
    key: str = text(1, Presence.ALWAYS)
    value: ConfigGroup | None = message(2, lambda: ConfigGroup, Presence.ALWAYS)


@dataclass(frozen=True)
class ConfigValue:
    version: int = number(1, UINT64)
    value: bytes = octets(2)
    mod_policy: str = text(3)


@dataclass(frozen=True)
class ValueEntry:
    key: str = text(1, Presence.ALWAYS)
    value: ConfigValue | None = message(2, lambda: ConfigValue, Presence.ALWAYS)


@dataclass(frozen=True)
class Policy:
    """`type`: 1 SIGNATURE, 3 IMPLICIT_META."""

    type: int = number(1, INT32)
    value: bytes = octets(2)


@dataclass(frozen=True)
class ConfigPolicy:
    version: int = number(1, UINT64)
    policy: Policy | None = message(2, lambda: Policy)
    mod_policy: str = text(3)


@dataclass(frozen=True)
class PolicyEntry:
    key: str = text(1, Presence.ALWAYS)
    value: ConfigPolicy | None = message(2, lambda: ConfigPolicy, Presence.ALWAYS)


@dataclass(frozen=True)
class ImplicitMetaPolicy:
    """`rule`: 0 ANY, 1 ALL, 2 MAJORITY."""

    sub_policy: str = text(1)
    rule: int = number(2, INT32)


@dataclass(frozen=True)
class SignaturePolicyEnvelope:
    version: int = number(1, INT32)
    rule: SignaturePolicy | None = message(2, lambda: SignaturePolicy)
    identities: tuple[MSPPrincipal, ...] = messages(3, lambda: MSPPrincipal)


@dataclass(frozen=True)
class SignaturePolicy:
    """A oneof: `signed_by` is an index into the identities."""

    signed_by: int | None = chosen_number(1, INT32)
    n_out_of: NOutOf | None = message(2, lambda: NOutOf)


@dataclass(frozen=True)
class NOutOf:
    n: int = number(1, INT32)
    rules: tuple[SignaturePolicy, ...] = messages(2, lambda: SignaturePolicy)


@dataclass(frozen=True)
class MSPPrincipal:
    """`principal_classification` 0 is ROLE."""

    principal_classification: int = number(1, INT32)
    principal: bytes = octets(2)


@dataclass(frozen=True)
class MSPRole:
    """`role` 3 is PEER."""

    msp_identifier: str = text(1)
    role: int = number(2, INT32)


@dataclass(frozen=True)
class MSPConfig:
    """`type` 0 is an X.509 MSP."""

    type: int = number(1, INT32)
    config: bytes = octets(2)


@dataclass(frozen=True)
class FabricMSPConfig:
    name: str = text(1)
    root_certs: tuple[bytes, ...] = octets_list(2)
    intermediate_certs: tuple[bytes, ...] = octets_list(3)
    admins: tuple[bytes, ...] = octets_list(4)
    revocation_list: tuple[bytes, ...] = octets_list(5)
    signing_identity: bytes = octets(6)
    organizational_unit_identifiers: tuple[FabricOUIdentifier, ...] = messages(7, lambda: FabricOUIdentifier)
    crypto_config: FabricCryptoConfig | None = message(8, lambda: FabricCryptoConfig)
    tls_root_certs: tuple[bytes, ...] = octets_list(9)
    tls_intermediate_certs: tuple[bytes, ...] = octets_list(10)
    fabric_node_ous: FabricNodeOUs | None = message(11, lambda: FabricNodeOUs)


@dataclass(frozen=True)
class FabricCryptoConfig:
    signature_hash_family: str = text(1)
    identity_identifier_hash_function: str = text(2)


@dataclass(frozen=True)
class FabricOUIdentifier:
    certificate: bytes = octets(1)
    organizational_unit_identifier: str = text(2)


@dataclass(frozen=True)
class FabricNodeOUs:
    enable: bool = flag(1)
    client_ou_identifier: FabricOUIdentifier | None = message(2, lambda: FabricOUIdentifier)
    peer_ou_identifier: FabricOUIdentifier | None = message(3, lambda: FabricOUIdentifier)
    admin_ou_identifier: FabricOUIdentifier | None = message(4, lambda: FabricOUIdentifier)
    orderer_ou_identifier: FabricOUIdentifier | None = message(5, lambda: FabricOUIdentifier)


@dataclass(frozen=True)
class HashingAlgorithm:
    name: str = text(1)


@dataclass(frozen=True)
class BlockDataHashingStructure:
    width: int = number(1, UINT32)


@dataclass(frozen=True)
class ConsensusType:
    """`state` 0 is NORMAL."""

    type: str = text(1)
    metadata: bytes = octets(2)
    state: int = number(3, INT32)


@dataclass(frozen=True)
class Orderers:
    consenter_mapping: tuple[Consenter, ...] = messages(1, lambda: Consenter)


@dataclass(frozen=True)
class Consenter:
    id: int = number(1, UINT32)
    host: str = text(2)
    port: int = number(3, UINT32)
    msp_id: str = text(4)
    identity: bytes = octets(5)
    client_tls_cert: bytes = octets(6)
    server_tls_cert: bytes = octets(7)


@dataclass(frozen=True)
class Capabilities:
    capabilities: tuple[CapabilityEntry, ...] = entries(1, lambda: CapabilityEntry)


@dataclass(frozen=True)
class CapabilityEntry:
    key: str = text(1, Presence.ALWAYS)
    value: Capability | None = message(2, lambda: Capability, Presence.ALWAYS)


@dataclass(frozen=True)
class Capability:
    """An empty message: the capability is its key."""
