"""docker-compose.yml keeps its rules, and each rule is seen to be broken by a file that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from network.compose_file import COMPOSE_FILE
from tests.compose.rules import PINNED, Document, faults


def document() -> Document:
    loaded: Document = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
    return loaded


def test_the_file_keeps_all_rules() -> None:
    assert faults(document()) == set()


def test_official_images_of_the_versions_that_are_supported() -> None:
    images = {one["image"] for one in document()["services"].values()}
    fabric = {f"hyperledger/fabric-{part}" for part in ("orderer:3.1", "peer:3.1", "ca:1.5")}
    (database,) = (image for image in images if image.startswith("postgres:"))
    assert fabric < images
    assert int(database.partition(":")[2]) >= 15
    assert {image.partition(":")[0] for image in images - fabric - {database}} == {
        "archive-ledger",
        "archive-ledger-chaincode",
    }


def test_our_images_stand_on_pinned_ones_and_take_nothing_but_sources() -> None:
    lines = (COMPOSE_FILE.with_name("Dockerfile")).read_text(encoding="utf-8").splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert all(PINNED.fullmatch(base) for base in bases), bases
    rules = (COMPOSE_FILE.with_name(".dockerignore")).read_text(encoding="utf-8").splitlines()
    # Everything is left out, and of what is let in nothing begins with a dot: no data folder, no environment.
    assert next(rule for rule in rules if not rule.startswith("#")) == "*"
    assert [rule for rule in rules if rule.startswith("!.")] == []


def changed(service: str, member: str, value: Any) -> Callable[[Document], None]:
    def change(tree: Document) -> None:
        # A merged value is one object in several services: only this service's is to change.
        one = dict(tree["services"][service])
        if value is None:
            del one[member]
        else:
            one[member] = value
        tree["services"][service] = one

    return change


def with_environment(service: str, name: str, value: str) -> Callable[[Document], None]:
    def change(tree: Document) -> None:
        given = tree["services"][service].get("environment", {})
        changed(service, "environment", {**given, name: value})(tree)

    return change


def everybody_sees(network: str) -> Callable[[Document], None]:
    def change(tree: Document) -> None:
        tree["networks"][network] = {}

    return change


KEYS = "/data/network/organisations/QingheTownship"
BREAKS: dict[str, tuple[Callable[[Document], None], set[str]]] = {
    "an unpinned image": (changed("database", "image", "postgres"), {"image: database"}),
    "the latest image": (changed("database", "image", "postgres:latest"), {"image: database"}),
    "no health check": (changed("worker", "healthcheck", None), {"health: worker"}),
    "nothing starts it again": (
        changed("worker", "restart", "no"),
        {"health: worker", "restart: worker"},
    ),
    "the database is published": (
        changed("database", "ports", ["${ARCHIVE_LEDGER_LISTEN:-127.0.0.1}:5432:5432"]),
        {"port: database"},
    ),
    "the interface on every address": (changed("api", "ports", ["8600:8600"]), {"loopback: api"}),
    "a password in clear": (
        with_environment("database", "POSTGRES_PASSWORD", "archive"),
        {"secret: /services/database/environment/POSTGRES_PASSWORD"},
    ),
    "a password in an address": (
        with_environment("worker", "ARCHIVE_LEDGER_DATABASE", "postgresql://archive:word@database/archive"),
        {"secret: /services/worker/environment/ARCHIVE_LEDGER_DATABASE"},
    ),
    "a random word under a harmless name": (
        with_environment("worker", "SEED", "5f" * 16),
        {"secret: /services/worker/environment/SEED"},
    ),
    "a root that can be written to": (changed("api", "read_only", False), {"confined: api"}),
    "all capabilities": (changed("api", "cap_drop", []), {"confined: api"}),
    "one capability more": (changed("make", "cap_add", ["SYS_ADMIN"]), {"capability: make"}),
    "new privileges": (changed("api", "security_opt", None), {"confined: api"}),
    "root": (changed("peer-yunlingaudit", "user", "0:0"), {"user: peer-yunlingaudit"}),
    "no user is root in most images": (
        changed("peer-yunlingaudit", "user", None),
        {"user: peer-yunlingaudit"},
    ),
    "another office's keys": (
        changed("peer-yunlingaudit", "volumes", [f"qinghetownship-keys:{KEYS}"]),
        {"volume qinghetownship-keys: peer-yunlingaudit"},
    ),
    "its own office's CA keys": (
        changed("orderer-qinghetownship", "volumes", [f"qinghetownship-keys:{KEYS}"]),
        {"volume qinghetownship-keys: orderer-qinghetownship"},
    ),
    "the chain's client in the interface": (
        changed("api", "volumes", ["client:/data/client"]),
        {"volume client: api"},
    ),
    "a folder of the host": (changed("worker", "volumes", ["/:/host"]), {"host: worker"}),
    "the chain's network leads out": (
        everybody_sees("fabric"),
        {
            "outside: fabric",
            "outside: setup",
            "outside: worker",
            "outside: ledger",
            *(
                f"outside: {kind}-{office}"
                for kind in ("orderer", "peer", "chaincode", "ca")
                for office in ("yunlingarchives", "qinghetownship", "yunlingaudit", "yunlingjustice")
            ),
        },
    ),
    "what the specification does not know": (
        changed("api", "restarts", "always"),
        {"schema: Additional properties are not allowed ('restarts' was unexpected)"},
    ),
}


@pytest.mark.parametrize(("change", "expected"), BREAKS.values(), ids=BREAKS)
def test_each_rule_is_seen_broken(change: Callable[[Document], None], expected: set[str]) -> None:
    tree = document()
    change(tree)
    assert faults(tree) == expected
