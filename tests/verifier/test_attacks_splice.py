"""Evidence put together from parts that are true elsewhere."""

from __future__ import annotations

import copy
import functools

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, setting
from tests.verifier.forge_evidence import LI, Forged, Object, Script, forge


@functools.cache
def other() -> Forged:
    """Another history under the same authorities: the reading counts its pages."""
    return forge(Script(claims={"view": setting(pages=3)}))


@functools.cache
def lis() -> Forged:
    """The true evidence of another record of the same ledger and anchor."""
    return forge(Script(records=(LI,)))


def _from(source: Forged, *names: str) -> Script:
    def edit(evidence: Object) -> None:
        evidence.update({name: copy.deepcopy(source.evidence[name]) for name in names})

    return Script(evidence=edit)


def _adding(evidence: Object) -> None:
    """The entries of both records, the scope of one."""
    for name in ("entries", "markers"):
        leaves = {leaf["text"]: leaf for leaf in (*evidence[name], *lis().evidence[name])}
        evidence[name] = sorted(leaves.values(), key=_index)


def _index(leaf: Object) -> int:
    return int(leaf["text"].split("\n")[1])


def _claims_other_scope(evidence: Object) -> None:
    evidence["scope"] = {"lists": [], "records": [LI]}


ATTACKS: Attacks = {
    "the anchor of another history": (
        _from(other(), "anchor"),
        {"log LOG_INCLUSION", "committed ATTESTATION_VALUE"},
    ),
    "attestations of another history": (_from(other(), "attestations"), {"committed ATTESTATION_VALUE"}),
    "anchor and attestations of another history": (
        _from(other(), "anchor", "attestations"),
        {"log LOG_INCLUSION"},
    ),
    "entries of another history": (
        _from(other(), "entries"),
        {"log LOG_INCLUSION", "entry ENTRY_WITHOUT_STATEMENT"},
    ),
    "entries and statements of another history": (
        _from(other(), "entries", "statements"),
        {"log LOG_INCLUSION"},
    ),
    "markers of another record's evidence": (
        _from(lis(), "markers"),
        {"log MARKER_MISSING"},
    ),
    "another record's statements": (
        _from(lis(), "statements"),
        {
            "entry ENTRY_WITHOUT_STATEMENT",
            "entry ENTRY_WITHOUT_ITEM",
            "entry ITEM_WITHOUT_ENTRY",
            "entry PENDING_OUT_OF_SCOPE",
            "entry ENTRY_OUT_OF_SCOPE",
            "signature CERTIFICATE_UNUSED",
        },
    ),
    "another record's entries": (
        _from(lis(), "entries"),
        {
            "entry ENTRY_OUT_OF_SCOPE",
            "entry ENTRY_WITHOUT_STATEMENT",
            "entry ENTRY_WITHOUT_ITEM",
            "entry ITEM_WITHOUT_ENTRY",
            "entry PENDING_OUT_OF_SCOPE",
            "log MARKER_SPARE",
        },
    ),
    "another record's entries beside": (
        Script(evidence=_adding),
        {"entry ENTRY_OUT_OF_SCOPE", "entry ENTRY_WITHOUT_STATEMENT", "entry ENTRY_WITHOUT_ITEM"},
    ),
    "another record's name": (
        Script(evidence=_claims_other_scope),
        {"entry ENTRY_OUT_OF_SCOPE", "entry SCOPE_EMPTY"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
