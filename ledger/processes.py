"""The other processes that judge beside this one: started with the first large work, and kept.

Python runs one thread at a time and `cryptography` keeps that lock while it verifies, so processes it is.
"""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

# Objects made, and not yet let go, before a process looks for cycles among them: several turns' worth.
# Judging leaves hardly any, and the search would take a fifth of its time.
_UNTIL_SEARCH = 100_000


@functools.cache
def processes() -> ProcessPoolExecutor:
    """As many as there are processors."""
    # Not forked: this process may have threads, and gRPC's among them.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(os.cpu_count(), context, gc.set_threshold, (_UNTIL_SEARCH,))


def forget_processes() -> None:
    """One was killed, by a lack of memory most likely: none of them is of use any more. The next large work
    starts others."""
    processes.cache_clear()
