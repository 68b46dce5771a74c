"""A refusal as secret is stated without content: by whom it was tried, when, and on which ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.dates import now

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from ledger.keys import SigningKey
    from ledger.people import Person

# What people are told, and the catalogue's reason.
SECRETS = {
    "SECRET": "secret_marked",
    "SECRET_DECLARED": "secret_declared",
    "FILE_ERASED": "mistaken_upload",
    "FILE_SECRET": "secret_marked",
    "FIELD_SECRET": "secret_marked",
    "GRADE_SECRET": "secret_declared",
}
_MOST = 1000


def state_refusals(ledger: Ledger, key: SigningKey, person: Person, reasons: Sequence[str]) -> None:
    """One statement each. Raises what `accept` raises."""
    from api.signer import own_fields
    from ledger.accept import accept
    from ledger.sign import Draft, sign_statement

    fields, when = own_fields(person), now()
    drafts = [Draft("secrecy.refuse", when, fields=fields, reason=reason) for reason in reasons[:_MOST]]
    accept(ledger, [sign_statement(key, ledger.origin, draft) for draft in drafts])
