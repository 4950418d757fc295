import { parseSecrets } from "@chela/shared/config/secrets";
import { expect, test } from "vitest";
import {
  edgeContainer,
  edgeCurrentLink,
  edgeSlotFiles,
  gatewayContainer,
  gatewayFiles,
  tagOf,
} from "./container-spec.ts";
import { createOptions } from "./dockerode-shapes.ts";

const host = { fleet: "chela", host: "local", address: "172.18.0.1", network: "chela" };
const spec = {
  ...{ gateway: "gw-1", image: "registry:5000/chela/gateway:0.2.0", imageId: "sha256:1" },
  ...{
    release: 3,
    port: null,
    secondPort: null,
    weight: 2,
    stopTimeoutSeconds: 30,
    memoryBytes: 268_435_456,
  },
  config: '{"gateway":{}}',
  secrets: { API_KEY: 'k"e=y #1' },
};
const operation = { id: "op-9", step: "replace gw-1" };

test("a gateway is created exactly like this", () => {
  const container = gatewayContainer(spec, host, {
    ...{ name: "chela-gw-1", port: 20_001, configHash: "abc", operation },
  });
  expect(createOptions(container)).toEqual({
    name: "chela-gw-1",
    Image: "registry:5000/chela/gateway:0.2.0",
    Labels: {
      "chela.fleet": "chela",
      "chela.host": "local",
      "chela.gateway": "gw-1",
      "chela.release": "3",
      "chela.config": "abc",
      "chela.port": "20001",
      "chela.operation": "op-9",
      "chela.step": "replace gw-1",
    },
    Env: ["CHELA_FLEET=chela", "CHELA_GATEWAY=gw-1", "CHELA_VERSION=0.2.0", "CHELA_WEIGHT=2"],
    User: "1000:1000",
    StopSignal: "SIGTERM",
    StopTimeout: 30,
    ExposedPorts: { "3000/tcp": {} },
    HostConfig: {
      PortBindings: { "3000/tcp": [{ HostIp: "172.18.0.1", HostPort: "20001" }] },
      NetworkMode: "chela",
      RestartPolicy: { Name: "unless-stopped" },
      CapDrop: ["ALL"],
      CapAdd: [],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: 1_024,
      Memory: 268_435_456,
      MemorySwap: 268_435_456,
      ExtraHosts: ["host.docker.internal:host-gateway"],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    },
  });
});

test("secrets reach a gateway in its file only, readable by itself, as it reads them", () => {
  const container = gatewayContainer(spec, host, {
    ...{ name: "chela-gw-1", port: 1, configHash: "abc", operation },
  });
  expect(JSON.stringify(createOptions(container))).not.toContain("API_KEY");
  const files = gatewayFiles(spec, "admin-token");
  expect(files.map((file) => [file.path, file.mode, file.uid])).toEqual([
    ["/chela/gateway.json", 0o600, 1_000],
    ["/chela/secrets.env", 0o600, 1_000],
  ]);
  const text = files[1]?.content;
  expect(parseSecrets(typeof text === "string" ? text : "")).toEqual({
    values: { API_KEY: 'k"e=y #1', CHELA_ADMIN_TOKEN: "admin-token" },
    faults: [],
  });
});

test("an edge lives in the host's network, publishes nothing, and stops gracefully", () => {
  const edge = { edge: "edge-1", image: "chela/edge:1", port: 80, config: "x", tls: null };
  expect(createOptions(edgeContainer(edge, host, null))).toMatchObject({
    name: "chela-edge-1",
    Cmd: ["nginx", "-c", "/chela/current/nginx.conf", "-g", "daemon off;"],
    StopSignal: "SIGQUIT",
    HostConfig: { NetworkMode: "host", CapDrop: ["ALL"] },
  });
  expect(edgeSlotFiles(edge, "b").map((file) => file.path)).toEqual(["/chela/b/nginx.conf"]);
  const tls = { ...edge, tls: { certificate: "c", key: "k" } };
  expect(edgeSlotFiles(tls, "a").map((file) => file.path)).toEqual([
    "/chela/a/nginx.conf",
    "/chela/a/tls/certificate.pem",
    "/chela/a/tls/key.pem",
  ]);
  expect(edgeCurrentLink("b")).toMatchObject({ path: "/chela/current", content: { linkTo: "b" } });
});

test.each([
  ["chela/gateway:1.2.0", "1.2.0"],
  ["registry:5000/chela/gateway", "latest"],
  ["registry:5000/chela/gateway:1@sha256:abc", "1"],
])("the version of %s is %s", (reference, tag) => expect(tagOf(reference)).toBe(tag));
