"""Reasons in lines of words: what is wrong with many items of a list in the same way is told once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from api.facts import in_chinese
from api.named_facts import named_codes
from api.named_subjects import Names
from verifier.report import Reason

# Of whoever stands in these texts by uuid.
NamesOf: TypeAlias = Callable[[Iterable[str]], Names]
_PLACES_SHOWN = 3
_ITEM = re.compile(r"items\[\d+\] (?=\S)")


@dataclass(frozen=True)
class Grouped:
    """The same reason at several places. `reason` is that of the first."""

    reason: Reason
    places: tuple[str, ...]


def grouped(reasons: Iterable[Reason]) -> tuple[Grouped, ...]:
    """In the order in which each is told first."""
    found: dict[Reason, list[str]] = {}
    for reason in reasons:
        found.setdefault(replace(reason, at=""), []).append(reason.at)
    return tuple(Grouped(replace(same, at=places[0]), tuple(places)) for same, places in found.items())


def facts_told(groups: Sequence[Grouped]) -> Iterable[str]:
    """Every text in which somebody may stand by uuid."""
    for one in groups:
        yield from (*one.places[:_PLACES_SHOWN], one.reason.expected, one.reason.found)


def facts_of(one: Grouped, names: Names) -> tuple[Reason, Reason]:
    """The reason for a Chinese and for an English reader, its place being all its places."""
    told = [named_codes(replace(one.reason, at=_of_item(at)), names) for at in one.places[:_PLACES_SHOWN]]
    zh, en = told[0]
    many = len(one.places)
    if many > 1:
        items = all(_ITEM.match(at) for at in one.places)
        more_zh, more_en = (" 等", " ...") if many > _PLACES_SHOWN else ("", "")
        places_zh, places_en = "、".join(each.at for each, _ in told), ", ".join(each.at for _, each in told)
        zh = replace(zh, at=f"{many} {'件' if items else '处'}:{places_zh}{more_zh}")
        en = replace(en, at=f"{many} {'items' if items else 'places'}: {places_en}{more_en}")
    return zh, en


def reason_line(one: Grouped, words: tuple[str, str], names: Names) -> tuple[str, str]:
    """(zh, en). `words`: what its code means."""
    if one.reason.code == "MORE_REASONS":
        return f"另有 {one.reason.found} 处,不再列出", f"and {one.reason.found} more, not listed"
    many = len(one.places) > 1
    zh, en = facts_of(one, names)
    facts_zh = [("" if many else "位置 ", zh.at), ("应为 ", zh.expected), ("实为 ", zh.found)]
    facts_en = [("" if many else "at ", en.at), ("expected ", en.expected), ("found ", en.found)]
    told_zh = ";".join(label + in_chinese(fact) for label, fact in facts_zh if fact)
    told_en = "; ".join(label + fact for label, fact in facts_en if fact)
    code = one.reason.code
    return (
        f"{words[0]}({told_zh})[{code}]" if told_zh else f"{words[0]}[{code}]",
        f"{words[1]} ({told_en}) [{code}]" if told_en else f"{words[1]} [{code}]",
    )


def _of_item(at: str) -> str:
    """An item is known by its record, which a reader knows; its place in the list nobody does."""
    return _ITEM.sub("", at)
