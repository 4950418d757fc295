import { Refusal } from "@chela/shared/errors/refusal";
import { describe, expect, it } from "vitest";
import { viewerOf } from "../auth/viewer.ts";
import type { Actor, Console } from "../server/console.ts";
import { appRouter } from "../server/router.ts";
import type { Context } from "../server/trpc.ts";
import type { AuditEntry } from "../store/audit.ts";

type Verb = (...given: unknown[]) => Promise<unknown>;

const MUTATIONS = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
)
  .filter(([, { _def }]) => _def.type === "mutation")
  .map(([path]) => path);

/** Fits every mutation; what one does not know it leaves aside. */
const INPUT = {
  fleet: "f",
  gateway: "gw-1",
  host: "host-a",
  kind: "switchover",
  operationId: "op_1",
  reason: "because",
  userId: "u",
  loginId: "l",
  tokenId: "t",
  invitationId: "i",
  email: "new@example.com",
  roles: { "*": "viewer" },
  name: "ci",
  role: "viewer",
  days: 1,
  confirm: "f",
  shard: 0,
  id: "1-0",
  yaml: "fleet: f",
  stage: "s",
};

/** Whatever is asked of it, it does `answer`, and tells what it changed as the real ones do. */
function consoleThat(answer: () => unknown) {
  const written: AuditEntry[] = [];
  const verb =
    (room: string, name: string): Verb =>
    async (...given) => {
      if (room === "audit" && name === "append") return void written.push(given[0] as AuditEntry);
      if (room === "operations" && name === "get") return { fleet: "f" };
      const by = given.at(-1) as Actor;
      by.note?.({ before: { was: 1 }, after: { is: 2 } });
      return answer();
    };
  const console = new Proxy({} as Console, {
    get: (_, room) => new Proxy({}, { get: (_, name) => verb(String(room), String(name)) }),
  });
  return { console, written };
}

const admin = viewerOf("u-1", "Mira", "mira@example.com", { "*": "admin" }, "session");
const nobodyInF = viewerOf("u-2", "Jonas", "jonas@example.com", { other: "viewer" }, "session");

async function call(path: string, context: Partial<Context>, input: unknown = INPUT) {
  const caller = appRouter.createCaller({
    viewer: admin,
    loginId: "l",
    from: "192.0.2.1",
    requestId: "r-1",
    ...context,
  } as Context) as unknown as Record<string, Verb>;
  return caller[path]!(input).then(
    () => "done",
    () => "thrown",
  );
}

describe.each(MUTATIONS)("%s", (path) => {
  it("leaves one record of who did what, with before and after", async () => {
    const { console, written } = consoleThat(() => ({}));
    expect(await call(path, { console })).toBe("done");
    expect(written).toEqual([
      expect.objectContaining({
        actor: "mira@example.com",
        from: "192.0.2.1",
        requestId: "r-1",
        action: path === "failover.execute" ? "failover.switchover" : path,
        outcome: "done",
        code: null,
        before: { was: 1 },
        after: { is: 2 },
      }),
    ]);
  });

  it("leaves one when it is refused, and when the console fails", async () => {
    const refusing = consoleThat(() => {
      throw new Refusal("CONFLICT", "floor", "Too few would be left.");
    });
    expect(await call(path, { console: refusing.console })).toBe("thrown");
    expect(refusing.written).toMatchObject([
      { outcome: "refused", code: "floor", detail: "Too few would be left.", after: null },
    ]);
    const failing = consoleThat(() => {
      throw new Error("password=hunter2");
    });
    expect(await call(path, { console: failing.console })).toBe("thrown");
    expect(failing.written).toMatchObject([{ outcome: "failed", code: "fault" }]);
    expect(JSON.stringify(failing.written)).not.toContain("hunter2");
  });

  it("leaves none of somebody who is not logged in", async () => {
    const { console, written } = consoleThat(() => ({}));
    expect(await call(path, { console, viewer: null })).toBe("thrown");
    expect(written).toEqual([]);
  });
});

it("is written down when the role does not reach, or the input is bad", async () => {
  const { console, written } = consoleThat(() => ({}));
  await call("hosts.revoke", { console, viewer: nobodyInF }, { fleet: "f", host: "host-a" });
  await call("hosts.revoke", { console }, { fleet: "f", host: "" });
  expect(written).toMatchObject([
    { actor: "jonas@example.com", subject: "host-a", outcome: "refused", code: "no-role" },
    { actor: "mira@example.com", subject: "", outcome: "refused", code: "bad-input" },
  ]);
});
