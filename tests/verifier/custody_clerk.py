"""What a clerk with the file in hand would object to: the rules of handling, said a second time, naively, by
looking back from one act over all that was done before. Nothing of the verifier's tables is asked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from verifier.acts import Act

Look = Callable[[Sequence[Act], Act], list[str]]
PREPARING = ("capture", "receive", "version.add", "resubmit", "list.freeze")
REVIEWS = ("review.village", "review.department", "review.final")
USES = ("access.view", "access.print", "access.copy", "access.download", "borrow.out")
ROLES = {"giver_clerk", "giver_head", "receiver_clerk", "receiver_head"}


def wrongs(acts: Sequence[Act]) -> list[str]:
    found: list[str] = []
    for place, act in enumerate(acts):
        look = LOOKS.get(_name(act))
        if look is not None:
            found += look(acts[:place], act)
    return found


def _name(act: Act) -> str:
    return act.statement.event


def _done(acts: Sequence[Act], *events: str) -> list[Act]:
    return [act for act in acts if _name(act) in events]


def _who(acts: Sequence[Act], *events: str) -> list[str]:
    return [act.statement.agent for act in _done(acts, *events)]


def _since(acts: Sequence[Act], *events: str) -> Sequence[Act]:
    """Those after the last act of one of these events."""
    last = max((n for n, act in enumerate(acts) if _name(act) in events), default=-1)
    return acts[last + 1 :]


def _answered(before: Sequence[Act], act: Act, *events: str) -> list[Act]:
    return [a for a in _done(before, *events) if a.statement.digests.sha256 in act.claims.answers]


# --- transfer review ---------------------------------------------------------------------------------------


def _round(before: Sequence[Act]) -> Sequence[Act]:
    """Since the record last began its way through the reviews."""
    return _since(before, "resubmit", "item.return", "list.return", "review.final")


def _reviewed(before: Sequence[Act], act: Act) -> list[str]:
    """Of any review: a fixed list lies there, nobody looks twice, nobody looks at what they made."""
    round_ = _round(before)
    earlier = _who(round_, *REVIEWS)
    made = _who(_since(before, "review.final"), *PREPARING)
    who = act.statement.agent
    return [
        *([] if _done(round_, "list.freeze") else ["no list"]),
        *(["one person on two steps"] if who in earlier else []),
        *(["own work reviewed"] if who in made else []),
        *(["reviewed again"] if _done(round_, _name(act)) else []),
    ]


def _village(before: Sequence[Act], act: Act) -> list[str]:
    late = ["village after department"] if _done(_round(before), "review.department") else []
    return _reviewed(before, act) + late


def _department(before: Sequence[Act], act: Act) -> list[str]:
    skipped = not _done(_round(before), "review.village") and act.claims.basis != "declared_route"
    return _reviewed(before, act) + (["no village review"] if skipped else [])


def _final(before: Sequence[Act], act: Act) -> list[str]:
    return _reviewed(before, act) + (
        [] if _done(_round(before), "review.department") else ["no department review"]
    )


def _frozen(before: Sequence[Act], act: Act) -> list[str]:
    """Who has looked at it makes no list of it."""
    looked = act.statement.agent in _who(_round(before), *REVIEWS)
    return ["a reviewer made the list"] if looked else []


def _resubmitted(before: Sequence[Act], _: Act) -> list[str]:
    back = [n for n, a in enumerate(before) if _name(a) in ("item.return", "list.return")]
    again = [n for n, a in enumerate(before) if _name(a) == "resubmit"]
    return [] if back and max(back) > max(again, default=-1) else ["resubmitted though not sent back"]


def _changed(before: Sequence[Act], _: Act) -> list[str]:
    """Between its list and the end of its reviews a record stays as it is."""
    round_ = _since(
        before, "item.return", "list.return", "review.final", "transfer.refuse", "transfer.accept"
    )
    return ["changed while under review"] if _done(round_, "list.freeze") else []


# --- to the county archive ---------------------------------------------------------------------------------


def _signed_for(before: Sequence[Act], act: Act) -> list[str]:
    on = [a for a in _since(before, "list.freeze") if _name(a) == "handover.sign"]
    return [
        *(["one person signs twice"] if act.statement.agent in _who(on, "handover.sign") else []),
        *(["one place signed twice"] if act.claims.basis in {a.claims.basis for a in on} else []),
    ]


def _taken_over(before: Sequence[Act], _: Act) -> list[str]:
    on = _since(before, "list.freeze")
    signed = {a.claims.basis for a in _done(on, "handover.sign")}
    filed = _done(before, "review.final")
    lists = _done(_since(before, "review.final"), "list.freeze")
    return [
        *([] if filed else ["taken over before it was filed"]),
        *([] if lists else ["no list for the county archive"]),
        *([] if signed >= ROLES else ["the deed is not complete"]),
        *(["taken over twice"] if _done(_since(before, "list.freeze"), "transfer.accept") else []),
    ]


# --- use and loans -----------------------------------------------------------------------------------------


def _theirs(applications: Sequence[Act]) -> set[str | None]:
    """Who wrote them down, and for whom."""
    return {one for a in applications for one in (a.statement.agent, a.statement.subject)}


def _approval(before: Sequence[Act], act: Act) -> list[str]:
    asked = _answered(before, act, "access.apply")
    refused = [r for r in _done(before, "access.refuse") if any(_answered(asked, r, "access.apply"))]
    return [
        *([] if asked else ["nothing was applied for"]),
        *(["own application approved"] if act.statement.agent in _theirs(asked) else []),
        *(["approved though refused"] if refused else []),
    ]


def _granted(before: Sequence[Act], act: Act) -> list[Act]:
    """The approvals, each the last of its application, that the act rests on."""
    found: list[Act] = []
    for one in _done(before, "access.apply"):
        approvals = [a for a in _done(before, "access.approve") if _answered([one], a, "access.apply")]
        known = {a.statement.digests.sha256 for a in (one, *approvals)}
        if approvals and known.intersection(act.claims.answers):
            found.append(approvals[-1])
    return found


def _uses(before: Sequence[Act], approval: Act) -> int:
    """Acts of use since it that name it, an earlier one of the same application, or the application."""
    applied = _answered(before, approval, "access.apply")
    known = {one.statement.digests.sha256 for one in applied}
    for one in _done(before, "access.approve"):
        if _answered(applied, one, "access.apply"):
            known.add(one.statement.digests.sha256)
    since = before[[a is approval for a in before].index(True) :]
    return sum(bool(known.intersection(a.claims.answers)) for a in _done(since, *USES))


def _wrong_with(before: Sequence[Act], approval: Act, act: Act) -> list[str]:
    most, until, said = approval.statement.uses, approval.statement.due, act.statement
    readers = {a.statement.subject or a.statement.agent for a in _answered(before, approval, "access.apply")}
    # Of duties the clerk is told nothing here: any colleague may be at the counter.
    named = "reader_name" in act.claims.fields or said.subject in readers
    theirs = said.subject in (None, said.agent, *readers) and (said.agent in readers or named)
    passed_on = said.agent in readers and said.subject not in (None, *readers)
    return [
        *(["used more often than approved"] if most is not None and _uses(before, approval) >= most else []),
        *(["used after its end"] if until is not None and said.occurred_at > until else []),
        *([] if theirs and not passed_on else ["another's approval used"]),
    ]


def _used(before: Sequence[Act], act: Act) -> list[str]:
    """Of any use: some approval holds for it."""
    wrong = [_wrong_with(before, one, act) for one in _granted(before, act)]
    free = _name(act) != "borrow.out" and act.claims.basis in ("own_record", "mandate", "consent", "open")
    if [] in wrong or free:
        return []
    return wrong[-1] if wrong else ["used without approval"]


def _lent(before: Sequence[Act], act: Act) -> list[str]:
    out = len(_done(before, "borrow.out")) - len(_done(before, "borrow.return"))
    applied = _answered(before, act, "access.apply") + [
        one
        for approval in _answered(before, act, "access.approve")
        for one in _answered(before, approval, "access.apply")
    ]
    granted = [
        one
        for approval in _done(before, "access.approve")
        for one in _answered(applied, approval, "access.apply")
        if one.statement.agent != approval.statement.agent
    ]
    refused = [r for r in _done(before, "access.refuse") if _answered(applied, r, "access.apply")]
    return [
        *_used(before, act),
        *([] if granted else ["lent without approval"]),
        *(["lent though refused"] if refused else []),
        *(["lent twice"] if out else []),
    ]


def _returned(before: Sequence[Act], _: Act) -> list[str]:
    out = len(_done(before, "borrow.out")) - len(_done(before, "borrow.return"))
    return [] if out else ["returned though not lent"]


def _renewed(before: Sequence[Act], act: Act) -> list[str]:
    times = len(_done(_since(before, "borrow.out"), "borrow.renew"))
    return _returned(before, act) + (["renewed a third time"] if times >= 2 else [])


# --- keeping -----------------------------------------------------------------------------------------------


def _compared(before: Sequence[Act], act: Act) -> list[str]:
    scanned = [
        a.statement.agent
        for a in before
        if a.statement.event == "digitise" or any(file.copy == "scan" for file in a.claims.files)
    ]
    return ["own scan compared"] if act.statement.agent in scanned else []


def _checked(before: Sequence[Act], act: Act) -> list[str]:
    repairs = _answered(before, act, "repair.digital", "repair.physical")
    own = any(a.statement.agent == act.statement.agent for a in repairs)
    return [*([] if repairs else ["no repair checked"]), *(["own repair checked"] if own else [])]


def _held(before: Sequence[Act]) -> bool:
    released = {answer for a in _done(before, "disposal.release") for answer in a.claims.answers}
    return any(a.statement.digests.sha256 not in released for a in _done(before, "disposal.hold"))


def _to_be_destroyed(before: Sequence[Act]) -> Sequence[Act]:
    """Since it was last decided that nothing is destroyed."""
    refused = [n for n, a in enumerate(before) if a.claims.outcome == "not_approved"]
    return before[max(refused, default=-1) + 1 :]


def _leave(before: Sequence[Act], act: Act) -> list[str]:
    proposed = _who(_to_be_destroyed(before), "destroy.propose")
    agreed = act.claims.outcome == "approved"
    return [
        *([] if proposed else ["nothing was proposed"]),
        *(["own proposal approved"] if act.statement.agent in proposed else []),
        *(["approved while held"] if agreed and _held(before) else []),
    ]


def _destroyed(before: Sequence[Act], act: Act) -> list[str]:
    going = _to_be_destroyed(before)
    proposed, approved = _who(going, "destroy.propose"), _who(going, "destroy.approve")
    earlier = {a.claims.outcome for a in _done(before, "destroy.carry_out")}
    lent = len(_done(before, "borrow.out")) > len(_done(before, "borrow.return"))
    return [
        *(["destroyed while lent"] if lent and act.claims.outcome == "paper_destroyed" else []),
        *([] if proposed and approved else ["destroyed without leave"]),
        *(["destroyed by fewer than three"] if act.statement.agent in proposed + approved else []),
        *(["destroyed while held"] if _held(before) else []),
        *(["destroyed twice"] if act.claims.outcome in earlier else []),
    ]


def _witnessed(before: Sequence[Act], act: Act) -> list[str]:
    """One look at one destruction, by a fourth person, and no file goes while it is held."""
    going = _to_be_destroyed(before)
    seen = _answered(before, act, "destroy.carry_out")
    others = _who(going, "destroy.propose", "destroy.approve", "destroy.carry_out")
    files = act.claims.outcome == "electronic_destroyed"
    return [
        *([] if seen else ["witness of nothing"]),
        *(["witness of other copies"] if act.claims.outcome not in {a.claims.outcome for a in seen} else []),
        *(["destroyed by fewer than four"] if act.statement.agent in others else []),
        *(["files destroyed while held"] if files and _held(before) else []),
        *(["witnessed twice"] if _done(_since(before, "destroy.carry_out"), "destroy.witness") else []),
    ]


def _left(before: Sequence[Act], _: Act) -> list[str]:
    """Paper lies there unless its destruction was witnessed; files likewise."""
    ended = {a.claims.outcome for a in _done(before, "destroy.witness")}
    files = any(a.claims.files for a in before)
    gone = "paper_destroyed" in ended and (not files or "electronic_destroyed" in ended)
    return ["used though nothing is left"] if gone else []


def _given_back(before: Sequence[Act], act: Act) -> list[str]:
    taken = _done(_since(before, "deposit.out"), "deposit.in")
    same = _answered(taken, act, "deposit.in")
    return [
        *([] if taken else ["given back, never taken in"]),
        *([] if same else ["another than was taken in"]),
        *(["other pages"] if same and same[-1].claims.pages != act.claims.pages else []),
    ]


LOOKS: Mapping[str, Look] = {
    "list.freeze": _frozen,
    "review.village": _village,
    "review.department": _department,
    "review.final": _final,
    "resubmit": _resubmitted,
    "receive": _changed,
    "version.add": _changed,
    "digitise": _changed,
    "handover.sign": _signed_for,
    "transfer.accept": _taken_over,
    "access.approve": _approval,
    "access.view": _used,
    "access.print": _used,
    "borrow.out": _lent,
    "borrow.renew": _renewed,
    "borrow.return": _returned,
    "original.compare": _compared,
    "repair.check": _checked,
    "destroy.approve": _leave,
    "destroy.carry_out": _destroyed,
    "destroy.witness": _witnessed,
    "shelve": _left,
    "deposit.out": _given_back,
}
