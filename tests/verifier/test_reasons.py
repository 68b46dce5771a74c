"""Every reason code that the verifier can give has words, and no words are left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import verifier
from verifier.custody_tables import tables
from verifier.texts import LANGUAGES, REASON_KINDS, Speech, _texts, reasons

SOURCE = Path(verifier.__file__).parent
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")
# What makes a reason: its first argument is the code.
MAKERS = {
    *("EvidenceError", "CallerError", "LedgerError", "ChainError", "InputError", "Reason"),
    *("fail", "lack", "note", "Breach"),
}


def _modules() -> Iterator[ast.Module]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def given_codes() -> set[str]:
    """Codes that stand as the first argument of a maker, both sides of a choice included."""
    found: set[str] = set()
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _name(node) in MAKERS and node.args:
                found |= {
                    part.value
                    for part in ast.walk(node.args[0])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }
    return found


def mentioned_codes() -> set[str]:
    """Every string of the source that has a code's form: also those kept in tables or passed through."""
    return {table.code for table in tables().tables} | {
        node.value
        for module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value)
    }


def test_every_code_given_has_words() -> None:
    assert {table.code for table in tables().tables} <= reasons().keys()
    assert sorted(given_codes() - reasons().keys()) == []


def test_no_words_without_a_code() -> None:
    assert sorted(reasons().keys() - mentioned_codes()) == []


@pytest.mark.parametrize("code", sorted(reasons()))
def test_words_are_whole(code: str) -> None:
    spec = reasons()[code]
    assert CODE.match(code)
    assert spec.kind in REASON_KINDS
    assert any("\u4e00" <= ch <= "\u9fff" for ch in spec.words.zh)
    assert spec.words.en.strip()
    assert not spec.words.en.endswith(".")
    assert not spec.words.zh.endswith("。")


def test_texts_have_the_same_places_in_both_languages() -> None:
    for key, both in _texts().items():
        assert set(both) == set(LANGUAGES), key
        chinese = both["zh"]
        english = both["en"]
        forms = list(english.values()) if isinstance(english, dict) else [english]
        assert isinstance(chinese, str)
        for form in forms:
            # "one" need not say the number.
            assert _places(form) | {"n"} == _places(chinese) | {"n"}, key


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_text_is_used() -> None:
    used: set[str] = set()
    starts: set[str] = set()
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                starts.add(str(node.values[0].value))
    starts = {start for start in starts if re.fullmatch(r"[a-z]+\.", start)}
    left = [key for key in _texts() if key not in used and not key.startswith(tuple(starts))]
    assert left == []


def test_words_that_promise_too_much_are_nowhere() -> None:
    said = [str(text) for both in _texts().values() for text in both.values()]
    said += [spec.words.zh + spec.words.en for spec in reasons().values()]
    for word in ("已公证", "法院认可", "绝对真实", "independent", "锚定", "背书", "托管", "信任根"):
        assert not any(word in text for text in said), word


def test_an_unknown_code_stands_for_itself() -> None:
    assert "NO_SUCH_CODE" in Speech("zh").reason("NO_SUCH_CODE")
    assert "\x1b" not in Speech("en").event("bad\x1b[2J")
