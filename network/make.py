"""Makes a network's folder from the consortium: certificates, address, channel, genesis block.

All of it is made aside and renamed into place, so that a folder that is there is whole. Under docker compose
the folder's parts are volumes of their own, into which all is copied, the marker last.
"""

import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from network.address import choose, keep
from network.ca import certificates, make_organisation, person_authorities
from network.connection import Connection, Member, Peer, encode_connection, encode_policy
from network.consortium import PACKAGED, Consortium, read_consortium
from network.errors import NetworkError
from network.files import write_file
from network.genesis import Member as ChannelMember
from network.genesis import genesis_block
from network.layout import Kind, Layout, ports
from network.marker import Marker, encode_marker, read_marker
from network.progress import Progress, Step
from network.site import COMPOSE, Site, sites


def chosen_consortium(layout: Layout, named: Path | None) -> Path:
    """The file named, else ARCHIVE_LEDGER_CONSORTIUM, else <home>/consortium.yaml, else what the network
    was made from, else the sample."""
    if named is not None:
        return named
    environment = os.environ.get("ARCHIVE_LEDGER_CONSORTIUM")
    if environment:
        return Path(environment)
    own = layout.home / "consortium.yaml"
    return next((path for path in (own, layout.consortium) if path.exists()), PACKAGED)


def ensure_made(
    layout: Layout, named: Path | None, progress: Progress, *, compose: bool = False
) -> tuple[Consortium, Marker]:
    """The network's consortium and marker, made now if there is none; for docker compose if so asked.

    Raises NetworkError when the folder is not ours, or when the consortium's organisations are no longer
    those that the network was made with.
    """
    path = chosen_consortium(layout, named)
    consortium = read_consortium(path)
    marker = read_marker(layout)
    if marker is None:
        if compose:
            _refuse_another_network(layout)
        elif layout.root.exists():
            raise NetworkError(
                f"{layout.root} 已存在,但不是本程序所建(没有 network.json)。请移走它,或换一个数据目录。",
                f"{layout.root} exists but was not made by this program (no network.json). "
                "Move it away, or take another data folder.",
            )
        progress(Step("正在生成各机构证书和创世区块", "making certificates and the genesis block"))
        return consortium, _make(layout, consortium, path.read_bytes(), compose)
    if compose != (marker.address == COMPOSE):
        raise NetworkError(
            f"{layout.root} 中的网络由另一种方式运行:docker compose 与内置网络不能共用数据目录。"
            "请换一个数据目录。",
            f"The network in {layout.root} runs the other way (docker compose and the embedded network "
            "cannot share a data folder). Take another data folder.",
        )
    if not compose:
        keep(layout.home, marker.address)
    else:
        _refuse_lost_volumes(layout, consortium)
    made = read_consortium(layout.consortium)
    if made.organisations != consortium.organisations:
        raise NetworkError(
            f"{path} 的机构名单与已建网络({layout.consortium})不同;机构已写入通道,不能这样增减。"
            "请改回原名单;确要新建网络,请先执行 network reset(原网络的数据将被删除)。",
            f"The organisations in {path} are not those the network was made with ({layout.consortium}); "
            "they stand in the channel and cannot be changed this way. Restore them, or, for a new network, "
            "run 'network reset' first (the data of the old one is removed).",
        )
    if made != consortium:
        write_file(layout.consortium, path.read_bytes())
    return consortium, marker


def write_contracts(layout: Layout, consortium: Consortium, marker: Marker) -> None:
    """Writes every organisation's connection.json and policy.json, and the main connection.json."""
    held = {one.msp: certificates(layout, one.msp) for one in consortium.organisations}
    person_cas = {msp: tuple(pem.decode() for pem in person_authorities(layout, msp)) for msp in held}
    members = []
    for organisation, site in zip(consortium.organisations, sites(consortium, marker.address), strict=True):
        found = held[organisation.msp]
        peer = Peer(site.at(Kind.PEER), found.tls.decode())
        members.append(
            Member(
                organisation.msp, organisation.name, peer, found.node.decode(), person_cas[organisation.msp]
            )
        )
    for organisation in consortium.organisations:
        client = layout.identity(organisation.msp, "ledger")
        content = encode_connection(
            Connection(
                channel=marker.channel,
                msp=organisation.msp,
                certificate=(client / "certificate.pem").read_text(),
                key=str(client / "key.pem"),
                genesis=str(layout.genesis),
                organisations=tuple(members),
            )
        )
        write_file(layout.organisation(organisation.msp) / "connection.json", content)
        if organisation.msp == consortium.ledgers[0].operator:
            write_file(layout.connection, content)
        policy = encode_policy(organisation.msp, consortium.ledgers, person_cas)
        write_file(layout.policy(organisation.msp), policy)


