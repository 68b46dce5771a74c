"""Checks 6 to 9: what Fabric's organisations signed. The rules themselves are in `verifier.fabric`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.evidence import CarriedAnchor, Evidence
from verifier.fabric.anchoring import AnchoredTransaction, Place, check_anchor_transaction
from verifier.fabric.attestation import Attested, check_attestation
from verifier.fabric.configuration import Configuration
from verifier.fabric.endorsement import check_endorsements, check_majority
from verifier.fabric.history import History, follow
from verifier.fabric.quorum import check_quorum
from verifier.report import CheckName
from verifier.tally import Tally
from verifier.trust import TrustRoot


@dataclass(frozen=True)
class Chain:
    """What the checks could establish; None (or nobody) where they could not.

    `in_force`: the configuration under which the anchor's block was signed.
    """

    history: History | None
    in_force: Configuration | None
    anchored: AnchoredTransaction | None
    endorsed_by: tuple[str, ...]
    attested: Attested


def check_chain(evidence: Evidence, trust: TrustRoot, tallies: Mapping[CheckName, Tally]) -> Chain:
    """The rules, in the order in which each may rest on the one before:

    1. (9) the configurations follow from the trust root's, one by one;
    2. (6) the anchor's block is signed by a quorum of the consenters in force, and its transaction writes
       this ledger's anchor and nothing else;
    3. (7) a majority of the application's organisations endorsed that transaction;
    4. (8) each attestation shows that anchor committed, under the newest configuration; at least as many
       organisations as the trust root asks for attested.
    """
    history = _history(evidence, trust, tallies[CheckName.CONFIGURATION])
    place = Place(trust.channel, trust.chaincode, trust.ledger)
    if evidence.anchor is None:
        for name in (CheckName.BLOCK, CheckName.ENDORSEMENT, CheckName.COMMITTED):
            tallies[name].lack("NO_ANCHOR")
        return Chain(history, None, None, (), Attested({}))
    anchored, configuration = _block(evidence.anchor, history, place, tallies[CheckName.BLOCK])
    endorsed_by = _endorsed(anchored, configuration, tallies[CheckName.ENDORSEMENT])
    attested = _attested(evidence, anchored, history, place, tallies[CheckName.COMMITTED])
    if len(attested.organisations) < trust.least_attesters:
        found = f"{len(attested.organisations)} ({' '.join(attested.organisations)})"
        tallies[CheckName.COMMITTED].lack(
            "ATTESTERS_FEW", "attestations", f"≥ {trust.least_attesters}", found
        )
    elif history is not None:
        missing = history.newest.organisations.keys() - set(attested.organisations)
        for msp in sorted(missing):
            tallies[CheckName.COMMITTED].note("ATTESTER_MISSING", "attestations", msp)
    return Chain(history, configuration, anchored, endorsed_by, attested)


def _history(evidence: Evidence, trust: TrustRoot, tally: Tally) -> History | None:
    """None unless every configuration carried follows."""
    tally.subjects += 1
    accepted = [trust.pinned]
    for number, block in enumerate(evidence.configurations):
        with tally.subject():
            accepted.append(follow(accepted[-1], block, f"configurations[{number}]"))
    return History(tuple(accepted)) if not tally.failed and not tally.lacking else None


def _block(
    carried: CarriedAnchor, history: History | None, place: Place, tally: Tally
) -> tuple[AnchoredTransaction | None, Configuration | None]:
    anchored = configuration = None
    if history is None:
        tally.needs("configuration")
        return None, None
    with tally.rule():
        configuration = history.in_force(carried.block, "anchor.block")
    if configuration is None:
        return None, None
    with tally.subject():
        check_quorum(carried.block, configuration, "anchor.block")
    with tally.subject():
        anchored = check_anchor_transaction(
            carried.block, carried.transaction, place, configuration, "anchor.block"
        )
    return anchored, configuration


def _endorsed(
    anchored: AnchoredTransaction | None, configuration: Configuration | None, tally: Tally
) -> tuple[str, ...]:
    if anchored is None or configuration is None:
        tally.needs("block")
        return ()
    with tally.rule():
        tally.subjects += len(anchored.endorsed.endorsements)
        organisations = check_endorsements(anchored.endorsed, configuration, "anchor.block")
        check_majority(organisations, configuration, "anchor.block")
        return organisations
    return ()


def _attested(
    evidence: Evidence,
    anchored: AnchoredTransaction | None,
    history: History | None,
    place: Place,
    tally: Tally,
) -> Attested:
    if anchored is None or history is None:
        tally.needs("block")
        return Attested({})
    times: dict[str, str] = {}
    for number, payload in enumerate(evidence.attestations):
        with tally.subject():
            found = check_attestation(payload, anchored, place, history.newest, f"attestations[{number}]")
            for msp in found.organisations:
                times[msp] = min(found.time, times.get(msp, found.time))
    return Attested(dict(sorted(times.items())))
