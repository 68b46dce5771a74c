"""The configuration of an invented channel in official messages, shaped as Fabric's own tool makes it.

`Edit`s change one message before it is packed into the next, so that everything around stays consistent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2, msp_principal_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2

from tests.verifier.fabric.forge_keys import Holder, Org, sign

Edit = Callable[[Any], Any]
Edits = Mapping[str, Edit]
CHANNEL = "archive-7f3a19c2"
SECONDS = 1_768_210_200  # 2026-01-12T09:30:00Z
NONCE = bytes(range(24))


def pack(stage: str, message: Any, edits: Edits) -> bytes:
    """The message's octets, after the edit of this stage, if any, and that of its octets (`stage`!)."""
    if stage in edits:
        edits[stage](message)
    octets: bytes = message.SerializeToString(deterministic=True)
    change = edits.get(stage + "!")
    return change(octets) if change else octets


def serialized(msp: str, holder: Holder) -> bytes:
    identity = identities_pb2.SerializedIdentity(mspid=msp, id_bytes=holder.pem)
    octets: bytes = identity.SerializeToString(deterministic=True)
    return octets


def msp_value(org: Org, crls: tuple[bytes, ...], edits: Edits) -> bytes:
    def unit(role: str) -> Any:
        return msp_config_pb2.FabricOUIdentifier(
            certificate=org.node_ca.pem, organizational_unit_identifier=role
        )

    fabric = msp_config_pb2.FabricMSPConfig(
        name=org.msp,
        root_certs=[org.node_ca.pem, org.person_ca.pem],
        revocation_list=crls,
        crypto_config=msp_config_pb2.FabricCryptoConfig(
            signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
        ),
        fabric_node_ous=msp_config_pb2.FabricNodeOUs(
            enable=True,
            client_ou_identifier=unit("client"),
            peer_ou_identifier=unit("peer"),
            admin_ou_identifier=unit("admin"),
            orderer_ou_identifier=unit("orderer"),
        ),
    )
    config = msp_config_pb2.MSPConfig(type=0, config=pack(f"msp:{org.msp}", fabric, edits))
    return pack(f"msp_config:{org.msp}", config, edits)


def peer_policy(msp: str) -> Any:
    """`OR('<msp>.peer')` of Fabric's policy language."""
    role = msp_principal_pb2.MSPRole(msp_identifier=msp, role=msp_principal_pb2.MSPRole.PEER)
    one = policies_pb2.SignaturePolicy(signed_by=0)
    return policies_pb2.SignaturePolicyEnvelope(
        rule=policies_pb2.SignaturePolicy(n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=1, rules=[one])),
        identities=[
            msp_principal_pb2.MSPPrincipal(
                principal_classification=msp_principal_pb2.MSPPrincipal.ROLE,
                principal=role.SerializeToString(deterministic=True),
            )
        ],
    )


def group(values: dict[str, bytes], policies: dict[str, Any]) -> Any:
    made = configtx_pb2.ConfigGroup(mod_policy="Admins")
    for key, value in values.items():
        made.values[key].CopyFrom(configtx_pb2.ConfigValue(value=value, mod_policy="Admins"))
    for key, policy in policies.items():
        made.policies[key].CopyFrom(configtx_pb2.ConfigPolicy(policy=policy, mod_policy="Admins"))
    return made


def _capability(stage: str, name: str, edits: Edits) -> bytes:
    message = configuration_pb2.Capabilities(capabilities={name: configuration_pb2.Capability()})
    return pack(stage, message, edits)


def _implicit(stage: str, edits: Edits) -> Any:
    rule = policies_pb2.ImplicitMetaPolicy(
        sub_policy="Endorsement", rule=policies_pb2.ImplicitMetaPolicy.MAJORITY
    )
    return policies_pb2.Policy(type=policies_pb2.Policy.IMPLICIT_META, value=pack(stage, rule, edits))


