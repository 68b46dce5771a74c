"""What is asked of a statement before it is accepted: all that verifier and chaincode will ask of it later.

Pure: bytes in, values or reasons out; what needs the store is asked in `ledger.accept`. A list's items are
asked in `ledger.examine_items`, and all of it is put together in `ledger.examined`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cryptography import x509

from verifier.certificate import Signer, check_validity, issuer_of, read_signer
from verifier.clock import is_ahead
from verifier.custody_late import UNMARKED, unmarked
from verifier.custody_tables import tables
from verifier.disclosure import Disclosure, parse_disclosure
from verifier.errors import EvidenceError
from verifier.report import Reason
from verifier.shape import datetime_of
from verifier.statement import Statement, check_signature


@dataclass(frozen=True)
class Rules:
    """By what submissions are judged. `accepted_at`, `due`: the instants their receipts will name.

    `person_cas`: MSP id → DER of its person CAs.
    `kinds`: MSP id → kind of organisation; empty if organisations' kinds are not to be judged.
    `entering`: whether it is handed in now, and not brought back from a copy of what was accepted long ago.
    """

    origin: str
    person_cas: Mapping[str, tuple[bytes, ...]]
    kinds: Mapping[str, str]
    accepted_at: str
    due: str
    entering: bool = False


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
        self.reasons.append(reason_of(error))
        return True


def reason_of(error: EvidenceError) -> Reason:
    return Reason(error.code, error.at, error.expected, error.found)


@functools.lru_cache(maxsize=1024)
def read_certificate(der: bytes) -> Signer:
    """Of each certificate once. Raises as `read_signer`."""
    return read_signer(der)


def read_disclosures(texts: Iterable[str], at: str) -> tuple[Disclosure, ...]:
    return tuple(parse_disclosure(text, f"{at}.disclosures[{n}]") for n, text in enumerate(texts))


def judge_audience(statement: Statement, rules: Rules, found: Found) -> None:
    with found.rule():
        if statement.aud != rules.origin:
            raise EvidenceError("STATEMENT_AUDIENCE", "aud", rules.origin, statement.aud)


def judge_signer(statement: Statement, signer: Signer, rules: Rules, found: Found) -> None:
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


@functools.lru_cache(maxsize=1024)
def _issuer(der: bytes, person_cas: tuple[bytes, ...]) -> x509.Certificate | None:
    return issuer_of(read_certificate(der), [x509.load_der_x509_certificate(ca) for ca in person_cas])


def _check_within(signer: Signer, issuer: x509.Certificate) -> None:
    """The CA must be in date, too, when the statement is recorded: so it is whenever the certificate is."""
    first, last = issuer.not_valid_before_utc, issuer.not_valid_after_utc
    if signer.not_before < first or signer.not_after > last:
        span = f"{first.isoformat()} … {last.isoformat()}"
        found = f"{signer.not_before.isoformat()} … {signer.not_after.isoformat()}"
        raise EvidenceError("CERTIFICATE_BEYOND_ISSUER", "certificate", span, found)


def ahead(dates: Iterable[tuple[str, str | None]], accepted_at: str) -> Iterator[Reason]:
    """What has not happened cannot be recorded: nearly always a mistyped year, which would stand for ever.

    `dates`: each with the place of what bears it.
    """
    accepted = datetime_of(accepted_at)
    for at, date in dates:
        if date is not None and is_ahead(date, accepted):
            yield Reason("OCCURRED_AHEAD", f"{at}.occurred_at".lstrip("."), f"≤ {accepted_at} + 24 h", date)


def unmarked_late(acts: Iterable[tuple[str, str, str | None]], accepted_at: str) -> Iterator[Reason]:
    """`acts`: on records: the place of each, when it happened, and why it is entered late."""
    days, known = tables().late_days.accepted, dict[tuple[str, str | None], tuple[str, str] | None]()
    for at, date, late in acts:
        if (date, late) not in known:
            known[date, late] = unmarked(date, late, accepted_at, days)
        found = known[date, late]
        if found is not None:
            yield Reason(UNMARKED, f"{at}.late".lstrip("."), f"occurred_at ≥ {found[0]}", found[1])


def judge_signature(statement: Statement, signer: Signer, found: Found) -> None:
    """Whether the statement is signed with the certificate's key."""
    with found.rule():
        check_signature(statement, signer.key)
