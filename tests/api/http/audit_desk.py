"""An office where uses were made and refused, and people who look into them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from api.audit_client import AuditClient
from api.client import Client
from ledger.accept import accept
from ledger.audit_filter import AuditFilter
from ledger.keys import SigningKey
from ledger.seen import last_seen
from ledger.sign import Draft, sign_statement
from tests.api.http.house import ARCHIVE, AUDIT, JUSTICE, RECORD, TOWN, House, approved, receive

OTHER = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
FORMULA = '=HYPERLINK("http://x","查看")'
PURPOSE = "土地承包经营权纠纷核查"
SECRET = "密查张三户档利用情况"
DOCUMENT = "云审密〔2026〕7号"


def appoint(house: House, subject: str, msp: str, duty: str) -> None:
    """By a registrar of the organisation."""
    registrar = house.person(msp, "registrar")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    draft = Draft(
        "appoint",
        today,
        subject=subject,
        duty=duty,
        fields={"agent_name": "登记员"},
        seen=last_seen(house.ledger),
    )
    accept(house.ledger, [sign_statement(registrar, house.ledger.origin, draft)])


def appointed(house: House, msp: str, *duties: str) -> SigningKey:
    return house.person(msp, duties=duties)


@dataclass(frozen=True)
class Desk:
    """`first`, `second`: auditors of one office. `colleague`: the audit administrator of the township."""

    house: House
    clerk: Client
    mediator: Client
    archivist: Client
    first: Client
    second: Client
    colleague: Client
    system: Client
    security: Client
    application: str

    def close(self) -> None:
        for one in (
            *(self.clerk, self.mediator, self.archivist, self.first, self.second),
            *(self.colleague, self.system, self.security),
        ):
            one.http.close()


def opened_desk(house: House) -> Desk:
    """A record was taken in and used on approval, by file; another was refused; somebody asked in vain."""
    people = {
        "clerk": appointed(house, TOWN, "township_archivist", "counter_clerk"),
        "archivist": appointed(house, ARCHIVE, "authority_reviewer"),
        "mediator": appointed(house, JUSTICE, "mediator"),
        "first": appointed(house, AUDIT, "auditor"),
        "second": appointed(house, AUDIT, "auditor"),
        "colleague": appointed(house, TOWN, "audit_admin"),
        "system": appointed(house, TOWN, "system_admin"),
        "security": appointed(house, TOWN, "security_admin"),
    }
    clients = {name: Client(house.url, key) for name, key in people.items()}
    clerk, mediator, archivist = (clients[name] for name in ("clerk", "mediator", "archivist"))
    scan = house.service.home / "界址图.txt"
    scan.write_text("张三户宅基地界址草图", encoding="utf-8")
    file = {"role": "content", "format": "text/plain", "carrier": "electronic", "copy": "original"}
    for record in (RECORD, OTHER):
        act = receive(record, files=[{**file, "digests": clerk.upload(scan)}])
        act["fields"]["file.0.name"] = scan.name
        clerk.act(**act)
    answers = approved(mediator, archivist)
    sha256 = clerk.ask("GET", f"/v1/records/{RECORD}").json()["files"][0]["sha256"]
    for purpose in (PURPOSE, FORMULA):
        use = {"act": "view", "purpose": purpose, "basis": "mediation", "answers": answers}
        mediator.ask("POST", f"/v1/records/{RECORD}/files/{sha256}", json={**use, "reader_name": "李四"})
    refused_other(mediator, archivist)
    mediator.http.get("/v1/alerts", headers={"Authorization": f"Bearer {mediator.token}"})
    return Desk(house, application=answers[0], **clients)


def refused_other(reader: Client, approver: Client) -> None:
    """An application that is turned down, and an act that the ledger refuses: what was never lent returns."""
    when = {"occurred_at": "2026-01-09", "late": "offline", "record": OTHER}
    fields = {"purpose": "好奇", "reader_name": "李四", "agent_name": "周九"}
    asked = reader.act(event="access.apply", basis="own_record", fields=fields, **when)["statement"]
    no = {"reason": "no_mandate", "answers": [asked], "fields": {"agent_name": "郑十一", "opinion": "无委托"}}
    approver.act(event="access.refuse", **no, **when)
    act: dict[str, Any] = {
        "event": "borrow.return",
        "outcome": "intact",
        "state": "in_place",
        "answers": [asked],
        **when,
    }
    act["fields"] = {"agent_name": "郑十一"}
    headers = {"Authorization": f"Bearer {approver.token}"}
    signed = approver.sign(act, approver.draft(act))
    assert approver.http.post("/v1/statements", headers=headers, json=signed).status_code == 422


def fields(name: str = "吴十", purpose: str = PURPOSE, **more: str) -> dict[str, str]:
    return {"purpose": purpose, "agent_name": name, **more}


def audit(client: Client) -> AuditClient:
    return AuditClient(client)


def rows(desk: Desk, asked: AuditFilter, by: Client | None = None) -> list[dict[str, Any]]:
    """Every row that an inquiry lists, groups taken apart."""
    auditor = audit(by or desk.first)
    found: list[dict[str, Any]] = []
    for group in auditor.groups(auditor.ask(asked, fields()), limit=3):
        found += ([group["lead"]] if group["lead_fits"] else []) + group["rows"]
    return found


def events(found: list[dict[str, Any]]) -> list[str]:
    return sorted(map(_event, found))


def _event(row: dict[str, Any]) -> str:
    return str(row["step"]["event"]) if row["step"] else f"refused {row['attempt'][0]['event']}"
