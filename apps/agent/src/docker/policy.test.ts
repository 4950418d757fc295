import { LABEL } from "@chela/shared/agent-link/schema";
import { describe, expect, test } from "vitest";
import { AgentFault } from "../fault.ts";
import { edgeContainer, gatewayContainer } from "./container-spec.ts";
import { guardEngine } from "./guarded-engine.ts";
import { mayCreate, mayExec, mayTouch } from "./policy.ts";
import type { ContainerSpec, ContainerView, Engine } from "./port.ts";

const host = { fleet: "chela", host: "local", address: "172.18.0.1", network: "chela" };
const gatewaySpec = {
  ...{
    gateway: "gw-1",
    image: "chela/gateway:1",
    imageId: "sha256:1",
    release: 1,
    port: 20001,
    secondPort: null,
  },
  ...{ weight: 1, config: "{}", secrets: {}, stopTimeoutSeconds: 30, memoryBytes: null },
};
const gateway = gatewayContainer(gatewaySpec, host, {
  ...{ name: "chela-gw-1", port: 1, configHash: "h", operation: null },
});
const edge = edgeContainer(
  { edge: "edge-1", image: "chela/edge:1", port: 8080, config: "", tls: null },
  host,
  null,
);

describe("whose containers may be touched", () => {
  const own = { [LABEL.fleet]: "chela", [LABEL.gateway]: "gw-1" };
  test.each([
    ["own gateway", own, null],
    ["own edge", { [LABEL.fleet]: "chela", [LABEL.edge]: "edge-1" }, null],
    ["no label", {}, "does not carry"],
    ["another fleet's gateway", { ...own, [LABEL.fleet]: "other" }, "belongs to fleet other"],
    ["the fleet's Redis", { [LABEL.fleet]: "chela" }, "neither a gateway nor an edge"],
    ["a label that only looks alike", { "chela.fleets": "chela" }, "does not carry"],
  ])("%s", (_what, labels, refusal) => {
    for (const action of ["change", "read"] as const) {
      const verdict = mayTouch("x", labels, "chela", action);
      if (refusal === null) expect(verdict).toBeNull();
      else expect(verdict).toContain(refusal);
    }
  });

  test("commands run in edges only, and only nginx's test and reload", () => {
    expect(mayTouch("gw", own, "chela", "exec")).toContain("edges only");
    expect(mayExec(["nginx", "-t", "-c", "/chela/b/nginx.conf"])).toBeNull();
    expect(mayExec(["nginx", "-s", "reload", "-c", "/chela/current/nginx.conf"])).toBeNull();
    for (const argv of [
      ["sh", "-c", "id"],
      ["nginx", "-s", "stop", "-c", "/chela/current/nginx.conf"],
      ["nginx", "-t", "-c", "/etc/nginx/nginx.conf"],
      ["nginx", "-t", "-c", "/chela/a/../../etc/nginx.conf"],
      ["nginx", "-g", "load_module /tmp/x.so;"],
      ["nginx", "-t", "-c", "/chela/a/nginx.conf", "-g", "x"],
      [],
    ]) {
      expect(mayExec(argv), argv.join(" ")).not.toBeNull();
    }
  });
});

describe("what may be created", () => {
  test("gateways and edges as this agent makes them", () => {
    expect(mayCreate(gateway, "chela")).toBeNull();
    expect(mayCreate(edge, "chela")).toBeNull();
  });

  test.each<[string, ContainerSpec]>([
    ["another fleet's", { ...gateway, labels: { ...gateway.labels, [LABEL.fleet]: "other" } }],
    ["no label", { ...gateway, labels: {} }],
    ["a name outside the fleet", { ...gateway, name: "nginx" }],
    ["a gateway in the host's network", { ...gateway, network: "host" }],
    ["a gateway in another container's network", { ...gateway, network: "container:x" }],
    ["a gateway as root", { ...gateway, user: "0:0" }],
    ["a gateway as the image's user", { ...gateway, user: null }],
    ["a gateway with a capability", { ...gateway, capabilities: ["NET_RAW"] }],
    ["an edge with too much", { ...edge, capabilities: ["SYS_ADMIN"] }],
    ["a port on every address", { ...gateway, publish: { host: "0.0.0.0", port: 1 } }],
  ])("refused: %s", (_what, spec) => {
    expect(mayCreate(spec, "chela")).toMatch(/\.$/);
  });
});

describe("the guarded engine", () => {
  const view = (labels: Record<string, string>): ContainerView => ({
    ...{ id: "id", name: "some", image: "i", imageId: "sha256:1", labels, state: "running" },
    ...{ exitCode: null, outOfMemory: false, startedAt: null, finishedAt: null, restarts: 0 },
    ...{ address: null, published: null },
  });
  /** Fails the test when anything but a look reaches the engine. */
  const engineWith = (found: ContainerView): Engine =>
    new Proxy({} as Engine, {
      get: (_target, name) => {
        if (name === "inspect") return async () => found;
        if (name === "list") return async () => [found];
        return () => {
          throw new Error(`${String(name)} reached the engine`);
        };
      },
      ownKeys: () => [],
    });

  test("refuses every call about a foreign container before it reaches Docker", async () => {
    const engine = guardEngine(engineWith(view({ [LABEL.fleet]: "other" })), "chela");
    const calls: (() => unknown)[] = [
      () => engine.inspect("some"),
      () => engine.rename("some", "chela-some"),
      () => engine.start("some"),
      () => engine.stop("some", 1),
      () => engine.remove("some"),
      () => engine.exec("some", ["nginx", "-t", "-c", "/chela/a/nginx.conf"]),
      () => engine.putFiles("some", []),
      () => engine.findFile("some", "/chela/current"),
      () => engine.usage("some"),
      () => engine.create({ ...gateway, labels: {} }),
      () => engine.list("other"),
      () =>
        engine
          .logs("some", { tail: 1, follow: false, since: null }, AbortSignal.timeout(1))
          [Symbol.asyncIterator]()
          .next(),
    ];
    for (const call of calls) {
      const refusal = await Promise.resolve()
        .then(call)
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(refusal, String(call)).toBeInstanceOf(AgentFault);
      expect(refusal).toMatchObject({ code: "REFUSED_BY_POLICY" });
    }
    expect(await engine.list("chela")).toEqual([]);
  });

  test("puts files below /chela only", async () => {
    const own = { [LABEL.fleet]: "chela", [LABEL.gateway]: "gw-1" };
    const engine = guardEngine(engineWith(view(own)), "chela");
    for (const path of ["/etc/passwd", "/chela/../etc/passwd", "chela/x"]) {
      const file = { path, content: "", mode: 0o600, uid: 0 };
      await expect(engine.putFiles("some", [file])).rejects.toMatchObject({
        code: "REFUSED_BY_POLICY",
      });
    }
  });
});
