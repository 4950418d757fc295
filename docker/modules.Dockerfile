# The packages of one app, a layer of its own: they change rarely, and are most of its bytes.
# Context: laid out by scripts/image/stage.ts.
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
WORKDIR /app
COPY . ./
