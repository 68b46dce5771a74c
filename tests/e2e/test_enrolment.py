"""On a real network: keys enrolled by two organisations, used, revoked; and what evidence says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.registrars import two_registrars
from ledger.accept import SubmissionsRefusedError
from ledger.enrol_key import KeyChange, state_key
from tests.conftest import RunningNetwork
from tests.e2e.world import make_world
from verifier.certificate import read_signer
from verifier.people import REVOKE
from verifier.report import Verdict

FILES = {"契约.txt": b"a deed"}


def test_a_key_is_enrolled_used_and_revoked(network_home: RunningNetwork, tmp_path: Path) -> None:
    world = make_world(network_home, tmp_path / "home")
    try:
        record = world.receive("土地承包户档", FILES)
        world.anchor_all()
        before = world.evidence(record)
        report = world.verify(before.data, FILES)
        assert report.verdict is Verdict.CONSISTENT, report.reasons
        (key,) = report.keys
        assert (key.certified_by, key.enrolled_by[0], key.revoked_at) == ("QingheTownship",) * 2 + (None,)
        assert key.enrolled_by[1] != "QingheTownship"

        signing = world.people["王五"]
        change = KeyChange(
            REVOKE,
            signing.agent,
            read_signer(signing.certificate_der).key_sha256,
            "compromised",
            "2026-01-01",
        )
        registrars = two_registrars(network_home.home, signing.iss)
        assert registrars is not None
        counted = [state_key(world.ledger, one, "登记员", change)[1] for one in registrars]
        assert counted == [False, True]
        with pytest.raises(SubmissionsRefusedError) as refused:
            world.receive("另一份", {})
        assert [reason.code for reason in refused.value.refusals[0].reasons] == ["KEY_REVOKED"]
        world.anchor_all()

        # What was signed before stands, with a caution; and evidence from before is as good as it was.
        after = world.verify(world.evidence(record).data, FILES)
        assert after.verdict is Verdict.CONSISTENT, after.reasons
        assert "KEY_IN_DOUBT" in [reason.code for reason in after.reasons]
        assert after.keys[0].reason == "compromised"
        assert world.verify(before.data, FILES).verdict is Verdict.CONSISTENT
    finally:
        world.close()
