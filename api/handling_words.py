"""How far the handling of a record has come, in words: 整理中, 清单定稿, 借出未还 …"""

from __future__ import annotations

from collections.abc import Iterable

from api.language import text
from verifier.custody_tables import state_words, table


def handling_words(states: Iterable[tuple[str, str]], *, named: bool = False) -> str:
    """`states`: (table, state). `named`: with what each is a state of."""
    said = []
    for name, state in states:
        words, of = state_words(name, state), table(name).words
        zh, en = (f"{of.zh} {words.zh}", f"{of.en} {words.en}") if named else (words.zh, words.en)
        said.append(text(zh, en))
    return text("、", ", ").join(said)
