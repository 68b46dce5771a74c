"""`archive-verify` as a process: bad input never ends in a traceback, nor in an exit code that says more."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verifier.forge_evidence import EXTRA, FORM, MAP, good
from tests.verifier.test_report_json import SCHEMA, faults
from verifier import command_run
from verifier.command import main
from verifier.command_input import InputError, read_table
from verifier.command_run import language_of, parse_request
from verifier.digests import both

LIMIT = 600


def run(*words: str | Path, lang: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    environment |= {"LANG": lang} if lang else {}
    command = [sys.executable, "-m", "verifier.command", *map(str, words)]
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
        env=environment,
        check=False,
        cwd=Path(__file__).parents[2],
    )


def cannot(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a run that must have checked nothing."""
    assert done.returncode == 3, done
    assert "Traceback" not in done.stderr
    # The page as paragraphs: a folded line goes on four or more columns in.
    return re.sub(r"\n +(?! *\d+\. )", "", done.stdout)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "卷.evidence.json"
    path.write_text("{}")
    return path


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "县.trust.json"
    path.write_text("{}")
    return path


def test_no_arguments_says_so_in_both_languages() -> None:
    done = run()
    cannot(done)
    assert "没有给出核验文件" in done.stderr
    assert "No evidence file was named" in done.stderr


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["--fast", "x"], "不认识的参数 --fast", "Unknown option --fast"),
        (["x", "--tru", "y"], "不认识的参数 --tru", "Unknown option --tru"),
        (["x", "--lang", "fr"], "--lang 只能是 zh 或 en", "--lang must be zh or en"),
        (["x", "--trust"], "参数有误", "The command line is wrong"),
        (["x", "--json=1"], "参数有误", "The command line is wrong"),
        (["--trust", "y"], "没有给出核验文件", "No evidence file"),
    ],
)
def test_a_wrong_command_line_is_not_incomplete(words: list[str], zh: str, en: str) -> None:
    done = run(*words)
    assert cannot(done) == ""
    assert zh in done.stderr
    assert en in done.stderr


def test_help_in_both_languages() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "用法:archive-verify" in done.stdout
    assert "Usage: archive-verify" in done.stdout
    assert all(len(line.encode("gb18030")) <= 80 for line in done.stdout.splitlines())


def test_without_a_trust_root_nothing_is_checked(evidence: Path, trust: Path) -> None:
    """A trust root that lies beside the evidence is not looked for."""
    text = cannot(run(evidence))
    assert text.startswith("核验结论:无法核验(不等于真,也不等于假)\n")
    assert "没有做任何比对" in text
    assert "不能用送交材料一方附带的" in text
    assert text.count(":未检查") == 11


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _empty(path: Path) -> None:
    path.touch()


def _huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(32 * 2**20 + 1)


