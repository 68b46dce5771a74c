"""The text of docker-compose.yml, from the consortium and three templates beside the others.

Every path is the same in every container; what differs is which volumes a container has. So a node sees its
own folder, the chaincode its replica too, worker and API the ledger and what is public of the network.
"""

import re
from importlib.metadata import version
from pathlib import Path

from network.consortium import Consortium
from network.layout import Kind, Layout, ports
from network.site import authority_host, compose_host

COMPOSE_FILE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
DATA = Path("/data")
# Of no account on the host, and in no group of it.
USER = "10001:10001"
# Under the data folder, as all else.
CLIENT = Path("client")
DATABASE_PASSWORD = Path("database-password/password")
DATABASE_LOGIN = Path("database-login/pgpass")
AUTHORITY_PORT, AUTHORITY_OPERATIONS = 7054, 7059
_TEMPLATES = Path(__file__).with_name("templates")
# The images have no HTTP client; bash, which they have, opens connections.
_HEALTH = (
    'exec 3<>/dev/tcp/127.0.0.1/{port} && printf "GET /healthz HTTP/1.0\\r\\n\\r\\n" >&3 '
    '&& grep -q "\\"status\\":\\"OK\\"" <&3'
)


def compose_text(consortium: Consortium) -> str:
    """The whole docker-compose.yml."""
    mounts = every_mount(consortium)
    common = {
        "user": USER,
        "version": version("archive-ledger"),
        "password": str(DATA / DATABASE_PASSWORD),
        "password_folder": str((DATA / DATABASE_PASSWORD).parent),
        "login": str(DATA / DATABASE_LOGIN),
        "login_folder": str((DATA / DATABASE_LOGIN).parent),
        "origin": consortium.ledgers[0].origin,
        "mounts_all": "\n".join(f"  - {name}:{path}" for name, path in mounts.items()),
        "mountpoints": "\n".join(f"      - {path}" for path in _owned(mounts)),
        "ready": _ready(consortium),
        "volumes": "\n".join(f"  {name}:" for name in ("database", *mounts)),
    }
    organisations = [
        _filled("compose-organisation.yaml", common | _organisation(consortium, index))
        for index in range(len(consortium.organisations))
    ]
    return "".join(
        (_filled("compose-head.yaml", common), *organisations, _filled("compose-tail.yaml", common))
    )


def every_mount(consortium: Consortium) -> dict[str, Path]:
    """Volumes that hold what `make` makes, and where; outer folders before inner ones."""
    places = Layout(DATA)
    mounts = {
        "ledger": DATA,
        "client": DATA / CLIENT,
        "people": DATA / "people",
        "network": places.root,
        "registrars": places.root / "registrars",
        "database-password": DATA / DATABASE_PASSWORD.parent,
        "database-login": DATA / DATABASE_LOGIN.parent,
    }
    for one in consortium.organisations:
        host = one.msp.lower()
        mounts[f"{host}-keys"] = places.organisation(one.msp)
        mounts[f"{host}-replica"] = places.replica(one.msp)
        for name in (*Kind, "ca"):
            mounts[f"{host}-{name}"] = places.root / "nodes" / one.msp / name
    return mounts


def _owned(mounts: dict[str, Path]) -> list[Path]:
    """Where volumes are mounted, and the folders on the way there, which the engine makes as root."""
    return sorted(
        {one for path in mounts.values() for one in (path, *path.parents) if DATA in (one, *one.parents)}
    )


def _organisation(consortium: Consortium, index: int) -> dict[str, str]:
    one, own, places = consortium.organisations[index], ports(index), Layout(DATA)
    return {
        "name": f"{one.name.zh} · {one.name.en}",
        "host": one.msp.lower(),
        "organisation": str(places.organisation(one.msp)),
        "nodes": str(places.root / "nodes" / one.msp),
        "chaincode": str(own.chaincode),
        # One organisation's service builds the image for all.
        "build": "    pull_policy: never\n" if index else "    build: {context: ., target: chaincode}\n",
        "orderer_health": _HEALTH.format(port=own.orderer_operations),
        "peer_health": _HEALTH.format(port=own.peer_operations),
        "ca_health": _HEALTH.format(port=AUTHORITY_OPERATIONS),
    }


def _ready(consortium: Consortium) -> str:
    """What setup waits for: everything else that runs is well."""
    names = ["database"]
    for one in consortium.organisations:
        names += [*(compose_host(one.msp, kind) for kind in Kind), authority_host(one.msp)]
    return "\n".join(f"      {name}: {{condition: service_healthy}}" for name in names)


def _filled(template: str, values: dict[str, str]) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    return re.sub(r"@([a-z_]+)@", lambda found: values[found[1]], text)
