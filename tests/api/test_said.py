"""What errors say: facts in the reader's words, and no command or option that there is not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.application import build
from api.failure import refused, words_of
from verifier.report import Reason

DATA = Path("api/data")
# Not the name of a format ("archive-ledger policy v1"), nor of the data folder.
_NAMED = re.compile(
    r"(?<![.\w/])archive-ledger(?![\w-]| [a-z-]+ v1|\srefusal)((?: [a-z][a-z-]*)+)?([^,;。;,:()]*)"
)
# "another archive-ledger process is doing this"
_NO_COMMANDS = frozenset(["process"])
FACTS: dict[str, tuple[Reason, str]] = {
    "a claim that is missing": (
        Reason("EVENT_CLAIM_MISSING", "access.refuse", "answers"),
        "位置 不予提供利用(access.refuse);应为 所答复的一份(answers)",
    ),
    "a field of an item": (
        Reason("EVENT_FIELD_MISSING", "shelve item 3", "location"),
        "位置 上架(shelve)、第 3 件;应为 原件位置(location)",
    ),
    "a code that is not admitted": (
        Reason("EVENT_CODE", "item.return.reason", "missing_item page_count", "supplied"),
        "、原因;应为 缺件(missing_item)、页数不符(page_count);实为 补交缺件(supplied)",
    ),
    "a signer of the wrong kind": (
        Reason("EVENT_ROLE", "appoint", "registrar", "person"),
        "位置 任职(appoint);应为 登记员(registrar);实为 人员(person)",
    ),
    "an organisation of the wrong kind": (
        Reason("EVENT_ORGANISATION", "review.village", "township", "audit"),
        "应为 乡镇(township);实为 审计机关(audit)",
    ),
    "no list where one must be": (
        Reason("EVENT_LIST", "list.freeze", "required"),
        "位置 清单定稿(list.freeze);应为 必须(required)",
    ),
    "two duties": (
        Reason("CUSTODY_DUTY", "", "authority_reviewer head", "reader"),
        "应为 档案主管部门审核员(authority_reviewer)、负责人(head);实为 利用人(reader)",
    ),
    "no duty at all": (
        Reason("DUTY_NOT_HELD", "duty", "held: ", "head for qinghe.wanghe"),
        "应为 现任:无;实为 qinghe.wanghe的负责人(head)",
    ),
    "so many days": (Reason("CUSTODY_LOAN_DAYS", "", "≤ 90", "120"), "应为 ≤ 90 天;实为 120 天"),
    "nothing to tell": (Reason("CUSTODY_REFUSED"), "利用[CUSTODY_REFUSED]"),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_told_in_words(name: str) -> None:
    reason, told = FACTS[name]
    assert told in refused([reason]).zh


def texts() -> Iterator[tuple[str, str]]:
    for path in sorted(DATA.glob("*.json")):
        value = json.loads(path.read_text(encoding="utf-8"))
        rows = value if isinstance(value, list) else [one for one in value.values() if isinstance(one, dict)]
        for row in rows:
            for member, words in row.items():
                if isinstance(words, str) and member.endswith(("zh", "en")):
                    yield path.name, words
    for path in sorted([*Path("api").rglob("*.py"), *Path("network").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield str(path), node.value
    for path in (Path("README.md"), *sorted(Path("docs").glob("*.md"))):
        for line in path.read_text(encoding="utf-8").split("\n"):
            yield str(path), line


def wrong_in(words: str, tree: Any) -> Iterator[str]:
    """Commands and options that there are not."""
    for found in _NAMED.finditer(words):
        command, said = tree, found[0]
        for word in (found[1] or "").split():
            below = getattr(command, "commands", None)
            if below is None:
                break
            if word not in below:
                # In English a sentence may go on behind the command.
                if command is tree and word not in _NO_COMMANDS:
                    yield f"no command '{word}': {said}"
                break
            command = below[word]
        known = {"--help", *(option for one in getattr(command, "params", ()) for option in one.opts)}
        for option in re.findall(r"--[a-z-]+", found[2]):
            if option not in known:
                yield f"{command.name} has no {option}: {said}"


def test_no_text_names_a_command_or_option_that_there_is_not() -> None:
    tree, seen = build([]), 0
    for source, words in texts():
        seen += "archive-ledger" in words
        assert list(wrong_in(words, tree)) == [], source
    assert seen > 50
    for wrong in (
        "请用 archive-ledger fly",
        "archive-ledger show --wings",
        "archive-ledger duty appoint --way",
    ):
        assert list(wrong_in(wrong, tree)), wrong


def test_every_remedy_is_for_reasons_that_are_explained() -> None:
    for row in json.loads((DATA / "remedies.json").read_text(encoding="utf-8")):
        for code in row["codes"]:
            assert not words_of(code)[0].startswith("未列入"), code
            told = refused([Reason(code, "", row.get("expected", ""))])
            assert (row["zh"] in told.zh, row["en"] in told.en) == (True, True)
