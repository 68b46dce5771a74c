"""The JSON report has exactly the structure that docs/report.schema.json states."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.sample_reports import CASES, consistent
from verifier.report import ReceiptResult
from verifier.report_json import report_text

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8")
)
_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int}
_KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "items", "enum"),
    *("additionalProperties", "const", "anyOf", "pattern", "minimum", "minItems", "maxItems"),
}


def faults(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Where `value` departs from `schema`: the part of JSON Schema that ours uses, no more."""
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
    if "anyOf" in schema:
        return [] if any(not faults(value, option, at) for option in schema["anyOf"]) else [f"{at}: anyOf"]
    found = []
    kind = _TYPES[schema["type"]] if "type" in schema else object
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return [f"{at}: type"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: const")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: enum")
    if "pattern" in schema and not re.search(schema["pattern"], str(value)):
        found.append(f"{at}: pattern")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: minimum")
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{at}: length")
        for number, item in enumerate(value):
            found += faults(item, schema["items"], f"{at}[{number}]")
    if isinstance(value, dict):
        found += _member_faults(value, schema, at)
    return found


def _member_faults(value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
    known: dict[str, Any] = schema.get("properties", {})
    found = [f"{at}.{name}: missing" for name in schema.get("required", ()) if name not in value]
    for name, member in value.items():
        if name in known:
            found += faults(member, known[name], f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            found.append(f"{at}.{name}: unknown")
        elif isinstance(schema.get("additionalProperties"), dict):
            found += faults(member, schema["additionalProperties"], f"{at}.{name}")
    return found


@pytest.mark.parametrize("name", CASES)
def test_sample_reports_have_the_structure(name: str) -> None:
    assert faults(json.loads(report_text(CASES[name]())), SCHEMA) == []


def test_a_receipt_has_the_structure() -> None:
    receipt = ReceiptResult(
        "c" * 64, "2026-01-08T01:00:00.000Z", "2026-01-08T02:00:00.000Z", known=True, logged=False
    )
    value = json.loads(report_text(replace(consistent(), receipt=receipt)))
    assert faults(value, SCHEMA) == []
    assert value["receipt"]["logged"] is False


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("verdict",), "fine"),
        (("exit_code",), 4),
        (("checks",), []),
        (("anchor", "time"), "2026-01-08"),
        (("records", 0, "steps", 0, "index"), -1),
        (("witnesses", 0, "attested"), 1),
        (("extra",), "x"),
        (("records", 0, "steps", 0, "disclosed", "title"), 7),
    ],
)
def test_the_check_itself_can_fail(path: tuple[str | int, ...], wrong: object) -> None:
    value = copy.deepcopy(json.loads(report_text(consistent())))
    place = value
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = wrong
    assert faults(value, SCHEMA)


def test_values_reach_the_program_unchanged_and_the_terminal_escaped() -> None:
    nasty = "卷\u202e一\x1b[2J\u2028\ud800𠮷"
    report = consistent()
    text = report_text(replace(report, origin=nasty))
    assert json.loads(text)["trust"]["origin"] == nasty
    assert not any(ch in text for ch in "\u202e\x1b\u2028\ud800")
    assert "𠮷" in text
    text.encode("utf-8")


def test_words_stand_beside_codes() -> None:
    value = json.loads(report_text(CASES["does_not_hold"]()))
    signature = value["checks"][1]["reasons"][0]
    assert signature["code"] == "STATEMENT_SIGNATURE"
    assert signature["kind"] == "failed"
    assert "签名" in signature["zh"]
    assert "signature" in signature["en"]
