"""The batch's cap: what the ledger reckons with before it seals is never less than what the chaincode counts."""

from __future__ import annotations

from collections.abc import Callable

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
from tests.differential.test_statements import clear, file, item, item_of_size, listed
from verifier.anchor import encode_anchor
from verifier.item import MAX_ITEM
from verifier.marker import Marker, PreviousAnchor, encode_marker

LARGEST = 2**53 - 1


def reckoned(made: Submission) -> int:
    """As `ledger.examine` and `ledger.pending` do."""
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


def list_of(scene: Scene, target: int, measure: Callable[[Submission], int]) -> tuple[Submission, Submission]:
    """Two lists, by `measure` of just `target` octets and of one octet more."""
    first, second = (measure(listed([_item() for _ in range(n)])(scene.person)) for n in (1, 2))
    items = [_item() for _ in range((target - first) // (second - first))]
    size = _SIZE + target - measure(listed([*items, _item()])(scene.person))
    whole, over = (listed([*items, _item(size + more)])(scene.person) for more in (0, 1))
    assert (measure(whole), measure(over)) == (target, target + 1)
    return whole, over


# So many files that their formats can make the item much smaller and larger.
_SIZE, _FILES = 30_000, 300


def _item(size: int = _SIZE) -> bytes:
    return item_of_size(size, _FILES)


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
    """A list of 39,998 items has 40,000 links; one item more has too many, for both."""
    items = [item() for _ in range(MAX_LINKS - 1)]
    fits, over = listed(items[:-1])(scene.person), listed(items)(scene.person)
    assert by_python(scene, fits) == []
    answer, expected = by_go(scene, judge, [fits])
    assert answer.anchor == encode_anchor(expected).decode()
    assert [reason.code for reason in by_python(scene, over)] == ["LIST_OVER_CAP"]
    assert by_go(scene, judge, [over])[0].code == "BATCH_LINKS"
