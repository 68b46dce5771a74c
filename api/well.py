"""Whether a service is well, for a container's health check: exit code 0 or 1, and why.

python -m api.well worker   by what it noted of itself in the data folder
python -m api.well api      by its own /healthz, on this machine
"""

from __future__ import annotations

import datetime
import sys
import urllib.error
import urllib.request

from api.worker_log import is_alive, read_state
from network.layout import default_home

_HEALTH = "http://127.0.0.1:8600/healthz"
_SECONDS = 4.0


def worker_trouble() -> str:
    state = read_state(default_home())
    if state is None:
        return "never ran here"
    if state.alarm:
        return f"stopped by the alarm {state.alarm}"
    return "" if is_alive(state, datetime.datetime.now(datetime.UTC)) else f"not heard of since {state.heard}"


def api_trouble(url: str = _HEALTH) -> str:
    # A proxy meant for the web must not see this call.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code} {error.read(4096).decode(errors='replace')}"
    except OSError as error:
        return str(error)


def main(arguments: list[str]) -> int:
    asked = {"worker": worker_trouble, "api": api_trouble}
    if len(arguments) != 1 or arguments[0] not in asked:
        print(__doc__, file=sys.stderr)
        return 2
    trouble = asked[arguments[0]]()
    if trouble:
        print(trouble)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
