import { describe, expect, it } from "vitest";
import { type Attempt, attemptEntry } from "./attempt.ts";

const attempt = (over: Partial<Attempt>): Attempt => ({
  path: "hosts.cordon",
  input: { fleet: "f", host: "host-a" },
  actor: "mira",
  from: "192.0.2.1",
  requestId: "r",
  notes: {},
  ending: { outcome: "done" },
  ...over,
});

describe("the record of a request", () => {
  it("says who, what, to what, before and after", () => {
    const notes = { before: { cordoned: false }, after: { cordoned: true } };
    expect(attemptEntry(attempt({ notes }))).toMatchObject({
      actor: "mira",
      from: "192.0.2.1",
      action: "hosts.cordon",
      fleet: "f",
      subject: "host-a",
      outcome: "done",
      code: null,
      ...notes,
    });
  });

  it("does not say of what was refused that it is so now", () => {
    const entry = attemptEntry(
      attempt({
        notes: { before: { cordoned: false }, after: { cordoned: true } },
        ending: { outcome: "refused", code: "floor", detail: "Too few would be left." },
      }),
    );
    expect(entry).toMatchObject({
      outcome: "refused",
      code: "floor",
      detail: "Too few would be left.",
      before: { cordoned: false },
      after: null,
    });
  });

  it("keeps planned and forced apart", () => {
    const input = { fleet: "f", gateway: "gw-2", kind: "failover", reason: "it hangs" };
    expect(attemptEntry(attempt({ path: "failover.execute", input }))).toMatchObject({
      action: "failover.failover",
      subject: "gw-2",
      reason: "it hangs",
    });
  });

  it.each([null, "text", 7, [], { fleet: 7, host: {} }])("takes any input: %j", (input) => {
    expect(attemptEntry(attempt({ input }))).toMatchObject({ fleet: null, subject: null });
  });
});
