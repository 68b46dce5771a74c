# Stands for python:3.13-slim where no image can be pulled: the same Debian, its Python under the name `python`.
FROM debian:13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && ln -s /usr/bin/python3 /usr/local/bin/python \
    && apt-get clean
COPY certificates/ /usr/local/share/ca-certificates/
RUN update-ca-certificates
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt
