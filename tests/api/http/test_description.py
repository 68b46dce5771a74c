"""Description and service agree: whatever is sent, no fault of ours, and no answer that is not described.

schemathesis makes the requests from the description itself, the same ones every time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.http.duties import DUTIES
from api.http.limits import Limits
from api.http.rights import ANYONE, RIGHTS
from tests.api.http.house import House, open_house, receive

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@dataclass(frozen=True)
class Described:
    house: House
    headers: dict[str, str]


@pytest.fixture(scope="module")
def described(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    home = tmp_path_factory.mktemp("described") / "home"
    shutil.copytree(furnished, home)
    # Refusals are counted here, not stated: what is asked is the answer.
    limits = Limits(attempts=100_000, refusals=1, denials=100_000, knocks=1, strangers=2, jobs=100)
    with pytest.MonkeyPatch.context() as patched, open_house(home, home, limits) as house:
        # Somebody with every duty: so that requests are looked at and not only kept out.
        patched.setattr("api.http.duties.duties_of", lambda *_: frozenset(DUTIES))
        with house.client() as client:
            client.act(**receive())
            yield Described(house, {"Authorization": f"Bearer {client.token}"})


@pytest.fixture(scope="module")
def operations(described: Described) -> dict[str, Any]:
    """By id, from the description as it is served."""
    document: Any = schemathesis.openapi.from_url(f"{described.house.url}/openapi.json")
    found = [one.ok() for one in document.get_all_operations()]
    return {one.definition.raw["operationId"]: one for one in found}


def checks(operation: str) -> list[Any]:
    # The worker does not run here, which is described, and is no fault of what was sent.
    return [one for one in CHECKS if not (operation == "health" and one is not_a_server_error)]


def ask_about(described: Described, operation: Any, name: str, *, signed_in: bool, wide: bool) -> None:
    """As the description says, and as it forbids; `wide`: new requests every time, and many."""
    # Whoever signs out, signs out for all that follow.
    headers = described.headers if signed_in and name != "sign_out" else {}
    mode = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])

    @given(case=mode.flatmap(lambda one: strategy(operation, one)))
    @settings(
        max_examples=300 if wide else 12 if signed_in else 4,
        derandomize=not wide,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def sent(case: Any) -> None:
        answer = case.call(headers=headers, timeout=600)
        case.validate_response(answer, checks=checks(name))
        if "\n" in unquote(urlsplit(answer.request.url).path) or answer.status_code == 431:
            # What is no address, or too long for one, is told before anybody is asked who they are.
            return
        if not signed_in and RIGHTS[name] != ANYONE:
            assert answer.status_code == 401, answer.text

    sent()


def strategy(operation: Any, mode: GenerationMode) -> Any:
    """Of an operation that takes nothing, nothing can be wrong."""
    takes = [*operation.body.items, *operation.iter_parameters()]
    return operation.as_strategy(generation_mode=mode if takes else GenerationMode.POSITIVE)


NAMES = sorted(RIGHTS.keys() - {"openapi"})


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "nobody"])
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_sent_is_answered_as_described(
    operations: dict[str, Any], described: Described, name: str, signed_in: bool
) -> None:
    ask_about(described, operations[name], name, signed_in=signed_in, wide=False)


@pytest.mark.long
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "nobody"])
@pytest.mark.parametrize("name", NAMES)
def test_whatever_else_is_sent_is_answered_as_described(
    operations: dict[str, Any], described: Described, name: str, signed_in: bool
) -> None:
    ask_about(described, operations[name], name, signed_in=signed_in, wide=True)


def test_every_operation_has_words_an_example_of_each_problem_and_its_duties(described: Described) -> None:
    document = described.house.ask("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["description"].strip(), place
            assert operation["x-duties"], place
            for status, answer in operation["responses"].items():
                assert answer["description"], (place, status)
                if int(status) >= 400 and "application/problem+json" in answer["content"]:
                    assert answer["content"]["application/problem+json"]["example"]["code"], (place, status)
