"""Codes that do not say "this does not hold" but "this verifier does not know how to judge it".

A channel set up in another shape, or one that a later Fabric extends, is nobody's forgery.
"""

from __future__ import annotations

CANNOT = frozenset(
    {
        "AUTHORITY_FORM",
        "CONFIG_APPLICATION_POLICY",
        "CONFIG_CAPABILITY",
        "CONFIG_CONSENSUS",
        "CONFIG_CONSENTER",
        "CONFIG_CRL",
        "CONFIG_FORM",
        "CONFIG_GROUPS",
        "CONFIG_HASHING",
        "CONFIG_MSP",
        "CONFIG_MSP_DIFFERS",
        "CONFIG_NODE_OU",
        "CONFIG_PEER_POLICY",
        "CONFIG_SHARED_AUTHORITY",
        "CONFIG_VALUE_MISSING",
    }
)
