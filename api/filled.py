"""Whether an act that the service filled in is the one decided on, with nothing added but what may be.

A client decides: this event, this outcome, this reason. The service adds the list, its items, what is
answered. Before a person's key signs, what was added is held to what the person was shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from api.drafted import DishonestError
from ledger.fill_list import OF_ITEMS

# What may be looked up, where it was not decided.
_LOOKED_UP = frozenset(["answers", "basis", "due", "list", "record", "state", "version"])
_TITLES = frozenset(["list_number", "list_title"])


def check_filled(
    decided: Mapping[str, Any],
    act: Mapping[str, Any],
    *,
    records: Collection[str] | None,
    list_id: str | None = None,
    answers: Collection[str] | None = None,
) -> None:
    """`decided`: with the record, where it is one. `records`: those that the list was shown to have, in
    order; None for an act on one record. `answers`: digests that were shown, if any were.

    Raises DishonestError.
    """
    of_items = {name: decided[name] for name in OF_ITEMS if name in decided and act.get("list")}
    beside = {"fields", "seen", *of_items}
    wrong = [name for name in decided if name not in beside and decided[name] != act.get(name)]
    wrong += [name for name in act if name not in decided and name not in _LOOKED_UP | {"fields", "seen"}]
    fields, meant = act.get("fields") or {}, decided.get("fields") or {}
    wrong += [f"fields.{n}" for n in {*fields, *meant} - _TITLES if fields.get(n) != meant.get(n)]
    wrong += [f"fields.{n}" for n in _TITLES if n in meant and fields.get(n) != meant[n]]
    listed = act.get("list")
    if records is None or "record" in decided:
        wrong += ["list"] if listed is not None or "record" not in decided else []
    elif (
        listed is None
        or listed.get("id") != list_id
        or [one["record"] for one in listed["items"]] != list(records)
        or any(_beside(one) != of_items for one in listed["items"])
    ):
        wrong.append("list")
    if answers is not None and "answers" not in decided and not set(act.get("answers") or ()) <= set(answers):
        wrong.append("answers")
    if wrong:
        raise DishonestError(f"the act was not filled in as decided: {', '.join(sorted(set(wrong)))}")


def _beside(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("record", "answers")}
