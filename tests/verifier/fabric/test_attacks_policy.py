"""Endorsement policies that a verifier cannot reason about (check 7's own rules)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

from tests.verifier.fabric.attacks import clearing, group_edit, pinned_with, setting
from tests.verifier.fabric.forge_channel import Edit
from tests.verifier.fabric.forge_keys import orgs
from verifier.errors import EvidenceError
from verifier.fabric.cannot import CANNOT
from verifier.fabric.config_messages import SignaturePolicyEnvelope
from verifier.fabric.wire import encode, read

TOWN, COUNTY = orgs()[0], orgs()[1]
POLICY = f"policy:{TOWN.msp}"


def _role(**members: Any) -> Edit:
    def edit(message: Any) -> None:
        role = msp_principal_pb2.MSPRole.FromString(message.identities[0].principal)
        for key, value in members.items():
            setattr(role, key, value)
        message.identities[0].principal = role.SerializeToString()

    return edit


def _rule(rule: Any) -> Edit:
    return lambda message: message.rule.CopyFrom(rule)


def _n_out_of(n: int, *signers: int) -> Any:
    rules = [policies_pb2.SignaturePolicy(signed_by=index) for index in signers]
    return policies_pb2.SignaturePolicy(n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=n, rules=rules))


def _policy_type(kind: int) -> Edit:
    return lambda message: setattr(message.groups[TOWN.msp].policies["Endorsement"].policy, "type", kind)


def _second_identity(message: Any) -> None:
    message.identities.append(message.identities[0])


def _classified(kind: int) -> Edit:
    return lambda message: setattr(message.identities[0], "principal_classification", kind)


def _deep_rule() -> Any:
    return policies_pb2.SignaturePolicy(
        n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=1, rules=[_n_out_of(1, 0)])
    )


def _two_rules(octets: bytes) -> bytes:
    envelope = read(SignaturePolicyEnvelope, octets, "policy")
    assert envelope.rule is not None
    return encode(dataclasses.replace(envelope, rule=dataclasses.replace(envelope.rule, signed_by=0)))


POLICIES: dict[str, tuple[dict[str, Edit], str]] = {
    "endorsement by any organisation": (
        {"application_policy": setting(rule=policies_pb2.ImplicitMetaPolicy.ANY)},
        "CONFIG_APPLICATION_POLICY",
    ),
    "endorsement by the majority of something else": (
        {"application_policy": setting(sub_policy="Readers")},
        "CONFIG_APPLICATION_POLICY",
    ),
    "endorsement by signatures listed": (
        group_edit("Application", lambda m: setattr(m.policies["Endorsement"].policy, "type", 1)),
        "CONFIG_APPLICATION_POLICY",
    ),
    "no endorsement policy": (
        group_edit("Application", lambda m: m.policies.pop("Endorsement")),
        "CONFIG_VALUE_MISSING",
    ),
    "an endorsement policy that is empty": (
        group_edit("Application", lambda m: m.policies["Endorsement"].ClearField("policy")),
        "CONFIG_VALUE_MISSING",
    ),
    "an organisation without endorsement policy": (
        group_edit("Application", lambda m: m.groups[TOWN.msp].policies.pop("Endorsement")),
        "CONFIG_VALUE_MISSING",
    ),
    "endorsement by a member": ({POLICY: _role(role=msp_principal_pb2.MSPRole.MEMBER)}, "CONFIG_PEER_POLICY"),
    "endorsement by a client": ({POLICY: _role(role=msp_principal_pb2.MSPRole.CLIENT)}, "CONFIG_PEER_POLICY"),
    "endorsement by another organisation's peer": (
        {POLICY: _role(msp_identifier=COUNTY.msp)},
        "CONFIG_PEER_POLICY",
    ),
    "endorsement by an OU": ({POLICY: _classified(1)}, "CONFIG_PEER_POLICY"),
    "endorsement by one identity": ({POLICY: _classified(2)}, "CONFIG_PEER_POLICY"),
    "endorsement by nobody": ({POLICY: _rule(_n_out_of(0, 0))}, "CONFIG_PEER_POLICY"),
    "endorsement by two of one": ({POLICY: _rule(_n_out_of(2, 0, 0))}, "CONFIG_PEER_POLICY"),
    "endorsement by one of two": ({POLICY: _rule(_n_out_of(1, 0, 0))}, "CONFIG_PEER_POLICY"),
    "endorsement by an identity that is not there": ({POLICY: _rule(_n_out_of(1, 1))}, "CONFIG_PEER_POLICY"),
    "a rule in a rule": ({POLICY: _rule(_deep_rule())}, "CONFIG_PEER_POLICY"),
    "two rules, of which lenient readers keep the last": ({f"{POLICY}!": _two_rules}, "CONFIG_PEER_POLICY"),
    "no rule": ({POLICY: clearing("rule")}, "CONFIG_PEER_POLICY"),
    "a second identity": ({POLICY: _second_identity}, "CONFIG_PEER_POLICY"),
    "a policy of another version": ({POLICY: setting(version=1)}, "CONFIG_PEER_POLICY"),
    "an organisation that asks its own groups": (
        group_edit("Application", _policy_type(3)),
        "CONFIG_PEER_POLICY",
    ),
}


@pytest.mark.parametrize(("edits", "code"), POLICIES.values(), ids=POLICIES)
def test_a_policy_that_cannot_be_checked(edits: dict[str, Edit], code: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        pinned_with(edits)
    assert refused.value.code == code
    assert code in CANNOT


def test_signed_by_alone_is_the_same_policy() -> None:
    pinned_with({POLICY: _rule(policies_pb2.SignaturePolicy(signed_by=0))})
    pinned_with({"application_policy": setting(rule=policies_pb2.ImplicitMetaPolicy.ALL)})