def channel_members(layout: Layout, where: tuple[Site, ...]) -> tuple[ChannelMember, ...]:
    """What the channel knows of each organisation."""

    def member(site: Site) -> ChannelMember:
        held = certificates(layout, site.msp)
        orderer = layout.identity(site.msp, "orderer")
        return ChannelMember(
            msp=site.msp,
            node_ca=held.node,
            person_ca=held.person,
            tls_ca=held.tls,
            orderer_certificate=(orderer / "certificate.pem").read_bytes(),
            orderer_tls=(orderer / "tls.pem").read_bytes(),
            orderer_host=site.orderer,
            orderer_port=site.ports.orderer,
            peer_host=site.peer,
            peer_port=site.ports.peer,
        )

    return tuple(member(site) for site in where)


def _make(layout: Layout, consortium: Consortium, source: bytes, compose: bool) -> Marker:
    if compose:
        # Keys are on no disk before they are in the volume of their organisation: /tmp is memory there.
        with tempfile.TemporaryDirectory() as folder:
            aside = Layout(Path(folder))
            marker = _fill(aside, consortium, source, COMPOSE)
            _spread(aside, layout)
        return marker
    layout.home.mkdir(parents=True, exist_ok=True)
    for left in layout.home.glob(".network-making-*"):
        shutil.rmtree(left)
    aside = Layout(layout.home / f".network-making-{secrets.token_hex(4)}")
    aside.root.mkdir(parents=True, mode=0o700)
    marker = _fill(aside, consortium, source, _address(layout, consortium))
    aside.root.rename(layout.root)
    aside.home.rmdir()
    return marker


def _fill(aside: Layout, consortium: Consortium, source: bytes, address: str) -> Marker:
    marker = Marker(address, f"archive-{secrets.token_hex(4)}")
    where = sites(consortium, address)
    for organisation, site in zip(consortium.organisations, where, strict=True):
        hosts = {kind.value: site.host(kind) for kind in Kind}
        make_organisation(aside, organisation, hosts)
    write_file(aside.genesis, genesis_block(marker.channel, channel_members(aside, where)))
    write_file(aside.consortium, source)
    write_file(aside.marker, encode_marker(marker))
    return marker


def _spread(aside: Layout, layout: Layout) -> None:
    """Copies every file to its place; the marker last, as no node starts without it."""
    files = sorted(path for path in aside.root.rglob("*") if path.is_file() and path != aside.marker)
    for path in (*files, aside.marker):
        mode = stat.S_IMODE(path.stat().st_mode)
        write_file(layout.root / path.relative_to(aside.root), path.read_bytes(), mode)


def _refuse_another_network(layout: Layout) -> None:
    """Without its marker, what a node wrote belongs to a network that is not here any more. What only an
    interrupted making left is no node's, and is made anew."""
    used = sorted(layout.root.glob("nodes/*/*/data"))
    if used:
        raise NetworkError(
            f"数据卷 network 是空的,而 {used[0]} 中有另一个网络的数据。请从备份恢复数据卷;"
            "确要从头建立,请先 docker compose down --volumes(全部数据将被删除)。",
            f"The volume network is empty, but {used[0]} holds data of another network. Restore the volumes "
            "from a back-up; to begin anew, run docker compose down --volumes first (all data is removed).",
        )


def _refuse_lost_volumes(layout: Layout, consortium: Consortium) -> None:
    missing = [
        f"{one.msp.lower()}-keys"
        for one in consortium.organisations
        if not (layout.identity(one.msp, "admin") / "key.pem").exists()
    ]
    if missing:
        raise NetworkError(
            f"网络已建立,但数据卷 {'、'.join(missing)} 中没有该机构的密钥。请从备份恢复。",
            f"The network is made, but these volumes lack their organisation's keys: {', '.join(missing)}. "
            "Restore them from a back-up.",
        )


def _address(layout: Layout, consortium: Consortium) -> str:
    every = [port for index in range(len(consortium.organisations)) for port in ports(index).all()]
    return choose(layout.home, tuple(every))
