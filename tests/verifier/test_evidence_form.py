"""Evidence that is not in the one form it may have is not read at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from tests.verifier.evidence_attacks import unreadable
from tests.verifier.forge_evidence import LI, LIST, OTHER, ZHANG, Object, Script, forge, good
from tests.verifier.forge_people import canonical
from verifier.errors import EvidenceError
from verifier.evidence import read_evidence

Edit = Callable[[Object], object]


def _swap(name: str) -> Edit:
    def edit(evidence: Object) -> None:
        evidence[name] = [*reversed(evidence[name])]

    return edit


def _twice(name: str) -> Edit:
    return lambda e: e[name].append(e[name][-1])


def _resting_on(name: str) -> Edit:
    """No anchor, and of what could rest on it this alone."""

    def edit(evidence: Object) -> None:
        del evidence["anchor"]
        evidence.update({other: [] for other in ("attestations", "entries", "markers") if other != name})

    return edit


def _block(**members: object) -> Edit:
    return lambda e: e["anchor"]["block"].update(members)


EDITS: dict[str, tuple[Edit, str]] = {
    "no version": (lambda e: e.pop("version"), "SHAPE_MEMBERS"),
    "another version": (lambda e: e.update(version="archive-ledger evidence v2"), "EVIDENCE_VERSION"),
    "a member more": (lambda e: e.update(comment="see http://example.org"), "SHAPE_MEMBERS"),
    "a member less": (lambda e: e.pop("markers"), "SHAPE_MEMBERS"),
    "a member more in a statement": (lambda e: e["statements"][0].update(x=1), "SHAPE_MEMBERS"),
    "a member more in an entry": (lambda e: e["entries"][0].update(index=3), "SHAPE_MEMBERS"),
    "a member more in a marker": (lambda e: e["markers"][0].update(index=3), "SHAPE_MEMBERS"),
    "a member more in the anchor": (lambda e: e["anchor"].update(x=1), "SHAPE_MEMBERS"),
    "a member more in the block": (_block(x=1), "SHAPE_MEMBERS"),
    "a member more in the scope": (lambda e: e["scope"].update(agents=[]), "SHAPE_MEMBERS"),
    "a member more in the basis": (lambda e: e["basis"].update(x=1), "SHAPE_MEMBERS"),
    "a member more in the ledger": (lambda e: e["ledger"].update(x=1), "SHAPE_MEMBERS"),
    "no scope": (lambda e: e.update(scope={"lists": [], "records": []}), "EVIDENCE_SCOPE"),
    "a scope out of order": (
        lambda e: e["scope"].update(records=sorted([ZHANG, LI, OTHER], reverse=True)),
        "SHAPE_ORDER",
    ),
    "a scope with repeats": (lambda e: e["scope"].update(records=[ZHANG, ZHANG]), "SHAPE_ORDER"),
    "a scope that is no uuid": (lambda e: e["scope"].update(lists=["*"]), "SHAPE_VALUE"),
    "no statements": (lambda e: e.update(statements=[]), "SHAPE_VALUE"),
    "statements out of order": (_swap("statements"), "SHAPE_ORDER"),
    "a statement twice": (_twice("statements"), "SHAPE_ORDER"),
    "certificates out of order": (_swap("certificates"), "SHAPE_ORDER"),
    "a certificate twice": (_twice("certificates"), "SHAPE_ORDER"),
    "an attestation twice": (_twice("attestations"), "SHAPE_ORDER"),
    "configurations out of order": (_swap("configurations"), "SHAPE_ORDER"),
    "a configuration twice": (_twice("configurations"), "SHAPE_ORDER"),
    "disclosures out of order": (
        lambda e: e["statements"][good().place("receive")]["disclosures"].reverse(),
        "SHAPE_ORDER",
    ),
    "no anchor under entries": (lambda e: e.pop("anchor"), "EVIDENCE_ANCHOR"),
    "no anchor under entries alone": (_resting_on("entries"), "EVIDENCE_ANCHOR"),
    "no anchor under markers alone": (_resting_on("markers"), "EVIDENCE_ANCHOR"),
    "no anchor under attestations alone": (_resting_on("attestations"), "EVIDENCE_ANCHOR"),
    "an anchor under nothing": (
        lambda e: e.update(attestations=[], entries=[], markers=[]),
        "EVIDENCE_ANCHOR",
    ),
    "stray base64 bits": (
        lambda e: e["certificates"].__setitem__(0, e["certificates"][0][:-2] + "B="),
        "BASE64",
    ),
    "base64 without padding": (
        lambda e: e["anchor"]["block"].update(metadata=e["anchor"]["block"]["metadata"].rstrip("=") + "A"),
        "BASE64",
    ),
    "hex in upper case": (lambda e: e["basis"].update(hash=e["basis"]["hash"].upper()), "HEX"),
    "a proof in upper case": (
        lambda e: e["entries"][0].update(sha256=[p.upper() for p in e["entries"][0]["sha256"]]),
        "SHAPE_VALUE",
    ),
    "a proof of 65 hashes": (lambda e: e["entries"][0].update(sm3=["00" * 32] * 65), "SHAPE_VALUE"),
    "a number as text": (lambda e: e["basis"].update(number="0"), "SHAPE_TYPE"),
    "true as a number": (lambda e: e["anchor"].update(transaction=True), "SHAPE_TYPE"),
    "text as an array": (lambda e: e.update(attestations="x"), "SHAPE_TYPE"),
    "an array as an object": (lambda e: e.update(scope=[]), "SHAPE_TYPE"),
    "block signatures out of order": (
        lambda e: e["anchor"]["block"]["signatures"].reverse(),
        "BLOCK_SIGNATURE_ORDER",
    ),
    "a block without a hash before": (_block(previous=""), "HEX"),
}


@pytest.mark.parametrize("name", EDITS)
def test_not_read(name: str) -> None:
    edit, code = EDITS[name]
    evidence = copy.deepcopy(good().evidence)
    edit(evidence)
    assert unreadable(canonical(evidence), good().trust_octets) == code


def test_items_out_of_order() -> None:
    def edit(evidence: Object) -> None:
        next(s["items"] for s in evidence["statements"] if len(s["items"]) > 1).reverse()

    forged = forge(Script(records=(ZHANG, LI), evidence=edit))
    assert unreadable(forged.octets, forged.trust_octets) == "SHAPE_ORDER"


GOOD = good().octets

OCTETS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "JSON_SYNTAX"),
    "not JSON": (b"evidence", "JSON_SYNTAX"),
    "not UTF-8": (b"\xff" + GOOD, "JSON_SYNTAX"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "JSON_SYNTAX"),
    "cut short": (GOOD[:-1], "JSON_SYNTAX"),
    "something behind": (GOOD + b"{}", "JSON_SYNTAX"),
    "a line feed behind": (GOOD + b"\n", "JSON_NOT_CANONICAL"),
    "a blank": (GOOD.replace(b":", b": ", 1), "JSON_NOT_CANONICAL"),
    "pretty": (json.dumps(good().evidence, indent=1).encode(), "JSON_NOT_CANONICAL"),
    "escaped": (
        GOOD.replace(b"archive-ledger evidence", b"archive\\u002dledger evidence"),
        "JSON_NOT_CANONICAL",
    ),
    "a member twice": (b'{"basis":{},' + GOOD[1:], "JSON_REPEATED_MEMBER"),
    "null": (b"null", "JSON_NULL"),
    "a fraction": (b'{"version":1.0}', "JSON_NUMBER"),
    "an exponent": (b'{"version":1e3}', "JSON_NUMBER"),
    "a negative number": (b'{"version":-1}', "JSON_NUMBER"),
    "a number beyond 2^53-1": (b'{"version":9007199254740992}', "JSON_NUMBER"),
    "not a number": (b'{"version":NaN}', "JSON_NUMBER"),
    "half a surrogate pair": (b'{"version":"\\ud800"}', "JSON_NOT_CANONICAL"),
    "a list": (b"[]", "SHAPE_TYPE"),
}


@pytest.mark.parametrize("name", OCTETS)
def test_octets_not_read(name: str) -> None:
    octets, code = OCTETS[name]
    assert unreadable(octets, good().trust_octets) == code


def test_what_is_read() -> None:
    evidence = read_evidence(forge(Script(lists=(LIST,))).octets)
    assert (evidence.records, evidence.lists) == ((ZHANG,), (LIST,))
    assert evidence.anchor is not None
    # Twelve of the record and the list; for the five who signed them, two each about their keys; four duties.
    assert len(evidence.entries) == 12 + 10 + 4
    assert evidence.entries[0].at == "entries[0]"


def test_error_names_the_place() -> None:
    evidence = copy.deepcopy(good().evidence)
    evidence["entries"][2]["sha256"] = "x"
    with pytest.raises(EvidenceError) as refused:
        read_evidence(canonical(evidence))
    assert refused.value.at == "entries[2].sha256"
