"""Work that grows with the product of two numbers the adversary chooses: there must be none."""

from __future__ import annotations

import copy
import time

import pytest

from tests.verifier.forge_evidence import CURRENT, Object, given, good
from tests.verifier.forge_people import File, canonical
from verifier.digests import Digests, sha256, sm3
from verifier.disclosure import FileDigests
from verifier.report import CheckName, FileStatus, Verdict
from verifier.tally import Tally
from verifier.verify import verify
from verifier.verify_files import GivenFile, KnownFile, RecordFiles, check_files

# Of the processor. The product would take hours, the sum less than a second.
SECONDS = 30.0


def _content(number: int) -> FileDigests:
    octets = str(number).encode()
    return FileDigests(Digests(sha256(octets), sm3(octets)), len(octets))


def _known(number: int) -> KnownFile:
    return KnownFile("record", f"{number}", "both", "scan", _content(number), 1, None)


@pytest.mark.parametrize("first", [0, 20_000], ids=["all the same", "none the same"])
def test_twenty_thousand_files_against_as_many(first: int) -> None:
    numbers = range(first, first + 20_000)
    files = [GivenFile(f"{n}", _content(n).digests, _content(n).size) for n in numbers]
    old = tuple(_known(-n) for n in range(1, 20_001))
    record = RecordFiles("record", 1, tuple(_known(n) for n in range(20_000)), old)
    began = time.process_time()
    found = check_files(files, [record], Tally(CheckName.FILE))
    assert time.process_time() - began < SECONDS
    assert {result.status for result in found[:20_000]} == {
        FileStatus.DIFFERENT if first else FileStatus.SAME
    }


def test_a_list_of_five_thousand_items_with_their_entries() -> None:
    """Junk that nobody had to sign: each entry names an item."""
    evidence = copy.deepcopy(good().evidence)
    listing = evidence["statements"][good().place("list")]
    listing["items"] = [{**listing["items"][0], "number": n} for n in range(5_000)]
    entry = next(e for e in evidence["entries"] if e["text"].split("\n")[4] != "-")
    evidence["entries"] = [_numbered(entry, n) for n in range(5_000)]
    began = time.process_time()
    report = verify(canonical(evidence), good().trust_octets, CURRENT)
    assert time.process_time() - began < SECONDS
    assert report.verdict is Verdict.CANNOT_CHECK


def _numbered(entry: Object, number: int) -> Object:
    lines = entry["text"].split("\n")
    lines[1] = str(number)
    lines[4] = f"{number} {lines[4].partition(' ')[2]}"
    return {**entry, "text": "\n".join(lines)}


def test_a_file_of_no_octets() -> None:
    """It has digests like any other, and is compared like any other."""
    empty = given(File("empty.png", b""))
    report = verify(good().octets, good().trust_octets, (*CURRENT, empty))
    assert report.verdict is Verdict.INCONSISTENT
    assert [file.given for file in report.files if file.status is FileStatus.DIFFERENT] == ["empty.png"]


def test_a_file_given_twice_stands_for_no_other() -> None:
    report = verify(good().octets, good().trust_octets, (CURRENT[0], CURRENT[0], CURRENT[0]))
    assert [file.status for file in report.files[3:]] == [FileStatus.NOT_GIVEN, FileStatus.NOT_GIVEN]
