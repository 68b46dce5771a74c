"""The consortium file: the sample holds, and every mistake in another is named at once, with a remedy."""

from pathlib import Path

import pytest
import yaml

from network.consortium import PACKAGED, Consortium, parse_consortium, read_consortium
from network.errors import ConsortiumError, NetworkError


def sample() -> dict[str, object]:
    tree: dict[str, object] = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    return tree


def parsed(tree: object) -> Consortium:
    return parse_consortium(yaml.safe_dump(tree, allow_unicode=True), "test")


def organisation(msp: str) -> dict[str, object]:
    return {"msp": msp, "name": {"zh": f"{msp}局", "en": msp}, "role": {"zh": "见证", "en": "witness"}}


def mistakes(tree: object) -> list[str]:
    with pytest.raises(ConsortiumError) as caught:
        parsed(tree)
    return [en for _, en in caught.value.problems]


def test_sample_names_the_four_organisations_and_the_ledger() -> None:
    consortium = read_consortium(PACKAGED)
    assert [(one.msp, one.name.zh) for one in consortium.organisations] == [
        ("YunlingArchives", "云岭县档案馆"),
        ("QingheTownship", "青禾镇人民政府"),
        ("YunlingAudit", "云岭县审计局"),
        ("YunlingJustice", "云岭县司法局"),
    ]
    assert [(one.origin, one.operator, one.role) for one in consortium.ledgers] == [
        ("qinghe.yunling.example/archives", "QingheTownship", "ledger")
    ]


@pytest.mark.parametrize("count", [4, 5, 7, 20])
def test_four_to_twenty_organisations(count: int) -> None:
    tree = sample() | {"organisations": [organisation(f"Org{number}") for number in range(count)]}
    tree["ledgers"] = [{"origin": "a.example/x", "operator": "Org0", "role": "ledger"}]
    assert len(parsed(tree).organisations) == count


@pytest.mark.parametrize("count", [0, 1, 3, 21])
def test_too_few_or_too_many_organisations(count: int) -> None:
    tree = sample() | {"organisations": [organisation(f"Org{number}") for number in range(count)]}
    tree["ledgers"] = [{"origin": "a.example/x", "operator": "Org0", "role": "ledger"}]
    assert f"organisations: 4 to 20 are needed, found {count}" in mistakes(tree)


def test_every_mistake_is_reported_at_once() -> None:
    tree = {
        "version": "archive-ledger consortium v2",
        "organisations": [
            {"msp": "1st", "name": {"zh": "甲", "en": "A"}, "role": {"zh": "见证", "en": "x"}},
            {"msp": "B", "name": {"zh": " 乙", "en": "B"}, "role": {"zh": "见证", "en": "x"}, "port": 1},
            {"msp": "b", "name": "丙", "role": {"zh": "见证"}},
            {"msp": 4, "name": {"zh": "丁", "en": "D"}, "role": {"zh": "见证", "en": "x"}},
        ],
        "ledgers": [
            {"origin": "Example", "operator": "Nobody", "role": "client"},
            {"origin": "a.example/x", "operator": "B"},
        ],
        "extra": 1,
    }
    found = mistakes(tree)
    for expected in (
        "version: write",
        "organisations[1].msp: '1st' starts with a letter",
        "organisations[2].name.zh: must be one line of text",
        "organisations[2].port: unknown",
        "organisations[3].name: must be a mapping",
        "organisations[3].role.en: missing",
        "organisations[4].msp: must be one line of text",
        "organisations: msp 'b' appears more than once",
        "ledgers[1].origin: 'Example' must be host/path",
        "ledgers[1].operator: 'Nobody' is not an msp",
        "ledgers[1].role: must be 'ledger'",
        "ledgers[2].role: missing",
        "extra: unknown",
    ):
        assert any(expected in one for one in found), (expected, found)


@pytest.mark.parametrize("text", ["", "- a\n", "just words", "organisations: {}\nledgers: 3\n"])
def test_other_shapes_are_refused_in_words(text: str) -> None:
    with pytest.raises(ConsortiumError) as caught:
        parse_consortium(text, "somewhere.yaml")
    assert "somewhere.yaml" in caught.value.zh
    assert "somewhere.yaml" in caught.value.en


def test_broken_yaml_names_the_line() -> None:
    with pytest.raises(ConsortiumError, match="line 2"):
        parse_consortium("a: 1\n\tb: [", "somewhere.yaml")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"missing\.yaml"):
        read_consortium(tmp_path / "missing.yaml")
    (tmp_path / "gbk.yaml").write_bytes("机构".encode("gbk"))
    with pytest.raises(NetworkError, match="UTF-8"):
        read_consortium(tmp_path / "gbk.yaml")
