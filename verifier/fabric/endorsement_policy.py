"""The endorsement policies a verifier can reason about. docs/formats.md section 13.

"The majority of organisations endorsed" means something only if each organisation's word is one signature of
its own peer. Fabric lets an organisation's policy be anything, even another organisation's signature.
"""

from __future__ import annotations

from verifier.errors import EvidenceError, found_text
from verifier.fabric.config_group import policy_of
from verifier.fabric.config_messages import (
    ConfigGroup,
    ImplicitMetaPolicy,
    MSPRole,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from verifier.fabric.wire import read

POLICY = "Endorsement"
_SIGNATURE, _IMPLICIT_META = 1, 3
_ALL, _MAJORITY = 1, 2
_ROLE, _PEER = 0, 3


def check_majority_policy(application: ConfigGroup, at: str) -> None:
    """The Application group asks the majority (or all) of its organisations.

    Raises EvidenceError CONFIG_VALUE_MISSING, CONFIG_APPLICATION_POLICY, WIRE_…
    """
    policy = policy_of(application, POLICY, at)
    if policy.type != _IMPLICIT_META:
        raise EvidenceError("CONFIG_APPLICATION_POLICY", at, "IMPLICIT_META", str(policy.type))
    meta = read(ImplicitMetaPolicy, policy.value, f"{at}.{POLICY}")
    if meta.sub_policy != POLICY or meta.rule not in (_ALL, _MAJORITY):
        found = found_text(f"{meta.rule} {meta.sub_policy}")
        raise EvidenceError("CONFIG_APPLICATION_POLICY", at, f"MAJORITY {POLICY}", found)


def check_peer_policy(organisation: ConfigGroup, msp: str, at: str) -> None:
    """The organisation's policy is exactly one signature of role PEER of its own MSP.

    Raises EvidenceError CONFIG_VALUE_MISSING, CONFIG_PEER_POLICY, WIRE_…
    """
    policy = policy_of(organisation, POLICY, at)
    if policy.type != _SIGNATURE:
        raise EvidenceError("CONFIG_PEER_POLICY", at, "SIGNATURE", str(policy.type))
    envelope = read(SignaturePolicyEnvelope, policy.value, f"{at}.{POLICY}")
    if envelope.version != 0 or len(envelope.identities) != 1 or not _is_first_alone(envelope.rule):
        raise EvidenceError("CONFIG_PEER_POLICY", at, "one signature of one principal")
    principal = envelope.identities[0]
    if principal.principal_classification != _ROLE:
        raise EvidenceError("CONFIG_PEER_POLICY", at, "ROLE", str(principal.principal_classification))
    role = read(MSPRole, principal.principal, f"{at}.{POLICY}.role")
    if role.msp_identifier != msp or role.role != _PEER:
        found = found_text(f"{role.msp_identifier} {role.role}")
        raise EvidenceError("CONFIG_PEER_POLICY", at, f"{msp} {_PEER} (PEER)", found)


def _is_first_alone(rule: SignaturePolicy | None) -> bool:
    """signed_by(0), or one out of [signed_by(0)] as Fabric's policy language writes it."""
    if rule is None:
        return False
    if rule.n_out_of is None:
        return rule.signed_by == 0
    if rule.signed_by is not None or rule.n_out_of.n != 1 or len(rule.n_out_of.rules) != 1:
        return False
    inner = rule.n_out_of.rules[0]
    return inner.n_out_of is None and inner.signed_by == 0
