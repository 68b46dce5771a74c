"""Two networks on one machine never share an address, and one network keeps its own."""

import json
import socket
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from network import plans
from network.address import busy, choose, derived, keep, need_interface, release
from network.consortium import PACKAGED, read_consortium
from network.errors import NetworkError
from network.layout import Kind, Layout, Node, ports
from network.marker import Marker, encode_marker
from network.plans import Plan
from network.site import sites

PORTS = ports(0).all()


@pytest.fixture(autouse=True)
def _own_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def made(home: Path, address: str) -> None:
    """What `up` leaves behind once the network of `home` is made."""
    marker = Layout(home).marker
    marker.parent.mkdir(parents=True)
    marker.write_bytes(encode_marker(Marker(address, "archive-00000000")))


def test_derived_addresses_are_loopback_and_steady(tmp_path: Path) -> None:
    first = list(islice(derived(tmp_path), 200))
    assert first == list(islice(derived(tmp_path), 200))
    assert len(set(first)) > 190
    for address in first:
        a, b, c, d = (int(part) for part in address.split("."))
        assert (a, 1 <= b <= 254, 0 <= c <= 255, 1 <= d <= 254) == (127, True, True, True)
    assert not any(address.startswith("127.0.0.") for address in first)


def test_another_home_gets_another_address(tmp_path: Path) -> None:
    assert next(derived(tmp_path / "a")) != next(derived(tmp_path / "b"))


def test_a_busy_port_moves_to_the_next_address(tmp_path: Path) -> None:
    first, second = islice(derived(tmp_path), 2)
    with socket.create_server((first, PORTS[0])):
        assert busy(first, PORTS) == [PORTS[0]]
        assert choose(tmp_path, PORTS) == second
    assert busy(first, PORTS) == []


def test_a_port_that_is_let_go_is_waited_for_and_one_that_is_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = sites(read_consortium(PACKAGED), next(derived(tmp_path)))[0]
    plan = Plan(Node(site.msp, Kind.PEER), site, (), {}, tmp_path, "")
    port = site.ports.of(Kind.PEER)
    with socket.create_server((site.listen, port)) as held, monkeypatch.context() as patched:
        patched.setattr(plans, "_PORT_SECONDS", 0.2)
        with pytest.raises(NetworkError, match=rf"{site.listen}:{port}.*used by another program"):
            plans._need_port(plan)
        patched.undo()
        # The process that held it is gone after the first look.
        looked = []

        def look(*where: Any) -> list[int]:
            looked.append(busy(*where))
            held.close()
            return looked[-1]

        patched.setattr(plans, "busy", look)
        plans._need_port(plan)
    assert looked[0] == [port]
    assert looked[-1] == []


def test_an_address_of_a_stopped_network_is_not_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("network.address.derived", lambda home: iter(["127.9.9.1", "127.9.9.2"]))
    one, other = tmp_path / "one", tmp_path / "other"
    assert choose(one, PORTS) == "127.9.9.1"
    made(one, "127.9.9.1")
    assert choose(other, PORTS) == "127.9.9.2"
    release(one, "127.9.9.1")
    assert choose(other, PORTS) == "127.9.9.1"


def test_an_entry_of_a_home_that_is_gone_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("network.address.derived", lambda home: iter(["127.9.9.1", "127.9.9.2"]))
    assert choose(tmp_path / "gone", PORTS) == "127.9.9.1"
    assert choose(tmp_path / "new", PORTS) == "127.9.9.1"
    entry = json.loads((tmp_path / "cache/archive-ledger/addresses/127.9.9.1.json").read_text())
    assert entry == {"home": str(tmp_path / "new")}


def test_a_moved_home_keeps_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("network.address.derived", lambda home: iter(["127.9.9.1", "127.9.9.2"]))
    old, new = tmp_path / "old", tmp_path / "new"
    assert choose(old, PORTS) == "127.9.9.1"
    made(old, "127.9.9.1")
    old.rename(new)
    keep(new, "127.9.9.1")
    assert choose(tmp_path / "other", PORTS) == "127.9.9.2"


def test_an_address_that_the_machine_lacks_is_named() -> None:
    with pytest.raises(NetworkError, match=r"192\.0\.2\.1"):
        busy("192.0.2.1", PORTS)


def test_a_machine_with_loopback_alone_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found = psutil.net_if_addrs()
    need_interface()
    loopback = {name: one for name, one in found.items() if one[0].address.startswith("127.")}
    assert loopback
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: loopback)
    with pytest.raises(NetworkError, match="ip addr add"):
        need_interface()


def test_ports_of_twenty_organisations_are_apart_and_low() -> None:
    every = [port for index in range(20) for port in ports(index).all()]
    assert len(set(every)) == len(every)
    assert max(every) < 32768
