"""Docs are true: commands and options they name exist, links lead somewhere, adr numbers are in order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from api.application import build
from verifier.command_run import parse_request

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"```[a-z]*\n(.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)\)")


def commands(program: str) -> list[tuple[str, list[str]]]:
    """(page, words) of every line in a fenced block that runs `program`."""
    found = []
    for page in PAGES:
        for block in _FENCE.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words and words[0].rpartition("/")[2] == program:
                    found.append((page.name, words[1:]))
    return found


def test_there_is_something_to_check() -> None:
    assert len(commands("archive-ledger")) > 5
    assert commands("archive-verify")
    assert commands("make")


@pytest.mark.parametrize(("page", "words"), commands("archive-ledger"))
def test_ledger_command_exists_with_its_options(page: str, words: list[str]) -> None:
    node: Any = build()
    while hasattr(node, "commands") and words and not words[0].startswith("-"):
        assert words[0] in node.commands, f"{page}: archive-ledger {words[0]}"
        node, words = node.commands[words[0]], words[1:]
    known = {"--help"} | {option for p in node.params for option in (*p.opts, *p.secondary_opts)}
    used = {word.partition("=")[0] for word in words if word.startswith("-")}
    known |= {"--home", "--lang", "--json"}
    assert used <= known, f"{page}: {node.name} {used - known}"


@pytest.mark.parametrize(("page", "words"), commands("archive-verify"))
def test_verify_command_parses(page: str, words: list[str]) -> None:
    assert parse_request(words, {}), page


@pytest.mark.parametrize(("page", "words"), commands("make"))
def test_make_target_exists(page: str, words: list[str]) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(words) <= set(targets), page


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_decisions_are_numbered_in_order() -> None:
    numbers = [int(p.name[:4]) for p in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
