"""`archive-verify`: checks one evidence file on this computer, without any network.

The exit code is the verdict: 0 consistent, 1 inconsistent, 2 incomplete, 3 cannot check. Python itself ends a
program that crashed with 1, which here would say "inconsistent", so whatever goes wrong ends in 3, a missing
library included.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

_CANNOT_CHECK = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from verifier.command_run import run

        return run(words)
    except KeyboardInterrupt:
        return _no_verdict("已中断", "interrupted")
    except ImportError as error:
        return _no_verdict(
            f"缺少所需的程序库({error.name}),请重新安装 archive-ledger",
            f"a library is missing ({error.name}); install archive-ledger again",
        )
    except Exception as error:  # noqa: BLE001 - see above: a crash must not say "inconsistent"
        fault = f"{type(error).__name__}: {error}"
        return _no_verdict(
            f"核验程序自身出错({fault!a}),请把这一行和所用文件交给程序维护者",
            f"a fault in this program ({fault!a}); send this line and the files to its maintainers",
        )


def _no_verdict(zh: str, en: str) -> int:
    """Written without the texts in `data`, which may be what is missing."""
    message = f"没有得出核验结论:{zh}。\nThere is no verdict: {en}.\n"
    stream = getattr(sys.stderr, "buffer", None)
    if stream is not None:
        stream.write(message.encode("utf-8"))
        stream.flush()
    else:
        sys.stderr.write(message)
    return _CANNOT_CHECK


if __name__ == "__main__":
    sys.exit(main())
