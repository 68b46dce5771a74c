"""Verification: evidence, a trust root and the files on the table in, a report out. No file, socket or clock.

All decisions of trust are here and in the modules called from here; whoever distrusts us reads these:

 0. Nothing is believed without a trust root, which the reader got by another road (`trust`). The evidence
    must be for that ledger, and its chain must start at the configuration block that the trust root pins.
 9. Configurations: each follows from the one before, signed by a quorum of its consenters (`verify_chain`).
 6. The anchor's block is signed under the configuration in force; its transaction writes this ledger's
    anchor and nothing else.
 7. A majority of the organisations endorsed it.
 8. At least as many organisations as the trust root asks for attested that it is committed.
 2. Each statement is signed by `agent` with a certificate that a person CA of `iss` issued, in date at
    `recorded_at` (`verify_statements`), with a key enrolled and not revoked before (`verify_keys`).
 3. What is shown of disclosures is bound to the statements.
 4. Each entry is what its statement or item derives to (`verify_entries`); no trail has a gap
    (`verify_trails`).
 5. Entries, and the markers around them, are in both trees of the anchor (`verify_log`).
10. Times never go back, and each entry lies between two anchors (`verify_times`).
 1. The files on the table are the record's (`verify_files`): judged last, and only if nothing above failed,
    because a file that equals what a forged statement says proves nothing.
11. No step of the handling was skipped, none done by who must not (`verify_custody`), or had no duty for it
    then (`verify_duties`): judged with the files.

A check that cannot run is "not run", never "passed". `verdict` makes one verdict of the eleven outcomes.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from verifier.acts import Subjects, acts_of, erasures
from verifier.errors import EvidenceError
from verifier.evidence import Evidence, read_evidence
from verifier.fabric.history import History
from verifier.fabric.organisation import Organisation
from verifier.parts import Parts, open_parts
from verifier.printable import likeness
from verifier.report import CheckName, CheckResult, Reason, Report, Verdict, Witness
from verifier.story import list_report, record_report
from verifier.tally import CANNOT, Tally
from verifier.trust import TrustRoot, read_trust_root
from verifier.verdict import assert_consistent_is_earned, decide, deciding_reasons
from verifier.verify_chain import Chain, check_chain
from verifier.verify_custody import check_custody
from verifier.verify_duties import duty_trails, held_by
from verifier.verify_entries import check_entries
from verifier.verify_files import GivenFile, check_files, files_of
from verifier.verify_keys import check_keys, key_trails
from verifier.verify_log import check_log
from verifier.verify_receipt import check_receipt
from verifier.verify_statements import Authority, check_shown, check_signatures
from verifier.verify_times import check_times, intervals
from verifier.verify_trails import check_trails

__all__ = ["GivenFile", "verify"]


def verify(
    evidence: bytes,
    trust: bytes | None,
    files: Sequence[GivenFile] = (),
    receipt: str | None = None,
    now: datetime.datetime | None = None,
) -> Report:
    """The report on the octets of an evidence file and of a trust root. Raises nothing on bad input.

    `files`: what lies on the table. `receipt`: the text of a signed note. `now`: the reader's clock, only for
    a remark that it lags.
    """
    if trust is None:
        return _unchecked((Reason("TRUST_MISSING"),), None)
    try:
        root = read_trust_root(trust)
    except EvidenceError as error:
        swapped = error.code == "IS_EVIDENCE" and _is_trust_root(evidence)
        told = (Reason("INPUTS_SWAPPED"),) if swapped else (Reason("TRUST_UNREADABLE"), _reason(error))
        return _unchecked(told, None)
    try:
        read = read_evidence(evidence)
    except EvidenceError as error:
        return _unchecked((Reason("EVIDENCE_UNREADABLE"), _reason(error)), root)
    other = _other(read, root)
    if other:
        return _unchecked(other, root)
    report = _judge(read, root, files, receipt, now)
    assert_consistent_is_earned(report)
    return report


def _is_trust_root(data: bytes) -> bool:
    try:
        read_trust_root(data)
    except EvidenceError:
        return False
    return True


def _reason(error: EvidenceError) -> Reason:
    return Reason(error.code, error.at, error.expected, error.found)


def _other(evidence: Evidence, trust: TrustRoot) -> tuple[Reason, ...]:
    """Why this trust root says nothing about this evidence; empty if it is for it."""
    if evidence.ledger != trust.ledger or evidence.origin != trust.origin:
        expected, found = (f"{x.origin} {x.ledger.hex()}" for x in (trust, evidence))
        return (Reason("OTHER_LEDGER", "ledger", expected, found),)
    pinned = trust.pinned
    if (evidence.basis_number, evidence.basis_hash) != (pinned.number, pinned.header_hash):
        expected = f"{pinned.number} {pinned.header_hash.hex()}"
        return (
            Reason("BASIS_OTHER", "basis", expected, f"{evidence.basis_number} {evidence.basis_hash.hex()}"),
        )
    return ()


def _unchecked(reasons: tuple[Reason, ...], trust: TrustRoot | None) -> Report:
    """Nothing was compared with anything."""
    tallies = [Tally(name) for name in CheckName]
    for tally in tallies:
        tally.lack(reasons[0].code)
    return _untold(tuple(tally.result() for tally in tallies), reasons, trust)


def _untold(checks: tuple[CheckResult, ...], reasons: tuple[Reason, ...], trust: TrustRoot | None) -> Report:
    """Cannot check: what such evidence tells of records, files and witnesses is not repeated."""
    return Report(
        verdict=Verdict.CANNOT_CHECK,
        checks=checks,
        reasons=reasons,
        fingerprint=trust.fingerprint if trust else "",
        origin=trust.origin if trust else "",
        ledger=trust.ledger.hex() if trust else "",
        channel=trust.channel if trust else "",
        records=(),
        lists=(),
        files=(),
        witnesses=(),
        least_attesters=trust.least_attesters if trust else None,
        anchor_batch=None,
        anchor_size=None,
        anchor_time=None,
        attested_at=None,
        receipt=None,
    )


def _judge(
    evidence: Evidence,
    trust: TrustRoot,
    given: Sequence[GivenFile],
    receipt: str | None,
    now: datetime.datetime | None,
) -> Report:
    tallies = {name: Tally(name) for name in CheckName}
    chain = check_chain(evidence, trust, tallies)
    anchor = chain.anchored.anchor if chain.anchored else None
    parts = open_parts(evidence, tallies)
    newest = chain.history.newest if chain.history else None
    check_signatures(parts, Authority(trust.origin, newest), tallies[CheckName.SIGNATURE])
    check_shown(parts, tallies[CheckName.DISCLOSURE])
    beside = key_trails(parts) | duty_trails(parts)
    keys = check_keys(parts, tallies[CheckName.SIGNATURE])
    check_entries(evidence, parts, tallies[CheckName.ENTRY], beside)
    check_trails(evidence, parts, tallies[CheckName.ENTRY], beside)
    if evidence.anchor is None:
        for name in (CheckName.LOG, CheckName.TIME):
            tallies[name].lack("NO_ANCHOR")
    else:
        check_log(parts, trust.ledger, anchor, tallies[CheckName.LOG])
        check_times(parts, anchor, chain.attested, now, tallies[CheckName.TIME])
    in_the_way = [n.value for n, t in tallies.items() if t.failed or any(r.code in CANNOT for r in t.lacking)]
    if in_the_way:
        for name in (CheckName.FILE, CheckName.CUSTODY):
            tallies[name].needs(" ".join(in_the_way))
        checks = tuple(tally.result() for tally in tallies.values())
        return _untold(checks, deciding_reasons(decide(checks, None), checks, None), trust)
    return replace(_tell(evidence, trust, chain, parts, given, receipt, tallies), keys=keys)


def _tell(
    evidence: Evidence,
    trust: TrustRoot,
    chain: Chain,
    parts: Parts,
    given: Sequence[GivenFile],
    receipt: str | None,
    tallies: Mapping[CheckName, Tally],
) -> Report:
    """The report on evidence of which nothing failed."""
    anchor = chain.anchored.anchor if chain.anchored else None
    acts, spans = acts_of(parts), intervals(parts, anchor)
    erased, about = erasures(acts), Subjects(acts)
    recorded = [files_of(record, about.records.get(record, ()), spans) for record in evidence.records]
    files = check_files(given, recorded, tallies[CheckName.FILE])
    handled = check_custody(evidence.records, about.records, tallies[CheckName.CUSTODY], held_by(parts))
    promise = check_receipt(receipt, trust, parts, anchor) if receipt is not None else None
    checks = tuple(tally.result() for tally in tallies.values())
    verdict = decide(checks, promise)
    return Report(
        verdict=verdict,
        checks=checks,
        reasons=deciding_reasons(verdict, checks, promise),
        fingerprint=trust.fingerprint,
        origin=trust.origin,
        ledger=trust.ledger.hex(),
        channel=trust.channel,
        records=tuple(
            record_report(found, about.records.get(found.record, ()), erased, spans, handled[found.record])
            for found in recorded
        ),
        lists=tuple(
            list_report(listing, about.lists.get(listing, ()), erased, spans) for listing in evidence.lists
        ),
        files=tuple(files),
        witnesses=_witnesses(chain),
        least_attesters=trust.least_attesters,
        anchor_batch=anchor.batch if anchor else None,
        anchor_size=anchor.size if anchor else None,
        anchor_time=anchor.time if anchor else None,
        attested_at=chain.attested.irrevocable_by(trust.least_attesters),
        receipt=promise.result if promise else None,
    )


def _witnesses(chain: Chain) -> tuple[Witness, ...]:
    """The application's organisations when the anchor was written and now, by MSP id."""
    if chain.history is None:
        return ()
    newest = chain.history.newest.organisations
    before = chain.in_force.organisations if chain.in_force else newest
    names = _names(chain.history, before | newest)
    attested = chain.attested.organisations
    return tuple(
        Witness(
            msp,
            names[msp],
            endorsed=msp in chain.endorsed_by,
            attested=msp in attested,
            asked_to_endorse=msp in before,
            asked_to_attest=msp in newest,
        )
        for msp in sorted(names)
    )


def _names(history: History, organisations: Mapping[str, Organisation]) -> dict[str, str]:
    """What to call each organisation, by MSP id.

    An organisation can change its own certificates, and with them its name, by itself: the name counts that
    the trust root's configuration has. One that came later bears its id beside its name, as do all that
    would be called the same.
    """
    pinned = history.pinned.organisations
    names = {msp: pinned[msp].name if msp in pinned else found.name for msp, found in organisations.items()}
    alike = Counter(map(likeness, names.values()))
    return {
        msp: name if msp in pinned and alike[likeness(name)] == 1 else f"{name} ({msp})"
        for msp, name in names.items()
    }
