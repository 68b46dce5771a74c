"""The description's examples are true: each is of the form that stands beside it, and what they send is taken
as well-formed by the service. Nothing that is sent or answered is without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from api.http.duties import DUTIES
from tests.api.http.house import RECORD, TITLE, House, receive

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(house: House) -> Document:
    document: Document = house.ask("GET", "/openapi.json").json()
    return document


def contents(document: Document) -> Iterator[tuple[str, str, Any, Document]]:
    """Every body that may be sent, every answer that is no problem: where, media type, content, schema."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            bodies = {"asked": operation.get("requestBody", {})}
            bodies |= {status: said for status, said in operation["responses"].items() if status < "400"}
            for which, body in bodies.items():
                for media, content in body.get("content", {}).items():
                    yield f"{method} {path} {which}", media, content, content["schema"]


def test_whatever_is_sent_or_answered_has_an_example_of_its_form(document: Document) -> None:
    for place, media, content, schema in contents(document):
        if media in ("application/octet-stream", "application/zip"):
            continue
        assert "example" in content, place
        whole = {**schema, "components": document["components"]}
        wrong = [error.message for error in Draft202012Validator(whole).iter_errors(content["example"])]
        assert wrong == [], place


def test_what_the_examples_send_is_well_formed(
    house: House, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.duties.duties_of", lambda *_: frozenset(DUTIES))
    sent = 0
    with house.client() as client:
        client.sign_in()
        headers = {"Authorization": f"Bearer {client.token}"}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                content = operation.get("requestBody", {}).get("content", {}).get("application/json")
                if content is None:
                    continue
                whole = path.format(record=RECORD, list=RECORD, sha256="ab" * 32, job=RECORD, name="卷")
                answer = house.ask(method.upper(), whole, json=content["example"], headers=headers)
                assert "REQUEST_INVALID" not in answer.text, (path, answer.text)
                assert answer.status_code < 500, (path, answer.text)
                sent += 1
    assert sent > 15


def test_the_same_octets_again_are_answered_as_described(house: House, document: Document) -> None:
    described = document["paths"]["/v1/statements"]["post"]["responses"]
    with house.client() as client:
        act = {**receive(), "record": "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a77"}
        act["fields"] = {**TITLE, "number": "QC03-ZY·TD-777"}
        signed = client.sign(act, client.draft(act))
        for status, again in ((201, False), (200, True)):
            answer = client.ask("POST", "/v1/statements", json=signed)
            assert (answer.status_code, answer.json()["duplicate"]) == (status, again)
            assert str(status) in described


def test_what_is_wrong_with_a_form_is_told_in_both_languages(house: House) -> None:
    answer = house.ask("POST", "/v1/session", json={"challenge": 5, "signature": "a" * 300, "more": 1})
    told = {one["at"]: one["limit"] for one in answer.json()["wrong"]}
    assert told["body.challenge"].startswith("应为文字 · ")
    assert told["body.signature"].startswith("至多 200 字 · ")
    assert told["body.more"].startswith("没有这一项 · ")
    assert told["body.certificate"].startswith("必填 · ")


def test_an_organisation_is_named_from_its_first_letter_on(house: House) -> None:
    asked = {"challenge": "x", "signature": "a", "certificate": "", "organisation": "镇!Qinghe"}
    answer = house.ask("POST", "/v1/session", json=asked)
    assert [one["at"] for one in answer.json()["wrong"]] == ["body.organisation"]


def test_a_jobs_result_is_of_its_kind(
    house: House, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.duties.duties_of", lambda *_: frozenset(DUTIES))
    described = document["paths"]["/v1/jobs/{job}/result"]["get"]["responses"]["200"]["content"]
    begun = {
        "check": ({"offline": True}, "application/json", b"["),
        "fixity": ({"days": 30}, "application/json", b"{"),
    }
    with house.client() as client:
        client.act(**receive(fields={**TITLE, "number": "QC03-ZY·TD-888"}))
        for kind, (form, media, beginning) in begun.items():
            job = client.ask("POST", f"/v1/jobs/{kind}", json=form).json()["job"]
            told = client.ask("GET", f"/v1/jobs/{job}/events", timeout=600).text
            assert '"state": "done"' in told.split("event: end\ndata: ")[1]
            result = client.ask("GET", f"/v1/jobs/{job}/result")
            assert (result.headers["content-type"], result.content[: len(beginning)]) == (media, beginning)
            assert media in described
