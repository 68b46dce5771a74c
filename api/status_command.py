"""`status`: what waits, what is anchored, whether the network answers, how the worker's last runs ended."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.fixity_telling import STATES
from api.language import text
from api.names import known_organisations, organisation
from api.opened import opened_chain, opened_ledger
from api.proof_words import job_words, moment, state_words
from api.refusals import refusal_lines
from api.waiting import absent_words, waiting
from api.worker_log import WorkerState, is_alive, late_runs, read_state

if TYPE_CHECKING:
    from ledger.fabric.refusal import Refusal
    from ledger.handle import Ledger
    from ledger.status import Counts


@dataclass(frozen=True)
class ChainState:
    """`batch`: the newest anchor that any organisation names, −1 for none; `trouble` where none answered.
    `organisations`: all there are; `silent`: of those, which did not answer, and why."""

    batch: int | None
    trouble: tuple[str, str] | None
    organisations: tuple[str, ...] = ()
    silent: tuple[Refusal, ...] = ()


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "status",
        status,
        "待封存、已上链、已确认的数量,网络是否可达,后台服务上次运行",
        "Counts of pending, anchored and attested; the network; the worker's last runs",
    )


def status(call: Call) -> None:
    from ledger.fixity_due import summary
    from ledger.status import counts
    from ledger.unusual_alerts import alerts

    with opened_ledger(call) as ledger:
        found = counts(ledger)
        fixity = {state.value: number for state, number in summary(ledger).states}
        unhandled = sum(one.is_open for one in alerts(ledger))
        chain = _ask_chain(call, ledger)
        origin, place = ledger.origin, str(ledger.place)
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    worker = read_state(call.home)
    call.out.document(
        {
            "origin": origin,
            "database": place,
            "counts": {**asdict(found), "batches_by_state": dict(found.batches_by_state)},
            "chain": {
                "reachable": chain.trouble is None,
                "newest_batch": chain.batch,
                "trouble_zh": chain.trouble[0] if chain.trouble else None,
                "trouble_en": chain.trouble[1] if chain.trouble else None,
                "organisations": list(chain.organisations),
                "silent": [
                    {"msp": one.msp, "why": f"{one.code} {one.found}".strip()} for one in chain.silent
                ],
            },
            "worker": _worker_json(worker),
            "fixity": fixity,
            "alerts_open": unhandled,
        }
    )
    _tell(call, (origin, place), found, chain, names)
    told = "、".join(f"{STATES[state][0]} {number}" for state, number in fixity.items() if number)
    told_en = ", ".join(f"{number} {STATES[state][1]}" for state, number in fixity.items() if number)
    call.out.say(f"固化信息核验:{told or '没有文件'}。", f"Fixity: {told_en or 'no files'}.")
    if unhandled:
        call.out.say(
            f"异常利用告警未处置 {unhandled} 项(archive-ledger alerts list)。",
            f"{unhandled} alerts of unusual uses are open (archive-ledger alerts list).",
        )
    _tell_worker(call, worker)
    if chain.trouble is not None:
        raise typer.Exit(Exit.UNAVAILABLE)
    if worker is not None and (worker.alarm or any(run.error for run in worker.runs)):
        raise typer.Exit(Exit.DATA)


def _ask_chain(call: Call, ledger: Ledger) -> ChainState:
    from api.failure import problem_of
    from ledger.chain_state import states
    from ledger.fabric.refusal import chain_error

    try:
        with opened_chain(ledger) as chain, call.out.progress("询问网络", "asking the network"):
            found, refusals = states(ledger, chain)
            if not found:
                raise chain_error(refusals, len(chain.organisations))
            return ChainState(max(found.values()), None, chain.organisations, refusals)
    except Exception as error:
        problem: CommandError | None = problem_of(error)
        if problem is None:
            raise
        return ChainState(None, (problem.zh, problem.en))


def _tell(
    call: Call,
    which: tuple[str, str],
    found: Counts,
    chain: ChainState,
    names: dict[str, tuple[str, str]],
) -> None:
    """`which`: the ledger's name, and where its database is."""
    origin, place = which
    between, size = text("、", ", "), f"{found.file_octets / (1 << 20):.1f}"
    attested_by = between.join(organisation(msp, names) for msp in found.last_attested_by)
    by_state = between.join(
        f"{state_words(state)} {number}" for state, number in found.batches_by_state if number
    )
    rows = [
        (text("存证总账", "ledger"), origin),
        (text("数据库", "database"), place),
        (text("记录", "records"), str(found.records)),
        (
            text("签名行为记录", "statements"),
            text(
                f"{found.statements}(清单共列 {found.items} 件)",
                f"{found.statements} ({found.items} items of lists)",
            ),
        ),
        (
            text("待封存", "pending"),
            f"{found.pending}"
            + (
                text(
                    f",最早 {moment(found.oldest_pending_at)}", f", oldest {moment(found.oldest_pending_at)}"
                )
                if found.pending
                else ""
            ),
        ),
        (text("存证总账条数", "entries in the log"), str(found.log_size)),
        (
            text("存证批次", "batches"),
            f"{found.batches}"
            + text(f"({by_state})", f" ({by_state})")
            + (
                text(
                    f",其中由副本补回 {found.recovered_batches}",
                    f", {found.recovered_batches} of them from replicas",
                )
                if found.recovered_batches
                else ""
            ),
        ),
        (text("最近上链", "last anchor"), _last(found.last_anchor_batch, found.last_anchor_at)),
        (
            text("最近多机构确认", "last attestation"),
            _last(found.last_attested_batch, found.last_attested_at)
            + (f" {attested_by}" if attested_by else ""),
        ),
        (text("文件", "files"), f"{found.files}" + text(f"({size} MiB)", f" ({size} MiB)")),
        (
            text("最近固化信息核验", "last fixity"),
            (moment(found.last_fixity_at) if found.last_fixity_at else text("还没有过", "none yet"))
            + (
                text(f",{found.fixity_problems} 个有问题", f", {found.fixity_problems} problems")
                if found.fixity_problems
                else ""
            ),
        ),
    ]
    if chain.trouble is None:
        answer = (
            text("还没有本账", "does not know this ledger")
            if chain.batch == -1
            else text(f"可达,最新为第 {chain.batch} 批次", f"reachable, newest batch {chain.batch}")
        )
        of, answered = len(chain.organisations), len(chain.organisations) - len(chain.silent)
        answer += text(f",{of} 家机构中 {answered} 家答复", f"; {answered} of {of} organisations answer")
    else:
        answer = text("不可达", "not reachable")
    rows.append((text("Fabric 网络", "Fabric network"), answer))
    call.out.table((("项目", "what"), ("情况", "how it stands")), rows)
    if chain.trouble is not None:
        call.out.say(*chain.trouble)
    for one in chain.silent:
        zh, en = refusal_lines([one])[0]
        call.out.say(
            f"{one.msp} 没有答复。请该机构执行 archive-ledger network up。\n  {zh}",
            f"{one.msp} does not answer. That organisation should run archive-ledger network up.\n  {en}",
        )
    for words in waiting(found, chain.organisations):
        call.out.say(*words)
    if found.overdue:
        call.out.say(
            f"有 {found.overdue} 份已超过回执承诺的时间,请立即 archive-ledger anchor。",
            f"{found.overdue} are past the time their receipts promise: run archive-ledger anchor now.",
        )
    run_out = found.aside - found.aside_refused
    if run_out:
        call.out.say(
            f"有 {run_out} 份因签名证书过期不能再上链,须重新登记。",
            f"{run_out} can no longer be logged, as their certificates ran out; record those acts again.",
        )
    if found.aside_refused:
        call.out.say(
            f"有 {found.aside_refused} 份因各机构拒绝而搁置;放行后 archive-ledger set-aside 摘要 --undo。",
            f"{found.aside_refused} are set aside, as the organisations refuse them; once they allow it: "
            "archive-ledger set-aside DIGEST --undo",
        )


