"""Registrars, and what they say of people's keys and duties in forged evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from tests.verifier.fabric.forge_keys import orgs
from tests.verifier.forge_log import sha256
from tests.verifier.forge_people import Person, Signed, person
from verifier.custody_tables import tables


def registrar(organisation: int) -> Person:
    return person(f"registrar {organisation}", organisation, role="registrar")


def role_of(who: Person) -> str:
    """As their certificate has it."""
    subject = who.holder.certificate.subject
    return str(subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value)


def key_of(who: Person) -> str:
    """SHA-256 of the SubjectPublicKeyInfo."""
    key = who.holder.key.public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hex()


def say_key(
    say: Callable[..., str],
    who: Person,
    event: str = "key.enrol",
    batch: int = 0,
    town: Person | None = None,
    **claims: Any,
) -> str:
    """Two registrars' statements about somebody's key, their own organisation's first.

    `town`: the registrar of organisation 0, if it is another than usual.
    """
    own = [org.msp for org in orgs()].index(who.msp)
    both = [town or registrar(0) if number == 0 else registrar(number) for number in (own, 0 if own else 1)]
    claims = {"subject": who.agent, "key": key_of(who), **claims}
    first = say(f"{event} {who.agent} 1", batch, 0, both[0], event, **claims)
    return say(f"{event} {who.agent} 2", batch, 0, both[1], event, answers=[first], **claims)


def duties_for(signed: Signed) -> tuple[str, ...]:
    """One that is asked for the act, if one is."""
    payload = signed.payload
    wanted = tables().wanted(payload["event"], payload.get("basis"))
    return tuple(sorted(wanted)[:1]) if role_of(signed.signer) == "person" else ()


def say_duty(
    say: Callable[..., str],
    who: Person,
    duty: str,
    event: str = "appoint",
    batch: int = 0,
    town: Person | None = None,
    **claims: Any,
) -> str:
    """A registrar's statement of the person's own organisation."""
    own = [org.msp for org in orgs()].index(who.msp)
    signer = town or registrar(0) if own == 0 else registrar(own)
    fields = {"detail": "聘任"} if event == "appoint" else {}
    claims = {"subject": who.agent, "duty": duty, **claims}
    return say(f"{event} {who.agent} {duty}", batch, 0, signer, event, fields, **claims)
