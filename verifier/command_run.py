"""The work of `archive-verify`: reads the command line and the files, verifies, writes the page or JSON."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from verifier.command_input import InputError, Table, read_one, read_receipt, read_table
from verifier.evidence import MAX_EVIDENCE
from verifier.printable import printable
from verifier.report import CheckName, CheckResult, Outcome, Reason, Report, Verdict
from verifier.report_json import report_text
from verifier.texts import LANGUAGES, Speech
from verifier.trust import MAX_TRUST
from verifier.verify import verify
from verifier.wording import WIDTH, page

MAX_RECEIPT = 65_536
_CANNOT_CHECK = Verdict.CANNOT_CHECK.value


@dataclass(frozen=True)
class Request:
    evidence: Path
    files: tuple[Path, ...]
    trust: Path | None
    receipt: Path | None
    as_json: bool
    language: str


class UsageError(Exception):
    """The command line cannot be understood; `key` is its text, `value` the word at fault."""

    def __init__(self, key: str, value: str) -> None:
        super().__init__(key, value)
        self.key = key
        self.value = value


class _Once(argparse.Action):
    """An option whose second value would silently replace the first: whose trust root is it then?"""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            raise UsageError("usage.twice", option_string or self.dest)
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """argparse's own exit code 2 would say "incomplete"."""

    def error(self, message: str) -> NoReturn:
        raise UsageError("usage.other", message)


def run(words: Sequence[str]) -> int:
    """The exit code: the verdict's, also for a command line or an input that cannot be read (3)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if words and set(words) <= {"-h", "--help"}:
        # Nowhere else: its exit code would say "consistent" of what stands beside it.
        return _write("\n".join(Speech(language).say("usage.help") for language in LANGUAGES), 0)
    try:
        _refuse_files_as_options(words)
        request = parse_request(words, os.environ)
    except UsageError as error:
        _complain(error.key, error.value)
        return _CANNOT_CHECK
    report, left_out = _report(request)
    with contextlib.suppress(OSError):  # a remark; the page matters
        for path in left_out:
            print(Speech(request.language).say("input.left_out", path=printable(path)), file=sys.stderr)
    text = report_text(report) if request.as_json else page(report, request.language, _width())
    return _write(text, report.verdict.value)


def _write(text: str, code: int) -> int:
    """`code`, once `text` is written; that the reader closed the pipe early changes nothing about it."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Nothing more must be written to it when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _complain("usage.output", error.strerror or str(error))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CANNOT_CHECK
    return code


def _refuse_files_as_options(words: Sequence[str]) -> None:
    """A shell that writes `*` out puts a file called `--trust=theirs.json` where an option stands.

    Raises UsageError.
    """
    for word in words:
        if word.startswith("-") and os.path.lexists(word):
            raise UsageError("usage.file_as_option", word)
        if word == "--":
            return


def parse_request(words: Sequence[str], environment: Mapping[str, str]) -> Request:
    """Raises UsageError."""
    parser = _Parser(prog="archive-verify", add_help=False, allow_abbrev=False)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--trust", action=_Once)
    parser.add_argument("--receipt", action=_Once)
    parser.add_argument("--lang", action=_Once)
    parser.add_argument("--json", action="store_true")
    options, unknown = parser.parse_known_intermixed_args(list(words))
    if unknown:
        raise UsageError("usage.unknown", unknown[0])
    if not options.paths:
        raise UsageError("usage.no_evidence", "")
    if options.lang is not None and options.lang not in LANGUAGES:
        raise UsageError("usage.language", options.lang)
    first, *rest = [Path(text) for text in options.paths]
    return Request(
        evidence=first,
        files=tuple(rest),
        trust=Path(options.trust) if options.trust is not None else None,
        receipt=Path(options.receipt) if options.receipt is not None else None,
        as_json=options.json,
        language=options.lang or language_of(environment),
    )


def language_of(environment: Mapping[str, str]) -> str:
    """Chinese, unless the locale names another language. POSIX: LC_ALL before LC_MESSAGES before LANG."""
    named = next((v for k in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(k))), "")
    language = named.partition(".")[0].partition("_")[0].lower()
    return "zh" if language in ("", "c", "posix", "zh") else "en"


def _report(request: Request) -> tuple[Report, tuple[str, ...]]:
    """The report, and what was left out of folders. A path that cannot be read leaves nothing checked."""
    try:
        evidence = read_one(request.evidence, MAX_EVIDENCE)
        trust = read_one(request.trust, MAX_TRUST) if request.trust is not None else None
        receipt = read_receipt(request.receipt, MAX_RECEIPT) if request.receipt is not None else None
        read_already = [p for p in (request.evidence, request.trust, request.receipt) if p is not None]
        table = Table((), ()) if trust is None else read_table(request.files, read_already)
    except InputError as error:
        return unread(error.reason), ()
    now = datetime.datetime.now(datetime.UTC)
    return verify(evidence, trust, table.files, receipt, now), table.left_out


def unread(reason: Reason) -> Report:
    """The report when an input could not be read: nothing was checked."""
    checks = tuple(CheckResult(name, Outcome.NOT_RUN, 0, (reason,)) for name in CheckName)
    return Report(
        verdict=Verdict.CANNOT_CHECK,
        checks=checks,
        reasons=(reason,),
        fingerprint="",
        origin="",
        ledger="",
        channel="",
        records=(),
        lists=(),
        files=(),
        witnesses=(),
        least_attesters=None,
        anchor_batch=None,
        anchor_size=None,
        anchor_time=None,
        attested_at=None,
        receipt=None,
    )


def _width() -> int:
    """The terminal's width within reason; a fixed one for a file or a pipe."""
    return min(max(shutil.get_terminal_size().columns - 2, 40), 100) if sys.stdout.isatty() else WIDTH


def _complain(key: str, value: str) -> None:
    with contextlib.suppress(OSError):  # nobody is left to read it
        for language in LANGUAGES:
            print(Speech(language).say(key, value=printable(value)), file=sys.stderr)
