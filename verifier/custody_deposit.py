"""Deposits: what is given back is what was taken in. And who must be two people is not named as one."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.acts import Act
from verifier.custody_past import Breach, Past, digest
from verifier.custody_tables import tables

TAKE, GIVE = "deposit.in", "deposit.out"
# Named when it is taken in and again when it is given back, if they are shown.
_COMPARED = frozenset(["document_number", "owner"])


def deposit_breaches(past: Past, act: Act) -> Iterator[Breach]:
    """A record that is in no deposit breaks the table's order; here it is asked which one is given back."""
    if act.statement.event != GIVE:
        return
    taken = past.deposit
    if taken is None or digest(taken) not in act.claims.answers:
        expected = digest(taken).hex() if taken is not None else ""
        yield Breach("CUSTODY_DEPOSIT_NOT_TAKEN", expected, " ".join(one.hex() for one in act.claims.answers))
    else:
        for what, before, now in _differences(taken, act):
            yield Breach("CUSTODY_DEPOSIT_OTHER", f"{what} {before}".rstrip(), f"{what} {now}".rstrip())


def _differences(taken: Act, given: Act) -> Iterator[tuple[str, str, str]]:
    """(what, as taken in, as given back). A list under the same id is that list, whole; what is given back in
    part goes alone or on a new one."""
    old, new = taken.statement.list, given.statement.list
    if old is not None and new is not None and old.id == new.id and old.size != new.size:
        yield "list.size", str(old.size), str(new.size)
    before, now = taken.claims.pages, given.claims.pages
    fewer = given.claims.outcome == "incomplete"
    if before is not None and now is not None and (now > before or (now < before and not fewer)):
        yield "pages", str(before), str(now)
    agreed, named = _papers(taken), _papers(given)
    if agreed != named:
        yield "files", " ".join(sorted(agreed)), " ".join(sorted(named))
    for name in sorted(_COMPARED):
        first, second = _said(taken, name), _said(given, name)
        if first is not None and second is not None and first != second:
            # What was disclosed is not repeated where a reason is kept.
            yield name, "", ""


def _papers(act: Act) -> frozenset[str]:
    """The agreement, by the digests in clear."""
    return frozenset(one.digests.sha256.hex() for one in act.claims.files if one.digests is not None)


def names_breaches(act: Act) -> Iterator[Breach]:
    """As far as both names are shown; they are words, not keys: two people of one name say who is who."""
    pair = sorted(tables().differ.get(act.statement.event, ()))
    said = {_said(act, name) for name in pair}
    if len(said) == 1 and None not in said:
        yield Breach("CUSTODY_NOT_APART", " ≠ ".join(pair))


def not_compared(act: Act) -> tuple[str, ...]:
    """Names that a rule here compares and that the act has, but does not show."""
    event = act.statement.event
    asked = tables().differ.get(event, frozenset()) | (_COMPARED if event in (TAKE, GIVE) else frozenset())
    return tuple(sorted(name for name in asked if name in act.claims.fields and _said(act, name) is None))


def _said(act: Act, name: str) -> str | None:
    shown = act.shown.get(name)
    return shown.value.strip() if shown is not None and isinstance(shown.value, str) else None


def remember_deposit(past: Past, act: Act) -> None:
    if act.statement.event == TAKE:
        past.deposit = act
    elif act.statement.event == GIVE:
        past.deposit = None
