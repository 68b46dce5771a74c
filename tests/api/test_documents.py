"""The JSON documents are those that docs/commands.md describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.conftest import CLERK, TAKING, Office

PAGE = Path("docs/commands.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z -]+)` \| (.+) \|$", PAGE, re.MULTILINE))


def top_members(row: str) -> set[str]:
    """The members a row names, without those that it names inside others."""
    outer = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "", row)
    if match := re.match(r"`(\w+)`: ", outer):
        rest = outer[match.end() :].partition(";")[2]
        return {match[1], *re.findall(r"`(\w+)`", rest)}
    return set(re.findall(r"`(\w+)`", outer))


@pytest.fixture
def filled(office: Office, tmp_path: Path) -> Office:
    folder = tmp_path / "in" / "QC03-1_甲"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("a", encoding="utf-8")
    office.ask("intake", tmp_path / "in", *TAKING)
    return office


COMMANDS: dict[str, tuple[str, ...]] = {
    "doctor": ("doctor",),
    "enrol": ("enrol", "--name", CLERK, "--renew"),
    "people": ("people",),
    "intake": ("intake", "{tmp}/in", *TAKING),
    "list": ("list",),
    "list --lists": ("list", "--lists"),
    "show": ("show", "QC03-1"),
    "event": ("event", "classify", "QC03-1", "--as", CLERK, "--field", "category=村级事务"),
    "units": ("units", "--set", "api/data/units.sample.json"),
    "work": ("work", "--as", CLERK),
    "repairs": ("repairs",),
    "volumes": ("volumes",),
    "originals": ("originals",),
    "transfer list": ("transfer", "list"),
    "loan list": ("loan", "list"),
    "events": ("events",),
    "evidence": ("evidence", "QC03-1", "-o", "{tmp}/e.json"),
    "open": (
        *("open", "QC03-1", "a.txt", "--as", CLERK, "--purpose", "核对", "--basis", "own_record"),
        *("-o", "{tmp}/o.txt"),
    ),
    "receipt": ("receipt", "QC03-1"),
    "trust-root": ("trust-root", "-o", "{tmp}/t.json"),
    "status": ("status",),
    "check": ("check",),
    "fixity": ("fixity",),
    "fixity --due": ("fixity", "--due"),
    "audit list": ("audit", "list"),
    "alerts list": ("alerts", "list"),
    "alerts rules": ("alerts", "rules"),
    "backup": ("backup", "{tmp}/backup"),
    "drill": ("drill", "{tmp}/backup", "--offline"),
    "backups": ("backups",),
    "restore": ("restore", "{tmp}/backup", "--home", "{tmp}/restored"),
    "seal": ("seal",),
}


def test_documents_have_the_members_described(filled: Office, tmp_path: Path) -> None:
    for name, arguments in COMMANDS.items():
        answer = filled.ask(*(word.format(tmp=tmp_path) for word in arguments))
        assert set(answer.document) == top_members(ROWS[name]), f"{name}: {answer.error}"


def test_every_command_has_its_row() -> None:
    from api.application import build

    groups = {"network", "ca", "key", "duty", "audit", "alerts", "transfer", "loan", "destroy"}
    names = set(getattr(build(), "commands", {})) - groups
    assert names == {name for name in ROWS if " " not in name}
    unasked = {"init", "anchor", "recover", "serve", "set-aside", "refused"}
    assert unasked == names - {name.split()[0] for name in COMMANDS}
