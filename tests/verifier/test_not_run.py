"""What could not run says for want of what; and never says that it passed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.verifier.evidence_attacks import line, resigned
from tests.verifier.forge_evidence import CURRENT, Object, Script, forge, good
from tests.verifier.forge_people import url
from tests.verifier.test_incomplete import not_anchored
from verifier.report import CheckName, Outcome
from verifier.verify import verify


@dataclass(frozen=True)
class Case:
    """`lacking`: for each check that could not run to its end, the reasons, as "CODE for want of"."""

    script: Script
    lacking: dict[CheckName, list[str]]
    files: bool = field(default=True)


FILE, SIGNATURE, ENTRY, LOG = CheckName.FILE, CheckName.SIGNATURE, CheckName.ENTRY, CheckName.LOG
BLOCK, ENDORSEMENT, COMMITTED = CheckName.BLOCK, CheckName.ENDORSEMENT, CheckName.COMMITTED
CONFIGURATION, TIME = CheckName.CONFIGURATION, CheckName.TIME
NEEDS_BLOCK = ["PREREQUISITE block"]


def _no_marker(evidence: Object) -> None:
    evidence["markers"].pop(0)


def _last(reason: str) -> dict[CheckName, list[str]]:
    """Files and handling are judged only on evidence that holds."""
    return {FILE: [reason], CheckName.CUSTODY: [reason]}


CASES = {
    "no configuration": Case(
        Script(configurations=lambda blocks: blocks.pop(0)),
        {
            **_last("PREREQUISITE configuration"),
            SIGNATURE: ["PREREQUISITE configuration"],
            BLOCK: ["PREREQUISITE configuration"],
            ENDORSEMENT: NEEDS_BLOCK,
            COMMITTED: [*NEEDS_BLOCK, "ATTESTERS_FEW ≥ 3"],
            LOG: NEEDS_BLOCK,
            TIME: NEEDS_BLOCK,
        },
    ),
    "no transaction": Case(
        Script(anchor=line(8, "ab" * 32)),
        {
            **_last("PREREQUISITE block"),
            ENDORSEMENT: NEEDS_BLOCK,
            COMMITTED: [*NEEDS_BLOCK, "ATTESTERS_FEW ≥ 3"],
            LOG: NEEDS_BLOCK,
            TIME: NEEDS_BLOCK,
        },
    ),
    "a statement that cannot be read": Case(
        Script(signed={"scan": resigned({"x5t#S256": url(bytes(31))})}),
        {**_last("PREREQUISITE signature"), ENTRY: ["PREREQUISITE signature"]},
    ),
    "no marker": Case(
        Script(evidence=_no_marker),
        {**_last("PREREQUISITE log"), TIME: ["PREREQUISITE log"]},
    ),
    "no anchor": Case(
        not_anchored(),
        {
            ENTRY: ["PENDING an entry in the log"],
            **{check: ["NO_ANCHOR "] for check in (BLOCK, ENDORSEMENT, COMMITTED, LOG, TIME)},
        },
        files=False,
    ),
}
# Reasons that say what is absent; the others of a check are rules broken, or remarks.
ABSENT = ("PREREQUISITE", "NO_ANCHOR", "ATTESTERS_FEW", "PENDING")


@pytest.mark.parametrize("name", CASES)
def test_said(name: str) -> None:
    case = CASES[name]
    forged = forge(case.script)
    report = verify(forged.octets, forged.trust_octets, CURRENT if case.files else ())
    lacking = {
        check.check: found
        for check in report.checks
        if (found := [f"{r.code} {r.expected}" for r in check.reasons if r.code in ABSENT])
    }
    assert lacking == case.lacking
    assert all(check.outcome is not Outcome.PASSED for check in report.checks if check.check in lacking)


@pytest.mark.parametrize(
    ("evidence", "trust", "code"),
    [
        (b"{}", good().trust_octets, "EVIDENCE_UNREADABLE"),
        (good().octets, b"{}", "TRUST_UNREADABLE"),
        (good().octets, None, "TRUST_MISSING"),
    ],
    ids=["no evidence", "a trust root that is none", "no trust root"],
)
def test_nothing_is_checked(evidence: bytes, trust: bytes | None, code: str) -> None:
    for check in verify(evidence, trust, CURRENT).checks:
        assert check.outcome is Outcome.NOT_RUN
        assert [reason.code for reason in check.reasons] == [code]
