"""Looking into uses from a program: sign the inquiry, read its pages, take its export; open and release a
sealed one. The key stays here, and what a sealed inquiry asks is opened here alone."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.client import Client, JsonObject
from ledger.audit_envelope import open_envelope
from ledger.audit_filter import CRITERIA, AuditFilter, filter_text
from verifier.certificate import read_signer
from verifier.digests import sha256
from verifier.disclosure import parse_disclosure

QUERY, EXPORT = "query.audit", "export"
# What both inquirers sign.
_SHARED = (CRITERIA, "document_number", "medium", "period", "purpose")


@dataclass(frozen=True)
class Asked:
    """An inquiry that was handed in. `statement`: the first inquirer's, by which it is known; `own`: the one
    signed here. `disclosures`: the first one's, needed again for every page of a sealed inquiry."""

    statement: str
    own: str
    number: str
    event: str
    state: str
    disclosures: tuple[str, ...]
    sealed: bool


@dataclass(frozen=True)
class AuditClient:
    client: Client

    def ask(
        self,
        asked: AuditFilter,
        fields: Mapping[str, str],
        *,
        basis: str = "audit",
        event: str = QUERY,
        sealed: bool = False,
        readers: Sequence[str] = (),
    ) -> Asked:
        """`fields`: purpose, agent_name, and whatever else the inquiry discloses."""
        said = {**fields, CRITERIA: filter_text(asked)}
        act = {"event": event, "basis": basis, "fields": said, "record": str(uuid.uuid4())}
        return self._hand_in(act, sealed, readers, None)

    def second(
        self, first: str, number: str, shared: Sequence[str], fields: Mapping[str, str], **more: Any
    ) -> Asked:
        """Signs the same inquiry as its second inquirer.

        `shared`: the first one's disclosures, of which those are signed again, salts and all, that both sign.
        """
        same = [text for text in shared if parse_disclosure(text).name in _SHARED]
        act: JsonObject = {"event": more.get("event", QUERY), "basis": more.get("basis", "audit")}
        act |= {"fields": dict(fields), "disclosures": same, "answers": [first], "record": number}
        return self._hand_in(act, bool(more.get("sealed", False)), more.get("readers", ()), tuple(shared))

    def page(self, asked: Asked, cursor: str | None = None, limit: int = 50) -> JsonObject:
        sent = {"cursor": cursor, "limit": limit, "disclosures": self._again(asked)}
        found: JsonObject = self.client.ask("POST", f"{_at(asked)}/page", json=sent).json()
        return found

    def groups(self, asked: Asked, limit: int = 50) -> Iterator[JsonObject]:
        """Of every page."""
        cursor: str | None = None
        while True:
            page = self.page(asked, cursor, limit)
            yield from page["groups"]
            cursor = page["next"]
            if cursor is None:
                return

    def export(self, asked: Asked) -> JsonObject:
        """The job that makes it."""
        sent = {"disclosures": self._again(asked)}
        job: JsonObject = self.client.ask("POST", f"{_at(asked)}/export", json=sent).json()
        return job

    def open(self, statement: str) -> tuple[str, ...]:
        """The disclosures of a sealed inquiry, by one's own key. Raises CallerError ENVELOPE_…."""
        envelope = self.client.ask("GET", f"/v1/audit/inquiries/{statement}/envelope").content
        key = self.client.key
        signer = read_signer(key.certificate_der)
        return open_envelope(envelope, bytes.fromhex(statement), key.key, signer.key_sha256)

    def release(
        self,
        number: str,
        opened: Mapping[str, Sequence[str]],
        fields: Mapping[str, str],
        basis: str = "audit",
    ) -> JsonObject:
        """`opened`: each sealed statement of the inquiry, with all its disclosures."""
        act = {"event": "inquiry.release", "basis": basis, "fields": dict(fields), "record": number}
        act |= {"answers": sorted(opened), "occurred_at": _now()}
        signed = self.client.sign(act, self.client.draft(act))
        signed["opened"] = {statement: list(texts) for statement, texts in opened.items()}
        path = f"/v1/audit/inquiries/{sorted(opened)[0]}/release"
        done: JsonObject = self.client.ask("POST", path, json=signed).json()
        return done

    def _hand_in(
        self, act: JsonObject, sealed: bool, readers: Sequence[str], shared: tuple[str, ...] | None
    ) -> Asked:
        act = {**act, "occurred_at": _now()}
        signed = self.client.sign(act, self.client.draft(act))
        sent = {**signed, "sealed": sealed, "readers": list(readers)}
        made = self.client.ask("POST", "/v1/audit/inquiries", json=sent).json()
        return Asked(
            statement=made["statement"],
            own=sha256(str(signed["statement"]).encode()).hex(),
            number=made["number"],
            event=made["event"],
            state=made["state"],
            disclosures=tuple(signed["disclosures"]) if shared is None else shared,
            sealed=bool(made["sealed"]),
        )

    def _again(self, asked: Asked) -> list[str]:
        return list(asked.disclosures) if asked.sealed else []


def _at(asked: Asked) -> str:
    return f"/v1/audit/inquiries/{asked.statement}"


def _now() -> str:
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
