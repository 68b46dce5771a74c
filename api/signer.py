"""Who signs: the person named by `--as`, and what every statement of theirs says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call
from api.language import text
from api.passphrase import PassphraseFile, passphrase

if TYPE_CHECKING:
    from ledger.keys import SigningKey
    from ledger.people import Person

As = Annotated[
    str,
    typer.Option(
        "--as", metavar=text("人员", "PERSON"), help=text("谁签名:姓名或编号", "who signs: name or id")
    ),
]


def signer(call: Call, named: str) -> Person:
    """Raises CallerError PERSON_UNKNOWN, PERSON_SEVERAL."""
    from ledger.people import find_person

    return find_person(call.home, named)


def number_of(call: Call, named: str) -> str:
    """The number of somebody who need have no key on this machine: as it is given, or by name.

    Raises CallerError PERSON_UNKNOWN, PERSON_SEVERAL."""
    from verifier.shape import UUID

    return named if UUID.match(named) else signer(call, named).agent


def unlocked(call: Call, person: Person, file: PassphraseFile) -> SigningKey:
    """The person's key. Raises CommandError about the passphrase, CallerError about the key."""
    from ledger.people import signing_key

    return signing_key(call.home, person.agent, passphrase(file, whose=person.name))


def own_fields(person: Person) -> dict[str, str]:
    """The disclosures by which a statement names its signer."""
    return {"agent_name": person.name} | ({"agent_duty": person.duty} if person.duty else {})
