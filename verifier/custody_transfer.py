"""Transfer by list: what was frozen is what is reviewed, signed for and taken over. docs/formats.md 17."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from verifier.acts import Act
from verifier.custody_past import Breach, Frozen, Past, digest
from verifier.custody_tables import tables
from verifier.duties import Held

FREEZE, SIGN, ACCEPT, RESUBMIT = ("list.freeze", "handover.sign", "transfer.accept", "resubmit")
_UNDER_WAY = ("listed", "village", "department", "handing_over")


def transfer_breaches(past: Past, act: Act, held: Collection[Held] | None) -> Iterator[Breach]:
    """`held`: the duties of the signer; None where they are not known."""
    name, listing = act.statement.event, past.listing
    if name == RESUBMIT and (act.claims.version or 0) <= past.version:
        yield Breach("CUSTODY_VERSION", f"> {past.version}", str(act.claims.version))
    if name == FREEZE:
        yield from _freeze(past, act)
    needs_list = name in tables().on_list | tables().of_list
    if listing is None:
        # Only what was filed by an older register has none; elsewhere the order is broken already.
        if needs_list and past.states["transfer"] == "filed":
            yield Breach("CUSTODY_LIST_OTHER", FREEZE)
        return
    if name in tables().on_list:
        yield from _same_list(listing, act)
    if needs_list and not listing.statements.intersection(act.claims.answers):
        yield Breach("CUSTODY_LIST_ANSWER", listing.id, _answers(act))
    if name == SIGN:
        yield from _signature(listing, act, _for_its_village(past, act, held or ()))
    if name == ACCEPT:
        yield from _deed(listing, act)


def _freeze(past: Past, act: Act) -> Iterator[Breach]:
    """A list once fixed is not fixed again: what goes on after an item was sent back goes on a new one."""
    listing, claim = past.listing, act.statement.list
    if claim is not None and claim.id in past.frozen:
        yield Breach("CUSTODY_LIST_FROZEN", "", claim.id)
    again = past.states["transfer"] in _UNDER_WAY and listing is not None
    if again and listing is not None and not listing.statements.intersection(act.claims.answers):
        yield Breach("CUSTODY_LIST_ANSWER", listing.id, _answers(act))


def _same_list(listing: Frozen, act: Act) -> Iterator[Breach]:
    claim = act.statement.list
    if claim is None:
        # A list of one item may be acted on by a single statement.
        if listing.size != 1:
            yield Breach("CUSTODY_LIST_OTHER", listing.id)
    elif claim.id != listing.id:
        yield Breach("CUSTODY_LIST_OTHER", listing.id, claim.id)
    elif claim.size != listing.size:
        yield Breach("CUSTODY_LIST_SIZE", str(listing.size), str(claim.size))


def _answers(act: Act) -> str:
    return " ".join(answer.hex() for answer in act.claims.answers)


def _side(role: str) -> str:
    return next((side for side, roles in tables().deed.items() if role in roles), "")


def _for_its_village(past: Past, act: Act, held: Collection[Held]) -> bool:
    """Whether the signer has the duty for a village or department that the list was fixed for."""
    wanted = tables().wanted(SIGN, act.claims.basis)
    return any(one.duty in wanted and one.unit in past.units for one in held)


def _signature(listing: Frozen, act: Act, of_village: bool) -> Iterator[Breach]:
    """Four people; who gives is of the organisation that made the list, or of the same village; who receives,
    of one organisation."""
    role, iss, agent = act.claims.basis or "", act.statement.iss, act.statement.agent
    if role in listing.deed:
        yield Breach("CUSTODY_DEED_REPEATED", "", role)
    others = [one.statement for known, one in listing.deed.items() if known != role]
    if agent in {one.agent for one in others}:
        yield Breach("CUSTODY_SAME_PERSON", "", agent)
    if _side(role) == "giver" and iss != listing.iss and not of_village:
        yield Breach("CUSTODY_DEED_PARTY", listing.iss, iss)
    partners = {
        one.statement.iss
        for known, one in listing.deed.items()
        if known != role and _side(known) == "receiver"
    }
    if _side(role) == "receiver" and partners - {iss}:
        yield Breach("CUSTODY_DEED_PARTY", " ".join(sorted(partners)), iss)


def _deed(listing: Frozen, act: Act) -> Iterator[Breach]:
    missing = frozenset().union(*tables().deed.values()) - listing.deed.keys()
    if missing:
        yield Breach("CUSTODY_DEED_INCOMPLETE", " ".join(sorted(missing)), str(len(listing.deed)))
    receivers = {one.statement.iss for role, one in listing.deed.items() if _side(role) == "receiver"}
    if receivers - {act.statement.iss}:
        yield Breach("CUSTODY_DEED_PARTY", act.statement.iss, " ".join(sorted(receivers)))
    givers = {one.statement.iss for role, one in listing.deed.items() if _side(role) == "giver"}
    if givers == {act.statement.iss}:
        # A county that makes the list itself takes nothing over from a township that signs nowhere.
        yield Breach("CUSTODY_DEED_PARTY", f"≠ {act.statement.iss}", act.statement.iss)


def remember_transfer(past: Past, act: Act) -> None:
    """`past.states` as before the act."""
    name, claim = act.statement.event, act.statement.list
    if name == FREEZE and claim is not None:
        past.frozen.add(claim.id)
        past.listing = Frozen(claim.id, claim.size, act.statement.iss, {digest(act)})
    elif name in ("item.return", "list.return"):
        past.listing = None
    elif past.listing is not None and name in tables().on_list:
        past.listing.statements.add(digest(act))
        if name == SIGN and act.claims.basis is not None:
            past.listing.deed.setdefault(act.claims.basis, act)
