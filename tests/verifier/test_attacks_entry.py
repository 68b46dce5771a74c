"""Attacks on entries and trails (check 4). The log is built after the edit: every proof holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, line, setting
from tests.verifier.forge_evidence import LI, ZHANG, Act, Object, Script, good, key, recorded
from tests.verifier.forge_log import Lines, sha256
from tests.verifier.forge_people import identifier, person, state

CLERK = identifier("clerk")
NOWHERE = "ab" * 32


def _entry(name: str, number: int | None, edit: object) -> Script:
    return Script(lines={(name, number): edit})  # type: ignore[dict-item]


def _link(kind: str, seq: int | None = None, previous: str | None = None) -> object:
    """An edit of the trail line of this kind."""

    def edit(lines: Lines) -> None:
        at = next(n for n, text in enumerate(lines) if text.startswith(f"{kind} "))
        words = lines[at].split(" ")
        words[2] = str(seq) if seq is not None else words[2]
        words[3] = previous if previous is not None else words[3]
        lines[at] = " ".join(words)

    return edit


def _without(kind: str) -> object:
    def edit(lines: Lines) -> None:
        lines[:] = [text for text in lines if not text.startswith(f"{kind} ")]

    return edit


def _with_trail(kind: str, subject: str) -> object:
    def edit(lines: Lines) -> None:
        lines[5:] = sorted([*lines[5:], f"{kind} {key(kind, subject)} 0 -"])

    return edit


def _drop_entry(name: str, number: int | None = None) -> Script:
    def edit(evidence: Object) -> None:
        text = good().log.leaves[good().log.entries[name, number]]
        evidence["entries"] = [e for e in evidence["entries"] if e["text"] != text]

    return Script(evidence=edit)


def _drop_act(name: str) -> Script:
    """The entry, its statement and the markers that nobody needs then: as if it had never been."""

    def edit(evidence: Object) -> None:
        _drop_entry(name).evidence(evidence)  # type: ignore[misc]
        evidence["statements"] = [s for s in evidence["statements"] if s["statement"] != _text(name)]

    return Script(evidence=edit)


def _text(name: str) -> str:
    return next(a.signed.data.decode() for a in good().acts if a.name == name)


def _again(acts: list[Act]) -> None:
    """The ledger logs the same statement a second time."""
    first = next(a for a in acts if a.name == "scan")
    acts.append(replace(first, name="scan again", batch=4, recorded_at=recorded(4, 9)))


def _pending_elsewhere(acts: list[Act]) -> None:
    signed = state(person("clerk"), "stray", "shelve", {"location": "02库"}, record=LI, state="in_place")
    acts.append(Act("stray", None, signed, ""))


RECEIVED = sha256(b"\x00" + good().log.leaves[good().log.entries["receive", None]].encode()).hex()

ATTACKS: Attacks = {
    "the SM3 of another statement": (
        _entry("scan", None, lambda lines: line(3, lines[3][:65] + "00" * 32)(lines)),
        {"entry ENTRY_STATEMENT"},
    ),
    "an item where there is none": (
        _entry("scan", None, line(4, f"0 {NOWHERE} {NOWHERE}")),
        {"entry ENTRY_WITHOUT_ITEM"},
    ),
    "an item's digest changed": (
        _entry("list", 0, lambda lines: line(4, lines[4][:-64] + NOWHERE)(lines)),
        {"entry ENTRY_ITEM"},
    ),
    "an item passed off as another": (
        _entry("list", 0, lambda lines: line(4, "1" + lines[4][1:])(lines)),
        {"entry ENTRY_WITHOUT_ITEM", "entry ITEM_WITHOUT_ENTRY"},
    ),
    "a file's trail left out": (_entry("scan", None, _without("content")), {"entry ENTRY_TRAILS"}),
    "a trail more": (
        _entry("scan", None, _with_trail("list", identifier("list one"))),
        {"entry ENTRY_TRAILS"},
    ),
    "trails out of order": (
        _entry("scan", None, lambda lines: lines.__setitem__(slice(5, None), lines[:4:-1])),
        {"entry ENTRY_LINKS", "entry TRAIL_GAP"},
    ),
    "a number with a zero before it": (
        _entry("scan", None, lambda lines: line(1, "0" + lines[1])(lines)),
        {"entry LINE_FORM", "entry TRAIL_GAP"},
    ),
    "a line more": (
        _entry("scan", None, lambda lines: lines.append("")),
        {"entry LINE_FORM", "entry TRAIL_GAP"},
    ),
    "a time without milliseconds": (
        _entry("scan", None, line(2, "2026-01-12T09:23:03Z")),
        {"entry SHAPE_VALUE", "entry TRAIL_GAP"},
    ),
    "seq 0 with an entry before": (
        _entry("receive", None, _link("record", previous=NOWHERE)),
        {"entry ENTRY_LINKS", "entry TRAIL_GAP"},
    ),
    "a gap in seq": (
        _entry("resubmit", None, _link("record", seq=4)),
        {"entry TRAIL_GAP", "entry TRAIL_SEQ", "entry TRAIL_LINK"},
    ),
    "a wrong link": (_entry("resubmit", None, _link("record", previous=NOWHERE)), {"entry TRAIL_LINK"}),
    "a link to an entry further back": (
        _entry("resubmit", None, _link("record", previous=RECEIVED)),
        {"entry TRAIL_LINK"},
    ),
    "the same seq twice": (
        _entry("resubmit", None, _link("record", seq=2)),
        {"entry TRAIL_GAP", "entry TRAIL_SEQ", "entry TRAIL_LINK"},
    ),
    "a wrong link on the signer's trail": (
        _entry("scan", None, _link("agent", previous=NOWHERE)),
        {"entry TRAIL_LINK"},
    ),
    "seq going back on the signer's trail": (
        _entry("scan", None, _link("agent", seq=1)),
        {"entry TRAIL_SEQ", "entry TRAIL_LINK"},
    ),
    "more entries between than the log has room for": (
        _entry("scan", None, _link("agent", seq=9, previous=NOWHERE)),
        {"entry TRAIL_SEQ"},
    ),
    "more entries before than the log has": (
        _entry("receive", None, _link("agent", seq=99, previous=NOWHERE)),
        {"entry TRAIL_SEQ"},
    ),
    "another time than the list's": (
        Script(lines={("list", 0): line(2, recorded(2, 9))}, lists=(identifier("list one"),)),
        {"entry ENTRY_TIMES_DIFFER"},
    ),
    "logged twice": (Script(acts=_again), {"entry LOGGED_TWICE"}),
    "the first entry dropped": (
        _drop_act("receive"),
        {"entry TRAIL_GAP"},
    ),
    "an entry in the middle dropped": (_drop_act("resubmit"), {"entry TRAIL_GAP"}),
    "an entry dropped, its statement kept as if pending": (
        _drop_entry("resubmit"),
        {"entry TRAIL_GAP"},
    ),
    "an item's entry dropped": (
        _drop_entry("list", 0),
        {"entry TRAIL_GAP"},
    ),
    "a statement dropped": (
        Script(evidence=lambda e: e["statements"].pop(good().place("scan"))),
        {"entry ENTRY_WITHOUT_STATEMENT"},
    ),
    "an item dropped": (
        Script(evidence=lambda e: e["statements"][good().place("list")]["items"].clear()),
        {"entry ENTRY_WITHOUT_ITEM"},
    ),
    "a scope that leaves entries over": (
        Script(evidence=lambda e: e["scope"].update(records=[LI])),
        {"entry ENTRY_OUT_OF_SCOPE", "entry SCOPE_EMPTY"},
    ),
    "a record in scope without any entry": (
        Script(evidence=lambda e: e["scope"].update(records=sorted([ZHANG, LI]))),
        {"entry SCOPE_EMPTY"},
    ),
    "something pending of another record": (
        Script(acts=_pending_elsewhere),
        {"entry PENDING_OUT_OF_SCOPE"},
    ),
    "an event without what it must say": (
        Script(claims={"scan": setting(pages=None)}),
        {"entry EVENT_CLAIM_MISSING"},
    ),
    "an event with what it must not say": (
        Script(claims={"scan": setting(state="lost")}),
        {"entry EVENT_CLAIM_EXTRA"},
    ),
    "an event by whom it is not": (
        Script(people={"service": person("service", role="registrar")}),
        {"entry EVENT_ROLE"},
    ),
    "entries out of order": (
        Script(evidence=lambda e: e["entries"].reverse()),
        {"entry SHAPE_ORDER"},
    ),
    "an entry twice": (
        Script(evidence=lambda e: e["entries"].insert(0, e["entries"][0])),
        {"entry SHAPE_ORDER", "entry LOGGED_TWICE", "entry TRAIL_GAP", "entry TRAIL_SEQ"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
