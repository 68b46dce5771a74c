"""The ledger that lies in a network's data folder: a network made anew beside it would not be its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import CommandError, Exit
from network.layout import layout
from network.marker import read_marker

if TYPE_CHECKING:
    from ledger.settings import Settings


def ledger_here(home: Path) -> Settings | None:
    """The settings of the ledger in this data folder, None if there is none. Raises LedgerError."""
    from ledger.paths import LedgerPaths
    from ledger.settings import read_settings

    path = LedgerPaths(home).settings
    return read_settings(path.read_bytes()) if path.is_file() else None


def refuse_another(home: Path) -> None:
    """Where there is a ledger and no network, its network is elsewhere or lost. Raises CommandError
    NETWORK_OTHER, LedgerError SETTINGS_UNREADABLE."""
    if read_marker(layout(home)) is not None:
        return
    settings = ledger_here(home)
    if settings is None:
        return
    connection = settings.connection_path(home)
    raise CommandError(
        "NETWORK_OTHER",
        f"{home} 中的总账 {settings.origin} 属于通道 {settings.channel} 的网络,这里没有那个网络;"
        "新建的会是另一个网络,与总账对不上。没有启动任何进程。\n"
        f"  · 原网络在别处运行:不需要 network up,总账按 {connection} 连接它,请用 archive-ledger check。\n"
        "  · 原网络已丢失:请从含网络的备份恢复(archive-ledger restore 备份目录 --home 新目录)。\n"
        "  · 要另建网络和新的总账:请用 --home 指定另一个数据目录。",
        f"The ledger {settings.origin} in {home} belongs to the network of channel {settings.channel}, which "
        "is not here. One made now would be another and would not fit the ledger. Nothing was started.\n"
        f"  · If the original runs elsewhere, network up is not needed: the ledger reaches it by "
        f"{connection}; run archive-ledger check.\n"
        "  · If it is lost, restore it from a back-up that holds it (archive-ledger restore BACKUP --home "
        "NEW).\n"
        "  · For a new network with a new ledger, name another data folder with --home.",
        Exit.UNAVAILABLE,
    )
