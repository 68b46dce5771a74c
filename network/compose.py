"""docker-compose.yml from the consortium file, and the two steps that run inside its containers.

python -m network.compose write     rewrites docker-compose.yml beside the package
python -m network.compose make      in the `make` service: certificates, channel, every node's settings
python -m network.compose deploy    in the `deploy` service: join the channel, approve the chaincode
"""

import shlex
import sys
import time
from pathlib import Path

from network.binaries import chaincode_source, chaincode_version
from network.consortium import PACKAGED, Consortium, read_consortium
from network.errors import NetworkError
from network.files import write_file
from network.layout import Kind, Layout, Node, default_home, layout
from network.make import ensure_made, write_contracts
from network.progress import Step
from network.settings import chaincode_environment, render_orderer, render_peer
from network.site import COMPOSE, compose_host, sites
from network.together import Watch, assemble_network, make_packages

COMPOSE_FILE = Path(__file__).resolve().parents[1] / "docker-compose.yml"
_DATA = Path("/data")
_DEPLOY_SECONDS = 180.0

_HEAD = """\
# 由 network/consortium.yaml 生成,请勿手改:python -m network.compose write
# Generated from network/consortium.yaml; do not edit: python -m network.compose write
#
# 与内置网络相同的机构,用 Fabric 官方镜像在一台机器的 Docker 中运行。
# 本文件只经静态检查(与配置一致),未在自动测试中实际运行。
# The same organisations as the embedded network, in Docker on one machine with the official Fabric images.
# This file is checked for agreement with the configuration; the automatic tests do not run it.
#
#   docker compose up -d                          启动 start
#   docker compose logs -f deploy                 看部署是否完成 watch until the network is ready
#   docker compose run --rm ledger status         在网络内执行 archive-ledger run archive-ledger inside
#   docker compose down                           停止,保留数据 stop, keep the data
#
# 全部机构的密钥同在一个数据卷中,仅供演示和试用;正式使用时各机构应在自己的机器上只持有自己的密钥。
# All organisations' keys lie in one volume: for demonstration and trial. In earnest each organisation runs
# its own part on its own machine and holds its own keys only.

name: archive-ledger

x-tools: &tools
  image: archive-ledger-tools
  build:
    context: .
    dockerfile_inline: |
      FROM python:3.12-slim
      COPY . /source
      RUN pip install --no-cache-dir '/source[api]'
      ENV ARCHIVE_LEDGER_HOME=/data
  volumes: [data:/data]

x-orderer: &orderer
  image: hyperledger/fabric-orderer:3.1
  volumes: [data:/data]
  depends_on: {make: {condition: service_completed_successfully}}
  restart: unless-stopped

x-peer: &peer
  image: hyperledger/fabric-peer:3.1
  volumes: [data:/data]
  depends_on: {make: {condition: service_completed_successfully}}
  restart: unless-stopped

x-chaincode: &chaincode
  image: archive-ledger-chaincode
  build:
    context: chaincode
    dockerfile_inline: |
      FROM golang:1.26 AS build
      COPY . /source
      RUN cd /source && CGO_ENABLED=0 go build -trimpath -o /chaincode .
      FROM debian:stable-slim
      COPY --from=build /chaincode /usr/local/bin/chaincode
  volumes: [data:/data]
  depends_on: {make: {condition: service_completed_successfully}}
  restart: unless-stopped

volumes:
  data:

services:

  make:
    <<: *tools
    command: [python, -m, network.compose, make]
"""

_TAIL = """\

  deploy:
    <<: *tools
    command: [python, -m, network.compose, deploy]
    depends_on: [{services}]

  ledger:
    <<: *tools
    profiles: [tools]
    entrypoint: [archive-ledger]
"""


def compose_text(consortium: Consortium) -> str:
    """The whole docker-compose.yml."""
    parts = [_HEAD]
    names = []
    for organisation in consortium.organisations:
        parts.append(f"\n  # {organisation.name.zh} · {organisation.name.en}\n")
        for kind in (Kind.ORDERER, Kind.PEER, Kind.CHAINCODE):
            names.append(compose_host(organisation.msp, kind))
            parts.append(_service(Node(organisation.msp, kind)))
    parts.append(_TAIL.format(services=", ".join(names)))
    return "".join(parts)


def make() -> None:
    """Makes the network's folder under the data volume, and renders what every container reads."""
    places = layout(default_home())
    consortium, marker = ensure_made(places, None, _say, compose=True)
    write_contracts(places, consortium, marker)
    where = sites(consortium, COMPOSE)
    packages = make_packages(places, where, chaincode_version(chaincode_source(None)))
    for site in where:
        render_orderer(places, site)
        render_peer(places, site)
        environment = chaincode_environment(places, site, packages[site.msp].identifier)
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(environment.items())]
        target = places.node(Node(site.msp, Kind.CHAINCODE)) / "environment"
        write_file(target, "".join(lines).encode())


def deploy() -> None:
    """Joins every node to the channel and brings the chaincode in force."""
    places = layout(default_home())
    consortium, marker = ensure_made(places, None, _say, compose=True)
    where = sites(consortium, COMPOSE)
    version = chaincode_version(chaincode_source(None))
    watch = Watch(places, time.monotonic() + _DEPLOY_SECONDS, embedded=False)
    packages = make_packages(places, where, version)
    assemble_network(watch, marker.channel, where, packages, version, _say)


def write() -> None:
    COMPOSE_FILE.write_text(compose_text(read_consortium(PACKAGED)), encoding="utf-8")


def main(arguments: list[str]) -> int:
    steps = {"write": write, "make": make, "deploy": deploy}
    if len(arguments) != 1 or arguments[0] not in steps:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        steps[arguments[0]]()
    except NetworkError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


def _service(node: Node) -> str:
    """One process: where its settings lie in the data volume, and for chaincode its environment."""
    folder = Layout(_DATA).node(node)
    lines = [f"  {compose_host(node.msp, node.kind)}:", f"    <<: *{node.kind}"]
    if node.kind is Kind.CHAINCODE:
        script = f"set -a; . {folder}/environment; exec chaincode"
        lines.append(f'    command: [sh, -c, "{script}"]')
    else:
        lines.append(f"    environment: {{FABRIC_CFG_PATH: {folder}}}")
    return "\n".join(lines) + "\n"


def _say(step: Step) -> None:
    print(f"{step.zh} {step.en}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
