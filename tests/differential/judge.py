"""The chaincode's own reading of docs/formats.md, without a network: its test binary answers questions."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from network.toolchain import find_toolchain, wanted_version

CHAINCODE = Path(__file__).parents[2] / "chaincode"
_PREFIX = "archive-ledger refusal "


@dataclass(frozen=True)
class Answer:
    """`code`: of the refusal, empty if there is none. `anchor`: what a batch would leave."""

    code: str
    at: str
    found: str
    anchor: str


@dataclass(frozen=True)
class Known:
    """What the organisation holds a batch to. `before`: the last anchor's text, empty before batch 0."""

    policy: str
    ledger_id: str
    ledger: str
    before: str
    transaction: str
    time: str


class Judge:
    """One process; a question and an answer are a line of JSON each."""

    def __init__(self, binary: Path) -> None:
        self._process = subprocess.Popen(
            [binary],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"ARCHIVE_TEST_JUDGES": "1", "PATH": ""},
        )

    def close(self) -> None:
        """Raises if the process failed on the way."""
        self._process.communicate()
        assert self._process.returncode == 0

    def reads(self, form: str, text: bytes) -> bool:
        """Whether `text` has the form: json, base64, date, instant, uuid …"""
        return not self._ask({"Do": form, "Text": _base64(text)}).code

    def examine(self, batch: bytes, known: Known) -> Answer:
        question = {
            "Do": "batch",
            "Text": _base64(batch),
            "Policy": known.policy,
            "LedgerID": known.ledger_id,
            "Ledger": known.ledger,
            "Before": known.before,
            "Transaction": known.transaction,
            "Time": known.time,
        }
        return self._ask(question)

    def _ask(self, question: dict[str, str]) -> Answer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if not answer["refusal"]:
            return Answer("", "", "", answer["anchor"])
        assert answer["refusal"].startswith(_PREFIX), answer["refusal"]
        refusal = json.loads(answer["refusal"].removeprefix(_PREFIX))
        return Answer(refusal["code"], refusal["at"], refusal["found"], "")


def build_judge(binary: Path) -> None:
    """Makes the chaincode's test binary from the sources of this checkout."""
    go = find_toolchain(wanted_version(CHAINCODE / "go.mod"), lambda _step: None)
    made = binary.with_suffix(".new")
    command = [go.command, "test", "-c", "-o", str(made), "."]
    subprocess.run(command, cwd=CHAINCODE, env=go.environment(), check=True)
    made.rename(binary)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
