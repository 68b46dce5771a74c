"""Whoever calls, as lists and work are asked about: with the units for which they have duties."""

from __future__ import annotations

from api.http.caller import Caller
from api.http.service import Service
from ledger.list_pages import Who
from ledger.people_now import units_now


def who_of(service: Service, caller: Caller) -> Who:
    session = caller.session
    units = units_now(service.ledger, session.agent, session.iss)
    return Who(session.agent, session.iss, caller.duties, units)
