"""What each CA issues: exact subjects, exact uses, keys that only their owner reads."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from network.ca import AUTHORITIES, IDENTITIES, LISTENERS, PINNED, make_organisation
from network.consortium import Organisation, Words
from network.layout import Layout

HOSTS = {"orderer": "127.4.5.6", "peer": "127.4.5.6", "chaincode": "chaincode-qinghe"}
TOWNSHIP = Organisation("QingheTownship", Words("青禾镇人民政府", "Qinghe"), Words("经办", "keeps"))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    made = Layout(tmp_path_factory.mktemp("home"))
    make_organisation(made, TOWNSHIP, HOSTS)
    return made


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def units(found: x509.Certificate) -> list[str | bytes]:
    return [one.value for one in found.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]


@pytest.mark.parametrize("kind", AUTHORITIES)
def test_an_authority_is_a_self_signed_root_for_twenty_years(places: Layout, kind: str) -> None:
    found = certificate(places.authority("QingheTownship") / f"{kind}.pem")
    expected = [("C", "CN"), ("O", "青禾镇人民政府"), ("CN", f"QingheTownship {kind} CA")]
    assert [(one.rfc4514_attribute_name, one.value) for one in found.subject] == expected
    assert found.issuer == found.subject
    found.verify_directly_issued_by(found)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert (
        timedelta(days=7304) < found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=7307)
    )


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_has_exactly_its_units_from_the_node_ca(places: Layout, name: str) -> None:
    found = certificate(places.identity("QingheTownship", name) / "certificate.pem")
    assert units(found) == list(IDENTITIES[name])
    found.verify_directly_issued_by(certificate(places.authority("QingheTownship") / "node.pem"))
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    life = found.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=1824) < life < timedelta(days=1826)


def test_only_ledger_may_anchor(places: Layout) -> None:
    assert [name for name, words in IDENTITIES.items() if "ledger" in words] == ["ledger"]
    assert IDENTITIES["ledger"] == ("client", "ledger")


@pytest.mark.parametrize("name", LISTENERS)
def test_a_listener_has_its_address_and_both_uses(places: Layout, name: str) -> None:
    found = certificate(places.identity("QingheTownship", name) / "tls.pem")
    found.verify_directly_issued_by(certificate(places.authority("QingheTownship") / "tls.pem"))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    assert [*addresses, *names.get_values_for_type(x509.DNSName)] == [HOSTS[name]]
    uses = set(found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert uses == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


@pytest.mark.parametrize("name", PINNED)
def test_a_pinned_client_is_nobody_elses_issue(places: Layout, name: str) -> None:
    found = certificate(places.identity("QingheTownship", name) / "tls.pem")
    assert found.issuer == found.subject
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    uses = list(found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert uses == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_for_their_owner_only(places: Layout) -> None:
    keys = [path for path in places.root.rglob("*.key")] + [path for path in places.root.rglob("key.pem")]
    assert len(keys) == len(AUTHORITIES) + len(IDENTITIES) + len(LISTENERS) + len(PINNED)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_serial_numbers_are_random_and_apart(places: Layout) -> None:
    serials = [
        certificate(path).serial_number for path in places.root.rglob("*.pem") if path.name != "key.pem"
    ]
    assert len(set(serials)) == len(serials)
    assert min(serials) > 2**64
