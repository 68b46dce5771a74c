"""Approvals: until when, for how many uses, and for whom one holds. docs/formats.md section 17.

Only numbers of people can be compared: a reader's name is a disclosure, which may be withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from verifier.acts import Act
from verifier.custody_days import earliest, latest
from verifier.custody_past import Application, Breach, Past, digest
from verifier.custody_tables import tables
from verifier.duties import Held
from verifier.statement import Statement

APPLY, APPROVE, REFUSE = "access.apply", "access.approve", "access.refuse"
NAMED = "reader_name"
_SERVICE = "service"


def taker(statement: Statement, role: str | None) -> str:
    """Who has the record in hand by this act: who signs it, or whom the service that signs it served."""
    served = statement.subject if role == _SERVICE and statement.event in tables().asked else None
    return served or statement.agent


def asked_of(statement: Statement) -> frozenset[str]:
    """Whose duties a rule may ask for, by the statement alone: of its signer, and of a use also of its
    subject."""
    event, known = statement.event, tables()
    if event in known.asked:
        return frozenset(filter(None, (statement.agent, statement.subject)))
    return frozenset([statement.agent] if event in known.asking_duty else ())


def reader_of(application: Statement) -> str:
    """For whom it was made, as far as numbers tell: who is named by his number, or else who signed it."""
    return application.subject or application.agent


def needs_approval(act: Act) -> bool:
    event, known = act.statement.event, tables()
    return event in known.asked and (event in known.always or act.claims.basis not in known.free)


def counts_uses(acts: Iterable[Act]) -> bool:
    """Whether one of these is an approval for so many uses: only then do earlier uses bear on a later one."""
    return any(act.statement.event == APPROVE and act.statement.uses is not None for act in acts)


def applications(past: Past, act: Act) -> list[Application]:
    """Those on the record that the act answers, or whose approval or refusal it answers."""
    return [one for one in past.applications if one.statements.intersection(act.claims.answers)]


def approval_breaches(past: Past, act: Act, held: Collection[Held] | None) -> Iterator[Breach]:
    """One approval that holds is enough. An application that was refused opens nothing, on whatever basis.

    `held`: the duties of the taker; None where they are not known.
    """
    name, asked = act.statement.event, applications(past, act)
    if name not in (APPROVE, *tables().asked):
        return
    if any(one.refused for one in asked):
        yield Breach("CUSTODY_REFUSED")
        return
    if name == APPROVE:
        return
    approved = [one for one in asked if one.approved]
    against = [tuple(_against(one, act, held)) for one in approved]
    if () in against or not needs_approval(act):
        return
    if against:
        yield from against[-1]
    else:
        yield Breach("CUSTODY_UNAPPROVED", APPROVE, act.claims.basis or "")


def _against(one: Application, act: Act, held: Collection[Held] | None) -> Iterator[Breach]:
    yield from over(one, act.claims.occurred_at or act.statement.occurred_at)
    if not _is_for(one.reader, act, held):
        who = taker(act.statement, act.role)
        named = act.statement.subject
        found = who if named in (None, who) else f"{who} → {named}"
        yield Breach("CUSTODY_OTHER_READER", one.reader, found)


def over(one: Application, occurred: str) -> Iterator[Breach]:
    """Why its approval opens nothing more to a use that happens then."""
    if one.until is not None and earliest(occurred) > latest(one.until):
        yield Breach("CUSTODY_APPROVAL_ENDED", f"≤ {one.until}", occurred)
    if one.most is not None and one.used >= one.most:
        yield Breach("CUSTODY_APPROVAL_USED_UP", f"≤ {one.most}", str(one.used + 1))


def _is_for(reader: str, act: Act, held: Collection[Held] | None) -> bool:
    """Whether the reader takes it himself, or somebody at the counter does who has the duty and names him."""
    said, who = act.statement, taker(act.statement, act.role)
    by_number = act.role != _SERVICE and said.subject not in (None, said.agent)
    if by_number and said.subject != reader:
        return False
    if who == reader:
        return True
    if not by_number and NAMED not in act.claims.fields:
        return False
    return held is None or any(one.duty in tables().hands_out for one in held)


def remember_approval(past: Past, act: Act) -> None:
    """Every act of use that answers an approval counts as one, whatever its pages and files, and whether it
    needed the approval or not. A later approval takes the place of the one before, and counts anew."""
    name = act.statement.event
    if name == APPLY:
        past.applications.append(Application(act, reader_of(act.statement), {digest(act)}))
    for one in applications(past, act):
        if name == APPROVE and not one.refused:
            one.approved, one.until, one.decision = True, act.statement.due, act
            one.most, one.used = act.statement.uses, 0
            one.statements.add(digest(act))
        elif name == REFUSE:
            one.decision = one.decision if one.refused else act
            one.refused = True
            one.statements.add(digest(act))
        elif name in tables().asked and one.approved:
            one.used += 1
