# 接口、后台、命令(ledger)与链码(chaincode)的镜像;由 docker-compose.yml 构建。
# The images of interface, worker and command (ledger), and of the chaincode; docker-compose.yml builds them.

FROM golang:1.26 AS chaincode-build
WORKDIR /source
COPY chaincode/ .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /chaincode .

FROM debian:13-slim AS chaincode
COPY --from=chaincode-build /chaincode /usr/local/bin/chaincode
CMD ["chaincode"]

FROM python:3.13-slim AS ledger-build
RUN python -m venv /opt/archive-ledger
ENV PATH=/opt/archive-ledger/bin:$PATH
COPY requirements/service.txt /source/requirements/
RUN pip install --no-cache-dir --require-hashes -r /source/requirements/service.txt
COPY . /source
RUN pip install --no-cache-dir --no-deps --no-build-isolation /source && python -m compileall -q /opt/archive-ledger

FROM python:3.13-slim AS ledger
RUN useradd --uid 10001 --no-create-home --home-dir /data archive
COPY --from=ledger-build /opt/archive-ledger /opt/archive-ledger
ENV PATH=/opt/archive-ledger/bin:$PATH PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
CMD ["archive-ledger", "--help"]
