"""What docker-compose.yml must be, as its reader sees it after merging: every fault, by name.

compose-spec.json is compose-go v2.9.1's schema of the Compose Specification, unchanged (Apache-2.0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

_SCHEMA = Path(__file__).with_name("compose-spec.json")
PINNED = re.compile(r"[a-z0-9./-]+:\d+(\.\d+)*(-slim)?")
_SECRET_NAME = re.compile(r"PASSW|SECRET|TOKEN|PRIVATE|_KEY")
# What keys, digests and random words look like.
_SECRET_VALUE = re.compile(r"-----BEGIN|://[^/@\s]*:[^/@\s]*@|[0-9a-f]{32}|[A-Za-z0-9+=_-]{43}")
# Where one machine plays all offices their keys meet, in what makes and looks after them and ends.
_ALL_OFFICES = {"volumes", "make", "setup", "ledger"}

Document = dict[str, Any]


def faults(document: Document) -> set[str]:
    """Empty for a file that is as it must be; each fault names the rule and the service."""
    services: Document = document["services"]
    found = {f"schema: {error.message}" for error in Draft7Validator(_schema()).iter_errors(document)}
    awaited = {
        name
        for one in services.values()
        for name, how in one.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    for name, service in services.items():
        found |= {f"{rule}: {name}" for rule in _broken(name, service, awaited)}
    found |= {f"secret: {path}" for path, text in _texts(document, "") if _is_secret(path, text)}
    outside = {name for name, one in document["networks"].items() if not (one or {}).get("internal")}
    found |= {f"outside: {name}" for name in outside - {"front"}}
    found |= {
        f"outside: {name}"
        for name, one in services.items()
        if outside & set(one.get("networks", ["default"]))
        and name != "api"
        and one.get("network_mode") != "none"
    }
    return found


def _broken(name: str, service: Document, awaited: set[str]) -> Iterator[str]:
    runs = service.get("restart") == "unless-stopped"
    if not PINNED.fullmatch(service["image"]):
        yield "image"
    if runs != ("healthcheck" in service):
        yield "health"
    if not runs and name not in awaited and service.get("profiles") != ["tools"]:
        yield "restart"
    if any(not port.startswith("${ARCHIVE_LEDGER_LISTEN:-127.0.0.1}:") for port in service.get("ports", ())):
        yield "loopback"
    if service.get("ports") and name != "api":
        yield "port"
    held = ("read_only", True), ("cap_drop", ["ALL"]), ("security_opt", ["no-new-privileges:true"])
    if any(service.get(member) != value for member, value in held) or service.get("privileged"):
        yield "confined"
    if str(service.get("user", "root")).startswith(("0", "root")) != (name == "volumes"):
        yield "user"
    if set(service.get("cap_add", ())) - ({"CHOWN"} if name == "volumes" else set()):
        yield "capability"
    yield from _volumes(name, service)


def _volumes(name: str, service: Document) -> Iterator[str]:
    office = name.split("-", 1)[-1] if "-" in name else ""
    kind = name.split("-", 1)[0]
    allowed = {"chaincode": {f"{office}-chaincode", f"{office}-replica"}}.get(kind, {f"{office}-{kind}"})
    allowed |= {
        "worker": {"ledger", "network", "client", "database-login"},
        "api": {"ledger", "network", "database-login"},
        "database": {"database", "database-password"},
    }.get(name, set())
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", source):
            yield "host"
        elif name not in _ALL_OFFICES and source not in allowed:
            yield f"volume {source}"


def _is_secret(path: str, text: str) -> bool:
    member = path.rsplit("/", 1)[-1]
    named = bool(_SECRET_NAME.search(member)) and not (member.endswith("_FILE") and text.startswith("/"))
    return named or bool(_SECRET_VALUE.search(text))


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, f"{path}/{name}")
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member, path)
    else:
        yield path, str(value)


def _schema() -> Document:
    schema: Document = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return schema
