"""Verifying a forged story, and reading the report."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from tests.verifier.forge_evidence import CURRENT, Script, forge
from verifier.report import CheckName, FileStatus, Outcome, Report
from verifier.verify import GivenFile, verify


def judge(
    script: Script = Script(),  # noqa: B008 (frozen)
    files: Sequence[GivenFile] = CURRENT,
    now: datetime.datetime | None = None,
) -> Report:
    forged = forge(script)
    return verify(forged.octets, forged.trust_octets, files, now=now)


def outcome(report: Report, name: CheckName) -> Outcome:
    return next(check.outcome for check in report.checks if check.check is name)


def codes(report: Report) -> list[str]:
    return [reason.code for reason in report.reasons]


def statuses(report: Report) -> list[FileStatus]:
    return [file.status for file in report.files]
