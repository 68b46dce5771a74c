"""Acts on one record, filled in: what is answered, which version, in which state the original then is.

What comes out is an act as docs/api.md describes it; whether it may be done, the ledger says when it is
signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.fill_list import Said
from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.loan_query import APPLIED, Standing, application, loan
from ledger.query import record_steps
from ledger.repair_query import CHECK, UNCHECKED, repair_page
from ledger.store.engine import reading
from verifier.acts import Act
from verifier.catalogue import event as event_spec
from verifier.custody import Past, past_of
from verifier.custody_approval import APPLY, APPROVE, REFUSE, over
from verifier.custody_keeping import DESTROY
from verifier.custody_loan import LEND
from verifier.custody_past import Application
from verifier.custody_tables import tables
from verifier.errors import CallerError
from verifier.shape import instant_of

PROPOSE = "destroy.propose"
_BACK = ("borrow.return", "check_in")
_SENT_BACK = ("item.return", "list.return", "transfer.refuse")


def fill_on_record(ledger: Ledger, record: str, said: Said) -> dict[str, Any]:
    """`said["event"]`: any act on one record. What is said stands; what is left out is looked up.

    Raises CallerError RECORD_UNKNOWN, FILL_EVENT; FILL_SEVERAL: several things may be meant;
    FILL_APPROVAL_OVER: no approval is left; FILL_NO_APPLICATION, FILL_NO_LOAN, FILL_NOTHING: there is nothing
    that such an act could answer.
    """
    name = str(said["event"])
    spec = event_spec(name)
    if spec is None or spec.record == "none" or spec.list == "required":
        raise CallerError("FILL_EVENT", "event", "an act on one record", name)
    with reading(ledger.engine) as connection:
        acts = acts_before(connection, [record]).get(record)
    if not acts:
        raise CallerError("RECORD_UNKNOWN", record)
    past = past_of(acts)
    act = {key: value for key, value in said.items() if value not in (None, {}, [])} | {"record": record}
    if "answers" in spec.claims and "answers" not in act:
        answers = _answers(ledger, record, name, acts, act)
        if answers:
            act["answers"] = sorted(set(answers))
        elif "answers" in spec.required_claims:
            raise _nothing(record, name, acts)
    if "version" in spec.required_claims and "version" not in act:
        # What was never numbered is the first.
        act["version"] = max(past.version, 1) + 1
    state = _state(past, name)
    if state is not None and "state" in spec.claims and "state" not in act:
        act["state"] = state
    if name == "borrow.overdue" and "due" not in act and past.due is not None:
        act["due"] = past.due
    if name in tables().asked and "basis" not in act:
        asked = [one for one in acts if one.statement.event == APPLY]
        basis = _basis_of(asked, acts, act)
        if basis is not None:
            act["basis"] = basis
    return act


def _state(past: Past, name: str) -> str | None:
    """What comes back goes to where it was kept; what is destroyed is so, whatever copies."""
    if name == LEND:
        return "on_loan"
    if name == DESTROY:
        return "destroyed"
    if name in _BACK:
        return "in_deposit" if past.states["deposit"] == "in" else "in_place"
    return None


def _answers(
    ledger: Ledger, record: str, name: str, acts: Sequence[Act], said: Mapping[str, Any]
) -> list[str]:
    if name in (APPROVE, REFUSE):
        return _one(name, [one.answered for one in _standings(acts) if one.state == APPLIED])
    if name in tables().asked:
        if name not in tables().always and said.get("basis") in tables().free:
            return []
        occurred = str(said.get("occurred_at") or instant_of(ledger.now()))
        return list(filter(None, [_approval(record, acts, occurred)]))
    if name == CHECK:
        waiting = repair_page(ledger, 50, None, lambda row: row.state == UNCHECKED, record).rows
        return _one(name, [row.statement for row in waiting])
    if name.startswith("borrow."):
        lent = [place for place, one in enumerate(acts) if one.statement.event == LEND]
        now = instant_of(ledger.now())
        return [loan(acts[lent[-1]], acts[lent[-1] + 1 :], now).answered] if lent else []
    if name == PROPOSE:
        # No rule of handling is about the appraisal, so it is not among the acts that one is judged by.
        steps = record_steps(ledger, record)
        return [step.statement for step in steps if step.event in _wanted(name)][-1:]
    wanted = _wanted(name)
    found = [one.statement.digests.sha256.hex() for one in acts if one.statement.event in wanted]
    return found[-1:]


def _wanted(name: str) -> frozenset[str]:
    return _WANTED.get(name) or tables().answers.get(name, frozenset())


def _nothing(record: str, name: str, acts: Sequence[Act]) -> CallerError:
    if name in (APPROVE, REFUSE):
        return CallerError("FILL_NO_APPLICATION", record, "", " ".join(one.state for one in _standings(acts)))
    if name.startswith("borrow."):
        return CallerError("FILL_NO_LOAN", record)
    return CallerError("FILL_NOTHING", record, " ".join(sorted(_wanted(name))))


# Beside those that the rules ask for: what the catalogue asks an answer for.
_WANTED: Mapping[str, frozenset[str]] = {
    "resubmit": frozenset(_SENT_BACK),
    PROPOSE: frozenset(["expiry.review"]),
    "check_in": frozenset(["check_out", "seize"]),
    "original.compare": frozenset(["digitise", "receive", "capture", "version.add", "resubmit"]),
    "repair.digital": frozenset(["digitise", "receive", "capture", "version.add", "resubmit"]),
}


def _standings(acts: Sequence[Act]) -> list[Standing]:
    """Of each application, in their order."""
    return [application(one) for one in past_of(acts).applications]


def _approval(record: str, acts: Sequence[Act], occurred: str) -> str:
    """The newest that still opens something; empty where there never was one.

    Raises CallerError FILL_APPROVAL_OVER where none does any more.
    """
    approved = [one for one in past_of(acts).applications if one.approved and not one.refused]
    still = [one for one in approved if not any(over(one, occurred))]
    if still:
        return application(still[-1]).answered
    if approved:
        raise CallerError("FILL_APPROVAL_OVER", record, "", "; ".join(map(_left, approved)))
    return ""


def _left(one: Application) -> str:
    used = "" if one.most is None else f" {one.used}/{one.most}"
    return f"{application(one).answered[:16]}{used}" + ("" if one.until is None else f" ≤ {one.until}")


def _one(name: str, found: list[str]) -> list[str]:
    if len(found) > 1:
        raise CallerError("FILL_SEVERAL", f"answers ({name})", "1", " ".join(found))
    return found


def _basis_of(asked: Sequence[Act], acts: Sequence[Act], said: Mapping[str, Any]) -> str | None:
    """Of the application whose approval is answered."""
    named = set(said.get("answers") or ())
    for one in reversed(asked):
        own = one.statement.digests.sha256
        later = {
            act.statement.digests.sha256.hex()
            for act in acts
            if act.statement.event == APPROVE and own in act.claims.answers
        }
        if named & {own.hex(), *later}:
            return one.claims.basis
    return None
