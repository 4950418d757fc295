import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Engine } from "../docker/port.ts";
import { timeEngine } from "../docker/timed-engine.ts";
import { AgentMetrics, type AgentStanding } from "./metrics.ts";

const DOCUMENTED = readFileSync(new URL("../../../../docs/OPERATIONS.md", import.meta.url), "utf8");
const textOf = (metrics: AgentMetrics) => metrics.registry.metrics();

describe("the agent's figures", () => {
  it("are as the host stands when they are asked for", async () => {
    const metrics = new AgentMetrics();
    let standing: AgentStanding = {
      engineError: null,
      containers: [{ state: "running" }, { state: "running" }, { state: "exited" }],
      gateways: [{ gateway: "gw-1", status: null }],
      edges: [
        {
          edge: "edge-1",
          probe: { ok: true, status: 200, ms: 1, at: "" },
          answers: [{ upstream: "10.0.0.1:3100", failed: 2, slow: 5 }],
        },
      ],
    };
    metrics.follow(() => standing);
    const before = await textOf(metrics);
    expect(before).toContain('chela_agent_containers{state="running"} 2');
    expect(before).toContain('chela_agent_gateway_up{gateway="gw-1"} 0');
    expect(before).toContain('chela_agent_edge_up{edge="edge-1"} 1');
    expect(before).toContain(
      'chela_agent_edge_answers_total{edge="edge-1",upstream="10.0.0.1:3100",outcome="slow"} 5',
    );
    standing = { engineError: "gone", containers: [], gateways: [], edges: [] };
    const after = await textOf(metrics);
    expect(after).toContain("chela_agent_engine_up 0");
    expect(after).not.toContain("chela_agent_gateway_up{");
  });

  it("an engine's refusal is measured like its answer", async () => {
    const took: string[] = [];
    const engine = timeEngine(
      {
        inspect: async () => null,
        list: async () => {
          throw new Error("no");
        },
      } as unknown as Engine,
      () => 0,
      (call) => took.push(call),
    );
    await engine.inspect("c");
    await expect(engine.list("f")).rejects.toThrow("no");
    expect(took).toEqual(["inspect", "list"]);
  });

  it("are documented, all of them and no others", () => {
    const metrics = new AgentMetrics();
    metrics.follow(() => ({ engineError: null, containers: [], gateways: [], edges: [] }));
    const own = metrics.registry
      .getMetricsAsArray()
      .map(({ name }) => name)
      .filter((name) => !/^chela_agent_(process|nodejs)_/.test(name));
    const documented = [...DOCUMENTED.matchAll(/^\| `(chela_agent_[a-z_]+)/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual(own.sort());
    // Alert rules name them too.
    const named = [...DOCUMENTED.matchAll(/chela_agent_[a-z_]*[a-z]/g)].map(([name]) => name);
    expect([...new Set(named)].sort()).toEqual(own.sort());
  });
});
