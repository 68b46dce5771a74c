"""The files handed out: connection.json and policy.json, and the chaincode package."""

import gzip
import io
import json
import stat
import tarfile
from pathlib import Path

import pytest
import rfc8785

from network.ca import LISTENERS, certificates, make_organisation
from network.certificates import certificate_pem, issue_node, make_authority, pinned_client
from network.consortium import PACKAGED, read_consortium
from network.errors import NetworkError
from network.layout import Layout
from network.make import write_contracts
from network.marker import Marker
from network.package import make_package
from network.site import sites

CONSORTIUM = read_consortium(PACKAGED)
MARKER = Marker("127.4.5.6", "archive-00c0ffee")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    made = Layout(tmp_path_factory.mktemp("县 档案").resolve())
    for organisation in CONSORTIUM.organisations:
        make_organisation(made, organisation, dict.fromkeys(LISTENERS, "127.4.5.6"))
    write_contracts(made, CONSORTIUM, MARKER)
    return made


def test_connection_is_canonical_and_complete(places: Layout) -> None:
    raw = (places.organisation("YunlingAudit") / "connection.json").read_bytes()
    tree = json.loads(raw)
    assert rfc8785.dumps(tree) == raw
    assert {name: tree[name] for name in ("version", "channel", "chaincode", "msp")} == {
        "version": "archive-ledger connection v1",
        "channel": "archive-00c0ffee",
        "chaincode": "archive",
        "msp": "YunlingAudit",
    }
    client = places.identity("YunlingAudit", "ledger")
    assert tree["client"] == {
        "certificate": (client / "certificate.pem").read_text(),
        "key": str(client / "key.pem"),
    }
    assert Path(tree["client"]["key"]).is_absolute()
    assert tree["genesis"] == str(places.genesis)
    assert [one["msp"] for one in tree["organisations"]] == sorted(
        one.msp for one in CONSORTIUM.organisations
    )
    first = tree["organisations"][0]
    held = certificates(places, "QingheTownship")
    assert first == {
        "msp": "QingheTownship",
        "name": {"zh": "青禾镇人民政府", "en": "Qinghe Township Government"},
        "peer": {"address": "127.4.5.6:7151", "tls_ca": held.tls.decode()},
        "node_ca": held.node.decode(),
        "person_cas": [held.person.decode()],
    }


def test_the_main_connection_is_the_operators(places: Layout) -> None:
    own = places.organisation("QingheTownship") / "connection.json"
    assert places.connection.read_bytes() == own.read_bytes()


def test_no_private_key_stands_in_a_handed_out_file(places: Layout) -> None:
    for path in [places.connection, *(places.policy(one.msp) for one in CONSORTIUM.organisations)]:
        assert b"PRIVATE KEY" not in path.read_bytes()


def test_policy_names_origins_and_every_person_ca(places: Layout) -> None:
    raw = places.policy("YunlingJustice").read_bytes()
    tree = json.loads(raw)
    assert rfc8785.dumps(tree) == raw
    assert tree == {
        "version": "archive-ledger policy v1",
        "msp": "YunlingJustice",
        "origins": {"qinghe.yunling.example/archives": {"operator": "QingheTownship", "role": "ledger"}},
        "person_cas": {
            one.msp: [certificates(places, one.msp).person.decode()] for one in CONSORTIUM.organisations
        },
    }


def unpacked(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as tar:
        member = tar.extractfile(name)
        assert member is not None
        return member.read()


def test_the_package_is_the_same_each_time_and_names_its_own_service(places: Layout) -> None:
    site = sites(CONSORTIUM, MARKER.address)[1]
    one, again = (make_package(places, site, "archive_abc") for _ in range(2))
    assert one == again
    assert one.identifier.startswith("archive_abc:")
    assert (
        one.identifier != make_package(places, sites(CONSORTIUM, MARKER.address)[0], "archive_abc").identifier
    )
    tree = json.loads(unpacked(unpacked(one.content, "code.tar.gz"), "connection.json"))
    assert tree["address"] == "127.4.5.6:7152"
    assert tree["tls_required"] is True
    assert tree["client_auth_required"] is True


def test_the_network_folder_keeps_keys_from_others(places: Layout) -> None:
    for path in places.root.rglob("key.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_person_cas_added_later_stand_in_every_policy(places: Layout) -> None:
    added = make_authority("云岭县档案馆", "YunlingArchives person CA 2")
    path = places.authority("YunlingArchives") / "person-2.pem"
    path.write_bytes(added.pem)
    try:
        write_contracts(places, CONSORTIUM, MARKER)
        for organisation in CONSORTIUM.organisations:
            policy = json.loads(places.policy(organisation.msp).read_bytes())
            held = certificates(places, "YunlingArchives").person.decode()
            assert policy["person_cas"]["YunlingArchives"] == [held, added.pem.decode()]
            assert len(policy["person_cas"]["YunlingAudit"]) == 1
    finally:
        path.unlink()


def _leaf() -> bytes:
    return certificate_pem(pinned_client("nobody").certificate)


NO_CA = {
    "no certificate": b"of what?",
    "no CA": _leaf(),
    "two": make_authority("a", "one").pem + make_authority("b", "two").pem,
    "not signed by itself": certificate_pem(
        issue_node(make_authority("a", "one"), "b", ("peer",)).certificate
    ),
}


@pytest.mark.parametrize("name", NO_CA)
def test_what_is_no_person_ca_is_named(places: Layout, name: str) -> None:
    path = places.authority("YunlingAudit") / "person-wrong.pem"
    path.write_bytes(NO_CA[name])
    try:
        with pytest.raises(NetworkError) as refused:
            write_contracts(places, CONSORTIUM, MARKER)
    finally:
        path.unlink()
    for text in (refused.value.zh, refused.value.en):
        assert str(path) in text
