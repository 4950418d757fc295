import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "@chela/shared/errors/refusal";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import type { FailoverPreview, FeedMessage, OperationView } from "@chela/shared/fleet/view";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Console } from "./console.ts";
import { PROCEDURES } from "./rest/procedures.ts";
import { beginCommandLine, CLI_SOURCES } from "./testing/command-line.ts";
import { type ConsoleServer, ROOT_TOKEN, startConsoleServer } from "./testing/console-server.ts";

// The command line as it is run, against the console's real server. Only what lies behind the API is made up here.
const FLEET = fakeView([
  { name: "gw-1", release: 1, shards: 16 },
  { name: "gw-2", release: 1, shards: 0 },
]);
const PREVIEW: FailoverPreview = {
  planHash: "h1",
  checks: [{ name: "candidate-ready", verdict: "pass", detail: "gw-2 answers." }],
  steps: [{ name: "prefer", detail: "gw-2 is preferred.", expectedMs: 69 }],
  impact: "Nobody waits.",
  from: ["gw-1"],
  to: "gw-2",
  figures: { sessions: 0, inFlight: 0, expectedPauseMs: null, shards: 16 },
};
const RUNNING: OperationView = {
  ...{ id: "op_1", fleet: "test", kind: "switchover", state: "running", title: "Promote gw-2" },
  ...{ outcome: null, requestedBy: "API token", reason: null, aborting: false, rollout: null },
  ...{ failover: { from: ["gw-1"], to: "gw-2" }, automatic: null, edgeReloads: null, msLeft: null },
  steps: [{ name: "prefer", state: "running", startedAt: FLEET.asOf, ms: null, detail: null }],
  startedAt: FLEET.asOf,
  endedAt: null,
};
const over = (state: "succeeded" | "rolled-back", outcome: string): OperationView => ({
  ...RUNNING,
  ...{ state, outcome, endedAt: "1970-01-01T00:00:01.200Z" },
  steps: [{ name: "prefer", state: "done", startedAt: FLEET.asOf, ms: 69, detail: null }],
});

let preview: FailoverPreview;
/** What becomes of the operation while it is watched. */
let messages: FeedMessage[];
/** How often the stream still ends in the middle. */
let breaksOff: true[];
let executed: unknown[];
let planned: unknown[];
/** Somebody watches now. */
let watched: () => void;

