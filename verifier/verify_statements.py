"""Checks 2 and 3: who signed each statement, and what its disclosures say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.certificate import Signer, check_issuer, check_validity
from verifier.disclosure import check_disclosures
from verifier.errors import EvidenceError, found_text
from verifier.fabric.configuration import Configuration
from verifier.parts import OpenStatement, Parts
from verifier.statement import check_signature
from verifier.tally import Tally


@dataclass(frozen=True)
class Authority:
    """By what a signer is judged. `newest`: the newest configuration carried, None if the chain is broken.

    Person CAs are only ever added to a configuration, so the newest holds all that there were.
    """

    origin: str
    newest: Configuration | None


def check_signatures(parts: Parts, authority: Authority, tally: Tally) -> None:
    """Check 2. For every statement:

    1. it is addressed to this ledger (`aud`);
    2. the certificate that its header names is carried, and its subject is `agent`;
    3. the signature verifies;
    4. a person CA of `iss`, an organisation of the application, issued the certificate, itself in date at
       `recorded_at`;
    5. the certificate was in date at `recorded_at` (a pending statement has no such time: that is noted).
    No two statements have the same `jti`, and no certificate is carried that no statement uses.
    """
    recorded_at = parts.recorded_at()
    seen: dict[str, str] = {}
    for opened in parts.statements:
        statement = opened.statement
        with tally.subject():
            if statement.aud != authority.origin:
                found = found_text(statement.aud)
                raise EvidenceError("STATEMENT_AUDIENCE", opened.at, authority.origin, found)
        with tally.rule():
            if statement.jti in seen:
                raise EvidenceError(
                    "STATEMENT_JTI_REPEATED", opened.at, "a jti of its own", seen[statement.jti]
                )
        seen[statement.jti] = opened.at
        signer = parts.signers.get(statement.certificate_sha256)
        if signer is not None:
            _judge(opened, signer, authority, recorded_at, tally)
        elif statement.certificate_sha256 not in parts.unread:
            found = statement.certificate_sha256.hex()
            tally.fail("CERTIFICATE_MISSING", opened.at, "the certificate that the header names", found)
    used = {opened.statement.certificate_sha256 for opened in parts.statements}
    for sha256 in parts.signers.keys() - used:
        tally.fail("CERTIFICATE_UNUSED", "certificates", "each used by a statement", sha256.hex())


def _judge(
    opened: OpenStatement,
    signer: Signer,
    authority: Authority,
    recorded_at: Mapping[bytes, str],
    tally: Tally,
) -> None:
    statement, at = opened.statement, opened.at
    when = recorded_at.get(opened.sha256)
    with tally.rule():
        if signer.agent != statement.agent:
            raise EvidenceError("CERTIFICATE_AGENT", at, statement.agent, signer.agent)
    with tally.rule():
        check_signature(statement, signer.key, at)
    if authority.newest is None:
        tally.needs("configuration")
    else:
        with tally.rule():
            _check_issuer(opened, signer, authority.newest, when)
    with tally.rule():
        if when is not None:
            check_validity(signer, when, at)
        else:
            tally.note("CERTIFICATE_DATE_PENDING", at)


def _check_issuer(opened: OpenStatement, signer: Signer, newest: Configuration, when: str | None) -> None:
    organisation = newest.organisations.get(opened.statement.iss)
    if organisation is None:
        known = " ".join(newest.organisations)
        raise EvidenceError("STATEMENT_ISSUER", opened.at, known, opened.statement.iss)
    check_issuer(signer, organisation.person_cas, opened.at, when)


def check_shown(parts: Parts, tally: Tally) -> None:
    """Check 3. What is shown of each statement and item is bound to it, each name once."""
    for opened in parts.statements:
        with tally.subject():
            check_disclosures(opened.statement.claims, opened.disclosures, opened.at)
        for part in opened.items:
            with tally.subject():
                check_disclosures(part.item.claims, part.disclosures, part.at)
