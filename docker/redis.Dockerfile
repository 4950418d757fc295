# Redis as it is; configuration and users come from the init container (apps/web/src/state/redis-files.ts).
ARG BASE=redis:7.2-bookworm
FROM ${BASE}
ARG VERSION
LABEL org.opencontainers.image.title="Chela redis" org.opencontainers.image.version=${VERSION}
ENTRYPOINT []
CMD ["redis-server", "/data/redis.conf"]
