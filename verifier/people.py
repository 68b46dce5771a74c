"""What statements about people say in clear: whose key, which duty. docs/formats.md section 3.

These five events put a statement on the trail of the person it is about, so what that trail is judged by
must stand in clear, and stands nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.claims import read_date, read_uuid
from verifier.errors import EvidenceError
from verifier.shape import CODE, HEX32, UUID, Members

ENROL, REVOKE = "key.enrol", "key.revoke"
APPOINT, RELEASE, HANDOVER = "appoint", "release", "duty.handover"
KEYS, DUTIES = "keys", "duties"

# The trail of its `subject` that a statement of the event is on.
TRAIL_OF: Mapping[str, str] = MappingProxyType(
    {ENROL: KEYS, REVOKE: KEYS, APPOINT: DUTIES, RELEASE: DUTIES, HANDOVER: DUTIES}
)
CLAIMS = ("compromised_since", "duty", "key", "unit")
_ALWAYS = {KEYS: "key", DUTIES: "duty"}
_MAY = {REVOKE: ("compromised_since", "key"), ENROL: ("key",)}
_DUTY = ("duty", "unit")


@dataclass(frozen=True)
class People:
    """`trail`: KEYS or DUTIES, of `subject`. `key`: SHA-256 of a key's SubjectPublicKeyInfo.

    `unit`: uuid of the department or village; None for the organisation as a whole.
    """

    trail: str
    subject: str
    key: bytes | None
    compromised_since: str | None
    duty: str | None
    unit: str | None


def read_people(m: Members, event: str) -> People | None:
    """None if the event is of another kind. Raises EvidenceError PEOPLE_CLAIM, or a shape's code."""
    kind = TRAIL_OF.get(event)
    may = _MAY.get(event, _DUTY) if kind else ()
    for name in CLAIMS:
        if m.has(name) and name not in may:
            raise EvidenceError("PEOPLE_CLAIM", f"{m.at}.{name}", "absent", event)
    if kind is None:
        return None
    for name in ("subject", _ALWAYS[kind]):
        if not m.has(name):
            raise EvidenceError("PEOPLE_CLAIM", m.at, name, event)
    if m.has("list"):
        raise EvidenceError("PEOPLE_CLAIM", f"{m.at}.list", "absent", event)
    return People(
        trail=kind,
        subject=m.text("subject", UUID),
        key=bytes.fromhex(m.text("key", HEX32)) if m.has("key") else None,
        compromised_since=read_date(m, "compromised_since"),
        duty=m.optional_text("duty", CODE),
        unit=read_uuid(m, "unit"),
    )
