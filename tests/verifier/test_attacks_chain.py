"""Attacks on what Fabric's organisations signed, seen from evidence (checks 6 to 9).

What a block, a transaction or a configuration may look like is attacked in `tests/verifier/fabric`. Here it
is shown that evidence with such parts is refused, under the right check.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, broken, line, report_on
from tests.verifier.fabric.forge import ANCHOR_BLOCK, anchor_draft, config_block, peers, seal
from tests.verifier.fabric.forge_channel import config_envelope
from tests.verifier.fabric.forge_keys import Org, authority, node, orgs
from tests.verifier.forge_evidence import Object, Script
from verifier.fabric.block import CarriedBlock
from verifier.report import CheckName, Outcome, Report, Verdict

NOWHERE = "ab" * 32
TOWN, COUNTY, VILLAGE, JUSTICE = orgs()


def _resealed(**changes: Any) -> Any:
    """The same envelopes in a block sealed anew."""

    def edit(block: CarriedBlock) -> CarriedBlock:
        given = {"number": ANCHOR_BLOCK, "last_config": 3, "previous": block.previous, **changes}
        envelopes = given.pop("envelopes", block.envelopes)
        return seal(envelopes=envelopes, **given)

    return edit


def _signers(*numbers: int) -> list[tuple[int, Any]]:
    return [(n, orgs()[n - 1].orderer) for n in numbers]


def _drop_configuration(number: int) -> Script:
    return Script(configurations=lambda blocks: blocks.pop(number))


def _replace_configuration(at: int, block: CarriedBlock) -> Script:
    return Script(configurations=lambda blocks: blocks.__setitem__(at, block))


def _invented() -> tuple[Org, ...]:
    """Four organisations of an adversary, with the names of the real ones."""
    made = []
    for org in orgs():
        node_ca, person_ca = authority(org.title, "node CA"), authority(org.title, "person CA")
        nodes = {
            "orderer": node(node_ca, "orderer0", "orderer"),
            "peer": node(node_ca, "peer0", "peer"),
            "peer2": node(node_ca, "peer1", "peer"),
            "client": node(node_ca, "gateway", "client", "ledger"),
        }
        made.append(Org(org.msp, org.title, node_ca, person_ca, **nodes))
    return tuple(made)


FORGED = _invented()
THEIRS = [(n, org.orderer) for n, org in enumerate(FORGED[:3], 1)]
FORGED_CONFIGURATION = seal(9, b"\x09" * 32, [config_envelope(FORGED, 2, FORGED[0])], 9, THEIRS)
FORGED_PEERS = [(org.msp, org.peer) for org in FORGED]


# What makes the second configuration block, and a block with a transaction under a configuration's metadata.
CONFIGURATION = config_block(9, 2).envelopes[0]
ORDINARY = seal(9, b"\x09" * 32, [anchor_draft().envelope()], 9)


def _transaction(number: int) -> Script:
    return Script(evidence=lambda e: e["anchor"].update(transaction=number))


def _stray_attestation(evidence: Object) -> None:
    evidence["attestations"] = sorted([*evidence["attestations"], base64.b64encode(b"\x0a\x00").decode()])


ATTACKS: Attacks = {
    "a block without quorum": (
        Script(block=_resealed(signers=_signers(1, 2))),
        {"block BLOCK_QUORUM"},
    ),
    "a block signed by strangers": (
        Script(block=_resealed(signers=THEIRS)),
        {"block NODE_SIGNATURE"},
    ),
    "a block changed after signing": (
        Script(block=lambda block: replace(block, previous=b"\x06" * 32)),
        {"block NODE_SIGNATURE"},
    ),
    "an envelope more": (
        Script(block=lambda block: replace(block, envelopes=(*block.envelopes, block.envelopes[0]))),
        {"block NODE_SIGNATURE"},
    ),
    "another configuration in force": (
        Script(block=_resealed(last_config=0)),
        {"block BLOCK_LAST_CONFIG"},
    ),
    "a block before the basis": (
        Script(block=_resealed(number=0, previous=b"", last_config=0)),
        {"block BLOCK_BEFORE_BASIS"},
    ),
    "a block in the place of a configuration": (
        Script(block=_resealed(number=9, last_config=9)),
        {"block BLOCK_NUMBER_TAKEN"},
    ),
    "somebody else's envelope": (_transaction(0), {"block WIRE_UNKNOWN_FIELD"}),
    "an envelope that is not there": (_transaction(3), {"block ANCHOR_INDEX"}),
    "a configuration's envelope among those of an ordinary block": (
        Script(
            block=lambda b: seal(b.number, b.previous, [*b.envelopes, CONFIGURATION], 3),
            evidence=lambda e: e["anchor"].update(transaction=3),
        ),
        {"block TX_TYPE"},
    ),
    "an ordinary block offered as a configuration": (
        Script(configurations=lambda blocks: blocks.__setitem__(1, ORDINARY)),
        {"configuration CONFIG_ENVELOPE"},
    ),
    "a configuration's block with an envelope more": (
        _replace_configuration(1, seal(9, b"\x09" * 32, [CONFIGURATION, CONFIGURATION], 9)),
        {"configuration CONFIG_ONE_ENVELOPE"},
    ),
    "another ledger's anchor": (Script(anchor=line(1, NOWHERE)), {"block ANCHOR_LEDGER"}),
    "another transaction id": (Script(anchor=line(8, NOWHERE)), {"block ANCHOR_TXID"}),
    "another time": (Script(anchor=line(9, "2026-01-12T09:30:00.124Z")), {"block ANCHOR_TIME"}),
    "endorsed by two of four": (
        Script(endorsers=peers(2)),
        {"endorsement ENDORSEMENT_MAJORITY"},
    ),
    "endorsed twice by one peer": (
        Script(endorsers=[*peers(2), peers(1)[0]]),
        {"endorsement ENDORSEMENT_REPEATED"},
    ),
    "endorsed twice by one organisation": (
        Script(endorsers=[*peers(2), (TOWN.msp, TOWN.peer2)]),
        {"endorsement ENDORSEMENT_MAJORITY"},
    ),
    "endorsed by an orderer": (
        Script(endorsers=[*peers(2), (VILLAGE.msp, VILLAGE.orderer)]),
        {"endorsement NODE_CERTIFICATE_ROLE"},
    ),
    "endorsed by a person": (
        Script(endorsers=[*peers(2), (VILLAGE.msp, node(VILLAGE.person_ca, "peer0", "peer"))]),
        {"endorsement NODE_CERTIFICATE_ISSUER"},
    ),
    "endorsed by strangers": (Script(endorsers=FORGED_PEERS), {"endorsement NODE_CERTIFICATE_ISSUER"}),
    "attested by strangers": (Script(attesters=(FORGED_PEERS,)), {"committed NODE_CERTIFICATE_ISSUER"}),
    "attested before the anchor": (Script(attested_after=-60), {"committed ATTESTATION_TIME"}),
    "an attestation that is none": (Script(evidence=_stray_attestation), {"committed TX_TYPE"}),
    "a configuration left out": (_drop_configuration(0), {"configuration CONFIG_SEQUENCE"}),
    "a configuration by strangers": (
        _replace_configuration(1, FORGED_CONFIGURATION),
        {"configuration NODE_SIGNATURE"},
    ),
    "a configuration out of sequence": (
        _replace_configuration(1, config_block(9, 3)),
        {"configuration CONFIG_SEQUENCE"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)


def _outcomes(report: Report) -> dict[CheckName, Outcome]:
    return {check.check: check.outcome for check in report.checks}


def test_what_rests_on_a_broken_configuration_is_not_run() -> None:
    """Signatures of people verify, but under which authority is not known: that check has not passed."""
    report = report_on(_drop_configuration(0))
    outcomes = _outcomes(report)
    for name in (CheckName.SIGNATURE, CheckName.BLOCK, CheckName.ENDORSEMENT, CheckName.COMMITTED):
        assert outcomes[name] is Outcome.NOT_RUN
        found = next(check for check in report.checks if check.check is name)
        assert found.reasons[0].code == "PREREQUISITE"
    assert outcomes[CheckName.LOG] is outcomes[CheckName.TIME] is Outcome.NOT_RUN
    assert outcomes[CheckName.DISCLOSURE] is outcomes[CheckName.ENTRY] is Outcome.PASSED


def test_everything_wrong_is_said() -> None:
    """A block without quorum does not hide that the transaction in it lacks endorsements too."""
    script = Script(
        block=_resealed(signers=_signers(1, 2)),
        endorsers=peers(2),
        attested_after=-60,
        lines={("scan", None): line(2, "2026-01-12T09:23:00.000Z")},
    )
    assert broken(report_on(script)) == {
        "block BLOCK_QUORUM",
        "endorsement ENDORSEMENT_MAJORITY",
        "committed ATTESTATION_TIME",
        "time TIME_ENTRIES",
    }


def test_unknown_shape_is_no_forgery() -> None:
    """A configuration with a capability that this verifier does not know: cannot check, and not "failed"."""
    unknown = config_envelope(
        orgs(), 2, TOWN, edits={"capabilities:Channel": lambda m: m.capabilities["V9_9"].SetInParent()}
    )
    report = report_on(_replace_configuration(1, seal(9, b"\x09" * 32, [unknown], 9)))
    assert report.verdict is Verdict.CANNOT_CHECK
    assert report.reasons[0].code == "CONFIG_CAPABILITY"
    assert Outcome.FAILED not in _outcomes(report).values()
