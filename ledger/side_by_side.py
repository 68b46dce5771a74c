"""Judging many submissions on all processors, and one large list likewise.

Few submissions are judged here: starting other processes costs more than it saves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool

from ledger.examine import Rules
from ledger.examine_items import PART, examine_items
from ledger.judge import Judged, conclude, judge_some, part_of
from ledger.processes import forget_processes, processes
from ledger.submission import Submission

# Submissions and items, of which a process judges some ten thousand a second; two take a second to start.
WORTH_STARTING = 4096
# So many a turn: the processes share the work evenly, and what waits in between stays small.
_TURN = 256


def judge_all(submissions: Sequence[Submission], rules: Rules) -> Iterator[Judged]:
    """`judge_some`, each as soon as it is known."""
    turns = list(_turns(submissions))
    if sum(map(_weight, submissions)) < WORTH_STARTING:
        yield from _judge_here(turns, rules)
        return
    done = 0
    try:
        for answer in [_begin(turn, rules) for turn in turns]:
            for judged in answer():
                yield judged
                done += 1
    except BrokenProcessPool:
        # Judging changes nothing: go on, here.
        forget_processes()
        yield from _judge_here(_turns(submissions[done:]), rules)


def _judge_here(turns: Iterable[Sequence[Submission]], rules: Rules) -> Iterator[Judged]:
    for turn in turns:
        yield from judge_some(turn, rules)


def _begin(turn: Sequence[Submission], rules: Rules) -> Callable[[], list[Judged]]:
    """Has it judged by the other processes; what is returned waits for their answer."""
    if not _is_large(turn[0]):
        return processes().submit(judge_some, turn, rules).result
    (submission,) = turn
    parts = [
        processes().submit(examine_items, *part_of(submission, first), rules.accepted_at)
        for first in range(0, len(submission.items), PART)
    ]
    return lambda: [conclude(submission, rules, [part.result() for part in parts])]


def _weight(submission: Submission) -> int:
    return 1 + len(submission.items)


def _is_large(submission: Submission) -> bool:
    return len(submission.items) > PART


def _turns(submissions: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    """Neighbours together, `_TURN` statements and items or one submission at a time; a large list alone."""
    begin, weight = 0, 0
    for number, submission in enumerate(submissions):
        if _is_large(submission) and begin < number:
            yield submissions[begin:number]
            begin, weight = number, 0
        weight += _weight(submission)
        if weight >= _TURN:
            yield submissions[begin : number + 1]
            begin, weight = number + 1, 0
    if begin < len(submissions):
        yield submissions[begin:]
