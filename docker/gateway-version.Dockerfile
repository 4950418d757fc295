# The same gateway under another version: what a rollout is tried with.
ARG BASE
FROM ${BASE}
ARG VERSION
ENV CHELA_VERSION=${VERSION}
LABEL org.opencontainers.image.version=${VERSION}
