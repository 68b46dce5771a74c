"""`archive-ledger network revoke`: a certificate of a node or service is stolen or no longer wanted."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.codes import read_code
from api.conventions import Call
from api.errors import CommandError, Exit
from api.language import text
from api.network_steps import told
from api.people_command import organisations
from network.revoke import revoke
from verifier.catalogue import Words

_IDENTITIES = {
    "orderer": Words("排序节点", "orderer"),
    "peer": Words("记账节点", "peer"),
    "admin": Words("管理员", "administrator"),
    "ledger": Words("总账", "ledger"),
    "reader": Words("只读", "reader"),
}


def revoke_certificate(
    call: Call,
    msp: Annotated[
        str,
        typer.Argument(
            metavar=text("机构", "ORGANISATION"), help=text("机构:代号或名称", "the organisation: id or name")
        ),
    ],
    identity: Annotated[
        str,
        typer.Argument(
            metavar=text("身份", "IDENTITY"),
            help=text(
                "身份:orderer 排序节点、peer 记账节点、admin 管理员、ledger 总账、reader 只读",
                "identity: orderer, peer, admin, ledger or reader",
            ),
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help=text("不再询问", "do not ask"))] = False,
) -> None:
    members = organisations(call.home)
    if members:
        msp = read_code(text("机构", "MSP"), msp, members)
    identity = read_code(text("身份", "IDENTITY"), identity, _IDENTITIES)
    if not yes:
        _ask(call, msp, identity)
    with told(call, "撤销", "revoking") as (_, progress):
        done = revoke(call.home, msp, identity, progress)
    call.out.say(
        f"已撤销:{msp} 的 {identity} 证书(序列号 {done.serial:x})已列入通道配置,各机构不再接受它的签名。\n"
        f"新证书(序列号 {done.successor:x})已生效。",
        f"Revoked: the {identity} certificate of {msp} (serial {done.serial:x}) stands in the channel's "
        f"configuration; no organisation takes its signatures any more.\n"
        f"The new certificate (serial {done.successor:x}) is in force.",
    )
    if identity == "ledger":
        call.out.say(
            "正在运行的 archive-ledger serve 仍持旧证书,请重新启动它。",
            "An 'archive-ledger serve' that is running still has the old one: start it again.",
        )
    call.out.document(
        {
            "msp": msp,
            "identity": identity,
            "serial": f"{done.serial:x}",
            "successor": f"{done.successor:x}",
        }
    )


def _ask(call: Call, msp: str, identity: str) -> None:
    """Raises CommandError when nobody can be asked, typer.Abort when the answer is no."""
    zh = f"将撤销 {msp} 的 {identity} 证书并换发新证书;旧证书从此无效,不能恢复。"
    en = f"This revokes the {identity} certificate of {msp} for good and issues another."
    if call.out.as_json or not sys.stdin.isatty():
        raise CommandError("NEEDS_YES", f"{zh}确认请加 --yes。", f"{en} Confirm: --yes.", Exit.USAGE)
    typer.confirm(text(f"{zh}继续吗?", f"{en} Go on?"), abort=True)
