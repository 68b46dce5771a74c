"""Codes as people write them: the code itself, or its name in Chinese or English."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from api.errors import CommandError
from verifier.catalogue import EventSpec, Words, catalogue, field_words
from verifier.shape import HEX32, UUID

CARRIERS = {
    "paper": Words("纸质", "paper"),
    "electronic": Words("电子", "electronic"),
    "both": Words("双套", "both"),
}
COPIES = {
    "original": Words("原件", "original"),
    "scan": Words("扫描件", "scan"),
    "enhanced": Words("增强件", "enhanced"),
    "copy": Words("复制件", "copy"),
}
# Of more than so many, those that are like what was written are told, if there are any.
_FEW = 20


@dataclass(frozen=True)
class Form:
    """`words`: how one is written."""

    pattern: re.Pattern[str]
    words: Words


FINGERPRINT = Form(HEX32, Words("64 位十六进制数字(0-9、a-f)", "64 hex digits (0-9, a-f)"))
ID = Form(
    UUID,
    Words(
        "编号,如 6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01", "an id such as 6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01"
    ),
)


class _NotOneError(Exception):
    """What was written names none of the codes, or several."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def read_code(option: str, given: str, allowed: Mapping[str, Words]) -> str:
    """The code that `given` names. Raises CommandError USAGE_VALUE that lists those there are."""
    try:
        return _code(option, given, allowed)
    except _NotOneError as error:
        raise CommandError("USAGE_VALUE", error.zh, error.en) from None


def read_form(option: str, given: str | None, form: Form) -> str | None:
    """Raises CommandError USAGE_VALUE unless `given` has the form."""
    if given is None or form.pattern.match(given):
        return given
    raise CommandError(
        "USAGE_VALUE",
        f"{option} 的格式不对,现为“{given}”,应为{form.words.zh}。",
        f"{option} does not have its form: found '{given}', expected {form.words.en}.",
    )


def read_event_codes(spec: EventSpec, given: Mapping[str, str]) -> dict[str, str]:
    """Claim → code, of what stands behind `--outcome`, `--reason` and the like of one event.

    A claim that the event does not have is read by the whole table: that it does not belong there is said
    with everything else that the catalogue does not admit. Raises CommandError USAGE_VALUE naming all wrong.
    """
    found: dict[str, str] = {}
    wrong: list[_NotOneError] = []
    for claim, text in given.items():
        words = catalogue().codes[claim]
        allowed = {code: words[code] for code in words if code in spec.codes.get(claim, words)}
        try:
            found[claim] = _code(f"--{claim}", text, allowed)
        except _NotOneError as error:
            wrong.append(error)
    if wrong:
        raise CommandError("USAGE_VALUE", "\n".join(e.zh for e in wrong), "\n".join(e.en for e in wrong))
    return found


def read_field_name(option: str, given: str, known: Collection[str]) -> str:
    """The name in `known` of the disclosure that `given` names. Raises CommandError FIELD_UNKNOWN."""
    words = {name: found for name in known if (found := field_words(name)) is not None}
    if given in known:
        return given
    try:
        return _code(option, given, words)
    except _NotOneError as error:
        raise CommandError("FIELD_UNKNOWN", error.zh, error.en) from None


def listed(codes: Mapping[str, Words]) -> tuple[str, str]:
    """The codes with their names, for a message in Chinese and one in English."""
    # A name may itself be of several words, as 停电、断网.
    joint = ";" if any("、" in words.zh for words in codes.values()) else "、"
    return (
        joint.join(f"{words.zh}({code})" for code, words in codes.items()),
        ", ".join(code for code in codes),
    )


def near(given: str, codes: Mapping[str, Words], least: float = 0.5) -> dict[str, Words]:
    """Those whose code or name is at least so like what was written (0 to 1), the likest first."""
    names: dict[str, str] = {}
    for code, words in codes.items():
        names |= dict.fromkeys((code, words.zh, words.en.lower()), code)
    like = [names[name] for name in difflib.get_close_matches(given.lower(), names, 5, least)]
    like += [code for name, code in names.items() if len(given) > 1 and given in name]
    return {code: codes[code] for code in dict.fromkeys(like)}


def _code(option: str, given: str, allowed: Mapping[str, Words]) -> str:
    if given in allowed:
        return given
    said = given.strip().lower()
    found = [code for code, words in allowed.items() if said in _names(code, words)]
    if len(found) == 1:
        return found[0]
    if found:
        zh, en = listed({code: allowed[code] for code in found})
        raise _NotOneError(
            f"{option}“{given}”有不止一个代码:{zh}。请写代码。",
            f"{option} '{given}' stands for several codes: {en}. Write the code.",
        )
    like = near(given, allowed, 0.6) if len(allowed) > _FEW else {}
    if like:
        zh, en = listed(like)
        raise _NotOneError(
            f"{option} 没有“{given}”。相近的有:{zh}。", f"{option} has no '{given}'. Did you mean: {en}?"
        )
    zh, en = listed(allowed)
    raise _NotOneError(f"{option} 没有“{given}”。可用:{zh}。", f"{option} has no '{given}'. There are: {en}.")


def _names(code: str, words: Words) -> Iterable[str]:
    """Of a name that is several words (停电、断网), each of them, too."""
    return (code, words.zh, *words.zh.split("、"), words.en.lower())
