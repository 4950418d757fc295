# Context: laid out by scripts/image/stage.ts. Its user is the state directory's owner (docker-compose.yml).
# Base: modules.Dockerfile.
ARG BASE
FROM ${BASE}
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
COPY . ./
ARG VERSION
ENV CHELA_VERSION=${VERSION}
LABEL org.opencontainers.image.title="Chela console" org.opencontainers.image.version=${VERSION} org.opencontainers.image.licenses=MIT
EXPOSE 4400
STOPSIGNAL SIGTERM
CMD ["node", "apps/web/src/main.ts"]
