"""The loopback address of a network: derived from its data folder, so that two networks never collide.

Ports stand in the channel's configuration and so are fixed; the address tells networks apart. It, too,
stands in the configuration: once chosen it is kept in the marker and never changes.
"""

import errno
import hashlib
import ipaddress
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil

from network.errors import NetworkError
from network.files import write_file
from network.layout import cache_folder
from network.locking import locked

_TRIES = 16


def derived(home: Path) -> Iterator[str]:
    """Candidates 127.a.b.c for a resolved home, always the same ones; never 127.0.0.x, never .0 or .255."""
    attempt = 0
    while True:
        a, b, c = hashlib.sha256(f"{home}\n{attempt}".encode()).digest()[:3]
        yield f"127.{1 + a % 254}.{b}.{1 + c % 254}"
        attempt += 1


def choose(home: Path, ports: tuple[int, ...]) -> str:
    """The first candidate that no other home has registered and whose ports are free; registers it.

    The register (one small file an address, in the cache folder) also guards networks that are not
    running now. Raises NetworkError when none can be used.
    """
    register = cache_folder() / "addresses"
    with locked(register / "lock", 30, lambda: None):
        candidates = derived(home)
        for _ in range(_TRIES):
            address = next(candidates)
            if _owner(register / f"{address}.json", address) in (None, home) and not busy(address, ports):
                write_file(register / f"{address}.json", json.dumps({"home": str(home)}).encode())
                return address
    raise NetworkError(
        f"试过 {_TRIES} 个 127.x.y.z 地址,端口都被占用。"
        f"请停掉占用端口 {ports[0]} 等的程序,或换一个数据目录。",
        f"All {_TRIES} addresses 127.x.y.z tried have busy ports. "
        f"Stop what uses port {ports[0]} and the following, or take another data folder.",
    )


def keep(home: Path, address: str) -> None:
    """Registers the address of a network that exists already: the cache may have been emptied, or the
    data folder moved. An entry of another home that is still there stays."""
    register = cache_folder() / "addresses"
    with locked(register / "lock", 30, lambda: None):
        entry = register / f"{address}.json"
        if _owner(entry, address) is None:
            write_file(entry, json.dumps({"home": str(home)}).encode())


def release(home: Path, address: str) -> None:
    """Takes the home's entry out of the register."""
    entry = cache_folder() / "addresses" / f"{address}.json"
    if _owner(entry, address) == home:
        entry.unlink(missing_ok=True)


def _owner(entry: Path, address: str) -> Path | None:
    """The home that holds an address, if its network still exists and still says so."""
    try:
        home = Path(json.loads(entry.read_bytes())["home"])
        marker = json.loads((home / "network" / "network.json").read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        # No entry, or the network it names is gone or unreadable: nobody holds the address.
        return None
    return home if isinstance(marker, dict) and marker.get("address") == address else None


def busy(address: str, ports: tuple[int, ...]) -> list[int]:
    """The ports that something listens on. Raises NetworkError when the address cannot be used at all."""
    return [port for port in ports if _taken(address, port)]


def need_interface() -> None:
    """Raises NetworkError on a machine whose only IPv4 address is loopback: Fabric's peer looks for
    another one at its start and ends without it, although it does not use it here."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not ipaddress.ip_address(one.address).is_loopback:
                return
    raise NetworkError(
        "本机除 127.x.x.x 外没有任何 IPv4 地址,Fabric 节点因此不能启动。"
        "请接入任一网络(不必能上外网),或执行:sudo ip addr add 10.255.255.1/32 dev lo",
        "This machine has no IPv4 address but 127.x.x.x, and Fabric's peer needs one to start. Connect it "
        "to any network (it need not reach the internet), or run: sudo ip addr add 10.255.255.1/32 dev lo",
    )


def _taken(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Otherwise connections of a network just stopped (TIME_WAIT) would look like a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise NetworkError(
                f"本机不能使用地址 {address}({error.strerror})。"
                f"macOS 上请先执行:sudo ifconfig lo0 alias {address}",
                f"This machine cannot use the address {address} ({error.strerror}). "
                f"On macOS first run: sudo ifconfig lo0 alias {address}",
            ) from error
    return False
