# Node beside Debian's packages, where node:24-bookworm-slim cannot be pulled. Context: the folder with the binary.
ARG BASE
FROM ${BASE}
COPY node /usr/local/bin/node
CMD ["node"]
