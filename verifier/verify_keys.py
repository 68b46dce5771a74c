"""Check 2, second part: each key was enrolled, and not revoked, at a lower index. docs/formats.md section 9.

The evidence carries the whole trail `keys` of each signer who is no registrar, as of the anchor;
`verify_trails` sees that it has no gap.
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.certificate import Signer
from verifier.errors import EvidenceError
from verifier.keys import REGISTRAR, Keys, Pair, key_act
from verifier.parts import OpenStatement, Parts
from verifier.people import KEYS, REVOKE
from verifier.people_acts import acts_by_subject, places_of
from verifier.report import KeyReport
from verifier.tally import Tally
from verifier.trail import Trail, trail


def key_trails(parts: Parts) -> dict[Trail, str]:
    """The trails that the evidence has to carry beside those in scope, and the subject of each."""
    agents = {agent for agent, _ in _holders(parts)}
    return {trail(KEYS, agent): f"keys {agent}" for agent in agents}


def check_keys(parts: Parts, tally: Tally) -> tuple[KeyReport, ...]:
    """The rules:

    1. the key of each logged statement that no registrar signed counts at its index, by the acts on its
       agent's trail `keys`;
    2. later news of compromise that reaches back to it, and a revocation that one organisation alone has
       stated, are told. Whether a revocation came after the last act shown is not proved.

    What is told of each key that signed.
    """
    places = places_of(parts)
    known = {agent: Keys(of) for agent, of in acts_by_subject(parts, places, key_act).items()}
    recorded = parts.recorded_at()
    told: dict[tuple[str, bytes], KeyReport] = {}
    for opened in parts.statements:
        signer = parts.signers.get(opened.statement.certificate_sha256)
        if signer is None or signer.role == REGISTRAR:
            continue
        keys = known.setdefault(opened.statement.agent, Keys())
        place = places.get(opened.sha256)
        if place is None:
            tally.note("KEY_PENDING", opened.at)
            continue
        with tally.rule():
            try:
                keys.check(signer.key_sha256, opened.statement.iss, place)
            except EvidenceError as error:
                raise EvidenceError(error.code, opened.at, error.expected, error.found) from None
        doubt = keys.doubt(signer.key_sha256, recorded.get(opened.sha256))
        if doubt is not None:
            tally.note("KEY_IN_DOUBT", opened.at, found=doubt.second.statement.hex())
        _tell(told, keys, signer, opened, doubt)
    for agent, keys in known.items():
        if any(act.event == REVOKE for act in keys.waiting.values()):
            tally.note("KEY_REVOKE_ALONE", f"keys {agent}")
    if told:
        tally.note("LATER_KEYS_NOT_PROVED")
    return tuple(told[key] for key in sorted(told))


def _holders(parts: Parts) -> Iterable[tuple[str, OpenStatement]]:
    """Whom each statement names as its signer, unless a registrar's certificate shows otherwise."""
    for opened in parts.statements:
        signer = parts.signers.get(opened.statement.certificate_sha256)
        if signer is None or signer.role != REGISTRAR:
            yield opened.statement.agent, opened


def _tell(
    told: dict[tuple[str, bytes], KeyReport],
    keys: Keys,
    signer: Signer,
    opened: OpenStatement,
    doubt: Pair | None,
) -> None:
    held = keys.enrolments.get(signer.key_sha256)
    if held is None:
        return
    key = signer.agent, signer.key_sha256
    before = told.get(key)
    first, second = held.enrolled.first, held.enrolled.second
    told[key] = KeyReport(
        agent=signer.agent,
        key=signer.key_sha256.hex(),
        certified_by=opened.statement.iss,
        enrolled_by=(first.iss, second.iss),
        enrolled_at=second.recorded_at or "",
        revoked_at=held.revoked.second.recorded_at if held.revoked is not None else None,
        reason=held.revoked.first.reason if held.revoked is not None else None,
        in_doubt=(before.in_doubt if before is not None else 0) + (1 if doubt is not None else 0),
    )
