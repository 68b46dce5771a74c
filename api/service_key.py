"""The service's own key, with which it states sign-ins, refusals and uses; in home/service.

Its passphrase lies beside it: the service must start by itself. So whoever reads the folder can state in the
service's name, and nothing in a person's.
"""

from __future__ import annotations

import datetime
import secrets
import shutil
import uuid
from pathlib import Path

from api.errors import CommandError, Exit
from api.registrars import Newcomer, enrol_by_both
from ledger.durable import create_durably
from ledger.enrol_key import keys_of
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.people import Person, certificate, enrol, install_certificate, list_people, renew, signing_key
from ledger.people_trails import AFTER_ALL
from verifier.certificate import read_signer
from verifier.errors import EvidenceError

_DAYS = 365
# A statement's certificate must outlast its receipt's due time; a month is enough to see that renewal fails.
_RENEWED_BEFORE = datetime.timedelta(days=30)
_NAME = "档案存证服务"


def service_key(ledger: Ledger, home: Path, ca: Path | None) -> SigningKey:
    """Made and certified if missing, renewed if it ends soon. `ca`: data folder of the network that issues.

    Raises CommandError SERVICE_KEY_MISSING, SERVICE_KEY_REVOKED, SERVICE_KEY_NOT_ENROLLED.
    """
    folder = home / "service"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = _passphrase(folder / "passphrase")
    agent = next((p.agent for p in list_people(folder) if p.msp == ledger.settings.operator), None)
    present = certificate(folder, agent) if agent is not None else None
    if agent is None or present is None:
        if agent is not None:
            # Its certificate never came: that key signed nothing.
            shutil.rmtree(folder / "people" / agent)
        agent = str(uuid.uuid4())
        person = Person(agent, ledger.settings.operator, "service", _NAME, "")
        _certify(ledger, folder, agent, enrol(folder, person, secret), ca)
    elif present.not_after - ledger.now() < _RENEWED_BEFORE:
        try:
            _certify(ledger, folder, agent, renew(folder, agent, secret, new_key=False), ca)
        except CommandError:
            if present.not_after <= ledger.now():
                raise
    signing = signing_key(folder, agent, secret)
    _enrol(ledger, signing, ca or network_of(ledger), folder)
    return signing


def check_standing(ledger: Ledger, signing: SigningKey) -> None:
    """That the key counts now. Raises EvidenceError KEY_…."""
    key = read_signer(signing.certificate_der).key_sha256
    keys_of(ledger, signing.agent).check(key, signing.iss, AFTER_ALL)


def _enrol(ledger: Ledger, signing: SigningKey, ca: Path, folder: Path) -> None:
    """Raises CommandError SERVICE_KEY_REVOKED, SERVICE_KEY_NOT_ENROLLED."""
    key = read_signer(signing.certificate_der).key_sha256
    try:
        check_standing(ledger, signing)
    except EvidenceError as error:
        if error.code == "KEY_REVOKED":
            raise CommandError(
                "SERVICE_KEY_REVOKED",
                f"服务的密钥已被登记员撤销,用它什么也不能登记。查明原因后,把目录 {folder} 移到别处留存,"
                "再启动:那时会另建一把密钥。",
                f"The service's key was revoked by registrars: nothing can be stated with it. Find out why, "
                f"then move the folder {folder} aside and start again: another key will be made.",
                Exit.UNAVAILABLE,
            ) from error
        if enrol_by_both(ledger, ca, [Newcomer(signing.agent, signing.iss, key)]):
            return
        told = f"archive-ledger key enrol {signing.agent} --key {key.hex()} --as"
        raise CommandError(
            "SERVICE_KEY_NOT_ENROLLED",
            f"服务的密钥还未登记({error.code})。须由两家机构的登记员各执行一次:\n  {told} 登记员",
            f"The service's key is not enrolled ({error.code}). Registrars of two organisations must each "
            f"run:\n  {told} REGISTRAR",
            Exit.UNAVAILABLE,
        ) from error


def network_of(ledger: Ledger) -> Path:
    """Where the network's data lies, if it was made on this machine: above its connection.json."""
    connection = ledger.settings.connection_path(ledger.paths.home).resolve()
    return next((above.parent for above in connection.parents if above.name == "network"), ledger.paths.home)


def _certify(ledger: Ledger, folder: Path, agent: str, request: bytes, ca: Path | None) -> None:
    from network.errors import NetworkError
    from network.people import issue_person_certificate

    msp = ledger.settings.operator
    try:
        pem = issue_person_certificate(ca or network_of(ledger), msp, request, agent, "service", _DAYS)
    except (NetworkError, OSError) as error:
        zh, en = (error.zh, error.en) if isinstance(error, NetworkError) else (str(error), str(error))
        raise CommandError(
            "SERVICE_KEY_MISSING",
            f"服务没有可用的签名密钥,{msp} 的人员 CA 也不在本机:{zh.rstrip('。')}。"
            "或用 --ca 指明 CA 所在的数据目录;只运行后台服务可用 serve --worker。",
            f"The service has no key to sign with, and the person CA of {msp} is not here: {en.rstrip('.')}. "
            "Or name its data folder with --ca; the worker alone runs with serve --worker.",
            Exit.UNAVAILABLE,
        ) from error
    install_certificate(folder, agent, pem)


def _passphrase(path: Path) -> bytes:
    if not path.exists():
        create_durably(path, secrets.token_hex(32).encode())
    return path.read_bytes()
