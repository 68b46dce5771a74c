"""A client of the service: draft, look at the draft, sign, submit. The key stays here.

Nothing is signed that does not say what was asked: a service that handed out another act, or a challenge of
another service, gets no signature.
"""

from __future__ import annotations

import functools
import json
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from api.drafted import DishonestError, check_draft
from api.filled import check_filled
from api.sign_in_text import is_challenge_of, origin_of
from ledger.keys import SigningKey
from ledger.sign import sign_octets
from verifier.canonical import base64_text, base64url_text
from verifier.digests import sha256

JsonObject = dict[str, Any]
_WAIT = httpx.Timeout(60.0, read=300.0)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Whom to trust under TLS, read once: that takes longer than many a request."""
    return httpx.create_ssl_context()


class RefusedError(Exception):
    """The service refused. `problem`: its document (RFC 9457); `code` is stable."""

    def __init__(self, status: int, problem: JsonObject) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        super().__init__(f"{status} {self.code}: {problem.get('detail_en', '')}")


@dataclass
class Client:
    """`url`: scheme, host and port, as the service calls itself. Signs in by itself when it must.

    `origin`: the ledger's, to which every statement is held; where it is not given, what the first challenge
    says, and from then on no other.
    """

    url: str
    key: SigningKey
    origin: str = ""
    http: httpx.Client = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=_WAIT, verify=tls_context())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def sign_in(self) -> JsonObject:
        """Who one is for the service, and one's duties. Raises RefusedError, DishonestError."""
        challenge = str(_checked(self.http.get("/v1/challenge")).json()["challenge"])
        opened: JsonObject = _checked(self.http.post("/v1/session", json=self.answer(challenge))).json()
        self.token = str(opened["token"])
        return opened

    def answer(self, challenge: str) -> JsonObject:
        """Raises DishonestError for what is no challenge of this service."""
        if not is_challenge_of(challenge, self.url):
            raise DishonestError(f"not a challenge of {self.url}")
        origin = origin_of(challenge)
        if self.origin not in ("", origin):
            raise DishonestError(f"a challenge of the ledger {origin}, not of {self.origin}")
        self.origin = origin
        return {
            "challenge": challenge,
            "signature": base64url_text(sign_octets(self.key.key, challenge.encode())),
            "certificate": base64_text(self.key.certificate_der),
            "organisation": self.key.iss,
        }

    def sign_out(self) -> None:
        _checked(self.http.delete("/v1/session", headers=self._bearer()))
        self.token = ""

    def draft(self, act: Mapping[str, Any]) -> JsonObject:
        """The service's draft of an act, as docs/api.md describes acts."""
        made: JsonObject = self.ask("POST", "/v1/drafts", json=dict(act)).json()
        return made

    def sign(self, act: Mapping[str, Any], made: Mapping[str, Any]) -> JsonObject:
        """The signed submission of a draft. Raises DishonestError unless the draft says what `act` says."""
        check_draft(self.key, self.origin, act, made)
        octets = str(made["octets"]).encode()
        return {
            "statement": f"{made['octets']}.{base64url_text(sign_octets(self.key.key, octets))}",
            "certificate": base64_text(self.key.certificate_der),
            "disclosures": made["disclosures"],
            "items": made["items"],
            "draft": sha256(octets).hex(),
        }

    def submit(self, submission: Mapping[str, Any]) -> JsonObject:
        """The acknowledgement, with the receipt."""
        done: JsonObject = self.ask("POST", "/v1/statements", json=dict(submission)).json()
        return done

    def act(self, **act: Any) -> JsonObject:
        """Draft, sign, submit."""
        return self.submit(self.sign(act, self.draft(act)))

    def freeze(self, records: Sequence[str], **decided: Any) -> JsonObject:
        """A new list of these records, in this order; the answer has its `list_id`."""
        made = self.ask("POST", "/v1/lists/drafts", json={**decided, "records": list(records)}).json()
        act = made["act"]
        check_filled({**decided, "event": "list.freeze"}, act, records=records)
        return self._filled(act, made["draft"])

    def on_list(self, list_id: str, event: str, **decided: Any) -> JsonObject:
        """An act on the list as it is shown: on all of it, on one item (`record`), or, with `list.freeze`,
        under a new list of what is left of it."""
        shown = self.show_list(list_id)
        said = {**decided, "event": event}
        made = self.ask("POST", f"/v1/lists/{list_id}/drafts", json=said).json()
        new = event == "list.freeze"
        check_filled(
            said,
            made["act"],
            records=[one["record"] for one in shown["items"] if one["on_list"] or not new],
            list_id=None if new else list_id,
            answers=[step["statement"] for step in shown["steps"]],
        )
        return self._filled(made["act"], made["draft"])

    def on_record(self, record: str, event: str, **decided: Any) -> JsonObject:
        """An act on one record; what it answers, its version and the like are looked up."""
        said = {**decided, "event": event}
        made = self.ask("POST", f"/v1/records/{record}/drafts", json=said).json()
        check_filled({**said, "record": record}, made["act"], records=None)
        return self._filled(made["act"], made["draft"])

    def show_list(self, list_id: str) -> JsonObject:
        """With all of its items."""
        shown: JsonObject = self.ask("GET", f"/v1/lists/{list_id}").json()
        cursor = shown["next_items"]
        while cursor:
            more = self.ask("GET", f"/v1/lists/{list_id}", params={"cursor": cursor}).json()
            shown["items"] += more["items"]
            cursor = more["next_items"]
        return shown

    def every(self, path: str, name: str, **asked: Any) -> Iterator[JsonObject]:
        """Everything on all pages of a list of things: `every("/v1/loans", "loans", state="overdue")`."""
        cursor: str | None = None
        while True:
            params = asked if cursor is None else {**asked, "cursor": cursor}
            page = self.ask("GET", path, params=params).json()
            yield from page[name]
            cursor = page["next"]
            if cursor is None:
                return

    def _filled(self, act: JsonObject, draft: JsonObject) -> JsonObject:
        return {**self.submit(self.sign(act, draft)), "list_id": draft["list_id"]}

    def submit_many(self, submissions: Iterable[Mapping[str, Any]]) -> Iterator[JsonObject]:
        """An answer for each, in order, and then the total."""
        lines = (json.dumps(dict(one), separators=(",", ":")).encode() + b"\n" for one in submissions)
        if not self.token:
            self.sign_in()
        headers = {**self._bearer(), "Content-Type": "application/x-ndjson"}
        with self.http.stream("POST", "/v1/statements:bulk", content=lines, headers=headers) as answer:
            if answer.status_code != 200:
                answer.read()
            for line in _checked(answer).iter_lines():
                yield json.loads(line)

    def upload(self, path: Path, expected: str = "", grade: str = "none") -> JsonObject:
        """Digests and size of the file as the service has it. `expected`: its SHA-256, to be held to.
        `grade`: as declared; with any but none it is refused."""
        if not self.token:
            self.sign_in()
        asked = {"Content-Type": "application/octet-stream", "X-Declared-Grade": grade} | (
            {"X-Content-SHA256": expected} if expected else {}
        )
        with path.open("rb") as content:
            sent = self.http.post("/v1/files", content=content, headers={**self._bearer(), **asked})
        kept: JsonObject = _checked(sent).json()
        return kept

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any other request; signs in first, and again where the session has ended. Raises RefusedError."""
        if not self.token:
            self.sign_in()
        answer = self.http.request(method, path, headers=self._bearer(), **more)
        if answer.status_code == 401:
            self.sign_in()
            answer = self.http.request(method, path, headers=self._bearer(), **more)
        return _checked(answer)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    raise RefusedError(answer.status_code, problem if isinstance(problem, dict) else {})
