"""What is asked of a submission before it is accepted: all that verifier and chaincode will ask of it later.

Pure: bytes in, values or reasons out; what needs the store is asked in `ledger.accept`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography import x509

from ledger.batch import (
    FRAME_OCTETS,
    LINK_OCTETS,
    MAX_BATCH,
    MAX_LINKS,
    certificate_octets,
    statement_octets,
)
from ledger.submission import Submission
from verifier.certificate import Signer, check_validity, issuer_of, read_signer
from verifier.clock import is_ahead
from verifier.conformity import check_event
from verifier.disclosure import Disclosure, check_disclosures, parse_disclosure
from verifier.errors import EvidenceError
from verifier.item import Item, list_roots, parse_item
from verifier.report import Reason
from verifier.shape import datetime_of
from verifier.statement import Statement, check_signature, parse_statement
from verifier.tally import MOST_REASONS
from verifier.trail import Trail, trails_of_item, trails_of_statement


@dataclass(frozen=True)
class Rules:
    """By what submissions are judged. `accepted_at`, `due`: the instants their receipts will name.

    `person_cas`: MSP id → DER of its person CAs.
    `kinds`: MSP id → kind of organisation; empty if organisations' kinds are not to be judged.
    """

    origin: str
    person_cas: Mapping[str, tuple[bytes, ...]]
    kinds: Mapping[str, str]
    accepted_at: str
    due: str


@dataclass(frozen=True)
class OpenedItem:
    item: Item
    trails: tuple[Trail, ...]
    disclosures: tuple[Disclosure, ...]


@dataclass(frozen=True)
class Opened:
    """A submission that was read; `reasons` say what is wrong with it."""

    statement: Statement
    signer: Signer
    trails: tuple[Trail, ...]
    disclosures: tuple[Disclosure, ...]
    items: tuple[OpenedItem, ...]


@dataclass
class Found:
    """What is wrong with one submission."""

    reasons: list[Reason] = field(default_factory=list)

    def rule(self) -> Found:
        """To be entered: turns an EvidenceError into a reason; what follows the `with` still runs."""
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not isinstance(error, EvidenceError):
            return False
        self.reasons.append(Reason(error.code, error.at, error.expected, error.found))
        return True


def examine(submission: Submission, rules: Rules) -> tuple[Opened | None, list[Reason]]:
    """What the submission holds (None if it cannot be read), and every reason to refuse it.

    The signature is not judged here, so that many can be checked side by side: `check_signed`.
    """
    found, opened = Found(), None
    with found.rule():
        opened = _open(submission)
    if opened is None:
        return None, found.reasons
    statement = opened.statement
    with found.rule():
        if statement.aud != rules.origin:
            raise EvidenceError("STATEMENT_AUDIENCE", "aud", rules.origin, statement.aud)
    _judge_signer(opened, rules, found)
    _judge_items(opened, found)
    _judge_dates(opened, rules, found)
    with found.rule():
        check_disclosures(statement.claims, opened.disclosures, "statement")
    for part in opened.items:
        with found.rule():
            check_disclosures(part.item.claims, part.disclosures, f"items[{part.item.number}]")
    with found.rule():
        _check_cap(submission, opened)
    items = [part.item for part in opened.items]
    kinds = {rules.kinds[statement.iss]} if statement.iss in rules.kinds else set()
    found.reasons += check_event(statement, items, opened.signer.role, kinds if rules.kinds else None)
    if len(found.reasons) > MOST_REASONS:
        more = Reason("MORE_REASONS", found=str(len(found.reasons) - MOST_REASONS))
        return opened, [*found.reasons[:MOST_REASONS], more]
    return opened, found.reasons


def check_signed(opened: Opened) -> Reason | None:
    """Whether the statement is signed with the certificate's key."""
    try:
        check_signature(opened.statement, opened.signer.key)
    except EvidenceError as error:
        return Reason(error.code, error.at, error.expected, error.found)
    return None


def _open(submission: Submission) -> Opened:
    statement = parse_statement(submission.statement)
    items = []
    for number, part in enumerate(submission.items):
        item = parse_item(part.data, number, f"items[{number}]")
        items.append(
            OpenedItem(item, trails_of_item(item), _disclosures(part.disclosures, f"items[{number}]"))
        )
    return Opened(
        statement=statement,
        signer=_signer(submission.certificate),
        trails=trails_of_statement(statement),
        disclosures=_disclosures(submission.disclosures, "statement"),
        items=tuple(items),
    )


@functools.lru_cache(maxsize=1024)
def _signer(der: bytes) -> Signer:
    return read_signer(der)


@functools.lru_cache(maxsize=1024)
def _issuer(der: bytes, person_cas: tuple[bytes, ...]) -> x509.Certificate | None:
    return issuer_of(_signer(der), [x509.load_der_x509_certificate(ca) for ca in person_cas])


