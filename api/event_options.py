"""The options of a verb: those that its event admits, each with the codes that it takes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_type_hints

from api.codes import listed
from api.language import text
from verifier.catalogue import EventSpec, Words, catalogue

_CODES = {
    "basis": ("依据", "on what ground"),
    "late": ("补录原因", "why it comes late"),
    "outcome": ("结果", "outcome"),
    "reason": ("原因", "reason"),
    "state": ("原件状态", "state of the original"),
}
_PLAIN = ("answers", "due", "subject", "uses")


def for_event(event: str, act: Callable[..., None]) -> Callable[..., None]:
    """`act` itself. What the event does not admit is not shown; whoever writes it all the same is told so."""
    spec = catalogue().events[event]
    hints = get_type_hints(act, include_extras=True)
    for claim in (*_CODES, *_PLAIN):
        if claim in hints:
            kind, option = get_args(hints[claim])
            hints[claim] = Annotated[kind, _option(spec, claim, copy.copy(option))]
    act.__annotations__ = hints
    return act


def _option(spec: EventSpec, claim: str, option: Any) -> Any:
    if claim not in spec.claims:
        option.hidden = True
    elif claim in _CODES:
        option.help = event_option_help(spec.name, claim)
    return option


def event_option_help(event: str, claim: str) -> str:
    words = catalogue().codes[claim]
    return option_help(
        claim, {code: words[code] for code in words if code in catalogue().events[event].codes[claim]}
    )


def option_help(claim: str, codes: Mapping[str, Words]) -> str:
    """`结果:通过(approved)、…`."""
    zh, en = _CODES[claim]
    return text(f"{zh}:{listed(codes)[0]}", f"{en}: {listed(codes)[1]}")
