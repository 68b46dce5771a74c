"""People of an office who act on records of one ledger, each in turn."""

from __future__ import annotations

from typing import Any

from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.loan_query import LoanRow, loan_page
from ledger.sign import Draft, ItemDraft, sign_list, sign_statement
from ledger.submission import Submission
from tests.ledger.ledger_world import OFFICE, ORIGIN, World

PAPER, ELECTRONIC = "paper_destroyed", "electronic_destroyed"
READER = {"reader_name": "周九", "purpose": "勘验"}


class Office:
    """People by name, appointed to everything; each act is handed in at once, its digest is answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys: dict[str, SigningKey] = {}

    def key(self, name: str) -> SigningKey:
        if name not in self.keys:
            self.keys[name] = self.world.person()
            self.world.appoint(self.keys[name], *OFFICE)
        return self.keys[name]

    def signed(self, event: str, who: str, record: str, **said: Any) -> Submission:
        fields = {"agent_name": who, **said.pop("fields", {})}
        draft = Draft(event=event, occurred_at="2026-01-08", record=record, fields=fields, **said)
        return sign_statement(self.key(who), ORIGIN, draft)

    def listed(self, event: str, who: str, records: list[str], list_id: str, **said: Any) -> Submission:
        fields = {"agent_name": who, **said.pop("fields", {})}
        draft = Draft(event=event, occurred_at="2026-01-08", fields=fields, **said)
        return sign_list(self.key(who), ORIGIN, draft, list_id, [ItemDraft(record) for record in records])

    def frozen(self, who: str, records: list[str], list_id: str) -> bytes:
        return self.take(self.listed("list.freeze", who, records, list_id, fields={"list_title": "清单"}))

    def review(self, step: str, who: str, records: list[str], list_id: str, *answers: bytes) -> Submission:
        said = {"answers": answers, "outcome": "approved"}
        return self.listed(f"review.{step}", who, records, list_id, **said)

    def take(self, *submissions: Submission) -> bytes:
        return self.world.accept(submissions)[-1].statement

    def carried_out(self, record: str, outcome: str) -> bytes:
        """The record's destruction, up to the witness: what he answers."""
        answers: tuple[bytes, ...] = ()
        paper = {"document_number": "青档销〔2026〕1号"}
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("expiry.review", "陈十三", {"outcome": "destroy"}),
            ("destroy.propose", "陈十三", {}),
            ("destroy.approve", "赵六", {"outcome": "approved", "fields": paper}),
            ("destroy.carry_out", "孙八", {"outcome": outcome, "state": "destroyed"}),
        ]
        for event, who, said in steps:
            answers = (self.take(self.signed(event, who, record, answers=answers, **said)),)
        return answers[0]


def loans_of(ledger: Ledger, record: str) -> tuple[LoanRow, ...]:
    """Every application and loan of one record, newest first."""
    return tuple(loan_page(ledger, 100, None, lambda _: True, record).rows)
