"""Errors that other parts raise on purpose or that the machine causes, said so that a person can act."""

from __future__ import annotations

import functools
import importlib.resources
import json
import sqlite3
from collections.abc import Iterable, Sequence

from api.errors import CommandError, Exit
from api.facts import in_chinese
from api.named_facts import named_codes
from api.named_subjects import Names
from api.reason_lines import NamesOf, facts_told, grouped, reason_line
from api.refusals import refusal_lines
from api.remedies import remedies
from verifier.errors import ArchiveError, CallerError, ChainError
from verifier.report import Reason

# Refusals that come from what is missing around the ledger, whoever raises them.
_UNAVAILABLE = frozenset(
    [
        "CHANNEL_OTHER",
        "CLIENT_KEY",
        "CONNECTION_MISSING",
        "FILE_READONLY",
        "FILE_SPACE",
        "LEDGER_ABSENT",
        "LOCK_HELD",
        "STORE_BUSY",
        "STORE_EMPTY",
        "STORE_FAILED",
        "STORE_NOT_LASTING",
        "STORE_READONLY",
        "STORE_SERVER",
        "STORE_SPACE",
        "STORE_UNREACHABLE",
    ]
)
# What was written names nothing, or several things: no place in a file, and nothing that it should have been.
# Those it may mean are told with what tells them apart, so none by its name alone.
_LOOKED_UP = frozenset(
    f"{kind}_{how}"
    for kind in ("ALERT", "AUDIT", "LIST", "PERSON", "RECORD", "STATEMENT")
    for how in ("SEVERAL", "UNKNOWN")
)

_REASONS_SHOWN = 20


def no_names(_texts: Iterable[str]) -> Names:
    return {}


def problem_of(error: BaseException, names: NamesOf = no_names) -> CommandError | None:
    """None for what nobody foresaw: that must stay a bug with its traceback.

    `names`: asked for the people, units and records that stand in its facts by uuid.
    """
    from network.errors import NetworkError

    if isinstance(error, CommandError):
        return error
    if isinstance(error, ArchiveError):
        return _of_archive_error(error, names)
    if isinstance(error, NetworkError):
        return CommandError("NETWORK", error.zh, error.en, Exit.UNAVAILABLE)
    if isinstance(error, OSError):
        return _of_system(error)
    return _of_library(error)


def _of_archive_error(error: ArchiveError, names: NamesOf) -> CommandError:
    from ledger.accept import SubmissionsRefusedError
    from ledger.fabric.refusal import RefusedError

    if isinstance(error, RefusedError) and error.refusals:
        return _of_refusals(error.code, error.expected, refusal_lines(error.refusals))
    if isinstance(error, SubmissionsRefusedError):
        return refused([reason for refusal in error.refusals for reason in refusal.reasons], names)
    listed = getattr(error, "reasons", ())
    if listed:
        return _listing(error.code, words_of(error.code), listed, names)
    zh, en = words_of(error.code)
    reason = Reason(error.code, error.at, error.expected, error.found)
    known = {} if error.code in _LOOKED_UP else names([error.at, error.expected, error.found])
    in_zh, in_en = named_codes(reason, known)
    found_zh = [f"{label}{in_chinese(fact)}" for (label, _), fact in _facts(in_zh) if fact]
    found_en = [f"{label}{fact}" for (_, label), fact in _facts(in_en) if fact]
    zh, en = "\n  ".join([zh, *found_zh]), "\n  ".join([en, *found_en])
    if error.code in _UNAVAILABLE or isinstance(error, ChainError):
        return CommandError(error.code, zh, en, Exit.UNAVAILABLE)
    return CommandError(error.code, zh, en, Exit.USAGE if isinstance(error, CallerError) else Exit.DATA)


def _of_refusals(code: str, needed: str, lines: Sequence[tuple[str, str]]) -> CommandError:
    """What each organisation said, one below the other."""
    zh, en = words_of(code)
    shown = lines[:_REASONS_SHOWN]
    if needed.startswith("≥"):
        zh, en = f"{zh}\n  需要:{needed}", f"{en}\n  needed: {needed}"
    return CommandError(
        code,
        "\n  · ".join([zh, *(line for line, _ in shown)]),
        "\n  · ".join([en, *(line for _, line in shown)]),
        Exit.UNAVAILABLE,
    )