def _gone(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def _nothing(path: Path) -> None:
    assert not path.exists()


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("one.evidence.json", "{}")


BAD = {
    "INPUT_ZIP": _zip,
    "INPUT_FOLDER": _folder,
    "INPUT_NOT_FILE": _pipe,
    "INPUT_EMPTY": _empty,
    "INPUT_TOO_LARGE": _huge,
    "INPUT_MISSING": _nothing,
}


@pytest.mark.parametrize("code", BAD)
@pytest.mark.parametrize("role", ["evidence", "trust", "receipt"])
def test_inputs_that_are_no_ordinary_files(
    code: str, role: str, evidence: Path, trust: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "坏的"
    make: Callable[[Path], None] = BAD[code]
    make(bad)
    words: dict[str, list[str | Path]] = {
        "evidence": [bad, "--trust", trust],
        "trust": [evidence, "--trust", bad],
        "receipt": [evidence, "--trust", trust, "--receipt", bad],
    }
    if role == "evidence":
        text = cannot(run(*words[role]))
        assert f"〔{code}〕" in text
        assert "坏的" in text
        return
    report = json.loads(run(*words[role], "--json").stdout)
    assert report["verdict"] == "cannot check"
    assert report["reasons"][0]["code"] == code
    assert report["reasons"][0]["at"] == str(bad)


@pytest.mark.parametrize("make", [_pipe, _nothing, _gone])
def test_files_to_compare_that_cannot_be_read(
    make: Callable[[Path], None], evidence: Path, trust: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "坏的"
    make(bad)
    assert "坏的" in cannot(run(evidence, bad, "--trust", trust))


def test_an_empty_folder_and_a_receipt_that_is_no_text(evidence: Path, trust: Path, tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()
    assert "〔INPUT_NO_FILES〕" in cannot(run(evidence, tmp_path / "空", "--trust", trust))
    (tmp_path / "回执").write_bytes(b"\xff\xfe")
    receipt = tmp_path / "回执"
    assert "〔INPUT_NOT_TEXT〕" in cannot(run(evidence, "--trust", trust, "--receipt", receipt))


def test_unreadable(evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a failing read: whoever runs the tests may be allowed to read everything."""

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(InputError) as caught:
        read_table([evidence], [])
    assert caught.value.reason.code == "INPUT_UNREADABLE"
    assert caught.value.reason.found == "Permission denied"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\x00" * 100,
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"version":"archive-ledger evidence v9"}',
        b"%PDF-1.7",
    ],
)
def test_evidence_and_trust_roots_that_are_none(content: bytes, trust: Path, tmp_path: Path) -> None:
    bad = tmp_path / "x.json"
    bad.write_bytes(content)
    for given in (trust, bad):
        text = cannot(run(bad, "--trust", given, "--lang", "en"))
        assert text.startswith("Verdict: cannot be checked")
        assert "UNREADABLE" in text


def test_languages(evidence: Path) -> None:
    assert run(evidence, lang="en_GB.UTF-8").stdout.startswith("Verdict")
    assert run(evidence, lang="C").stdout.startswith("核验结论")
    assert run(evidence, "--lang", "zh", lang="en_GB.UTF-8").stdout.startswith("核验结论")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "POSIX"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "fr_FR"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "zh_CN", "LC_MESSAGES": "en_US"}, "zh"),
    ],
)
def test_the_locale_decides(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_options_may_stand_between_files() -> None:
    request = parse_request(["e", "--trust", "t", "a", "--json", "b"], {})
    assert (request.evidence, request.files, request.trust) == (Path("e"), (Path("a"), Path("b")), Path("t"))
    assert request.as_json


def test_a_legacy_encoding_of_the_output_does_no_harm(evidence: Path) -> None:
    command = [sys.executable, "-m", "verifier.command", str(evidence)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C"}
    done = subprocess.run(
        command,
        capture_output=True,
        env=environment,
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=LIMIT,
    )
    assert done.returncode == 3
    assert done.stdout.decode("utf-8").startswith("核验结论")


def test_a_name_that_is_not_text_is_printed_escaped(trust: Path, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe\n\x1b[2J"
    text = cannot(run(os.fsdecode(name), "--trust", trust))
    assert "〈U+DCFF〉" in text
    assert "\x1b" not in text


def test_a_closed_pipe_is_no_error(evidence: Path) -> None:
    command = f'"{sys.executable}" -m verifier.command "{evidence}" | head -c 1 >/dev/null; exit 0'
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=LIMIT,
        encoding="utf-8",
    )
    assert done.stderr == ""


def test_a_closed_pipe_keeps_the_verdict(story: Path) -> None:
    words = [str(story / "x.evidence.json"), str(story / "files"), "--trust", str(story / "x.trust.json")]
    with subprocess.Popen(
        [sys.executable, "-m", "verifier.command", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(LIMIT) == 0


def test_a_crash_is_no_verdict(
    evidence: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Python's own exit code for a crash is 1, "inconsistent"."""

    def crash(*_: object) -> None:
        raise AssertionError("a fault\x1b of ours")

    monkeypatch.setattr(command_run, "verify", crash)
    assert main([str(evidence)]) == 3
    said = capfdbinary.readouterr().err.decode()
    assert "没有得出核验结论" in said
    assert "AssertionError" in said
    assert "\x1b" not in said


def test_a_missing_library_is_no_verdict(evidence: Path) -> None:
    """As when the folder is copied to a computer without `cryptography`."""
    code = (
        "import sys; sys.modules['cryptography'] = None;"
        "from verifier.command import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(evidence)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=LIMIT,
    )
    assert done.returncode == 3
    assert "缺少所需的程序库" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_said(evidence: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.fail("this test needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "verifier.command", str(evidence)],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
            cwd=Path(__file__).parents[2],
            timeout=LIMIT,
        )
    assert done.returncode == 3
    assert "核验结果写不出去" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A folder with good evidence, its trust root, and the record's three files in `files`."""
    forged = good()
    (tmp_path / "x.evidence.json").write_bytes(forged.octets)
    (tmp_path / "x.trust.json").write_bytes(forged.trust_octets)
    (tmp_path / "files").mkdir()
    for file in (FORM, MAP, EXTRA):
        (tmp_path / "files" / file.name).write_bytes(file.content)
    return tmp_path


def verdict_of(folder: Path, *files: Path) -> tuple[int, str]:
    done = run(folder / "x.evidence.json", *files, "--trust", folder / "x.trust.json")
    return done.returncode, done.stdout.partition("\n")[0]


def test_each_verdict_has_its_exit_code(story: Path) -> None:
    assert verdict_of(story, story / "files") == (0, "核验结论:一致(纸质原件扫描件)")
    assert verdict_of(story) == (2, "核验结论:依据不全")
    (story / "files" / FORM.name).write_bytes(b"touched")
    assert verdict_of(story, story / "files") == (1, "核验结论:不一致")
    evidence = story / "x.evidence.json"
    evidence.write_bytes(
        evidence.read_bytes().replace(b"archive-ledger entry v1", b"archive-ledger entry v2", 1)
    )
    code, line = verdict_of(story, story / "files")
    assert (code, line) == (3, "核验结论:无法核验(不等于真,也不等于假)")


def test_the_report_of_a_real_check_has_the_structure(story: Path) -> None:
    evidence, trust = story / "x.evidence.json", story / "x.trust.json"
    done = run(evidence, story / "files", "--trust", trust, "--json")
    report = json.loads(done.stdout)
    assert faults(report, SCHEMA) == []
    assert report["verdict"] == "consistent"
    assert [file["status"] for file in report["files"]] == ["same"] * 3


def test_a_folder_is_every_file_in_it_and_nothing_outside(tmp_path: Path) -> None:
    folder = tmp_path / "材料"
    (folder / "附件").mkdir(parents=True)
    (folder / "b.pdf").write_bytes(b"b")
    (folder / "附件" / "a.pdf").write_bytes(b"a" * 300_000)
    (folder / "附件" / "b.pdf").write_bytes(b"other")
    evidence = folder / "x.evidence.json"
    evidence.write_bytes(b"{}")
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "s").write_bytes(b"s")
    (folder / "link").symlink_to(outside)
    (folder / "link.pdf").symlink_to(outside / "s")
    (folder / ".DS_Store").touch()
    (folder / "Thumbs.db").touch()
    os.mkfifo(folder / "pipe")
    table = read_table([folder], [evidence])
    named = {file.name: file for file in table.files}
    assert set(named) == {str(folder / "b.pdf"), "a.pdf", str(folder / "附件" / "b.pdf")}
    assert named["a.pdf"].digests == both(b"a" * 300_000)
    assert named["a.pdf"].size == 300_000
    left_out = {Path(path).name for path in table.left_out}
    assert left_out == {"link", "link.pdf", ".DS_Store", "Thumbs.db", "pipe", "x.evidence.json"}


def test_what_is_left_out_of_a_folder_is_said(evidence: Path, trust: Path, tmp_path: Path) -> None:
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    (folder / ".hidden").touch()
    done = run(evidence, folder, "--trust", trust)
    cannot(done)
    assert ".hidden" in done.stderr


def test_a_file_named_by_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "to_a").symlink_to(tmp_path / "a")
    (file,) = read_table([tmp_path / "to_a"], []).files
    assert file.digests == both(b"a")


def started(code: str, *words: Path) -> tuple[float, int]:
    """Processor time that it took, and modules that it loaded."""
    told = "import os, sys; print(sum(os.times()[:2]), len(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {told}", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=LIMIT,
    )
    seconds, modules = done.stderr.split()[-2:]
    return float(seconds), int(modules)


def test_it_starts_fast(evidence: Path) -> None:
    """As fast as the machine: held against Python with what cryptography itself needs, in processor time."""
    least = min(started("from cryptography import x509") for _ in range(3))
    seconds, modules = min(
        started("import sys; from verifier.command import main; main(sys.argv[1:])", evidence)
        for _ in range(3)
    )
    assert seconds < 12 * least[0]
    assert modules < least[1] + 200
