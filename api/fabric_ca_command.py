"""`archive-ledger ca`: people certified by a Hyperledger Fabric CA server."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Annotated

import typer

from api.codes import listed, read_code
from api.conventions import Call, add_command
from api.errors import CommandError, Exit
from api.facts import in_chinese
from api.language import text
from api.passphrase import PassphraseFile, passphrase
from api.people_command import ROLES, person_json

Url = Annotated[
    str,
    typer.Option(
        "--url", help=text("证书服务器地址,如 https://ca:7054", "the server, such as https://ca:7054")
    ),
]
Tls = Annotated[
    Path,
    typer.Option(
        "--tls",
        metavar=text("文件", "FILE"),
        help=text("服务器 TLS 证书的签发机构证书(PEM)", "certificate (PEM) of the CA behind its TLS"),
    ),
]
SecretFile = Annotated[
    Path,
    typer.Option(
        "--secret-file",
        metavar=text("文件", "FILE"),
        help=text("从文件第一行读取服务器的口令", "read the server's secret from the file's first line"),
    ),
]


def register(
    call: Call,
    url: Url,
    tls: Tls,
    secret_file: SecretFile,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar=text("代码", "CODE"),
            help=text("证书角色:", "role: ") + text(*listed(ROLES)),
        ),
    ] = "person",
    registrar: Annotated[
        str, typer.Option("--registrar", help=text("登记员在服务器上的名称", "the registrar's name there"))
    ] = "registrar",
) -> None:
    from network import fabric_ca

    server = fabric_ca.Server(url.rstrip("/"), _read(tls))
    role = read_code("--role", role, ROLES)
    agent = str(uuid.uuid4())
    acting = fabric_ca.enrol_registrar(server, registrar, passphrase(secret_file).decode(errors="replace"))
    secret = fabric_ca.register(server, acting, agent, role)
    call.out.document({"agent": agent, "role": role, "secret": secret})
    call.out.say(
        f"已在 {server.url} 登记。请把编号和一次性口令当面交给本人:\n  编号 {agent}\n  口令 {secret}",
        f"Registered at {server.url}. Hand the id and the one-time secret to the person:\n"
        f"  id {agent}\n  secret {secret}",
    )


def enrol(
    call: Call,
    url: Url,
    tls: Tls,
    secret_file: SecretFile,
    agent: Annotated[str, typer.Option("--agent", help=text("登记员给的编号", "the id from the registrar"))],
    name: Annotated[
        str,
        typer.Option("--name", help=text("姓名(只留在本机和附项中)", "name, kept here and in disclosures")),
    ],
    organisation: Annotated[str, typer.Option("--organisation", help=text("机构代号", "organisation's id"))],
    duty: Annotated[str, typer.Option("--duty", help=text("职务", "duty"))] = "",
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar=text("代码", "CODE"),
            help=text("证书角色:", "role: ") + text(*listed(ROLES)),
        ),
    ] = "person",
    passphrase_file: PassphraseFile = None,
) -> None:
    from ledger import people as kept
    from network import fabric_ca
    from network.errors import NetworkError

    server = fabric_ca.Server(url.rstrip("/"), _read(tls))
    person = kept.Person(agent, organisation, read_code("--role", role, ROLES), name, duty)
    request = kept.enrol(call.home, person, passphrase(passphrase_file, new=True, whose=name))
    try:
        pem = fabric_ca.enrol(server, agent, passphrase(secret_file).decode(errors="replace"), request)
    except (NetworkError, CommandError):
        # A key that nobody certified is of no use, and its person can be enrolled again.
        shutil.rmtree(call.home / "people" / agent)
        raise
    signer = kept.install_certificate(call.home, agent, pem)
    call.out.document({"person": person_json(person, signer)})
    call.out.say(
        f"{name} 的密钥已在本机建立,证书由 {server.url} 签发,有效至 {signer.not_after:%Y-%m-%d}。",
        f"{name}'s key was made here; the certificate, issued by {server.url}, lasts until "
        f"{signer.not_after:%Y-%m-%d}.",
    )


def ca_commands() -> typer.Typer:
    """The sub-commands; help texts are in the language chosen by then."""
    made = typer.Typer(
        help=text("由 Fabric CA 服务器签发人员证书", "certificates from a Fabric CA server"),
        no_args_is_help=True,
    )
    add_command(
        made,
        "register",
        register,
        "登记员:登记一个人,取得一次性口令",
        "registrar: register a person, get a one-time secret",
    )
    add_command(
        made,
        "enrol",
        enrol,
        "本人:在本机建立密钥,凭一次性口令取得证书",
        "the person: make a key here, get its certificate for the secret",
    )
    return made


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(
            "FILE_UNREADABLE",
            f"{file} 读不出:{in_chinese(error.strerror or str(error))}。请检查路径和权限。",
            f"{file} cannot be read: {error.strerror}. Check its path and permissions.",
            Exit.UNAVAILABLE,
        ) from None
