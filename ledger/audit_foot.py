"""What an export says beside its lines: when the service stood still, and what was done to the system."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, select

from ledger.audit_filter import AuditFilter
from ledger.audit_rows import AsOf, instants
from ledger.store.tables import anchor, statement
from verifier.catalogue import catalogue
from verifier.clock import instant_words
from verifier.shape import datetime_of

# An empty batch is anchored hourly: where none came for so long, something stood still.
_PAUSE = datetime.timedelta(hours=2)
_MAINTENANCE = ("backup", "restore", "drill", "migrate", "convert", "fixity")
_MOST = 200


def pauses(connection: Connection, asked: AuditFilter, until: AsOf) -> list[str]:
    """Stretches of the period in which nothing was anchored, each in Beijing time; the first of them."""
    low, high = instants(asked)
    query = select(anchor.c.time).order_by(anchor.c.batch).execution_options(yield_per=500)
    found: list[str] = []
    before: str | None = None
    for time in connection.execute(query).scalars():
        if before is not None and datetime_of(time) - datetime_of(before) > _PAUSE:
            if time >= (low or "") and before < (high or until.at):
                found.append(f"{instant_words(before, 'zh')}至{instant_words(time, 'zh')}")
            if len(found) == _MOST:
                return [*found, "……"]
        before = time
    return found


def foot_rows(
    connection: Connection, asked: AuditFilter, until: AsOf, organisation: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    yield "说明", "不含系统外的翻看、拍照;不含直接读取数据库、磁盘和备份介质(系统无从记载)"
    yield "停机时段", "按两次上链相隔超过两小时推断;接口单独停止而后台照常的,无从记载"
    yield "维护、备份", "同期登记的维护、备份、恢复、核验:"
    low, high = instants(asked)
    query = select(statement.c.event, statement.c.iss, statement.c.agent, statement.c.accepted_at)
    query = query.where(statement.c.event.in_(_MAINTENANCE), statement.c.id <= until.id)
    query = query.where(*([statement.c.accepted_at >= low] if low else []))
    query = query.where(*([statement.c.accepted_at < high] if high else []))
    rows = connection.execute(query.order_by(statement.c.id).limit(_MOST + 1)).all()
    events = catalogue().events
    for row in rows[:_MOST]:
        named = events[row.event].words.zh if row.event in events else row.event
        yield "", instant_words(row.accepted_at, "zh"), named, organisation(row.iss), f"编号 {row.agent}"
    if len(rows) > _MOST:
        yield "", f"其余未列,以上为最早的 {_MOST} 项"
    elif not rows:
        yield "", "没有登记"
