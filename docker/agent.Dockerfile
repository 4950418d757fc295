# Context: laid out by scripts/image/stage.ts. Root: whoever may use the Docker socket is root anyway.
# Base: modules.Dockerfile.
ARG BASE
FROM ${BASE}
WORKDIR /app
ENV NODE_ENV=production
COPY . ./
ARG VERSION
ENV CHELA_VERSION=${VERSION}
LABEL org.opencontainers.image.title="Chela agent" org.opencontainers.image.version=${VERSION} org.opencontainers.image.licenses=MIT
VOLUME /data
STOPSIGNAL SIGTERM
CMD ["node", "apps/agent/src/main.ts"]
