"""Writes tests/verifier/golden anew: `python -m tests.verifier.write_golden`. Read what it changed."""

from __future__ import annotations

from pathlib import Path

from tests.verifier.sample_reports import CASES
from verifier.texts import LANGUAGES
from verifier.wording import page

GOLDEN = Path(__file__).parent / "golden"


def main() -> None:
    for name, report in CASES.items():
        for language in LANGUAGES:
            path = GOLDEN / f"{name}.{language}.txt"
            path.write_text(page(report(), language), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
