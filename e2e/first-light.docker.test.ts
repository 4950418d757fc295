import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signBody, signWebhook } from "../scripts/fleet/signed-webhook.ts";
import { Fleet } from "./harness/fleet.ts";
import { until } from "./harness/wait.ts";

const run = promisify(execFile);

describe("a fleet fresh from bin/up", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.up();
  });
  afterAll(async () => {
    await fleet?.down();
  });

  const post = async (
    webhook: { headers: Record<string, string>; body: string },
    path = "/webhooks/generic",
  ) => {
    const response = await fetch(`${fleet.access.edgeUrl}${path}`, { method: "POST", ...webhook });
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after"),
      answer: (await response.json()) as {
        status?: string;
        id?: string;
        gateway?: string;
        error?: { code: string; message: string };
      },
    };
  };
  const sign = (id: string, event: { session: string; text: string }, at?: number) =>
    signWebhook(fleet.access.webhookSecret, id, event, at);
  const messages = async (session: string) =>
    (await fleet.api.session(fleet.name, session)).messages.map((m) => `${m.role}: ${m.text}`);

  it("answers a signed webhook, stores its reply, and answers its repetition with duplicate", async () => {
    const first = await post(sign("evt-1", { session: "alice", text: "hello" }));
    expect(first).toMatchObject({ status: 200, answer: { status: "accepted", id: "evt-1" } });
    await until("the reply", async () => (await messages("generic:alice")).length === 2);

    const second = await post(sign("evt-1", { session: "alice", text: "hello" }));
    expect(second).toMatchObject({ status: 200, answer: { status: "duplicate", id: "evt-1" } });
    // Another event after it: once that is through, a second reply to the first would be there too.
    await post(sign("evt-2", { session: "alice", text: "again" }));
    await until("the second reply", async () => (await messages("generic:alice")).length >= 4);
    expect(await messages("generic:alice")).toEqual([
      "user: hello",
      "assistant: echo: hello",
      "user: again",
      "assistant: echo: again",
    ]);
  });

  it("refuses what it must, each with its own code, and stores nothing of it", async () => {
    const good = sign("bad-1", { session: "mallory", text: "x" });
    const wrong = { ...good, headers: { ...good.headers, "webhook-signature": "v1,AAAA" } };
    expect((await post(wrong)).status).toBe(401);
    const old = sign(
      "bad-2",
      { session: "mallory", text: "x" },
      Math.floor(Date.now() / 1000) - 600,
    );
    expect((await post(old)).status).toBe(401);
    expect((await post(good, "/webhooks/nowhere")).status).toBe(404);
    const codes = new Set<string>();
    for (const [id, body] of [
      ["bad-3", "{not json"],
      ["bad-4", JSON.stringify({ session: "mallory", text: "x".repeat(70_000) })],
      ["bad-5", JSON.stringify({ session: "", text: "x" })],
    ] as const) {
      const answer = await post(signBody(fleet.access.webhookSecret, id, body));
      expect(answer.status).toBe(400);
      codes.add(answer.answer.error!.code);
    }
    expect(codes.size).toBeGreaterThan(0);
    const large = sign("bad-6", { session: "mallory", text: "y".repeat(1_100_000) });
    expect((await post(large)).status).toBe(413);
    expect(await messages("generic:mallory")).toEqual([]);
  });

  it("answers unknown paths with 404 and the JSON error", async () => {
    const response = await fetch(`${fleet.access.edgeUrl}/nothing-here`);
    expect(response.status).toBe(404);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBeTruthy();
  });

  it("refuses with 503 and Retry-After while Redis is dead, and goes on by itself after it is back", async () => {
    await fleet.docker("kill", fleet.container("redis"));
    const refused = await until("a refusal", async () => {
      const answer = await post(sign("down-1", { session: "bob", text: "are you there" }));
      return answer.status === 503 ? answer : null;
    });
    expect(refused.retryAfter).toBeTruthy();
    expect(refused.answer.error!.code).toBeTruthy();
    await fleet.docker("start", fleet.container("redis"));
    await until("the same event to be accepted", async () => {
      const answer = await post(sign("down-1", { session: "bob", text: "are you there" }));
      return answer.status === 200;
    });
    await until("its reply", async () => (await messages("generic:bob")).length === 2);
    expect(await messages("generic:bob")).toEqual([
      "user: are you there",
      "assistant: echo: are you there",
    ]);
    await fleet.settled();
  });

  it("changes nothing when brought up again", async () => {
    const before = await fleet.docker("ps", "-q", "--filter", `label=chela.fleet=${fleet.name}`);
    await fleet.upAgain();
    const after = await fleet.docker("ps", "-q", "--filter", `label=chela.fleet=${fleet.name}`);
    expect(after.split("\n").sort()).toEqual(before.split("\n").sort());
  });

  it("says which port is taken, and by whom, before it starts anything", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "0.0.0.0", () => resolve((server.address() as { port: number }).port)),
    );
    try {
      const failure = await Fleet.up({
        CHELA_NAME: `${fleet.name}-taken`,
        CHELA_EDGE_PORT: String(port),
      }).catch((error: Error) => error);
      expect(failure).toBeInstanceOf(Error);
      expect((failure as Error).message).toContain(String(port));
      expect((failure as Error).message).toContain("CHELA_EDGE_PORT");
      expect((failure as Error).message).toMatch(new RegExp(`node|${process.pid}`));
    } finally {
      server.close();
    }
  });

  it("names the faults of a gateway configuration by path and does not start", async () => {
    const { stdout } = await run("docker", [
      "inspect",
      "-f",
      "{{.Config.Image}}",
      fleet.container("gw-1"),
    ]);
    const faulty = JSON.stringify({
      gateway: {
        sesion: {},
        channels: { generic: { secret: "{{NO_SUCH_SECRET}}" } },
        assistant: { type: "echo" },
      },
    });
    const failure = await run("docker", [
      "run",
      "--rm",
      "--entrypoint",
      "sh",
      "-e",
      `FAULTY=${faulty}`,
      "-e",
      "CHELA_FLEET=x",
      "-e",
      "CHELA_GATEWAY=gw-x",
      "-e",
      "CHELA_CONFIG=/tmp/gateway.json",
      "-e",
      "CHELA_SECRETS=/tmp/secrets.env",
      stdout.trim(),
      "-c",
      'echo "$FAULTY" > /tmp/gateway.json; : > /tmp/secrets.env; exec node apps/gateway/src/main.ts',
    ]).catch((error: { stdout: string; stderr: string; code: number }) => error);
    expect(failure).toMatchObject({ code: 78 });
    const said = `${(failure as { stdout: string }).stdout}${(failure as { stderr: string }).stderr}`;
    expect(said).toContain("gateway.sesion");
    expect(said).toContain("NO_SUCH_SECRET");
  });
});
