# Stands for an official Fabric image: the program that the project builds, under the official image's paths.
FROM debian:13-slim
ARG PROGRAM
ARG COMMAND
COPY program /usr/local/bin/${PROGRAM}
ENV FABRIC_CFG_PATH=/etc/hyperledger/fabric
VOLUME ["/etc/hyperledger/fabric", "/var/hyperledger"]
ENV FABRIC_COMMAND=${COMMAND}
CMD ["sh", "-c", "exec $FABRIC_COMMAND"]
