"""The workflow rules: a fold over what was done with one record. docs/formats.md section 17.

Pure: the acts on a record in log order in, what each breaks and the states after it out. The rules stand in
`data/custody.json`, and where a table cannot say them, in

- `custody_transfer`: one list from its fixing to the last signature;
- `custody_people`: nobody on two steps or on their own work, temporary authorisation, duties;
- `custody_approval`: applications, what an approval opens and to whom;
- `custody_late`: what was entered long after the fact says so;
- `custody_loan`: loans and their days;
- `custody_deposit`: what is given back from deposit, and who must be two;
- `custody_keeping`: repair, stocktaking, destruction.

What no rule is about (description, fixity, migration …) never breaks one. Of each act only what it says
itself and the acts before it on the same record count: so whoever holds a whole trail can judge it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from verifier.acts import Act
from verifier.custody_approval import applications, approval_breaches, needs_approval, remember_approval
from verifier.custody_deposit import GIVE, deposit_breaches, names_breaches, remember_deposit
from verifier.custody_keeping import keeping_breaches, remember_keeping
from verifier.custody_late import UNMARKED, unmarked
from verifier.custody_loan import loan_breaches, remember_loan
from verifier.custody_past import Breach, Past, fitting, from_register, move, remember_register, row_for
from verifier.custody_people import Duties, duty_breaches, people_breaches, remember_units
from verifier.custody_tables import tables
from verifier.custody_transfer import remember_transfer, transfer_breaches
from verifier.duties import Held

__all__ = ["Breach", "Duties", "Judged", "Past", "begun", "fold", "past_of", "states_after"]


@dataclass(frozen=True)
class Judged:
    """An act, what it breaks, and the state of each table after it.

    `late`: entered after the fact. `from_register`: believed without its predecessors. `duty_known`: False if
    a rule on duties is about it and was not judged. `held`: of the duties that one is
    asked for, those that the signer had.
    """

    act: Act
    breaches: tuple[Breach, ...]
    states: Mapping[str, str]
    late: bool
    from_register: bool
    duty_known: bool
    held: tuple[str, ...] = ()


def fold(acts: Iterable[Act], duties: Duties | None = None) -> tuple[Judged, ...]:
    """`acts`: every act on one record, in log order; those that no rule is about may be left out.

    After a breach the fold goes on from what the act says was done, so that one skipped step is told once.
    """
    past = Past()
    return tuple(_judge(past, act, duties) for act in acts)


def past_of(acts: Iterable[Act]) -> Past:
    """By what the next act on the record will be judged."""
    past = Past()
    for act in acts:
        _remember(past, act)
    return past


def states_after(judged: Iterable[Judged]) -> Mapping[str, str]:
    """The state of each table now."""
    states: Mapping[str, str] = Past().states
    for one in judged:
        states = one.states
    return states


def begun(judged: Iterable[Judged]) -> tuple[tuple[str, str], ...]:
    """(table, state) of each workflow that the record has entered. Every record is in transfer review."""
    states = states_after(judged)
    return tuple(
        (one.name, states[one.name])
        for one in tables().tables
        if states[one.name] != one.start or one.name == "transfer"
    )


def _judge(past: Past, act: Act, duties: Duties | None) -> Judged:
    register = from_register(past, act)
    wanted = tables().wanted(act.statement.event, act.claims.basis)
    # What stands in an older register is signed by whoever enters it here, not by whoever did it then.
    wanted = tables().old_register if wanted and register else wanted
    by_approval = not register and needs_approval(act) and bool(applications(past, act))
    asked = wanted | (tables().hands_out if by_approval else frozenset())
    held = duties(act) if asked and duties is not None else None
    breaches: tuple[Breach, ...] = ()
    if act.statement.event in tables().judged:
        breaches = tuple(_breaches(past, act, held, register=register))
    breaches = (*breaches, *_late(act))
    if wanted and held is not None:
        breaches = (*breaches, *duty_breaches(past, act, held, wanted))
    remember_units(past, act, held)
    _remember(past, act)
    return Judged(
        act=act,
        breaches=breaches,
        states=dict(past.states),
        late=act.claims.late is not None,
        from_register=register,
        duty_known=not asked or held is not None,
        held=tuple(sorted({one.duty for one in held or () if one.duty in asked})),
    )


def _late(act: Act) -> tuple[Breach, ...]:
    """Of every act, whatever it is about; of one that is in no log yet the ledger asks it at its door."""
    if act.entry is None:
        return ()
    occurred = act.claims.occurred_at or act.statement.occurred_at
    found = unmarked(occurred, act.claims.late, act.entry.recorded_at, tables().late_days.recorded)
    return (Breach(UNMARKED, f"≥ {found[0]}", found[1]),) if found is not None else ()


def _remember(past: Past, act: Act) -> None:
    remember_register(past, act)
    remember_transfer(past, act)
    remember_approval(past, act)
    remember_loan(past, act)
    remember_keeping(past, act)
    remember_deposit(past, act)
    move(past, act)


def _breaches(past: Past, act: Act, held: Collection[Held] | None, *, register: bool) -> Iterator[Breach]:
    """Predecessors are not asked of what is taken from an older register; people are judged all the same."""
    if not register:
        yield from _order(past, act)
        yield from _answers(past, act)
        yield from transfer_breaches(past, act, held)
        yield from approval_breaches(past, act, held)
        yield from loan_breaches(past, act)
        yield from deposit_breaches(past, act)
    yield from people_breaches(past, act)
    yield from names_breaches(act)
    yield from keeping_breaches(past, act, register=register)


def _order(past: Past, act: Act) -> Iterator[Breach]:
    for table in tables().tables:
        rows = table.rows.get(act.statement.event, ())
        state = past.states[table.name]
        if rows and row_for(table, state, act) is None:
            # Rows of another basis or outcome tell what others may, not what this act lacks.
            before = {one for row in fitting(table, act) or rows for one in row.before}
            expected = " ".join(one for one in table.states if one in before)
            yield Breach(table.code, expected, state)


def _answers(past: Past, act: Act) -> Iterator[Breach]:
    wanted = tables().answers.get(act.statement.event)
    if act.statement.event == GIVE:
        return  # which one it must be, `custody_deposit` says
    if wanted is not None and not past.answered(act, wanted):
        found = " ".join(answer.hex() for answer in act.claims.answers)
        yield Breach("CUSTODY_ANSWERS", " ".join(sorted(wanted)), found)
