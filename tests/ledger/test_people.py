"""Keys and people: enrolment, renewal, expiry, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from ledger import people
from ledger.keys import create_key, load_key
from ledger.people import Person, find_person, install_certificate, list_people, read_person, signing_key
from tests.ledger.ledger_world import RECORD, TOWN, USUAL_DUTY, World, make_world, new_uuid
from verifier.errors import CallerError

PASSPHRASE = b"a long enough passphrase"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def home(world: World) -> Path:
    return world.ledger.paths.home


def a_person(name: str = "王五", role: str = "person") -> Person:
    return Person(new_uuid(), TOWN, role, name, "望禾村兼职档案员")


def answered(world: World, request: bytes, agent: str, role: str = "person", days: float = 365) -> bytes:
    """What the person CA makes of a request."""
    csr = x509.load_pem_x509_csr(request)
    key = csr.public_key()
    assert csr.is_signature_valid
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return world.cas[TOWN].certify(key, agent, role, days).public_bytes(Encoding.PEM)


def enrolled(world: World, person: Person) -> None:
    """Certified, and the registrars have said whose key it is."""
    request = people.enrol(home(world), person, PASSPHRASE)
    install_certificate(home(world), person.agent, answered(world, request, person.agent, person.role))
    state(world, person)


def state(world: World, person: Person) -> None:
    if person.role != "registrar":
        key = signing_key(home(world), person.agent, PASSPHRASE)
        world.accept(world.enrolling(key))
        world.appoint(key, USUAL_DUTY)


def test_an_enrolled_person_signs(world: World) -> None:
    person = a_person()
    enrolled(world, person)
    key = signing_key(home(world), person.agent, PASSPHRASE)
    assert (key.agent, key.iss, key.role) == (person.agent, TOWN, "person")
    assert len(world.accept([world.receive(key, RECORD)])) == 1
    folder = home(world) / "people" / person.agent
    assert sorted(p.name for p in folder.iterdir()) == ["certificate.pem", "key.pem", "person.json"]
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in (folder / "key.pem").read_bytes()


def test_people_are_listed_and_found(world: World) -> None:
    first, second, third = a_person("王五"), a_person("赵六"), a_person("赵六", "registrar")
    for person in (third, second, first):
        people.enrol(home(world), person, PASSPHRASE)
    assert {p.agent for p in list_people(home(world))} == {first.agent, second.agent, third.agent}
    assert read_person(home(world), third.agent) == third
    assert find_person(home(world), "王五") == first
    assert find_person(home(world), second.agent[:13]) == second
    with pytest.raises(CallerError, match="PERSON_SEVERAL"):
        find_person(home(world), "赵六")
    for unknown in ("钱七", "", "../../etc"):
        with pytest.raises(CallerError, match="PERSON_UNKNOWN"):
            find_person(home(world), unknown)


def test_nobody_is_nobody(tmp_path: Path) -> None:
    assert list_people(tmp_path) == ()
    for agent in (new_uuid(), "../people"):
        with pytest.raises(CallerError, match="PERSON_UNKNOWN"):
            read_person(tmp_path, agent)


@pytest.mark.parametrize(
    "person",
    [
        Person(new_uuid(), TOWN, "administrator", "n", "d"),
        Person(new_uuid(), "no such msp", "person", "n", "d"),
    ],
)
def test_a_person_of_a_wrong_form_is_refused(tmp_path: Path, person: Person) -> None:
    with pytest.raises(CallerError, match="PERSON_FORM"):
        people.enrol(tmp_path, person, PASSPHRASE)
    assert list_people(tmp_path) == ()


def test_a_person_is_enrolled_once(world: World) -> None:
    person = a_person()
    request = people.enrol(home(world), person, PASSPHRASE)
    with pytest.raises(CallerError, match="PERSON_EXISTS"):
        people.enrol(home(world), person, PASSPHRASE)
    assert people.pending_request(home(world), person.agent) == request
    assert people.certificate(home(world), person.agent) is None
    install_certificate(home(world), person.agent, answered(world, request, person.agent))
    assert people.pending_request(home(world), person.agent) is None
    signer = people.certificate(home(world), person.agent)
    assert signer is not None
    assert signer.agent == person.agent


@pytest.mark.parametrize("new_key", [False, True])
def test_renewal_keeps_the_old_certificate_until_the_new_one_comes(world: World, new_key: bool) -> None:
    person = a_person()
    enrolled(world, person)
    before = signing_key(home(world), person.agent, PASSPHRASE)
    request = people.renew(home(world), person.agent, PASSPHRASE, new_key=new_key)
    assert signing_key(home(world), person.agent, PASSPHRASE).certificate_der == before.certificate_der
    signer = install_certificate(home(world), person.agent, answered(world, request, person.agent, days=700))
    after = signing_key(home(world), person.agent, PASSPHRASE)
    assert after.not_after == signer.not_after > before.not_after
    same = before.key.public_key().public_numbers() == after.key.public_key().public_numbers()
    assert same is not new_key
    if new_key:
        state(world, person)
    assert len(world.accept([world.receive(after, RECORD)])) == 1


def test_an_interrupted_renewal_is_finished_by_repeating_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_person()
    enrolled(world, person)
    pem = answered(world, people.renew(home(world), person.agent, PASSPHRASE, new_key=True), person.agent)

    def power_cut(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(people, "write_durably", power_cut)
    with pytest.raises(OSError, match="power cut"):
        install_certificate(home(world), person.agent, pem)
    monkeypatch.undo()
    with pytest.raises(CallerError, match="KEY_CERTIFICATE"):
        signing_key(home(world), person.agent, PASSPHRASE)
    install_certificate(home(world), person.agent, pem)
    assert signing_key(home(world), person.agent, PASSPHRASE).agent == person.agent


def test_a_certificate_that_was_not_asked_for_is_refused(world: World) -> None:
    person = a_person()
    request = people.enrol(home(world), person, PASSPHRASE)
    stranger = ec.generate_private_key(ec.SECP256R1())
    other = (
        world.cas[TOWN].certify(stranger.public_key(), person.agent, "person", 365).public_bytes(Encoding.PEM)
    )
    for pem in (
        other,
        answered(world, request, new_uuid()),
        answered(world, request, person.agent, "registrar"),
    ):
        with pytest.raises(CallerError, match="CERTIFICATE_NOT_REQUESTED"):
            install_certificate(home(world), person.agent, pem)
    with pytest.raises(CallerError, match="CERTIFICATE_UNREADABLE"):
        install_certificate(home(world), person.agent, b"-----BEGIN CERTIFICATE-----\n")
    install_certificate(home(world), person.agent, answered(world, request, person.agent))
    with pytest.raises(CallerError, match="CERTIFICATE_NOT_REQUESTED"):
        install_certificate(home(world), person.agent, answered(world, request, person.agent))


def test_a_wrong_passphrase_and_a_damaged_key_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    create_key(path, PASSPHRASE)
    with pytest.raises(CallerError, match="KEY_PASSPHRASE"):
        load_key(path, b"another passphrase")
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(CallerError, match="KEY_FORM"):
        load_key(path, PASSPHRASE)
    with pytest.raises(CallerError, match="KEY_ABSENT"):
        load_key(tmp_path / "none.pem", PASSPHRASE)


def test_a_wrong_passphrase_under_which_the_padding_happens_to_be_right(tmp_path: Path) -> None:
    """One in some 256: OpenSSL then says that it cannot read the key, not that the password is wrong."""
    path = tmp_path / "key.pem"
    create_key(path, PASSPHRASE)
    for number in range(20_000):
        wrong = f"wrong passphrase {number}".encode()
        try:
            load_pem_private_key(path.read_bytes(), wrong)
        except ValueError as error:
            if "password" not in str(error):
                break
    with pytest.raises(CallerError, match="KEY_PASSPHRASE"):
        load_key(path, wrong)


def test_a_key_is_never_written_over_and_never_under_a_short_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(CallerError, match="KEY_PASSPHRASE_SHORT"):
        create_key(path, b"short")
    assert not path.exists()
    create_key(path, PASSPHRASE)
    kept = path.read_bytes()
    with pytest.raises(CallerError, match="KEY_EXISTS"):
        create_key(path, PASSPHRASE)
    assert path.read_bytes() == kept


def test_a_key_that_is_not_encrypted_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="KEY_FORM"):
        load_key(world.ledger.paths.checkpoint_key, PASSPHRASE)
