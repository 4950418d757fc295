# nginx as it is: the agent brings the whole configuration.
ARG BASE=nginx:1.28-bookworm
FROM ${BASE}
ARG VERSION
LABEL org.opencontainers.image.title="Chela edge" org.opencontainers.image.version=${VERSION}
ENTRYPOINT []
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
