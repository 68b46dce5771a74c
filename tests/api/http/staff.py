"""The people of an office, each with a key of their own and appointed to a duty, in their unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.client import Client, RefusedError
from ledger.keys import SigningKey
from ledger.units import UnitTree, read_units
from tests.api.http.house import ARCHIVE, AUDIT, JUSTICE, TOWN

ALL = (TOWN, ARCHIVE, AUDIT, JUSTICE)
# Name → organisation, duty, unit.
CAST: Mapping[str, tuple[str, str, str | None]] = {
    "王五": (TOWN, "village_archivist", "qinghe.wanghe"),
    "刘十四": (TOWN, "village_supervisor", "qinghe.wanghe"),
    "钱七": (TOWN, "department_reviewer", "qinghe.agriculture"),
    "赵六": (TOWN, "township_archivist", "qinghe.room"),
    "冯十二": (TOWN, "township_archivist", "qinghe.room"),
    "孙八": (TOWN, "counter_clerk", "qinghe.room"),
    "镇长": (TOWN, "head", None),
    "周九": (JUSTICE, "mediator", None),
    # Certified and appointed by the county archive, each for one village of the township.
    "何十五": (ARCHIVE, "village_archivist", "qinghe.wanghe"),
    "吴二": (ARCHIVE, "village_archivist", "qinghe.tingquan"),
    "郑十一": (ARCHIVE, "authority_reviewer", "archives.reception"),
    "馆长": (ARCHIVE, "head", None),
}


def sample_tree() -> UnitTree:
    return read_units(Path("api/data/units.sample.json").read_bytes(), ALL)


@dataclass(frozen=True)
class Staff:
    clients: Mapping[str, Client]

    def __getitem__(self, name: str) -> Client:
        return self.clients[name]

    def on_list(self, name: str, list_id: str, event: str, **decided: Any) -> dict[str, Any]:
        return self[name].on_list(list_id, event, **_said(name, decided))

    def on_record(self, name: str, record: str, event: str, **decided: Any) -> dict[str, Any]:
        return self[name].on_record(record, event, **_said(name, decided))

    def freeze(self, name: str, records: list[str], title: str) -> str:
        said = _said(name, {"fields": {"list_title": title}})
        return str(self[name].freeze(records, **said)["list_id"])

    def work(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self[name].ask("GET", "/v1/work").json()
        return found


def _said(name: str, decided: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"agent_name": name, **decided.get("fields", {})}
    return {"occurred_at": "2026-01-15", "late": "offline", **decided, "fields": fields}


@contextmanager
def staffed(url: str, person: Callable[[str, str], SigningKey]) -> Iterator[Staff]:
    """`person`: makes a key, of an organisation and a role, that is enrolled and has no duty yet."""
    tree = sample_tree()
    with ExitStack() as stack:
        clients: dict[str, Client] = {}
        registrars: dict[str, Client] = {}
        for name, (msp, duty, code) in CAST.items():
            if msp not in registrars:
                registrars[msp] = stack.enter_context(Client(url, person(msp, "registrar")))
            clients[name] = stack.enter_context(Client(url, person(msp, "person")))
            about = {"subject": clients[name].key.agent, "duty": duty}
            about |= {"unit": tree.named(code)[0].id} if code else {}
            said = {"occurred_at": "2026-01-01", "late": "offline", "fields": {"agent_name": "登记员"}}
            registrars[msp].act(event="appoint", **about, **said)
        yield Staff(clients)


def refused(codes: str, act: Callable[..., object], *named: Any, **decided: Any) -> None:
    """The act is refused for these reasons and no others."""
    with pytest.raises(RefusedError) as caught:
        act(*named, **decided)
    assert {one["code"] for one in caught.value.problem["wrong"]} == set(codes.split()), caught.value.problem
