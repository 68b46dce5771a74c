"""A report in plain words, Chinese or English: the verdict first, then what it is, since when, by whom.

Nothing is said that the report does not hold. Where the evidence does not hold, what it says of records and
people is not repeated at all. `wording_files`, `wording_record`, `wording_keys` and
`wording_proof` write the parts.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.layout import fold
from verifier.report import Report, Verdict
from verifier.texts import Speech
from verifier.wording_files import headline, summary
from verifier.wording_keys import key_lines
from verifier.wording_proof import (
    basis_lines,
    check_lines,
    fingerprint_lines,
    limit_lines,
    next_lines,
    receipt_lines,
    vouching_lines,
)
from verifier.wording_record import hidden_lines, list_sections, record_sections

WIDTH = 78


@dataclass(frozen=True)
class Section:
    """`heading` may be empty; `detail`: the technical part starts here.

    `lines` are paragraphs, not yet folded, led by as many spaces as they are set in.
    """

    heading: str
    lines: tuple[str, ...]
    detail: bool = False


def sections(report: Report, language: str) -> tuple[Section, ...]:
    """The page in order; the first line of the first section is the verdict."""
    speech = Speech(language)
    found = [Section("", (headline(report, speech), *summary(report, speech)))]
    if report.verdict is not Verdict.CANNOT_CHECK:
        for number, record in enumerate(report.records, 1):
            place = (number, len(report.records))
            found += [Section(h, tuple(lines)) for h, lines in record_sections(report, record, place, speech)]
        for listing in report.lists:
            found += [Section(h, tuple(lines)) for h, lines in list_sections(report, listing, speech)]
        found.append(Section(speech.say("vouch.heading"), vouching_lines(report, speech)))
        found.append(Section(speech.say("keys.heading"), key_lines(report, speech)))
        found.append(Section(speech.say("hidden.heading"), hidden_lines(report, speech)))
    found.append(Section(speech.say("receipt.heading"), receipt_lines(report, speech)))
    if report.verdict is not Verdict.CANNOT_CHECK:
        found.append(Section(speech.say("limits.heading"), limit_lines(report, speech)))
    found.append(Section(speech.say("next.heading"), next_lines(report, speech)))
    found.append(Section(speech.say("checks.heading"), check_lines(report, speech), detail=True))
    found.append(Section(speech.say("basis.heading"), basis_lines(report, speech)))
    found.append(Section("", fingerprint_lines(report, speech)))
    return tuple(section for section in found if section.lines)


def page(report: Report, language: str, width: int = WIDTH) -> str:
    """The page as text, each line at most `width` columns, ended by LF."""
    lines: list[str] = []
    for section in sections(report, language):
        if section.detail:
            lines.append("")
        if section.heading:
            lines += fold(section.heading, width)
        for paragraph in section.lines:
            text = paragraph.lstrip(" ")
            lines += fold(text, width, len(paragraph) - len(text))
    return "\n".join(lines) + "\n"
