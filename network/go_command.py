"""Runs a Go command in a module of this project with the toolchain that `network up` would use.

python -m network.go_command FOLDER ARGUMENT…      for example: chaincode vet ./...
"""

import subprocess
import sys
from pathlib import Path

from network.errors import NetworkError
from network.progress import Step
from network.toolchain import find_toolchain, wanted_version


def _say(step: Step) -> None:
    print(step.zh, file=sys.stderr)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        go = find_toolchain(wanted_version(folder / "go.mod"), _say)
    except (NetworkError, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    run = subprocess.run([go.command, *arguments[1:]], cwd=folder, env=go.environment(), check=False)
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
