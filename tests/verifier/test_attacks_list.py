"""Attacks on list statements and their items (check 4)."""

from __future__ import annotations

import pytest

from tests.verifier.evidence_attacks import Attacks, assert_refused, setting
from tests.verifier.forge_evidence import LI, LIST, ZHANG, Act, Object, Script, good
from tests.verifier.forge_log import root, sha256
from tests.verifier.forge_people import Payload, canonical, identifier, item, person, sm3, state

NOWHERE = "ab" * 32
BOTH = (ZHANG, LI)


def _carried(evidence: Object) -> Object:
    """The record's item of the list of three."""
    found: Object = next(i for s in evidence["statements"] for i in s["items"] if '"pages":44' in i["text"])
    return found


def _of_item(**members: object) -> Script:
    def edit(evidence: Object) -> None:
        carried = _carried(evidence)
        for name, change in members.items():
            carried[name] = change(carried[name])  # type: ignore[operator]

    return Script(evidence=edit)


def _list_claim(**members: object) -> Script:
    """The signer of the list claims another size or root than that of the items."""

    def edit(payload: Payload) -> None:
        payload["list"] = {**payload["list"], **members}

    return Script(claims={"list": edit})


def _twisted(swap: dict[str, str]) -> Script:
    def edit(payload: Payload) -> None:
        payload["list"] = {**payload["list"], **{to: payload["list"][of] for to, of in swap.items()}}

    return Script(claims={"list": edit})


def _leaf_pair_as_item(evidence: Object) -> None:
    """The 64 octets under the root's left child, passed off as an item (second preimage)."""
    bodies = [data for data, _ in next(a for a in good().acts if a.name == "list").signed.items]
    first, second = (sha256(b"\x00" + body) for body in bodies[:2])
    carried = _carried(evidence)
    carried["text"] = (first + second).hex()
    carried["sha256"] = carried["sha256"][1:]


def _repeated(items: list[tuple[bytes, tuple[str, ...]]]) -> None:
    items[1] = item("zhang again", "record zhang", pages=3)


def _not_a_list(evidence: Object) -> None:
    """An item beside a statement that is no list."""
    carried = _carried(evidence)
    evidence["statements"][good().place("scan")]["items"] = [dict(carried)]


WITH_EVENT = canonical({"_sd_alg": "sha-256", "event": "capture", "record": ZHANG})
OF_ANOTHER = list(item("other", "record other", {"note": "第三件"})[1])
ITEM = "entry ITEM_NOT_IN_LIST"


def _pending_list(acts: list[Act]) -> None:
    """Not logged yet: one item of the record in scope, one of another."""
    items = [item("zhang again", "record zhang", pages=44), item("stranger", "record stranger", pages=1)]
    bodies = [data for data, _ in items]
    listing = {
        "id": identifier("list two"), "size": 2,
        "sha256": root(sha256, bodies).hex(), "sm3": root(sm3, bodies).hex(),
    }  # fmt: skip
    said = {"list_title": "清单"}
    signed = state(person("clerk"), "list two", "list.freeze", said, items=items, list=listing)
    acts.append(Act("list two", None, signed, ""))


ATTACKS: Attacks = {
    "an item changed": (
        _of_item(text=lambda text: text.replace('"pages":44', '"pages":45')),
        {ITEM, "entry ENTRY_ITEM"},
    ),
    "an item's proof too short": (_of_item(sha256=lambda p: p[1:]), {ITEM}),
    "an item's proof too long": (_of_item(sm3=lambda p: [*p, NOWHERE]), {ITEM}),
    "an item's number changed": (
        _of_item(number=lambda n: n + 1),
        {ITEM, "entry ENTRY_WITHOUT_ITEM", "entry ITEM_WITHOUT_ENTRY"},
    ),
    "an item's number beyond the list": (
        _of_item(number=lambda n: 3),
        {ITEM, "entry ENTRY_WITHOUT_ITEM", "entry ITEM_WITHOUT_ENTRY"},
    ),
    "an item not canonical": (
        _of_item(text=lambda text: text.replace(":", ": ", 1)),
        {"entry JSON_NOT_CANONICAL"},
    ),
    "an item with a claim that nobody knows": (
        Script(
            items=lambda items: items.__setitem__(
                0, (canonical({"_sd_alg": "sha-256", "record": ZHANG, "event": "capture"}), ())
            )
        ),
        {"entry SHAPE_MEMBERS"},
    ),
    "a node of the tree as an item": (
        Script(evidence=_leaf_pair_as_item),
        {"entry JSON_NUMBER"},
    ),
    "another size": (_list_claim(size=2), {ITEM}),
    # A proof alone does not tell 3 leaves from 4; the marker behind the third item's entry does.
    "another size with a proof of the same form": (_list_claim(size=4), {"entry LIST_SPLIT"}),
    "a root of another list": (_list_claim(sha256=NOWHERE), {ITEM}),
    "only the SM3 root of another list": (_list_claim(sm3=NOWHERE), {ITEM}),
    "the twin's root in place of the tree's": (_twisted({"sha256": "sm3"}), {ITEM}),
    "a record twice in a list": (Script(items=_repeated, records=(ZHANG,)), {"entry ITEM_RECORD_REPEATED"}),
    "an item beside a statement that is no list": (
        Script(evidence=_not_a_list),
        {"entry ITEM_WITHOUT_LIST", "entry ITEM_WITHOUT_ENTRY"},
    ),
    "record claims beside the items": (
        Script(claims={"list": setting(record=ZHANG)}),
        {"signature LIST_CLAIM_OUTSIDE_ITEM"},
    ),
    "no items": (_list_claim(size=0), {"signature SHAPE_VALUE"}),
    "a list longer than the log": (_list_claim(size=40_000), {ITEM, "log LIST_SPLIT", "entry LIST_SPLIT"}),
    "entries out of the list's order": (
        Script(numbers={"list": (None, 1, 0, 2)}, records=BOTH),
        {"entry LIST_ENTRIES"},
    ),
    "the list's own entry after its items'": (
        Script(numbers={"list": (0, 1, 2, None)}, lists=(LIST,)),
        {"entry LIST_ENTRIES"},
    ),
    "a list split over batches": (
        Script(batches={("list", 1): 3, ("list", 2): 3}, records=BOTH),
        {"entry LIST_ENTRIES", "time TIME_BEFORE_MARKER"},
    ),
    "a list split over batches, one item shown": (
        Script(batches={("list", 1): 3, ("list", 2): 3}),
        {"entry LIST_SPLIT"},
    ),
    "a pending list with an item of a record that is not in scope": (
        Script(acts=_pending_list),
        {"entry PENDING_OUT_OF_SCOPE"},
    ),
    "disclosures of another item": (
        Script(
            evidence=lambda e: _carried(e).update(disclosures=list(item("other", "x", {"note": "第三件"})[1]))
        ),
        {"disclosure SD_NOT_BOUND"},
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(attack: str) -> None:
    script, expected = ATTACKS[attack]
    assert_refused(script, expected)
