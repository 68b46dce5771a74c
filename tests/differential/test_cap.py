"""The batch's cap: what the ledger reckons with before it seals is never less than the chaincode counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ledger.batch import (
    FRAME_OCTETS,
    LINK_OCTETS,
    MAX_BATCH,
    MAX_LINKS,
    Frontier,
    certificate_octets,
    encode_batch,
    statement_octets,
)
from ledger.submission import Submission
from tests.differential.forge_statement import DIGESTS, Make, clear, file, item, item_of_size, listed
from tests.differential.judge import Judge
from tests.differential.scene import (
    LEDGER,
    Scene,
    by_go,
    by_python,
    forge_batch,
    item_trails,
    statement_trails,
)
from verifier.anchor import encode_anchor
from verifier.item import MAX_ITEM
from verifier.marker import Marker, PreviousAnchor, encode_marker

LARGEST = 2**53 - 1


def reckoned(made: Submission) -> int:
    """As `ledger.judge` and `ledger.pending` do."""
    links = len(statement_trails(made.statement)) + sum(len(item_trails(one.data)) for one in made.items)
    octets = statement_octets(made.statement, [part.data for part in made.items])
    return FRAME_OCTETS + octets + links * LINK_OCTETS + certificate_octets(made.certificate)


def test_the_frame_at_its_largest() -> None:
    """A batch of nothing in the longest log that there can be."""
    hashes = (bytes(32),) * LARGEST.bit_count()
    before = PreviousAnchor(bytes(32), "2026-01-12T09:30:00.000Z", bytes(32))
    marker = encode_marker(Marker(LARGEST, LEDGER, LARGEST, before))
    data = encode_batch(LEDGER, LARGEST, marker, Frontier(LARGEST, hashes, hashes), [], [], [])
    assert len(data) <= FRAME_OCTETS


def test_a_link_at_its_longest() -> None:
    assert len(f'"{LARGEST} {"0" * 64}",') == LINK_OCTETS


def test_a_statement_takes_what_was_reckoned(scene: Scene) -> None:
    """To the octet, but for the links, which may be short, and the frame."""
    empty, _ = forge_batch(scene, [])
    for items in (
        [item()],
        [item(files=[clear()]), item(files=[file(format="a/b+c")])],
        [item_of_size(MAX_ITEM)],
    ):
        made = listed(items)(scene.person)
        batch, _ = forge_batch(scene, [made])
        links = 2 + sum(2 if b"sha256" in one else 1 for one in items)
        short = links * (LINK_OCTETS - len('"0 -",'))
        # The last element of each array has no comma: certificates, links, statements, items.
        assert reckoned(made) - FRAME_OCTETS == len(batch) - len(empty) + short + 4


_ANSWERS = [f"{number:064x}" for number in range(64)]


def viewing(items: Sequence[bytes]) -> Make:
    """A list that the catalogue, too, takes: then nothing hides what is wrong with its size."""
    said: dict[str, Any] = {"basis": "open", "_sd": DIGESTS[:2], "fields": ["agent_name", "purpose"]}
    return listed(items, event="access.view", **said)


def list_of(scene: Scene, target: int, measure: Callable[[Submission], int]) -> tuple[Submission, Submission]:
    """Two lists, by `measure` of just `target` octets and of one octet more."""

    def of(*items: bytes) -> Submission:
        return viewing(items)(scene.person)

    items = [item(answers=_ANSWERS) for _ in range(2)]
    first, second = measure(of(items[0])), measure(of(*items))
    # In place of some items comes one that can be of any size within a wide range.
    items += [item(answers=_ANSWERS) for _ in range((target - first) // (second - first) - 9)]
    size = 24_000
    size += target - measure(of(*items, item_of_size(size, files=300)))
    whole, over = (of(*items, item_of_size(octets, files=300)) for octets in (size, size + 1))
    assert (measure(whole), measure(over)) == (target, target + 1)
    return whole, over


def test_a_list_that_just_fits(scene: Scene, judge: Judge) -> None:
    """Reckoned at the cap it is accepted, at one octet more it is not. The chaincode takes it."""
    fits, over = list_of(scene, MAX_BATCH, reckoned)
    assert by_python(scene, fits) == []
    answer, expected = by_go(scene, judge, [fits])
    assert answer.anchor == encode_anchor(expected).decode()
    assert [reason.code for reason in by_python(scene, over)] == ["LIST_OVER_CAP"]


def test_octets(scene: Scene, judge: Judge) -> None:
    """8,388,608 octets are a batch, one more are not."""
    fits, over = list_of(scene, MAX_BATCH, lambda made: len(forge_batch(scene, [made])[0]))
    answer, expected = by_go(scene, judge, [fits])
    assert answer.anchor == encode_anchor(expected).decode()
    assert by_go(scene, judge, [over])[0].code == "BATCH_SIZE"


def test_links(scene: Scene, judge: Judge) -> None:
    """The longest list that can be: 39,998 items with 40,000 links."""
    made = viewing([item() for _ in range(MAX_LINKS - 2)])(scene.person)
    answer, expected = by_go(scene, judge, [made])
    assert answer.anchor == encode_anchor(expected).decode()
    assert by_python(scene, made) == []
