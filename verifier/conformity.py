"""Whether a statement says what the catalogue asks of its event, and nothing that it does not allow.

This judges form, not truth, and not the order of work: who may follow whom is another matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from verifier.catalogue import CODE_CLAIMS, EventSpec, catalogue, catalogue_name, event
from verifier.claims import Claims
from verifier.item import Item
from verifier.report import Reason
from verifier.statement import Statement


@dataclass(frozen=True)
class _Said:
    """The names of clear claims and of fields that a statement or an item bears, and its codes."""

    claims: frozenset[str]
    fields: frozenset[str]
    codes: tuple[tuple[str, str], ...]


def check_event(
    statement: Statement,
    items: Sequence[Item] = (),
    role: str | None = None,
    kinds: Collection[str] | None = None,
) -> list[Reason]:
    """Every way in which the statement or one of `items` departs from the catalogue; empty if none.

    `role` is that of the signer's certificate, `kinds` what kinds of organisation `iss` is; what is None
    is not judged. `items` may be some of the list's items only: what a list must say is judged item by
    item, together with what the list statement says for all. A Reason's `at` names the item.
    """
    spec = event(statement.event)
    if spec is None:
        return [Reason("EVENT_UNKNOWN", "event", "an event of the catalogue", statement.event)]
    problems = _who(spec, role, kinds) + _scope(spec, statement)
    own = _said_by_statement(statement)
    problems += _not_allowed(spec, own, statement.event)
    if statement.list is None:
        return problems + _missing(spec, _needed_fields(spec, role), own, statement.event)
    return problems + check_items(statement, items, role)


def check_items(statement: Statement, items: Iterable[Item], role: str | None = None) -> list[Reason]:
    """What `check_event` finds in some of a list's items, apart from what it finds in the list statement."""
    spec = event(statement.event)
    if spec is None or statement.list is None:
        return []
    problems: list[Reason] = []
    own, needed_fields = _said_by_statement(statement), _needed_fields(spec, role)
    for item in items:
        at = f"{statement.event} item {item.number + 1}"
        said = _said(item.claims, frozenset())
        problems += _not_allowed(spec, said, at)
        both = _Said(own.claims | said.claims, own.fields | said.fields, ())
        problems += _missing(spec, needed_fields, both, at)
    return problems


def _needed_fields(spec: EventSpec, role: str | None) -> frozenset[str]:
    return spec.required_fields | (frozenset() if role == "service" else catalogue().person_fields)


def _who(spec: EventSpec, role: str | None, kinds: Collection[str] | None) -> list[Reason]:
    problems = []
    if role is not None and role not in spec.roles:
        problems.append(Reason("EVENT_ROLE", spec.name, " ".join(sorted(spec.roles)), role))
    if kinds is not None and "any" not in spec.by and spec.by.isdisjoint(kinds):
        found = " ".join(sorted(kinds))
        problems.append(Reason("EVENT_ORGANISATION", spec.name, " ".join(sorted(spec.by)), found))
    return problems


def _scope(spec: EventSpec, statement: Statement) -> list[Reason]:
    problems = []
    if _breaks(spec.list, statement.list is not None):
        problems.append(Reason("EVENT_LIST", spec.name, spec.list, "list" if statement.list else ""))
    # The records of a list statement stand in its items.
    if statement.list is None and _breaks(spec.record, statement.record is not None):
        problems.append(Reason("EVENT_RECORD", spec.name, spec.record, statement.record or ""))
    return problems


def _breaks(scope: str, present: bool) -> bool:
    return (scope == "required" and not present) or (scope == "none" and present)


def _said_by_statement(statement: Statement) -> _Said:
    beside: dict[str, object] = {
        "due": statement.due,
        "erased": statement.erased,
        "subject": statement.subject,
        "uses": statement.uses,
    }
    about = statement.people
    if about is not None:
        beside |= {"compromised_since": about.compromised_since, "duty": about.duty}
        beside |= {"key": about.key, "unit": about.unit}
    return _said(statement.claims, frozenset(name for name, value in beside.items() if value))


def _said(claims: Claims, beside: frozenset[str]) -> _Said:
    values: dict[str, object] = {
        "answers": claims.answers or None,
        "basis": claims.basis,
        "files": claims.files or None,
        "late": claims.late,
        "outcome": claims.outcome,
        "pages": claims.pages,
        "reason": claims.reason,
        "state": claims.state,
        "version": claims.version,
    }
    present = frozenset(name for name, value in values.items() if value is not None)
    codes = tuple((name, value) for name in CODE_CLAIMS if isinstance(value := values[name], str))
    return _Said(present | beside, frozenset(catalogue_name(name) for name in claims.fields), codes)


def _not_allowed(spec: EventSpec, said: _Said, at: str) -> list[Reason]:
    problems = [Reason("EVENT_CLAIM_EXTRA", at, found=name) for name in sorted(said.claims - spec.claims)]
    person = catalogue().person_fields
    extra = said.fields - spec.fields - person
    problems += [Reason("EVENT_FIELD_EXTRA", at, found=name) for name in sorted(extra)]
    for claim, code in said.codes:
        allowed = spec.codes.get(claim)
        if allowed is not None and code not in allowed:
            problems.append(Reason("EVENT_CODE", f"{at}.{claim}", " ".join(sorted(allowed)), code))
    return problems


def _missing(spec: EventSpec, fields: frozenset[str], said: _Said, at: str) -> list[Reason]:
    problems = [
        Reason("EVENT_CLAIM_MISSING", at, name) for name in sorted(spec.required_claims - said.claims)
    ]
    problems += [Reason("EVENT_FIELD_MISSING", at, name) for name in sorted(fields - said.fields)]
    return problems
