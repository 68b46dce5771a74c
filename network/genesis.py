"""The channel's first configuration and the genesis block that carries it.

Written directly as messages (after Fabric's configtxgen) so that one file, the consortium, decides all:
one MSP definition an organisation, used for orderer and peer alike; BFT ordering; endorsement by a
majority of organisations, each by exactly one signature of its role PEER.
"""

import hashlib
import os
import time
from dataclasses import dataclass
from typing import Any

from network import protos
from network.policies import Role, Rule, any_role, consenter_quorum, implicit

CHANNEL_CAPABILITY = "V3_0"
ORDERER_CAPABILITY = "V2_0"
APPLICATION_CAPABILITY = "V2_5"
_ADMINS = "Admins"
_UNLIMITED_WIDTH = 2**32 - 1


@dataclass(frozen=True)
class Member:
    """What the channel knows of one organisation. Certificates are PEM; hosts are addresses or names."""

    msp: str
    node_ca: bytes
    person_ca: bytes
    tls_ca: bytes
    orderer_certificate: bytes
    orderer_tls: bytes
    orderer_host: str
    orderer_port: int
    peer_host: str
    peer_port: int


def genesis_block(channel: str, members: tuple[Member, ...]) -> bytes:
    """Bytes of common.Block number 0 for a new channel."""
    group = _channel(members)
    nonce = os.urandom(24)
    header = protos.common.Header(
        channel_header=_bytes(
            protos.common.ChannelHeader(
                type=protos.common.CONFIG,
                version=1,
                timestamp={"seconds": int(time.time())},
                channel_id=channel,
                tx_id=hashlib.sha256(nonce).hexdigest(),
            )
        ),
        signature_header=_bytes(protos.common.SignatureHeader(nonce=nonce)),
    )
    envelope = protos.configtx.ConfigEnvelope(config=protos.configtx.Config(channel_group=group))
    payload = protos.common.Payload(header=header, data=_bytes(envelope))
    data = _bytes(protos.common.Envelope(payload=_bytes(payload)))
    last = protos.common.LastConfig(index=0)
    signatures = protos.common.Metadata(value=_bytes(protos.common.OrdererBlockMetadata(last_config=last)))
    metadata = [b""] * len(protos.common.BlockMetadataIndex.values())
    metadata[protos.common.LAST_CONFIG] = _bytes(protos.common.Metadata(value=_bytes(last)))
    metadata[protos.common.SIGNATURES] = _bytes(signatures)
    block = protos.common.Block(
        header=protos.common.BlockHeader(number=0, data_hash=hashlib.sha256(data).digest()),
        data=protos.common.BlockData(data=[data]),
        metadata=protos.common.BlockMetadata(metadata=metadata),
    )
    return _bytes(block)


def _channel(members: tuple[Member, ...]) -> Any:
    group = _group(
        values={
            "HashingAlgorithm": protos.channel_configuration.HashingAlgorithm(name="SHA256"),
            "BlockDataHashingStructure": protos.channel_configuration.BlockDataHashingStructure(
                width=_UNLIMITED_WIDTH
            ),
            "Capabilities": _capability(CHANNEL_CAPABILITY),
        },
        policies=_common_policies(),
    )
    group.groups["Orderer"].CopyFrom(_orderer(members))
    group.groups["Application"].CopyFrom(_application(members))
    return group


def _orderer(members: tuple[Member, ...]) -> Any:
    orderer = protos.orderer_configuration
    consenters = [
        protos.channel_configuration.Consenter(
            id=number,
            host=member.orderer_host,
            port=member.orderer_port,
            msp_id=member.msp,
            identity=member.orderer_certificate,
            client_tls_cert=member.orderer_tls,
            server_tls_cert=member.orderer_tls,
        )
        for number, member in enumerate(members, 1)
    ]
    verified = consenter_quorum([(member.msp, member.orderer_certificate) for member in members])
    group = _group(
        values={
            "ConsensusType": orderer.ConsensusType(type="BFT", metadata=_bytes(_smartbft())),
            "Orderers": protos.channel_configuration.Orderers(consenter_mapping=consenters),
            # BFT takes its own batch interval; these two bound one block and one request.
            "BatchSize": orderer.BatchSize(
                max_message_count=500,
                absolute_max_bytes=10 * 1024 * 1024,
                preferred_max_bytes=2 * 1024 * 1024,
            ),
            "BatchTimeout": orderer.BatchTimeout(timeout="2s"),
            "ChannelRestrictions": orderer.ChannelRestrictions(),
            "Capabilities": _capability(ORDERER_CAPABILITY),
        },
        policies=_common_policies() | {"BlockValidation": verified},
    )
    for member in members:
        endpoint = f"{member.orderer_host}:{member.orderer_port}"
        group.groups[member.msp].CopyFrom(
            _group(
                values={
                    "MSP": _msp(member),
                    "Endpoints": protos.channel_configuration.OrdererAddresses(addresses=[endpoint]),
                },
                policies=_organisation_policies(member.msp),
            )
        )
    return group


