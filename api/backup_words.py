"""What a back-up does not hold, what was restored, and what is to be done next; each (zh, en)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from api.output import printable
from api.proof_words import moment
from ledger.backup_manifest import MANIFEST, Manifest, NetworkPart
from verifier.digests import both

if TYPE_CHECKING:
    from ledger.backup_restore import Restored
    from network.errors import NetworkError

Words = tuple[str, str]
_NAMES_SHOWN = 10


def backup_fields(folder: Path, manifest: Manifest) -> dict[str, str]:
    """What a statement about a back-up says of it: where it lies, and the digests of its manifest, which has
    those of every file."""
    digests = both((folder / MANIFEST).read_bytes())
    sums = f"manifest sha256 {digests.sha256.hex()} sm3 {digests.sm3.hex()}"
    return {
        "medium": printable(str(folder.expanduser().resolve())),
        "tool": "archive-ledger",
        "detail": f"{sums}; made {manifest.created_at}; batch {manifest.batch}; size {manifest.size}; "
        f"files {len(manifest.files)}; damaged {len(manifest.damaged)}; missing {len(manifest.missing)}",
    }


def lacking(manifest: Manifest) -> Iterator[Words]:
    """Said after a back-up is made: what it does not hold, and how that is backed up."""
    channel = manifest.channel
    if manifest.network is NetworkPart.LEFT_OUT:
        yield (
            f"注意:按要求没有备份网络(通道 {channel}:各机构的证书、密钥和区块)。单凭这份备份不能重建网络。"
            "请另做一份不带 --without-network 的备份,"
            "或先 archive-ledger network down,再复制数据目录下的 network/。",
            f"Note: the network (channel {channel}: organisations' certificates, keys, blocks) was left out "
            "as asked. It cannot be rebuilt from this back-up. Make another without --without-network, or "
            "run archive-ledger network down and copy network/ of the data folder.",
        )
    elif manifest.network is NetworkPart.ELSEWHERE:
        yield (
            f"注意:网络(通道 {channel})不在本数据目录,不在这份备份内;备份内有连接它所需的 "
            "connection.json 和密钥。"
            "请由保管网络的一方备份(在那里的数据目录执行 archive-ledger backup;"
            "没有总账的,先 network down 再复制 network/)。",
            f"Note: the network (channel {channel}) does not lie in this data folder and is not in the "
            "back-up, which holds connection.json and the key to reach it. Whoever keeps the network backs "
            "it up (archive-ledger backup there; where there is no ledger, network down and copy network/).",
        )
    elif manifest.network is NetworkPart.CONTAINERS:
        yield (
            f"注意:网络(通道 {channel})由 docker compose 运行,不在这份备份内。"
            "请另按 docs/operations.md 的“Docker”一节备份数据卷。",
            f"Note: the network (channel {channel}) is run by docker compose and is not in the back-up. "
            "Back its volumes up as docs/operations.md says under 'Docker'.",
        )
    if manifest.references:
        yield _references(manifest)


def incomplete(manifest: Manifest) -> Words:
    damaged, missing = manifest.damaged, manifest.missing
    names = ", ".join(printable(name) for name in (*damaged, *missing)[:_NAMES_SHOWN])
    return (
        f"备份已完成,但有 {len(damaged)} 个文件已损坏、{len(missing)} 个缺失:{names}。"
        "文件请用 archive-ledger fixity 查清,从以前的备份找回;网络连接请用 archive-ledger doctor 查看。",
        f"The back-up is made, but {len(damaged)} files are damaged, {len(missing)} missing: {names}. For "
        "files see archive-ledger fixity, and recover them from an earlier back-up; for the connection to "
        "the network see archive-ledger doctor.",
    )


def not_resumed(error: NetworkError | None) -> Words:
    zh = "备份已完成,但网络没有恢复运行。请执行 archive-ledger network up。"
    en = "The back-up is made, but the network did not come back. Run: archive-ledger network up"
    return (f"{zh}\n{error.zh}", f"{en}\n{error.en}") if error else (zh, en)


def restored_words(done: Restored, home: Path) -> Iterator[Words]:
    manifest = done.manifest
    yield (
        f"已恢复 {manifest.origin} 到 {home}:{done.files} 个文件摘要全部相符,"
        f"备份时间 {moment(manifest.created_at)},至第 {manifest.batch} 批次。",
        f"Restored {manifest.origin} to {home}: all {done.files} digests hold; "
        f"made {moment(manifest.created_at)} (Beijing time), up to batch {manifest.batch}.",
    )
    yield f"数据库:{done.place}", f"Database: {done.place}"
    if manifest.references:
        yield _references(manifest)
    lost = (*manifest.damaged, *manifest.missing)
    if lost:
        names = ", ".join(printable(name) for name in lost[:_NAMES_SHOWN])
        yield (
            f"备份时已损坏 {len(manifest.damaged)} 个、缺失 {len(manifest.missing)} 个:{names}。"
            "请从其他备份找回。",
            f"Damaged when the back-up was made: {len(manifest.damaged)}, missing: {len(manifest.missing)}: "
            f"{names}. Recover them from other back-ups.",
        )
    yield _next(done)


def _references(manifest: Manifest) -> Words:
    return (
        f"注意:另有 {manifest.references} 个文件只登记了位置,不在备份内,须另行备份。",
        f"Note: {manifest.references} files are only referenced and are not in the back-up; back them up "
        "by other means.",
    )


def _next(done: Restored) -> Words:
    channel = done.manifest.channel
    if done.network:
        return (
            f"网络(通道 {channel}:各机构的证书、密钥、区块)也已恢复。请依次执行:\n"
            "  archive-ledger network up\n  archive-ledger check\n"
            "原网络若还在别处运行,不要启动这一份:同一条链不能有两份在运行。"
            "那时请改用 archive-ledger restore --without-network。",
            f"The network (channel {channel}: organisations' certificates, keys, blocks) is restored, too. "
            "Run:\n  archive-ledger network up\n  archive-ledger check\n"
            "If the original network still runs elsewhere, do not start this one: a chain must not run "
            "twice. In that case use: archive-ledger restore --without-network",
        )
    if done.connection is None:
        return (
            f"这份备份没有网络,也没有 connection.json。请向保管网络(通道 {channel})的一方取得该文件,"
            "放到 ledger.json 所写的位置,再执行 archive-ledger check。"
            "不要在这里执行 network up:那会是另一个网络。",
            "There is neither network nor connection.json in this back-up. Get that file from whoever keeps "
            f"the network (channel {channel}), put it where ledger.json says, then run archive-ledger "
            "check. Do not run network up here: that would be another network.",
        )
    return (
        f"没有恢复网络。总账将按 {done.connection} 连接原网络(通道 {channel})。\n"
        "原网络在运行:请执行 archive-ledger check。\n"
        "原网络已不在:请从含网络的备份恢复它(见 docs/operations.md)。"
        "不要在这里执行 network up:那会是另一个网络。",
        f"The network is not restored. The ledger reaches the original one (channel {channel}) by "
        f"{done.connection}.\nIf that runs: archive-ledger check\nIf it is lost: restore it from a back-up "
        "that holds it (docs/operations.md). Do not run network up here: that would be another network.",
    )
