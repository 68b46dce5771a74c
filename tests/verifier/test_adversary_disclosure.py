"""One signature, two stories: a signer who commits to two values of one name, to show either one later."""

from __future__ import annotations

import pytest

from tests.verifier.evidence_attacks import assert_refused
from tests.verifier.forge_evidence import EXTRA, FORM, MAP, Object, Script, field_of, forge, given
from tests.verifier.forge_people import File, Payload, digest_of, disclosure
from verifier.report import Verdict
from verifier.verify import verify

LIE = File("map.png", b"a map drawn after the dispute")
LIES = disclosure("file.1.digests", LIE.digests(), "another salt")


def _two_digests(payload: Payload) -> None:
    """The digests of another file as well, under a name that is never shown."""
    digests = dict(zip(payload["fields"], payload["_sd"], strict=True)) | {"note": digest_of(LIES)}
    payload["fields"] = sorted(digests)
    payload["_sd"] = [digests[name] for name in payload["fields"]]


def _other_order(payload: Payload) -> None:
    payload["_sd"] = payload["_sd"][::-1]


def _shows_the_lie(evidence: Object) -> None:
    for statement in evidence["statements"]:
        names = {field_of(text): text for text in statement["disclosures"]}
        if {"file.0.name", "file.1.digests"} <= names.keys():
            statement["disclosures"] = sorted({*statement["disclosures"], LIES} - {names["file.1.digests"]})


ATTACKS = {
    "the second of two digests of a file": (
        Script(claims={"resubmit": _two_digests}, evidence=_shows_the_lie),
        {"disclosure SD_NOT_BOUND"},
    ),
    "digests in another order than the names": (
        Script(claims={"resubmit": _other_order}),
        {"disclosure SD_NOT_BOUND"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)


def test_the_first_is_the_only_one() -> None:
    """What never hashes to its name's digest can only be withheld: so the file has one content."""
    forged = forge(Script(claims={"resubmit": _two_digests}))
    true = verify(forged.octets, forged.trust_octets, [given(FORM), given(MAP), given(EXTRA)])
    false = verify(forged.octets, forged.trust_octets, [given(FORM), given(LIE), given(EXTRA)])
    assert true.verdict is Verdict.CONSISTENT
    assert false.verdict is Verdict.INCONSISTENT
