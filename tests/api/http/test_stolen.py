"""What a thief can do with what was stolen, and what not: lines of docs/threat-model.md."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import insert

from api.client import Client, RefusedError
from api.errors import CommandError
from api.http.service import take
from api.service_key import service_key
from ledger.accept import SubmissionsRefusedError
from ledger.sign import Draft, sign_octets, sign_statement
from ledger.store.engine import writing
from ledger.store.tables import session
from tests.api.asking import asker
from tests.api.http.house import PASSPHRASE, TITLE, House, appoint, open_house, problem_of, receive, revoke
from verifier.canonical import base64_text, base64url_text
from verifier.digests import sha256


def test_the_services_key_signs_nobody_in_and_states_no_persons_act(house: House) -> None:
    key = house.service.key
    with Client(house.url, key) as thief:
        with pytest.raises(RefusedError) as refused:
            thief.sign_in()
        assert refused.value.code == "SIGN_IN_ROLE"
    # Handed in by somebody who is signed in, or past the interface: the catalogue says who states what.
    with house.client() as accomplice:
        appoint(house, accomplice, "township_archivist")
        accomplice.sign_in()
        draft = Draft("receive", "2026-01-08", record=receive()["record"], fields=TITLE, late="offline")
        forged = sign_statement(key, house.ledger.origin, draft)
        asked = {
            "statement": forged.statement.decode(),
            "certificate": base64_text(key.certificate_der),
            "disclosures": list(forged.disclosures),
        }
        with pytest.raises(RefusedError) as refused:
            accomplice.submit(asked)
        assert refused.value.code == "SUBMITTER_OTHER"
    with pytest.raises(SubmissionsRefusedError) as denied:
        take(house.service, [forged])
    assert "EVENT_ROLE" in {reason.code for reason in denied.value.refusals[0].reasons}


def test_who_writes_the_database_reads_as_anybody_and_signs_as_nobody(house: House) -> None:
    """A session put into the store by hand: it opens what its person may open, and that is all."""
    token = base64url_text(secrets.token_bytes(32))
    with house.client() as victim, house.client() as thief:
        appoint(house, victim, "township_archivist")
        with writing(house.ledger.engine) as connection:
            connection.execute(
                insert(session).values(
                    token=sha256(token.encode()),
                    agent=victim.key.agent,
                    iss=victim.key.iss,
                    certificate=victim.key.certificate_der,
                    opened_at="2026-01-01T00:00:00.000Z",
                    expires_at="2099-01-01T00:00:00.000Z",
                )
            )
        bearer = {"Authorization": f"Bearer {token}"}
        assert house.ask("GET", "/v1/records", headers=bearer).status_code == 200
        draft = house.ask("POST", "/v1/drafts", json=receive(), headers=bearer).json()
        # The thief has no key but their own.
        signed = base64url_text(sign_octets(thief.key.key, draft["octets"].encode()))
        asked = {"statement": f"{draft['octets']}.{signed}", "disclosures": draft["disclosures"]}
        answer = house.ask("POST", "/v1/statements", json=asked, headers=bearer)
        problem_of(answer, 422, "STATEMENT_SIGNATURE")


def test_a_back_up_holds_no_token_and_no_persons_key_in_clear(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(house.service.home))
    with house.client() as client:
        client.sign_in()
        made = asker(capsys, monkeypatch)("backup", tmp_path / "kept", "--without-network")
        assert made.exit == 0, made.error
        held = {path: path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()}
        assert held
        assert [path for path, data in held.items() if client.token.encode() in data] == []
    # The ledger's own keys lie there in clear, as docs/threat-model.md says; nobody else's.
    clear = {path.name for path, data in held.items() if b"-----BEGIN PRIVATE KEY" in data}
    assert clear <= {"checkpoint.key", "client.key"}
    assert [path for path, data in held.items() if PASSPHRASE in data] == []
    people = [path for path in held if re.search(r"/people/[^/]+/", str(path))]
    assert people


def test_once_the_services_key_is_revoked_nothing_is_served_and_another_takes_its_place(
    own_house: House,
) -> None:
    """Nobody is told that it were their own key; whoever watches sees which it is."""
    home, stolen = own_house.service.home, own_house.service.key
    with own_house.client() as person, Client(own_house.url, stolen) as thief:
        person.sign_in()
        revoke(own_house, thief)
        asked = own_house.ask("GET", "/v1/session", headers={"Authorization": f"Bearer {person.token}"})
        assert asked.status_code == 200
        with pytest.raises(RefusedError) as refused:
            person.sign_in()
        assert refused.value.code == "SERVICE_KEY_MISSING"
        problem_of(own_house.ask("GET", "/v1/records"), 503, "SERVICE_KEY_MISSING")
    checks = {one["name"]: one for one in own_house.ask("GET", "/healthz").json()["checks"]}
    assert (checks["service_key"]["state"], checks["service_key"]["detail"]) == ("bad", "KEY_REVOKED")
    with pytest.raises(CommandError) as told:
        service_key(own_house.ledger, home, home)
    assert (told.value.code, str(home / "service") in told.value.zh) == ("SERVICE_KEY_REVOKED", True)
    (home / "service").rename(home / "service.revoked")
    fresh = service_key(own_house.ledger, home, home)
    assert fresh.agent != stolen.agent
    with open_house(home, home) as again, again.client() as person:
        assert person.sign_in()["agent"] == person.key.agent
