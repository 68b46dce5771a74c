"""How far a statement's proof has come, and times, in the words of the archive office."""

from __future__ import annotations

import datetime

from api.language import text

# ledger.proof_state.ProofState, in order.
STATES = {
    "pending": ("待封存", "pending"),
    "sealed": ("已封批", "sealed"),
    "submitted": ("已提交", "submitted"),
    "anchored": ("已上链", "anchored"),
    "attested": ("已多机构确认", "attested"),
    "set aside": ("已搁置", "set aside"),
}
_JOBS = {
    "anchor": "上链固定",
    "seal": "封存",
    "attest": "多机构确认",
    "attest_rest": "补请确认",
    "heartbeat": "定时固定",
    "overdue": "逾期登记",
    "fixity": "固化信息核验",
    "alerts": "异常利用检查",
}
_BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def state_words(state: str) -> str:
    return text(*STATES[state])


def job_words(job: str) -> str:
    """A job of the worker, in Chinese."""
    return _JOBS.get(job, job)


def moment(instant: str | None, *, seconds: bool = False) -> str:
    """An instant in Beijing time, to the minute or the second; what is no instant (a date, a span) as it
    stands."""
    if instant is None:
        return "-"
    if "T" not in instant or "/" in instant:
        return instant
    form = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    return datetime.datetime.fromisoformat(instant).astimezone(_BEIJING).strftime(form)
