"""A request whose form is wrong: everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.http.problem import Problem
from verifier.errors import found_text
from verifier.report import Reason

# By pydantic's name of what is wrong; in braces what the error says of the limit.
_LIMITS = {
    "missing": "必填",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "string_too_long": "至多 {max_length} 字",
    "string_too_short": "至少 {min_length} 字",
    "string_pattern_mismatch": "写法须合 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不小于 {ge}",
    "less_than_equal": "不大于 {le}",
    "too_long": "至多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "literal_error": "可用:{expected}",
    "list_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "json_invalid": "应为 JSON",
}


def problem_of_validation(errors: Sequence[Any]) -> Problem:
    """`errors`: as pydantic lists them. Where a value cannot be sent it is described, not repeated."""
    return Problem(422, "REQUEST_INVALID", tuple(_reason(error) for error in errors))


def _reason(error: Any) -> Reason:
    at = ".".join(str(part) for part in error.get("loc", ()))
    given = error.get("input")
    found = found_text(given) if isinstance(given, str | int | float | bool) else type(given).__name__
    return Reason("REQUEST_INVALID", at, _limit(error), found_text(found, 80))


def _limit(error: Mapping[str, Any]) -> str:
    """In Chinese and English; in English alone where the framework names something else."""
    en = str(error.get("msg", ""))
    zh = _LIMITS.get(str(error.get("type", "")))
    return f"{zh.format_map(error.get('ctx', {}))} · {en}" if zh else en
