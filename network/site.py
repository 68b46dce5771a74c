"""Where each organisation's processes are reached and where they listen, native or under docker compose."""

from dataclasses import dataclass

from network.consortium import Consortium
from network.layout import Kind, Ports, ports

# Stands in the marker instead of an address where docker compose runs the processes.
COMPOSE = "compose"


@dataclass(frozen=True)
class Site:
    """One organisation's place. `orderer`, `peer` and `chaincode` are the hosts by which the others reach
    them and which stand in certificates and channel; `listen` is the interface they listen on. `contained`:
    each process has a loopback interface of its own, on which only its own health check calls."""

    msp: str
    ports: Ports
    orderer: str
    peer: str
    chaincode: str
    listen: str
    contained: bool = False

    @property
    def operations(self) -> str:
        """The interface on which metrics and health are told."""
        return "127.0.0.1" if self.contained else self.listen

    def host(self, kind: Kind) -> str:
        return {Kind.ORDERER: self.orderer, Kind.PEER: self.peer, Kind.CHAINCODE: self.chaincode}[kind]

    def at(self, kind: Kind) -> str:
        """host:port"""
        return f"{self.host(kind)}:{self.ports.of(kind)}"


def sites(consortium: Consortium, address: str) -> tuple[Site, ...]:
    """Every organisation's site, in the consortium's order. On one loopback address ports tell them
    apart; under compose each process has a host name of its own (`compose_host`)."""
    return tuple(
        _composed(organisation.msp, ports(index))
        if address == COMPOSE
        else Site(organisation.msp, ports(index), address, address, address, address)
        for index, organisation in enumerate(consortium.organisations)
    )


def compose_host(msp: str, kind: Kind) -> str:
    """The compose service, and so the host name, of a process."""
    return f"{kind}-{msp.lower()}"


def authority_host(msp: str) -> str:
    """The compose service of an organisation's Fabric CA server."""
    return f"ca-{msp.lower()}"


def _composed(msp: str, own: Ports) -> Site:
    orderer, peer, chaincode = (compose_host(msp, kind) for kind in (Kind.ORDERER, Kind.PEER, Kind.CHAINCODE))
    # Inside a container of its own, a process may listen on every interface there is.
    return Site(msp, own, orderer, peer, chaincode, "0.0.0.0", contained=True)  # noqa: S104