def _disclosures(texts: Iterable[str], at: str) -> tuple[Disclosure, ...]:
    return tuple(parse_disclosure(text, f"{at}.disclosures[{n}]") for n, text in enumerate(texts))


def _judge_signer(opened: Opened, rules: Rules, found: Found) -> None:
    statement, signer = opened.statement, opened.signer
    with found.rule():
        if statement.certificate_sha256 != signer.sha256:
            named, given = statement.certificate_sha256.hex(), signer.sha256.hex()
            raise EvidenceError("CERTIFICATE_MISSING", "certificate", named, given)
    with found.rule():
        if statement.agent != signer.agent:
            raise EvidenceError("CERTIFICATE_AGENT", "agent", signer.agent, statement.agent)
    _judge_certificate(signer, statement.iss, rules, found)


def judge_certificate(signer: Signer, iss: str, rules: Rules) -> list[Reason]:
    """Every reason why a person of `iss` with this certificate could sign nothing now."""
    found = Found()
    _judge_certificate(signer, iss, rules, found)
    return found.reasons


def _judge_certificate(signer: Signer, iss: str, rules: Rules, found: Found) -> None:
    with found.rule():
        if iss not in rules.person_cas:
            known = " ".join(sorted(rules.person_cas))
            raise EvidenceError("STATEMENT_ISSUER", "iss", known, iss)
        issuer = _issuer(signer.der, rules.person_cas[iss])
        if issuer is None:
            raise EvidenceError("CERTIFICATE_ISSUER", "certificate", f"a person CA of {iss}")
        _check_within(signer, issuer)
    with found.rule():
        check_validity(signer, rules.accepted_at)
        # Until it is due the statement may be sealed, and then the certificate must still be in date.
        try:
            check_validity(signer, rules.due)
        except EvidenceError as error:
            ends = signer.not_after.isoformat()
            raise EvidenceError(
                "CERTIFICATE_ENDS_BEFORE_DUE", "certificate", f"≥ {rules.due}", ends
            ) from error


def _check_within(signer: Signer, issuer: x509.Certificate) -> None:
    """The CA must be in date, too, when the statement is recorded: so it is whenever the certificate is."""
    first, last = issuer.not_valid_before_utc, issuer.not_valid_after_utc
    if signer.not_before < first or signer.not_after > last:
        span = f"{first.isoformat()} … {last.isoformat()}"
        found = f"{signer.not_before.isoformat()} … {signer.not_after.isoformat()}"
        raise EvidenceError("CERTIFICATE_BEYOND_ISSUER", "certificate", span, found)


def _judge_items(opened: Opened, found: Found) -> None:
    listing, items = opened.statement.list, [part.item for part in opened.items]
    with found.rule():
        if listing is None:
            if items:
                raise EvidenceError("ITEM_WITHOUT_LIST", "items", "none", str(len(items)))
            return
        if listing.size != len(items):
            raise EvidenceError("LIST_SIZE", "items", str(listing.size), str(len(items)))
        if list_roots([item.data for item in items]) != listing.roots:
            raise EvidenceError("LIST_ROOTS", "items", "the roots that the statement names")
    with found.rule():
        seen: set[str] = set()
        for item in items:
            if item.record in seen:
                raise EvidenceError("ITEM_RECORD_REPEATED", f"items[{item.number}]", found=item.record)
            seen.add(item.record)


def _judge_dates(opened: Opened, rules: Rules, found: Found) -> None:
    """What has not happened cannot be recorded: nearly always a mistyped year, which would stand for ever."""
    accepted = datetime_of(rules.accepted_at)
    dates = [("occurred_at", opened.statement.occurred_at)]
    for part in opened.items:
        if part.item.claims.occurred_at is not None:
            dates.append((f"items[{part.item.number}].occurred_at", part.item.claims.occurred_at))
    for at, date in dates:
        if is_ahead(date, accepted):
            found.reasons.append(Reason("OCCURRED_AHEAD", at, f"≤ {rules.accepted_at} + 24 h", date))


def _check_cap(submission: Submission, opened: Opened) -> None:
    """A list is never split over batches, so it must fit one of its own."""
    links = len(opened.trails) + sum(len(part.trails) for part in opened.items)
    octets = FRAME_OCTETS + certificate_octets(submission.certificate) + links * LINK_OCTETS
    octets += statement_octets(submission.statement, [item.data for item in submission.items])
    if links > MAX_LINKS:
        raise EvidenceError("LIST_OVER_CAP", "items", f"≤ {MAX_LINKS} links", f"{links} links")
    if octets > MAX_BATCH:
        raise EvidenceError("LIST_OVER_CAP", "items", f"≤ {MAX_BATCH} octets", f"{octets} octets")
