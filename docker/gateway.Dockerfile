# Context: laid out by scripts/image/stage.ts.
# Base: modules.Dockerfile.
ARG BASE
FROM ${BASE}
# Its configuration arrives here between create and start; readable by nobody else.
RUN install -d -o 1000 -g 1000 -m 0700 /chela
WORKDIR /app
ENV NODE_ENV=production
COPY . ./
ARG VERSION
ENV CHELA_VERSION=${VERSION}
LABEL org.opencontainers.image.title="Chela gateway" org.opencontainers.image.version=${VERSION} org.opencontainers.image.licenses=MIT
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
CMD ["node", "apps/gateway/src/main.ts"]
