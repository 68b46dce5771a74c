"""The channel's policies as Fabric messages. Names and rules follow Fabric's own configtx encoder."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from network import protos


class Role(IntEnum):
    """msp.MSPRole.MSPRoleType, given to a certificate by its NodeOU."""

    MEMBER = 0
    ADMIN = 1
    CLIENT = 2
    PEER = 3
    ORDERER = 4


class Rule(IntEnum):
    """common.ImplicitMetaPolicy.Rule: how many of the groups below must agree."""

    ANY = 0
    ALL = 1
    MAJORITY = 2


def implicit(rule: Rule, policy: str) -> Any:
    """common.Policy: `rule` of the sub-groups' policies named `policy`."""
    meta = protos.policies.ImplicitMetaPolicy(sub_policy=policy, rule=int(rule))
    return protos.policies.Policy(
        type=protos.policies.Policy.IMPLICIT_META, value=meta.SerializeToString(deterministic=True)
    )


def any_role(msp: str, *roles: Role) -> Any:
    """common.Policy: one signature by any of these roles of one organisation."""
    principals = [
        protos.principal.MSPPrincipal(
            principal_classification=protos.principal.MSPPrincipal.ROLE,
            principal=protos.principal.MSPRole(msp_identifier=msp, role=int(role)).SerializeToString(
                deterministic=True
            ),
        )
        for role in roles
    ]
    return _signatures(1, principals)


def quorum(n: int) -> int:
    """Signatures a block needs of n consenters: ceil((n + f + 1) / 2) with f = (n - 1) // 3."""
    f = (n - 1) // 3
    return (n + f + 2) // 2


def consenter_quorum(identities: Sequence[tuple[str, bytes]]) -> Any:
    """common.Policy for BlockValidation: a quorum of these (msp, certificate PEM), each a principal of
    its own, as the orderer itself would write it after a change of consenters."""
    principals = [
        protos.principal.MSPPrincipal(
            principal_classification=protos.principal.MSPPrincipal.IDENTITY,
            principal=protos.identities.SerializedIdentity(mspid=msp, id_bytes=pem).SerializeToString(
                deterministic=True
            ),
        )
        for msp, pem in identities
    ]
    return _signatures(quorum(len(principals)), principals)


def _signatures(least: int, principals: Sequence[Any]) -> Any:
    rules = [protos.policies.SignaturePolicy(signed_by=index) for index in range(len(principals))]
    envelope = protos.policies.SignaturePolicyEnvelope(
        version=0,
        rule=protos.policies.SignaturePolicy(
            n_out_of=protos.policies.SignaturePolicy.NOutOf(n=least, rules=rules)
        ),
        identities=principals,
    )
    return protos.policies.Policy(
        type=protos.policies.Policy.SIGNATURE, value=envelope.SerializeToString(deterministic=True)
    )
