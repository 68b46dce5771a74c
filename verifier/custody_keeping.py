"""Repair keeps its source and says what it is; what is held is not destroyed, what is destroyed not used;
what was received by mistake is blocked, and erased only once that is approved."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.acts import Act
from verifier.custody_past import Breach, Past, digest
from verifier.custody_tables import tables

REPAIR, STOCKTAKE = "repair.digital", "stocktake"
PROPOSE, APPROVE = "destroy.propose", "destroy.approve"
DESTROY, WITNESS = "destroy.carry_out", "destroy.witness"
PAPER, ELECTRONIC = "paper_destroyed", "electronic_destroyed"
HOLD, RELEASE = "disposal.hold", "disposal.release"
ERASE, MISTAKEN = "disclosure.erase", "mistaken_upload"


def keeping_breaches(past: Past, act: Act, *, register: bool) -> Iterator[Breach]:
    """`register`: taken from an older register."""
    name, claims = act.statement.event, act.claims
    if name == REPAIR:
        for number, file in enumerate(claims.files):
            if file.copy != "enhanced":
                yield Breach("CUSTODY_NOT_ENHANCED", f"files[{number}].copy = enhanced", file.copy)
        if not past.electronic:
            yield Breach("CUSTODY_NO_SOURCE")
    if name == STOCKTAKE and (claims.outcome == "missing") != (claims.state == "missing"):
        yield Breach("CUSTODY_STOCKTAKE", claims.outcome or "", claims.state or "")
    yield from _secrecy(past, act)
    yield from _disposal(past, act)
    yield from _files_of_here(past, act, register=register)


def _secrecy(past: Past, act: Act) -> Iterator[Breach]:
    """What was received by mistake is shown to nobody until the case is closed, and erased once approved."""
    name, state = act.statement.event, past.states["secrecy"]
    if name in tables().blocked and state != "none":
        yield Breach("CUSTODY_BLOCKED", "none", state)
    if name == ERASE and act.claims.reason == MISTAKEN and state != "approved":
        yield Breach("CUSTODY_ERASE_UNAPPROVED", "approved", state)


def _disposal(past: Past, act: Act) -> Iterator[Breach]:
    name, outcome = act.statement.event, act.claims.outcome or ""
    if name in tables().held and past.holds and _still_held(name, outcome):
        yield Breach("CUSTODY_HOLD", RELEASE, next(iter(past.holds)).hex())
    if name == DESTROY and outcome in past.carried_out:
        yield Breach("CUSTODY_DESTROYED_TWICE", "", outcome)
    if name == WITNESS:
        seen = {one.claims.outcome or "" for one in past.answered(act, [DESTROY])}
        if seen and outcome not in seen:
            yield Breach("CUSTODY_WITNESS_OTHER", " ".join(sorted(seen)), outcome)
    if name == RELEASE:
        holders = {past.holds[one] for one in act.claims.answers if one in past.holds}
        if holders - {act.statement.iss}:
            yield Breach("CUSTODY_HOLD_OTHER", " ".join(sorted(holders)), act.statement.iss)
    used = name in tables().in_rows | tables().asked and name not in tables().after_destruction
    if used and gone(past):
        yield Breach("CUSTODY_DESTROYED", " ".join(sorted(tables().after_destruction)), name)


def _files_of_here(past: Past, act: Act, *, register: bool) -> Iterator[Breach]:
    """No older register decided on files that are kept here: what destroys them is approved here. Of paper it
    may tell the end: then it is the carrying out that is taken from there."""
    name, files = act.statement.event, act.claims.outcome == ELECTRONIC
    rests_on = {digest(one) for one in past.answered(act, [APPROVE, DESTROY])}
    decides = name in (PROPOSE, APPROVE) and past.electronic
    if (register and (decides or files)) or (files and rests_on & past.registered):
        yield Breach("CUSTODY_REGISTER_FILES", APPROVE, name)


def _still_held(name: str, outcome: str) -> bool:
    """Paper is gone when it is carried out: whoever saw it may say so. Files go when that is witnessed."""
    return outcome != "not_approved" and not (name == WITNESS and outcome == PAPER)


def gone(past: Past) -> bool:
    """Whether nothing is left: paper and electronic copies are destroyed apart, each before a witness."""
    if not past.destroyed:
        return False
    paper = PAPER in past.destroyed or not past.on_paper
    return paper and (ELECTRONIC in past.destroyed or not past.electronic)


def remember_keeping(past: Past, act: Act) -> None:
    name = act.statement.event
    if name == DESTROY and act.claims.outcome is not None:
        past.carried_out.add(act.claims.outcome)
    elif name == WITNESS and act.claims.outcome is not None:
        past.destroyed.add(act.claims.outcome)
    elif name == HOLD:
        past.holds[digest(act)] = act.statement.iss
    elif name == RELEASE:
        for answer in act.claims.answers:
            past.holds.pop(answer, None)
