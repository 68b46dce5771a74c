"""Judging many submissions on all processors.

Python runs one thread at a time and `cryptography` keeps that lock while it verifies, so processes it is.
Few submissions are judged here: starting others costs more than it saves.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ledger.examine import Rules
from ledger.examined import Judged, judge
from ledger.submission import Submission

# Submissions and items, of which a process judges some ten thousand a second; two take a second to start.
WORTH_STARTING = 4096
# So many a turn: the processes share the work evenly, and what waits in between stays small.
_TURN = 256


def judge_all(submissions: Sequence[Submission], rules: Rules) -> list[Judged]:
    """`judge` of each, in order."""
    turns = list(_turns(submissions))
    if sum(map(_weight, submissions)) < WORTH_STARTING or len(turns) < 2:
        return _judge_some(submissions, rules)
    try:
        answers = list(_processes().map(functools.partial(_judge_some, rules=rules), turns))
    except BrokenProcessPool:
        # One was killed, by a lack of memory most likely. Judging changes nothing: begin again, here.
        _processes.cache_clear()
        return _judge_some(submissions, rules)
    return [judged for answer in answers for judged in answer]


def _judge_some(submissions: Sequence[Submission], rules: Rules) -> list[Judged]:
    return [judge(submission, rules) for submission in submissions]


def _weight(submission: Submission) -> int:
    return 1 + len(submission.items)


def _turns(submissions: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    """Neighbours together, `_TURN` statements and items or one submission at a time."""
    begin, weight = 0, 0
    for number, submission in enumerate(submissions):
        weight += _weight(submission)
        if weight >= _TURN:
            yield submissions[begin : number + 1]
            begin, weight = number + 1, 0
    if begin < len(submissions):
        yield submissions[begin:]


@functools.cache
def _processes() -> ProcessPoolExecutor:
    # Not forked: this process may have threads, and gRPC's among them.
    return ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))
