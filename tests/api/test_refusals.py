"""Every code with which an organisation can refuse has words; an error names each with its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api.failure import problem_of
from api.refusals import refusal_lines
from ledger.fabric.answers import NO_ANSWER, OTHER_ANSWER
from ledger.fabric.connection import Peer
from ledger.fabric.refusal import Refusal, chain_error, refusal_of

ROOT = Path(__file__).resolve().parents[2]
FOUR = ("QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice")
# Words of peers and orderers, as a real network gave them.
WINDOW = (
    "rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp "
    "2026-11-26T11:28:32Z, peer time 2026-11-26T11:08:32Z, peer.authentication.timewindow 15m0s"
)
DENIED = "error validating proposal: access denied: channel [archive-56193570] creator org [QingheTownship]"
NO_WRITER = (
    "received unsuccessful response from orderer: status=FORBIDDEN, info=implicit policy evaluation failed "
    "- 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be "
    "satisfied: permission denied"
)
EXPIRED = "proposal client identity expired 1m2s ago"


def of_chaincode(code: str, expected: str = "e", found: str = "f") -> str:
    reason = json.dumps(
        {"at": "a", "code": code, "expected": expected, "found": found}, separators=(",", ":")
    )
    return f"chaincode response 500, archive-ledger refusal {reason}"


def refusals(**messages: str) -> list[Refusal]:
    return [refusal_of(Peer(msp, "", "", "127.1.2.3:7051", b""), said) for msp, said in messages.items()]


def test_the_codes_of_the_chaincode_have_words() -> None:
    formats = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    section = formats[formats.index("## 15.") : formats.index("## 16.")]
    english = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (.*) \|$", section, re.MULTILINE))
    table = json.loads((ROOT / "api" / "data" / "refusals.json").read_text(encoding="utf-8"))
    ours = {"CLIENT_DENIED", "REFUSAL_UNREADABLE"}
    assert table.keys() == english.keys() | ours
    assert list(table) == sorted(table)
    assert {code: words["en"] for code, words in table.items() if code not in ours} == english
    assert all(words["zh"] for words in table.values())


RAW: list[tuple[str, str]] = [
    ("UNAVAILABLE: failed to connect to all addresses; last error: Connection refused", "连不上节点"),
    ("DEADLINE_EXCEEDED: Deadline Exceeded", "节点未及时答复"),
    ("no status at all", "节点给出的原因没有中文说明"),
]


@pytest.mark.parametrize(("said", "chinese"), RAW)
def test_what_fabric_says_in_english_is_said_in_chinese_with_its_own_words_below(
    said: str, chinese: str
) -> None:
    [(zh, en)] = refusal_lines(refusals(QingheTownship=said))
    assert zh.split("\n") == [f"QingheTownship:{chinese}", f"      原文:{said}"]
    assert en == f"QingheTownship: {said}"


@pytest.mark.parametrize("said", [NO_ANSWER, OTHER_ANSWER])
def test_our_own_words_are_in_one_language(said: str) -> None:
    [(zh, en)] = refusal_lines(refusals(QingheTownship=said))
    assert f"{zh.split(':')[1]} {en.split(': ')[1]}" == said
    assert not any("a" <= ch <= "z" for ch in zh.split(":")[1])


CLOCK = of_chaincode("CLOCK")
CASES: list[tuple[str, dict[str, str], str]] = [
    ("one clock", {FOUR[0]: CLOCK}, "CHAIN_REFUSED"),
    ("two clocks", dict.fromkeys(FOUR[:2], CLOCK), "CHAIN_REFUSED"),
    ("three clocks: it is ours", dict.fromkeys(FOUR[:3], CLOCK), "OWN_CLOCK"),
    ("Fabric's window", dict.fromkeys(FOUR, WINDOW), "OWN_CLOCK"),
    ("some by the window", {**dict.fromkeys(FOUR[:2], CLOCK), FOUR[3]: WINDOW}, "OWN_CLOCK"),
    ("peers that do not know us", dict.fromkeys(FOUR, DENIED), "CLIENT_DENIED"),
    ("orderers that do not know us", dict.fromkeys(FOUR, NO_WRITER), "CLIENT_DENIED"),
    ("our certificate ran out", dict.fromkeys(FOUR, EXPIRED), "CLIENT_DENIED"),
    ("one peer that does not know us", {FOUR[0]: DENIED, FOUR[1]: NO_ANSWER}, "CHAIN_REFUSED"),
    ("different reasons", {FOUR[0]: CLOCK, FOUR[1]: of_chaincode("BATCH_NUMBER")}, "CHAIN_REFUSED"),
    ("nobody there", dict.fromkeys(FOUR, NO_ANSWER), "CHAIN_UNREACHABLE"),
]


@pytest.mark.parametrize(("name", "messages", "code"), CASES, ids=[c[0] for c in CASES])
def test_what_the_organisations_say_together(name: str, messages: dict[str, str], code: str) -> None:
    error = chain_error(refusals(**messages), len(FOUR))
    assert error.code == code, name
    problem = problem_of(error)
    assert problem is not None
    for text in (problem.zh, problem.en):
        for msp in messages:
            assert msp in text


def test_each_organisation_has_its_line_once() -> None:
    said = refusals(**{FOUR[0]: CLOCK, FOUR[1]: of_chaincode("BATCH_NUMBER", "3", "2")})
    assert refusal_lines([*said, *said]) == [
        (
            "QingheTownship:交易时间与本机构时钟相差超过 5 分钟(应为 e;实为 f)[CLOCK]",
            "QingheTownship: the transaction time is more than 5 minutes from the organisation's clock "
            "(expected e; found f) [CLOCK]",
        ),
        (
            "YunlingArchives:批次号不是紧接上一条上链记录的(应为 3;实为 2)[BATCH_NUMBER]",
            "YunlingArchives: the batch does not have the number after the last anchor's "
            "(expected 3; found 2) [BATCH_NUMBER]",
        ),
    ]
