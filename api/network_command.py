"""`archive-ledger network`: up, down, status, reset of the embedded network."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.language import text
from api.network_owner import ledger_here, refuse_another
from api.network_revoke_command import revoke_certificate
from api.network_steps import told
from network.down import down, reset
from network.layout import Kind
from network.policies import quorum
from network.status import NetworkStatus, ProcessStatus, status
from network.up import up

KINDS = {
    Kind.ORDERER: ("排序节点", "orderer"),
    Kind.PEER: ("记账节点", "peer"),
    Kind.CHAINCODE: ("链码", "chaincode"),
}


def bring_up(call: Call) -> None:
    refuse_another(call.home)
    with told(call, "准备", "preparing") as (_, progress):
        found = up(call.home, progress)
    call.out.say(
        f"网络已就绪:{len(found.processes)} 个进程,地址 {found.address},通道 {found.channel}",
        f"The network is ready: {len(found.processes)} processes at {found.address}, channel {found.channel}",
    )
    owner = ledger_here(call.home)
    if owner is not None and owner.channel != found.channel:
        call.out.say(
            f"注意:总账 {owner.origin} 属于另一个网络(通道 {owner.channel}),不能用这个网络。",
            f"Note: the ledger {owner.origin} belongs to another network (channel {owner.channel}) and "
            "cannot use this one.",
        )
    call.out.document(document(found))


def bring_down(call: Call) -> None:
    with told(call, "准备", "preparing") as (_, progress):
        stopped = down(call.home, progress)
    if stopped:
        call.out.say(f"已停止 {stopped} 个进程,数据保留。", f"Stopped {stopped} processes; the data is kept.")
    else:
        call.out.say("网络没有在运行。", "The network was not running.")
    call.out.document({"stopped": stopped})


def show_status(call: Call) -> None:
    found = status(call.home)
    call.out.document(document(found))
    if not found.made:
        call.out.say(
            f"{found.home} 中还没有网络。可执行:archive-ledger network up",
            f"There is no network in {found.home} yet. Run: archive-ledger network up",
        )
        raise typer.Exit(Exit.UNAVAILABLE)
    _table(call, found)
    if not found.healthy:
        raise typer.Exit(Exit.UNAVAILABLE)


def remove(
    call: Call,
    yes: Annotated[bool, typer.Option("--yes", help=text("不再询问", "do not ask"))] = False,
) -> None:
    found = status(call.home)
    if found.made and not yes:
        _ask(call, found)
    with told(call, "准备", "preparing") as (_, progress):
        removed = reset(call.home, progress)
    if removed:
        call.out.say(f"已删除网络 {found.channel}。", f"Removed the network {found.channel}.")
    else:
        call.out.say(f"{found.home} 中没有网络,无可删除。", f"There is no network in {found.home} to remove.")
    call.out.document({"removed": removed})


def network_commands() -> typer.Typer:
    """The sub-commands; help texts are in the language chosen by then."""
    made = typer.Typer(
        help=text(
            "内置的四机构网络:启动、停止、查看、删除、撤销证书",
            "the embedded network: up, down, status, reset, revoke",
        ),
        no_args_is_help=True,
    )
    add_command(
        made,
        "up",
        bring_up,
        "启动网络;没有则新建,中断后接着用原数据",
        "bring the network up; made if there is none",
    )
    add_command(made, "down", bring_down, "停止网络的全部进程,保留数据", "stop every process, keep the data")
    add_command(
        made,
        "status",
        show_status,
        "各机构每个进程是否在运行、区块是否前进",
        "whether each process lives and blocks advance",
    )
    add_command(
        made,
        "reset",
        remove,
        "停止并删除网络及其全部数据(先询问)",
        "stop and remove the network with its data (asks)",
    )
    add_command(
        made,
        "revoke",
        revoke_certificate,
        "撤销一个节点或服务的证书并换发新证书(先询问)",
        "revoke a node's or service's certificate and issue another (asks)",
    )
    return made


def document(found: NetworkStatus) -> dict[str, object]:
    """The JSON document of `up` and `status`."""
    return {
        "home": str(found.home),
        "made": found.made,
        "channel": found.channel,
        "address": found.address,
        "connection": str(found.connection) if found.connection else None,
        "height": found.height,
        "advancing": found.advancing,
        "healthy": found.healthy,
        "processes": [
            {
                "msp": one.msp,
                "name": {"zh": one.name.zh, "en": one.name.en},
                "kind": one.kind.value,
                "pid": one.pid,
                "alive": one.alive,
                "address": one.address,
                "height": one.height,
                "lag": one.lag,
                "trouble": one.trouble,
                "log": list(one.log),
            }
            for one in found.processes
        ],
    }


def _table(call: Call, found: NetworkStatus) -> None:
    heads = [
        ("机构", "organisation"),
        ("进程", "process"),
        ("状态", "state"),
        ("进程号", "pid"),
        ("地址", "address"),
        ("区块", "blocks"),
    ]
    rows = [
        [
            text(one.name.zh, one.name.en),
            text(*KINDS[one.kind]),
            _state(one),
            str(one.pid or "-"),
            one.address,
            "-" if one.height is None else str(one.height),
        ]
        for one in found.processes
    ]
    call.out.table(heads, rows)
    if found.advancing is None:
        call.out.say(
            "网络已停止。可执行:archive-ledger network up",
            "The network is stopped. Run: archive-ledger network up",
        )
        return
    if found.advancing:
        call.out.say(
            f"共 {found.height} 个区块,可以继续上链。", f"{found.height} blocks; new ones can be added."
        )
    else:
        of = len({one.msp for one in found.processes})
        call.out.say(
            f"在线且同步的机构不足,区块不能前进:{of} 家中须有 {quorum(of)} 家的排序节点和 "
            f"{of // 2 + 1} 家的记账节点。登记照常,已接收的内容不会丢失。",
            f"Too few organisations are up and level: no block can be added. Of {of}, {quorum(of)} orderers "
            f"and {of // 2 + 1} peers are needed. Records are still taken in, and nothing is lost.",
        )
    away = [one for one in found.processes if not one.alive or one.trouble is not None]
    if away:
        zh = "、".join(f"{one.name.zh}{KINDS[one.kind][0]}" for one in away)
        en = ", ".join(f"{one.name.en} {KINDS[one.kind][1]}" for one in away)
        call.out.say(
            f"缺席:{zh}。请执行 archive-ledger network up。",
            f"Missing: {en}. Run: archive-ledger network up",
        )
    for one in found.processes:
        if one.log:
            name = f"{text(one.name.zh, one.name.en)} · {text(*KINDS[one.kind])}"
            call.out.say(f"--- {name} 日志末尾", f"--- {name}, end of its log")
            for line in one.log:
                call.out.say(line, line)


def _state(one: ProcessStatus) -> str:
    if not one.alive:
        return text("未运行", "not running")
    if one.trouble is not None:
        return text("无应答", "no answer")
    if one.lag:
        return text(f"落后 {one.lag} 块", f"{one.lag} behind")
    return text("正常", "well")


def _ask(call: Call, found: NetworkStatus) -> None:
    """Raises CommandError when nobody can be asked, typer.Abort when the answer is no."""
    owner = ledger_here(call.home)
    ends_zh = ends_en = ""
    if owner is not None and owner.channel == found.channel:
        ends_zh = f"总账 {owner.origin} 从此不能再上链(只能从备份连同网络一起恢复)。"
        ends_en = f" The ledger {owner.origin} can then anchor nothing more, unless both are restored."
    zh = f"将删除网络 {found.channel} 的全部区块、证书和密钥,不可恢复。{ends_zh}"
    en = f"This removes all blocks, certificates and keys of {found.channel} for good.{ends_en}"
    if call.out.as_json or not sys.stdin.isatty():
        raise CommandError("NEEDS_YES", f"{zh}确认请加 --yes。", f"{en} Confirm: --yes.", Exit.USAGE)
    typer.confirm(text(f"{zh}继续吗?", f"{en} Go on?"), abort=True)