def _last(batch: int | None, at: str | None) -> str:
    return "-" if batch is None else text(f"第 {batch} 批次,{moment(at)}", f"batch {batch}, {moment(at)}")


def _tell_worker(call: Call, worker: WorkerState | None) -> None:
    if worker is None:
        call.out.say(
            "后台服务还没有运行过(archive-ledger serve)。", "The worker has never run (archive-ledger serve)."
        )
        return
    alive = is_alive(worker, datetime.datetime.now(datetime.UTC))
    since, heard = moment(worker.started), moment(worker.heard)
    if alive:
        call.out.say(
            f"后台服务在运行(进程 {worker.pid},自 {since})。",
            f"The worker runs (pid {worker.pid}, since {since}).",
        )
    else:
        call.out.say(
            f"后台服务没有在运行(最后 {heard})。", f"The worker is not running (last heard {heard})."
        )
    if worker.alarm:
        call.out.say(f"因告警停止:{worker.alarm}", f"Stopped by an alarm: {worker.alarm}")
    late = {run.job for run in late_runs(worker.runs)} if alive else set()
    heads = (
        ("任务", "job"),
        ("上次成功", "last success"),
        ("结果", "result"),
        ("次数/失败/错过", "runs/failed/missed"),
    )
    rows = []
    for run in worker.runs:
        result = run.error or (
            text("没有按时运行", "late") if run.job in late else text("正常", "ok") if run.finished else "-"
        )
        rows.append(
            (
                text(job_words(run.job), run.job),
                moment(run.succeeded or None),
                result,
                f"{run.runs}/{run.failures}/{run.missed}",
            )
        )
    call.out.table(heads, rows)
    for run in worker.runs:
        if run.error:
            failing, again = moment(run.failing or run.finished), moment(run.again or None, seconds=True)
            call.out.say(
                f"{job_words(run.job)}:自 {failing} 起失败,{again} 再试。{run.zh}",
                f"{run.job}: failing since {failing}, tried again at {again}. {run.en}",
            )
    for absent in worker.absent:
        call.out.say(*absent_words(absent))


def _worker_json(worker: WorkerState | None) -> dict[str, object] | None:
    if worker is None:
        return None
    alive = is_alive(worker, datetime.datetime.now(datetime.UTC))
    late = sorted(run.job for run in late_runs(worker.runs)) if alive else []
    return {**asdict(worker), "runs": [asdict(run) for run in worker.runs], "alive": alive, "late": late}
