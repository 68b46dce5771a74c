"""Check 10: what may be said about time, and the two times between which each entry entered the log.

The organisations refused an anchor more than 5 minutes from their own clocks. So an entry *existed by* the
time of its batch's anchor (+5 min), *entered the log after* the time of the anchor that its batch's marker
names (−5 min), and is *irrevocable by* the attestations' time (+5 min). Between them `recorded_at` is the
ledger's word.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import pairwise

from verifier.anchor import Anchor
from verifier.fabric.attestation import Attested
from verifier.parts import OpenEntry, Parts
from verifier.report import Interval
from verifier.shape import instant_of
from verifier.tally import Tally
from verifier.verify_log import around

# How far an organisation's clock and a transaction's time may be apart: docs/formats.md section 8.
TOLERANCE = datetime.timedelta(minutes=5)


def check_times(
    parts: Parts, anchor: Anchor | None, attested: Attested, now: datetime.datetime | None, tally: Tally
) -> None:
    """The rules:

    1. `recorded_at` never decreases along the log;
    2. the times of the anchors that markers name never decrease, nor does the anchor's own after them;
    3. an entry is recorded no earlier than the anchor that its batch's marker names and no later than its own
       batch's anchor;
    4. no entry is recorded after the anchor's last `recorded_at`, which is not after the anchor, and is that
       of the log's last entry;
    5. attestations are no earlier than the anchor.
    A reader's clock that lags behind these times is noted.
    """
    _check_order(parts, anchor, tally)
    if anchor is None:
        tally.needs("block")
        return
    for opened in parts.entries:
        tally.subjects += 1
        _check_entry(opened, parts, anchor, tally)
    last = anchor.last_recorded_at
    if last is not None and last > anchor.time:
        tally.fail("TIME_ANCHOR", "anchor", f"≤ {anchor.time}", last)
    for msp, time in attested.times.items():
        tally.subjects += 1
        if time < anchor.time:
            tally.fail("TIME_ATTESTATION", f"attestations {msp}", f"≥ {anchor.time}", time)
    latest = max([anchor.time, *attested.times.values()])
    if now is not None and latest > instant_of(now + TOLERANCE):
        tally.note("CLOCK_BEHIND", "", f"≥ {latest}", instant_of(now))


def _check_order(parts: Parts, anchor: Anchor | None, tally: Tally) -> None:
    for first, second in pairwise(parts.entries):
        if second.entry.recorded_at < first.entry.recorded_at:
            tally.fail("TIME_ENTRIES", second.at, f"≥ {first.entry.recorded_at}", second.entry.recorded_at)
    named = [(found.at, found.marker.previous.time) for found in parts.markers if found.marker.previous]
    if anchor is not None:
        named.append(("anchor", anchor.time))
    for (_, before), (at, after) in pairwise(named):
        if after < before:
            tally.fail("TIME_MARKERS", at, f"≥ {before}", after)


def _check_entry(opened: OpenEntry, parts: Parts, anchor: Anchor, tally: Tally) -> None:
    recorded_at, at = opened.entry.recorded_at, opened.at
    span = interval_of(opened, parts, anchor)
    if span is None:
        # The log check says which marker is missing.
        tally.needs("log")
        return
    if span.after is not None and recorded_at < span.after:
        tally.fail("TIME_BEFORE_MARKER", at, f"≥ {span.after}", recorded_at)
    if recorded_at > span.by:
        tally.fail("TIME_AFTER_ANCHOR", at, f"≤ {span.by}", recorded_at)
    last = anchor.last_recorded_at
    if last is None or recorded_at > last:
        tally.fail("TIME_LAST", at, f"≤ {last or '-'}", recorded_at)
    elif opened.entry.index == anchor.size - 1 and recorded_at != last:
        tally.fail("TIME_LAST", at, last, recorded_at)


def interval_of(opened: OpenEntry, parts: Parts, anchor: Anchor) -> Interval | None:
    """Between the anchors around the entry; None if the markers do not say."""
    found = around(opened, parts.markers)
    if found.marker is None:
        return None
    previous = found.marker.marker.previous
    after = previous.time if previous else None
    if found.marker.marker.batch == anchor.batch:
        return Interval(after, anchor.time)
    following = found.following.marker.previous if found.following else None
    return Interval(after, following.time) if following else None


def intervals(parts: Parts, anchor: Anchor | None) -> Mapping[int, Interval]:
    """By entry index."""
    if anchor is None:
        return {}
    spans = ((opened.entry.index, interval_of(opened, parts, anchor)) for opened in parts.entries)
    return {index: span for index, span in spans if span is not None}