def _application(members: tuple[Member, ...]) -> Any:
    majority = implicit(Rule.MAJORITY, "Endorsement")
    group = _group(
        values={"Capabilities": _capability(APPLICATION_CAPABILITY)},
        policies=_common_policies() | {"Endorsement": majority, "LifecycleEndorsement": majority},
    )
    for member in members:
        anchor = protos.peer_configuration.AnchorPeer(host=member.peer_host, port=member.peer_port)
        # A verifier reads this policy: exactly one signature of the organisation's role PEER.
        endorsement = any_role(member.msp, Role.PEER)
        group.groups[member.msp].CopyFrom(
            _group(
                values={
                    "MSP": _msp(member),
                    "AnchorPeers": protos.peer_configuration.AnchorPeers(anchor_peers=[anchor]),
                },
                policies=_organisation_policies(member.msp) | {"Endorsement": endorsement},
            )
        )
    return group


def _msp(member: Member) -> Any:
    """The organisation's MSP: roots are node and person CA; only the node CA gives a role."""
    messages = protos.msp_config

    def unit(word: str) -> Any:
        return messages.FabricOUIdentifier(certificate=member.node_ca, organizational_unit_identifier=word)

    configuration = messages.FabricMSPConfig(
        name=member.msp,
        root_certs=[member.node_ca, member.person_ca],
        tls_root_certs=[member.tls_ca],
        crypto_config=messages.FabricCryptoConfig(
            signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
        ),
        fabric_node_ous=messages.FabricNodeOUs(
            enable=True,
            client_ou_identifier=unit("client"),
            peer_ou_identifier=unit("peer"),
            admin_ou_identifier=unit("admin"),
            orderer_ou_identifier=unit("orderer"),
        ),
    )
    return messages.MSPConfig(type=0, config=_bytes(configuration))


def _smartbft() -> Any:
    """Times that suit four nodes near each other: a dead leader is replaced in seconds, a lone
    transaction waits 50 ms. Counts and sizes are SmartBFT's defaults."""
    return protos.smartbft.Options(
        request_batch_max_count=500,
        request_batch_max_bytes=10 * 1024 * 1024,
        request_batch_max_interval="50ms",
        incoming_message_buffer_size=200,
        request_pool_size=400,
        request_forward_timeout="200ms",
        request_complain_timeout="3s",
        request_auto_remove_timeout="3m0s",
        request_max_bytes=10 * 1024 * 1024,
        view_change_resend_interval="1s",
        view_change_timeout="5s",
        leader_heartbeat_timeout="5s",
        leader_heartbeat_count=10,
        collect_timeout="1s",
    )


def _common_policies() -> dict[str, Any]:
    return {
        "Readers": implicit(Rule.ANY, "Readers"),
        "Writers": implicit(Rule.ANY, "Writers"),
        _ADMINS: implicit(Rule.MAJORITY, _ADMINS),
    }


def _organisation_policies(msp: str) -> dict[str, Any]:
    return {
        "Readers": any_role(msp, Role.ADMIN, Role.CLIENT, Role.PEER, Role.ORDERER),
        # An orderer writes: it signs the envelope around a configuration update it accepted.
        "Writers": any_role(msp, Role.ADMIN, Role.CLIENT, Role.ORDERER),
        _ADMINS: any_role(msp, Role.ADMIN),
    }


def _capability(name: str) -> Any:
    messages = protos.channel_configuration
    return messages.Capabilities(capabilities={name: messages.Capability()})


def _group(values: dict[str, Any], policies: dict[str, Any]) -> Any:
    group = protos.configtx.ConfigGroup(mod_policy=_ADMINS)
    for key, value in values.items():
        group.values[key].CopyFrom(protos.configtx.ConfigValue(value=_bytes(value), mod_policy=_ADMINS))
    for key, policy in policies.items():
        group.policies[key].CopyFrom(protos.configtx.ConfigPolicy(policy=policy, mod_policy=_ADMINS))
    return group


def _bytes(message: Any) -> bytes:
    result: bytes = message.SerializeToString(deterministic=True)
    return result
