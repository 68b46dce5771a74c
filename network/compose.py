"""docker-compose.yml from the consortium file, and the two steps that run inside its containers.

python -m network.compose write     rewrites docker-compose.yml beside the package
python -m network.compose make      in the `make` service: certificates, channel, every node's settings
python -m network.compose deploy    in the `setup` service: join the channel, approve the chaincode
"""

import shlex
import sys
import time

from network.binaries import chaincode_source, chaincode_version
from network.compose_file import CLIENT, COMPOSE_FILE, DATABASE_LOGIN, DATABASE_PASSWORD, compose_text
from network.compose_secrets import write_authority, write_client, write_database_password
from network.consortium import PACKAGED, read_consortium
from network.errors import NetworkError
from network.files import write_file
from network.layout import Kind, Layout, Node, default_home, layout
from network.make import ensure_made, write_contracts
from network.progress import Step
from network.settings import chaincode_environment, render_orderer, render_peer
from network.site import COMPOSE, Site, sites
from network.together import Watch, assemble_network, make_packages

_DEPLOY_SECONDS = 300.0


def make() -> None:
    """Makes the network in its volumes, and renders what every container reads."""
    places = layout(default_home())
    consortium, marker = ensure_made(places, None, _say, compose=True)
    write_contracts(places, consortium, marker)
    where = sites(consortium, COMPOSE)
    packages = make_packages(places, where, chaincode_version(chaincode_source(None)))
    for site in where:
        render_orderer(places, site)
        render_peer(places, site)
        _render_chaincode(places, site, packages[site.msp].identifier)
        write_authority(places, site.msp)
    write_client(places, consortium.ledgers[0].operator, places.home / CLIENT)
    write_database_password(places.home / DATABASE_PASSWORD, places.home / DATABASE_LOGIN)


def deploy() -> None:
    """Joins every node to the channel and brings the chaincode in force."""
    places = layout(default_home())
    consortium, marker = ensure_made(places, None, _say, compose=True)
    where = sites(consortium, COMPOSE)
    version = chaincode_version(chaincode_source(None))
    watch = Watch(places, time.monotonic() + _DEPLOY_SECONDS, embedded=False)
    packages = make_packages(places, where, version)
    assemble_network(watch, marker.channel, where, packages, version, _say)


def write() -> None:
    COMPOSE_FILE.write_text(compose_text(read_consortium(PACKAGED)), encoding="utf-8")


def main(arguments: list[str]) -> int:
    steps = {"write": write, "make": make, "deploy": deploy}
    if len(arguments) != 1 or arguments[0] not in steps:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        steps[arguments[0]]()
    except NetworkError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


def _render_chaincode(places: Layout, site: Site, package_id: str) -> None:
    """Its environment as a file that the container's shell reads, and its policy beside it."""
    folder = places.node(Node(site.msp, Kind.CHAINCODE))
    write_file(folder / "policy.json", places.policy(site.msp).read_bytes())
    environment = chaincode_environment(places, site, package_id)
    environment["ARCHIVE_POLICY"] = str(folder / "policy.json")
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(environment.items())]
    write_file(folder / "environment", "".join(lines).encode())


def _say(step: Step) -> None:
    print(f"{step.zh} {step.en}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