const console_ = {
  fleets: { list: () => [FLEET], get: async () => FLEET },
  operations: {
    get: async () => RUNNING,
    list: async () => ({ items: [RUNNING], nextCursor: null }),
  },
  commands: {
    previewFailover: async () => preview,
    executeFailover: async (request: unknown) => {
      executed.push(request);
      return { operationId: "op_1" };
    },
    planRollout: async (request: unknown) => {
      planned.push(request);
      throw new Refusal("PRECONDITION_FAILED", "image-refused", "Only images of x are allowed.");
    },
    gateway: async () => {
      throw new Refusal("CONFLICT", "operation-running", "op_9 is under way: wait for it.");
    },
  },
  feed: {
    async *subscribe(_: string, __: string | null, signal: AbortSignal) {
      watched();
      for (const message of messages.splice(0)) yield { id: "b-1", message };
      if (breaksOff.splice(0).length > 0) return;
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
  },
  sessions: {
    get: async () => ({
      session: "web:a",
      shard: 1,
      messages: [
        { eventId: "1-1", role: "user", text: "hi\u001b[2J", gateway: "gw-1", epoch: 1, at: "t" },
      ],
    }),
  },
  logs: {
    follow: async (_: string, gateway: string, how: { follow: boolean }) =>
      (async function* () {
        yield { at: "t", stream: "stdout", line: `${gateway} ${how.follow}` };
      })(),
  },
} as unknown as Partial<Console>;

let server: ConsoleServer;
let folder: string;
beforeAll(async () => {
  server = await startConsoleServer(console_);
  folder = await mkdtemp(join(tmpdir(), "chela-cli-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  preview = PREVIEW;
  messages = [];
  executed = [];
  planned = [];
  breaksOff = [];
  watched = () => {};
});

const begin = (args: readonly string[], env: Record<string, string> = {}) =>
  beginCommandLine(args, {
    CHELA_URL: server.url,
    CHELA_TOKEN: ROOT_TOKEN,
    CHELA_FLEET: "test",
    CHELA_STATE_DIR: folder,
    ...env,
  });

/** Where somebody listened a moment ago. */
async function closedAddress(): Promise<string> {
  const other = await startConsoleServer({});
  await other.close();
  return other.url;
}
const chela = (...args: string[]) => begin(args).done;

/** Each starts a process, some several. */
describe("the command line", { timeout: 60_000 }, () => {
  it("shows the fleet, for people and for programs", async () => {
    const [people, programs] = await Promise.all([chela("status"), chela("status", "--json")]);
    expect(people.out).toMatch(/^gw-2 +standby +healthy/m);
    expect(JSON.parse(programs.out)).toEqual(FLEET);
    expect([people.code, people.err, programs.code]).toEqual([0, "", 0]);
  });

  it("promotes with the plan that was shown, follows it, and ends with 0 once it is done", async () => {
    messages = [{ type: "operation", operation: over("succeeded", "gw-2 is active.") }];
    const { code, out } = await chela("promote", "gw-2", "--yes", "--reason", "test");
    expect(out).toContain("pass  candidate-ready: gw-2 answers.");
    expect(out).toContain("✓ prefer  69 ms\nsucceeded after 1.2 s. gw-2 is active.\n");
    expect(code).toBe(0);
    expect(executed).toMatchObject([{ planHash: "h1", reason: "test", kind: "switchover" }]);
    expect(executed).toMatchObject([{ idempotencyKey: expect.any(String) }]);
  });

  it("ends with 1 where it was rolled back; JSON lines say each change", async () => {
    messages = [
      { type: "operation", operation: RUNNING },
      { type: "operation", operation: over("rolled-back", "gw-2 never became healthy.") },
    ];
    const { code, out } = await chela("operations", "watch", "op_1", "--json");
    const states = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).state);
    expect(states).toEqual(["running", "rolled-back"]);
    expect(code).toBe(1);
  });

  it("goes on watching after the stream broke off", async () => {
    breaksOff = [true];
    watched = () => {
      watched = () => messages.push({ type: "operation", operation: over("succeeded", "Done.") });
    };
    const { code, out } = await chela("operations", "watch", "op_1");
    expect([code, out]).toEqual([0, expect.stringContaining("succeeded after 1.2 s. Done.")]);
  });

  it("asks for a rollout as it was said, also with a configuration too long for an address", async () => {
    const file = join(folder, "gateway.json");
    await writeFile(file, JSON.stringify({ long: "x".repeat(40_000) }));
    const strategy = ["--canary", "1,25%:approve,50%:60s", "--batch-size", "2", "--start-first"];
    const { code, err } = await chela("rollout", "plan", "--config", file, ...strategy);
    expect([code, err]).toEqual([3, "Only images of x are allowed. (image-refused)\n"]);
    expect(planned).toEqual([
      {
        fleet: "test",
        config: readFileSync(file, "utf8"),
        strategy: {
          batchSize: 2,
          order: "startFirst",
          canary: {
            stages: [
              { count: 1, approval: true },
              { percent: 25, approval: true },
              { percent: 50, waitMs: 60_000 },
            ],
          },
        },
      },
    ]);
  });

  it("ends with 2 where nobody is there to say yes, or the command is wrong; nothing is done", async () => {
    const ends = await Promise.all([
      chela("promote", "gw-2"),
      chela("promote", "gw-2", "--force", "--yes"),
      chela("promote"),
      chela("rollout", "start", "--canary", "no", "--yes"),
    ]);
    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(ends[0]!.err).toContain("add --yes");
    expect(ends[1]!.err).toContain("--confirm gw-2");
    expect(ends[3]!.err).toContain("Stages look like");
    expect(executed).toEqual([]);
  });

  it("ends with 3 and the check's own words where one fails, without trying", async () => {
    preview = {
      ...PREVIEW,
      checks: [{ name: "redis", verdict: "fail", detail: "Redis does not answer." }],
    };
    const { code, err } = await chela("promote", "gw-2", "--yes");
    expect([code, err]).toEqual([3, "redis: Redis does not answer. (preflight-failed)\n"]);
    expect(executed).toEqual([]);
  });

  it("ends with 3 and the console's sentence where that refuses", async () => {
    const { code, err } = await chela("gateways", "restart", "gw-1", "--yes", "--json");
    expect(code).toBe(3);
    expect(JSON.parse(err).error).toEqual({
      reason: "operation-running",
      message: "op_9 is under way: wait for it.",
    });
  });

  it("ends with 4 where no console answers, 5 where it knows nobody by that token", async () => {
    const nobody = begin(["status"], { CHELA_URL: await closedAddress() }).done;
    const stranger = begin(["status"], { CHELA_TOKEN: "wrong" }).done;
    const [away, denied] = await Promise.all([nobody, stranger]);
    expect([away.code, denied.code]).toEqual([4, 5]);
    expect(away.err).toContain("does not answer (connect ECONNREFUSED");
    expect(denied.err).toContain("(not-logged-in)");
  });

  it("Ctrl-C while watching leaves the operation running, and says so", async () => {
    const seen = new Promise<void>((resolve) => {
      watched = resolve;
    });
    const { child, done } = begin(["operations", "watch", "op_1"]);
    await seen;
    child.kill("SIGINT");
    const { code, err } = await done;
    expect(code).toBe(130);
    expect(err).toContain("op_1 goes on");
  });

  it("finds console, token and fleet in access.json", async () => {
    await writeFile(
      join(folder, "access.json"),
      JSON.stringify({ consoleUrl: server.url, apiToken: ROOT_TOKEN, fleet: "test" }),
    );
    const none = { CHELA_URL: "", CHELA_TOKEN: "", CHELA_FLEET: "" };
    expect((await begin(["gateways", "list"], none).done).out).toContain("gw-1");
  });

  it("a message cannot command the operator's terminal", async () => {
    expect((await chela("sessions", "show", "web:a")).out).toContain("  hi�[2J\n");
  });

  it("logs end by themselves unless they are followed", async () => {
    expect((await chela("logs", "gw-1")).out).toBe("gw-1 false\n");
    expect((await chela("logs")).out.split("\n").sort().join("\n").trim()).toBe(
      "gw-1  gw-1 false\ngw-2  gw-2 false",
    );
  });

  it("an exported record is checked by itself", async () => {
    const file = join(folder, "audit.jsonl");
    const { code, out } = await chela("audit", "export", "--out", file, "--verify");
    expect([code, out]).toEqual([0, expect.stringContaining("Unbroken")]);
    const [header, first, ...rest] = readFileSync(file, "utf8").split("\n");
    await writeFile(
      file,
      [header, first!.replace(/"actor":"[^"]+"/, '"actor":"nobody"'), ...rest].join("\n"),
    );
    expect((await chela("audit", "verify", file)).code).toBe(1);
  });
});

/** Every procedure that the command line's sources name, with how they call it. */
const called = readdirSync(CLI_SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .flatMap((path) => {
    const source = readFileSync(join(CLI_SOURCES, path), "utf8");
    const calls = source.matchAll(
      /\b(\w+)(?:<[^();={]*>)?\(\s*(?:here,\s*)?"([a-zA-Z]+\.[a-zA-Z]+)"/g,
    );
    return [...calls].map(([, how, name]) => ({ path, how: how!, name: name! }));
  });

describe("what the command line calls", () => {
  it("is found in its sources", () => {
    expect(called.length).toBeGreaterThan(30);
  });

  it("stands in the control API under that name, to be read, told or listened to", () => {
    const wrong = called.filter(({ how, name }) => {
      const procedure = PROCEDURES.get(name);
      const method = how === "query" || how === "listen" ? "GET" : "POST";
      return procedure?.method !== method || procedure.streams !== (how === "listen");
    });
    expect(wrong).toEqual([]);
  });
});
