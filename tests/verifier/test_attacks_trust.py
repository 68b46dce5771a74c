"""Trust roots that do not hold, or are for another evidence: nothing can be checked."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Callable

import pytest

from tests.verifier.fabric.forge import config_block, first_config
from tests.verifier.fabric.forge_channel import config_envelope
from tests.verifier.fabric.forge_keys import orgs
from tests.verifier.forge_evidence import CURRENT, Object, Script, b64, forge, good, trust_root
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import canonical
from verifier.report import Outcome, Report, Verdict
from verifier.trust import MAX_TRUST, fingerprint_of, fingerprint_text, read_trust_root
from verifier.verify import verify
from verifier.wording import page

Edit = Callable[[Object], object]


def _report(trust: bytes | None) -> Report:
    report = verify(good().octets, trust, CURRENT)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert all(check.outcome is Outcome.NOT_RUN and check.subjects == 0 for check in report.checks)
    assert all(check.reasons for check in report.checks)
    assert not report.files
    return report


def evidence_of() -> bytes:
    return good().octets


def trust_of() -> bytes:
    return good().trust_octets


def _with_fingerprint(rest: Object) -> bytes:
    return canonical({**rest, "fingerprint": sha256(canonical(rest)).hex()})


def _configuration(**members: object) -> Edit:
    return lambda t: t["configuration"].update(members)


OTHER_CHANNEL = config_envelope(orgs(), 0, None, channel="archive-00000000")

EDITS: dict[str, tuple[Edit, str]] = {
    "another version": (lambda t: t.update(version="archive-ledger trust v2"), "TRUST_VERSION"),
    "a member more": (lambda t: t.update(url="http://example.org"), "SHAPE_MEMBERS"),
    "a member less": (lambda t: t.pop("channel"), "SHAPE_MEMBERS"),
    "another ledger id": (lambda t: t["ledger"].update(id="00" * 32), "TRUST_LEDGER"),
    "another origin": (lambda t: t["ledger"].update(origin="elsewhere"), "TRUST_LEDGER"),
    "another key": (lambda t: t.update(checkpoint_key="00" * 32), "TRUST_LEDGER"),
    "no attesters needed": (lambda t: t.update(least_attesters=0), "SHAPE_VALUE"),
    "another channel": (lambda t: t.update(channel="archive-00000000"), "TRUST_CHANNEL"),
    "a configuration of another channel": (
        _configuration(envelopes=[b64(OTHER_CHANNEL)]),
        "TRUST_CHANNEL",
    ),
    "a channel that is no name": (lambda t: t.update(channel="a b"), "SHAPE_VALUE"),
    "no envelope": (_configuration(envelopes=[]), "SHAPE_VALUE"),
    "two envelopes": (_configuration(envelopes=[b64(first_config())] * 2), "SHAPE_VALUE"),
    "an envelope that is none": (_configuration(envelopes=[b64(b"\x0a\x01\x00\x00")]), "WIRE_UNKNOWN_FIELD"),
    "a hash before block 0": (_configuration(previous="00" * 32), "HEX"),
    "no hash before block 3": (_configuration(number=3), "HEX"),
    "a hash of odd size": (_configuration(previous="00"), "HEX"),
}


@pytest.mark.parametrize("name", EDITS)
def test_unreadable(name: str) -> None:
    """The adversary computes the fingerprint anew."""
    edit, code = EDITS[name]
    rest = copy.deepcopy(trust_root())
    edit(rest)
    report = _report(_with_fingerprint(rest))
    assert [reason.code for reason in report.reasons] == ["TRUST_UNREADABLE", code]
    assert report.fingerprint == ""


def test_missing() -> None:
    assert [reason.code for reason in _report(None).reasons] == ["TRUST_MISSING"]


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b"trust", b'{"version":"archive-ledger trust v1"}'])
def test_nonsense(octets: bytes) -> None:
    assert _report(octets).reasons[0].code == "TRUST_UNREADABLE"


def test_too_large() -> None:
    report = _report(b" " * (MAX_TRUST + 1))
    assert [reason.code for reason in report.reasons] == ["TRUST_UNREADABLE", "TRUST_SIZE"]


def test_fingerprint_of_something_else() -> None:
    """One member changed in transit, the fingerprint left as it was."""
    trust = {**good().trust, "least_attesters": 1}
    report = _report(canonical(trust))
    assert report.reasons[1].code == "TRUST_FINGERPRINT"


def test_fingerprint_is_read_aloud() -> None:
    root = read_trust_root(good().trust_octets)
    assert root.fingerprint == fingerprint_of(good().trust) == fingerprint_of(trust_root())
    assert re.fullmatch(r"([0-9A-F]{4}-){15}[0-9A-F]{4}", fingerprint_text(root.fingerprint))


def test_evidence_of_another_ledger() -> None:
    forged = forge(Script(evidence=lambda e: e["ledger"].update(origin="elsewhere.example/archive")))
    report = verify(forged.octets, forged.trust_octets, CURRENT)
    assert [reason.code for reason in report.reasons] == ["OTHER_LEDGER"]
    forged = forge(Script(evidence=lambda e: e["ledger"].update(id="00" * 32)))
    assert [r.code for r in verify(forged.octets, forged.trust_octets).reasons] == ["OTHER_LEDGER"]


def test_evidence_on_another_basis() -> None:
    """The trust root pins block 3; the evidence starts at block 0."""
    block = config_block(3, 1)
    configuration = {
        "envelopes": [base64.b64encode(e).decode() for e in block.envelopes],
        "number": 3,
        "previous": block.previous.hex(),
    }
    report = _report(_with_fingerprint({**trust_root(), "configuration": configuration}))
    assert [reason.code for reason in report.reasons] == ["BASIS_OTHER"]
    assert report.fingerprint
    for edit in ({"number": 1}, {"hash": "00" * 32}):
        forged = forge(Script(evidence=lambda e, edit=edit: e["basis"].update(edit)))  # type: ignore[misc]
        found = verify(forged.octets, forged.trust_octets, CURRENT)
        assert [reason.code for reason in found.reasons] == ["BASIS_OTHER"]


def test_evidence_made_for_a_later_basis() -> None:
    """A trust root that pins block 3, and evidence that carries only what comes after."""
    block = config_block(3, 1)
    configuration = {
        "envelopes": [b64(e) for e in block.envelopes],
        "number": 3,
        "previous": block.previous.hex(),
    }

    def edit(evidence: Object) -> None:
        evidence["basis"] = {"hash": block.header_hash.hex(), "number": 3}
        del evidence["configurations"][0]

    trust = _with_fingerprint({**trust_root(), "configuration": configuration})
    report = verify(forge(Script(evidence=edit)).octets, trust, CURRENT)
    assert report.verdict is Verdict.CONSISTENT


MIXED_UP = {
    "swapped": (trust_of, evidence_of, ["INPUTS_SWAPPED"]),
    "evidence twice": (evidence_of, evidence_of, ["TRUST_UNREADABLE", "IS_EVIDENCE"]),
    "trust root twice": (trust_of, trust_of, ["EVIDENCE_UNREADABLE", "IS_TRUST_ROOT"]),
    "not swapped: the first is neither": (
        lambda: b"{}",
        evidence_of,
        ["TRUST_UNREADABLE", "IS_EVIDENCE"],
    ),
}


@pytest.mark.parametrize("name", MIXED_UP)
def test_files_in_each_others_place_are_said_to_be_so(name: str) -> None:
    first, second, codes = MIXED_UP[name]
    report = verify(first(), second(), CURRENT)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert [reason.code for reason in report.reasons] == codes
    said = page(report, "zh")
    assert "版本" not in said
