"""The demo's story, told in a deployment; what it leaves is verified on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.demo.cast import CAST
from api.demo.drawing import draw_samples, first_version_folder
from api.demo.handins import lay_out
from api.demo.records import read_samples
from api.demo.story import HANDING_OUT, HOUSEHOLD, Samples, chapters, pending_act
from tests.compose.deployment import Deployment
from verifier.command import main as verify


@dataclass(frozen=True)
class Told:
    """The story, told in the deployment: its evidence and trust root are on this machine."""

    case: str
    files: Path
    evidence: Path
    trust: Path


def tell(composed: Deployment, target: Path) -> Told:
    """By the commands that the people of the story type, in the office's container."""
    samples = _drawn(composed.shared)
    intakes = composed.shared / "hand-ins"
    lay_out(samples, intakes)
    for one in CAST:
        composed.type(*one.enrolling())
    for chapter in chapters(samples, intakes):
        for command in chapter.commands:
            composed.type(*command)
    composed.type(*pending_act(intakes))
    await_anchored(composed)
    case = samples.records[HOUSEHOLD - 1].archival_number
    composed.type("trust-root", "-o", "/data/out/trust.json")
    return Told(
        case, *take_evidence(composed, case, target), composed.fetch("/data/out/trust.json", target / "trust")
    )


def _drawn(shared: Path) -> Samples:
    root = shared / "samples"
    records = tuple(read_samples())
    draw_samples(root, lambda *_: None)
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Samples(root, records, root / first_version_folder(records[HOUSEHOLD - 1]))


def take_evidence(composed: Deployment, case: str, target: Path) -> tuple[Path, Path]:
    out = ("-o", "/data/out/case.evidence.json", "--files", "/data/out/files")
    composed.type("evidence", case, *out, *HANDING_OUT)
    files = composed.fetch("/data/out/files", target / "files")
    evidence = composed.fetch("/data/out/case.evidence.json", target / "case.evidence.json")
    composed.engine.docker(
        "exec", composed.office, "rm", "-r", "/data/out/files", "/data/out/case.evidence.json"
    )
    return files, evidence


def verdict(evidence: Path, files: Path, trust: Path) -> int:
    return verify([str(evidence), str(files), "--trust", str(trust)])


def counts(composed: Deployment) -> dict[str, Any]:
    # Its exit code also says whether the worker's last runs were well: just after a failure they were not.
    found: dict[str, Any] = composed.told("status", check=False)["counts"]
    return found


def await_anchored(composed: Deployment) -> None:
    def anchored() -> bool:
        now = counts(composed)
        return now["pending"] == 0 and now["in_flight"] is None

    composed.until("all anchored", anchored)