def _facts(error: Reason) -> list[tuple[tuple[str, str], str]]:
    """Each with its label in Chinese and in English."""
    if error.code in _LOOKED_UP:
        found_lines = "" if error.found == "0" else error.found.replace("\n", "\n    ")
        return [(("所写:", "given: "), error.at), (("符合的有:", "fitting: "), found_lines)]
    return [
        (("位置:", "at: "), error.at),
        (("应为:", "expected: "), error.expected),
        (("实为:", "found: "), error.found),
    ]


def refused(reasons: Sequence[Reason], names: NamesOf = no_names) -> CommandError:
    """One error for the several reasons why an act cannot be recorded, each with its words and facts."""
    head = ("这一行为不能登记:", "This act cannot be recorded:")
    return _listing("EVENT_REFUSED", head, reasons, names)


def _listing(
    code: str, head: tuple[str, str], reasons: Sequence[Reason], names: NamesOf = no_names
) -> CommandError:
    groups = grouped(reasons)
    shown = groups[:_REASONS_SHOWN]
    known = names(facts_told(shown))
    lines = [reason_line(one, words_of(one.reason.code), known) for one in shown]
    zh, en = [f"  · {line}" for line, _ in lines], [f"  · {line}" for _, line in lines]
    if len(groups) > len(shown):
        zh.append(f"  · 另有 {len(groups) - len(shown)} 种原因")
        en.append(f"  · and {len(groups) - len(shown)} more")
    for remedy in remedies(reasons):
        zh.append(f"  {remedy[0]}")
        en.append(f"  {remedy[1]}")
    return CommandError(
        code,
        "\n".join([head[0], *zh]),
        "\n".join([head[1], *en]),
        Exit.DATA,
    )


def words_of(code: str) -> tuple[str, str]:
    """What a code means, with the remedy; the code itself where no table has it."""
    found = _reasons().get(code)
    return found if found else (f"未列入说明的代码 {code}", f"a code without an explanation: {code}")


@functools.cache
def _reasons() -> dict[str, tuple[str, str]]:
    reasons: dict[str, tuple[str, str]] = {}
    # The later table wins: for who keeps a ledger the remedy is another than for who verifies.
    for package in ("verifier", "api"):
        file = importlib.resources.files(package) / "data" / "reasons.json"
        table = json.loads(file.read_text(encoding="utf-8"))
        reasons |= {code: (words["zh"], words["en"]) for code, words in table.items() if "zh" in words}
    return reasons


def _of_system(error: OSError) -> CommandError:
    named = f"{error.filename}:" if error.filename else ""
    why = error.strerror or str(error)
    return CommandError(
        "SYSTEM",
        f"系统不允许或不能完成:{named}{in_chinese(why)}。请检查路径、权限和剩余空间,再试一次。",
        f"The system could not do it: {named} {why}. Check path, permissions and free space, then try again.",
        Exit.UNAVAILABLE,
    )


def _of_store(why: str) -> CommandError:
    return CommandError(
        "STORE",
        f"数据库不能使用:{why}。若正被占用,请稍后再试;若已损坏,请用 archive-ledger restore 从备份恢复。",
        f"The database cannot be used: {why}. If it is busy, try again later; if it is damaged, "
        "restore a back-up with: archive-ledger restore",
        Exit.UNAVAILABLE,
    )


def _of_library(error: BaseException) -> CommandError | None:
    """Libraries that are loaded only by what uses them: looked at by name, so as not to load them here."""
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    driver = getattr(error, "orig", None) if "sqlalchemy" in modules else error
    if isinstance(driver, sqlite3.Error) or "psycopg" in type(driver).__module__:
        from ledger.store.engine import store_error

        named = store_error(driver)
        if named is not None:
            return _of_archive_error(named, no_names)
    if "sqlalchemy" in modules:
        return _of_store(str(getattr(error, "orig", None) or error).splitlines()[0])
    if "grpc" in modules:
        why = str(getattr(error, "details", lambda: error)() or error)
        return CommandError(
            "CHAIN_UNREACHABLE",
            f"连不上 Fabric 网络。请用 archive-ledger network status 查看。\n  原文:{why}",
            f"The Fabric network cannot be reached: {why}. See: archive-ledger network status",
            Exit.UNAVAILABLE,
        )
    return None
