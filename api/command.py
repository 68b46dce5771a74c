"""`archive-ledger`: runs one command and turns whatever goes wrong into words and an exit code.

Exit codes: 0 done · 1 something in the data is not right · 2 the command was used wrongly ·
3 something it needs is not there (network, ledger, programs, disk) · 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from api.errors import CommandError, Exit
from api.language import LANGUAGES, choose_language, text

_MISSING_EXTRA = (
    "缺少命令行所需的程序包({name})。"
    "请安装:pip install 'archive-ledger[api]'(在项目目录中:pip install '.[api]')。\n"
    "只核验、不记账的人不需要它:直接用 archive-verify。",
    "The command line needs a package that is not installed ({name}). Install it: pip install "
    "'archive-ledger[api]' (inside the project: pip install '.[api]').\n"
    "Whoever only verifies does not need it: use archive-verify.",
)


def main() -> None:
    """Entry point of the program."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code; nothing foreseeable leaves it as an exception."""
    arguments = list(arguments)
    as_json = "--json" in _before_separator(arguments)
    try:
        _choose_language(arguments)
        try:
            return _run(arguments)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in ("api", "ledger", "verifier", "network"):
                raise
            zh, en = (words.format(name=error.name) for words in _MISSING_EXTRA)
            raise CommandError("EXTRA_MISSING", zh, en, Exit.UNAVAILABLE) from error
    except KeyboardInterrupt:
        problem = CommandError(
            "INTERRUPTED",
            "已中断。做完的部分已保存;再执行一次同样的命令即可继续。",
            "Interrupted. What was done is kept; run the same command again to go on.",
            Exit.INTERRUPTED,
        )
    except CommandError as error:
        problem = error
    except Exception as error:
        from api.failure import problem_of

        found = problem_of(error)
        if found is None:
            raise
        problem = found
    _tell(problem, as_json)
    return int(problem.exit)


def _run(arguments: list[str]) -> int:
    from api.application import build
    from api.usage import usage_problem

    try:
        code = build(arguments)(args=arguments, prog_name="archive-ledger", standalone_mode=False)
    except Exception as error:
        problem = usage_problem(error)
        if problem is None:
            raise
        raise problem from None
    if code == Exit.INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else int(Exit.OK)


def _choose_language(arguments: list[str]) -> None:
    asked = _option(arguments, "--lang")
    choose_language(asked)
    if asked is not None and asked not in LANGUAGES:
        raise CommandError(
            "USAGE_VALUE",
            f"--lang 须为 {'、'.join(LANGUAGES)} 之一,现为“{asked}”。",
            f"--lang must be one of {', '.join(LANGUAGES)}; found '{asked}'.",
        )


def _tell(problem: CommandError, as_json: bool) -> None:
    if as_json:
        import json

        error = {"code": problem.code, "zh": problem.zh, "en": problem.en, "exit": int(problem.exit)}
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    sys.stderr.write(f"{text('错误', 'Error')} [{problem.code}] {text(problem.zh, problem.en)}\n")


def _before_separator(arguments: list[str]) -> list[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _option(arguments: list[str], name: str) -> str | None:
    """The last value given to an option, wherever it stands."""
    found = None
    own = _before_separator(arguments)
    for place, word in enumerate(own):
        if word == name and place + 1 < len(own):
            found = own[place + 1]
        elif word.startswith(f"{name}="):
            found = word.partition("=")[2]
    return found