def channel_group(orgs: tuple[Org, ...], crls: Mapping[str, tuple[bytes, ...]], edits: Edits) -> Any:
    """Stages: hashing, width, capabilities:{Channel,Orderer,Application}, consensus, orderers, msp:<msp>,
    msp_config:<msp>, orderer_msp:<msp>, policy:<msp>, application_policy, group:{Application,Orderer}, group.
    """
    consenters = [
        configuration_pb2.Consenter(
            id=n, host="127.0.0.1", port=7000 + n, msp_id=org.msp, identity=org.orderer.pem
        )
        for n, org in enumerate(orgs, 1)
    ]
    bft = orderer_pb2.ConsensusType(type="BFT", metadata=b"options")
    root = group(
        {
            "HashingAlgorithm": pack("hashing", configuration_pb2.HashingAlgorithm(name="SHA256"), edits),
            "BlockDataHashingStructure": pack(
                "width", configuration_pb2.BlockDataHashingStructure(width=2**32 - 1), edits
            ),
            "Capabilities": _capability("capabilities:Channel", "V3_0", edits),
        },
        {},
    )
    orderer = group(
        {
            "ConsensusType": pack("consensus", bft, edits),
            "Capabilities": _capability("capabilities:Orderer", "V2_0", edits),
            "Orderers": pack("orderers", configuration_pb2.Orderers(consenter_mapping=consenters), edits),
        },
        {},
    )
    application = group(
        {"Capabilities": _capability("capabilities:Application", "V2_5", edits)},
        {"Admins": _implicit("", {}), "Endorsement": _implicit("application_policy", edits)},
    )
    for org in orgs:
        value = msp_value(org, crls.get(org.msp, ()), edits)
        change = edits.get(f"orderer_msp:{org.msp}")
        orderer.groups[org.msp].CopyFrom(group({"MSP": change(value) if change else value}, {}))
        policy = policies_pb2.Policy(
            type=policies_pb2.Policy.SIGNATURE,
            value=pack(f"policy:{org.msp}", peer_policy(org.msp), edits),
        )
        other = policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=b"not looked at")
        application.groups[org.msp].CopyFrom(
            group({"AnchorPeers": b"not looked at", "MSP": value}, {"Admins": other, "Endorsement": policy})
        )
    pack("group:Application", application, edits)
    pack("group:Orderer", orderer, edits)
    root.groups["Application"].CopyFrom(application)
    root.groups["Orderer"].CopyFrom(orderer)
    pack("group", root, edits)
    return root


def config_envelope(
    orgs: tuple[Org, ...],
    sequence: int,
    signer: Org | None,
    *,
    crls: Mapping[str, tuple[bytes, ...]] | None = None,
    channel: str = CHANNEL,
    edits: Edits | None = None,
) -> bytes:
    """An Envelope of type CONFIG; without `signer` as in block 0. Further stages: config, config_envelope,
    channel_header, payload, envelope."""
    edits = edits or {}
    config = configtx_pb2.Config(sequence=sequence, channel_group=channel_group(orgs, crls or {}, edits))
    pack("config", config, edits)
    whole = configtx_pb2.ConfigEnvelope(config=config)
    creator = serialized(signer.msp, signer.orderer) if signer else b""
    if signer:
        whole.last_update.payload, whole.last_update.signature = b"the update", b"its signature"
    header = common_pb2.ChannelHeader(
        type=common_pb2.CONFIG,
        version=1,
        timestamp={"seconds": SECONDS},
        channel_id=channel,
        tx_id=hashlib.sha256(NONCE + creator).hexdigest(),
    )
    payload = common_pb2.Payload(
        header=common_pb2.Header(
            channel_header=pack("channel_header", header, edits),
            signature_header=pack(
                "signature_header", common_pb2.SignatureHeader(creator=creator, nonce=NONCE), edits
            ),
        ),
        data=pack("config_envelope", whole, edits),
    )
    octets = pack("payload", payload, edits)
    signature = sign(signer.orderer, octets) if signer else b""
    return pack("envelope", common_pb2.Envelope(payload=octets, signature=signature), edits)
