"""The description of the service, completed with every answer that it can give."""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.problem import MEDIA_TYPE, Problem, body_of, codes, words
from api.http.rights import ANYONE, RIGHTS, SIGNED_IN

# What any operation may answer beside its own, by status: the codes that then stand in the document.
_ALWAYS = (400, 408, 413, 422, 431, 500, 503)
_WITH_SESSION = (401, 403, 429)
_WORDS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the sign-in is refused.",
    403: "No duty held now has this right; or the request comes from another site.",
    404: "There is no such thing.",
    405: "The address does not take this method.",
    408: "The request came too slowly.",
    409: "It does not agree with what there is.",
    413: "The request is too large.",
    415: "The content type is not taken here.",
    422: "What was sent is not in its required form, or cannot be accepted: everything wrong is listed.",
    429: "Too many requests: wait for the seconds in Retry-After.",
    431: "The headers are too many or too large.",
    500: "A fault of the service itself.",
    503: "The store, the network or the service's own key cannot be used now.",
}


def described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, with RFC 9457 problems in place of the framework's own errors."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        routes=app.routes,
        summary="Statements signed by people's own keys; receipts, proof, evidence.",
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _problem_schema()
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Of POST /v1/session."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "archive_session"},
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    rule = RIGHTS[operation["operationId"]]
    answers = operation["responses"]
    # The framework's own 422 is never sent.
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]
    statuses = [*_ALWAYS, *(_WITH_SESSION if rule != ANYONE else ())]
    if operation["operationId"] == "sign_in":
        statuses += _WITH_SESSION
    statuses += [404, 409]
    for status in statuses:
        answers.setdefault(str(status), _answer(status))
    _show(operation)
    operation["x-duties"] = rule if isinstance(rule, str) else sorted(rule)
    if rule == ANYONE:
        operation["security"] = []
    else:
        operation["security"] = [{"token": []}, {"cookie": []}]
    allowed = {ANYONE: "Open to anyone.", SIGNED_IN: "Whoever is signed in."}
    who = allowed[rule] if isinstance(rule, str) else f"Duties: {', '.join(sorted(rule))}."
    operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()


@functools.cache
def _examples() -> dict[str, dict[str, Any]]:
    """By operation: what is `asked`, and what is `answered` when it is done."""
    text = (importlib.resources.files("api") / "data" / "examples.json").read_text(encoding="utf-8")
    examples: dict[str, dict[str, Any]] = json.loads(text)
    return examples


def _show(operation: dict[str, Any]) -> None:
    """Beside each form stands an example of it."""
    example = _examples().get(operation["operationId"], {})
    bodies = {"asked": [operation.get("requestBody", {})], "answered": []}
    bodies["answered"] = [said for status, said in operation["responses"].items() if status < "400"]
    for which, said in bodies.items():
        for content in (content for body in said for content in body.get("content", {}).values()):
            if which in example and content.get("schema", {}).get("format") != "binary":
                content["example"] = example[which]


def _answer(status: int) -> dict[str, Any]:
    named = [code for code in codes() if words(code).status == status]
    example = body_of(Problem(status, named[0] if named else "REQUEST_INVALID"), "1f0c…")
    listed = f" Codes: {', '.join(named)}." if named else ""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    headers = {"Retry-After": {"schema": {"type": "string"}}} if status in (429, 503) else {}
    return {"description": _WORDS[status] + listed, "content": content} | (
        {"headers": headers} if headers else {}
    )


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    wrong = {
        "type": "object",
        "required": ["code", "zh", "en", "at", "limit", "found"],
        "properties": {name: text for name in ("code", "zh", "en", "at", "limit", "found")},
        "description": "One thing that is wrong: its place, the limit or what was expected, what was found.",
    }
    names = [*("type", "code", "title", "title_zh", "title_en", "detail", "detail_zh", "detail_en")]
    names += ["remedy_zh", "remedy_en", "request"]
    properties: dict[str, Any] = {name: text for name in names}
    properties |= {
        "status": {"type": "integer"},
        "more": {"type": "integer", "description": "How many more things are wrong than are listed."},
        "wrong": {"type": "array", "items": wrong},
    }
    return {
        "type": "object",
        "description": "RFC 9457. `code` is stable: programs read it.",
        "required": sorted(properties),
        "properties": properties,
    }
