import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fleetSpecSchema } from "@chela/shared/fleet/spec";
import type { SequenceState } from "@chela/shared/operation/sequence";
import { beginSequence } from "@chela/shared/operation/sequence";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Operation } from "../controller/operation.ts";
import { StaleController } from "../controller/stale-controller.ts";
import { takeControllerLease } from "./controller-lease.ts";
import { FigureStore } from "./figures.ts";
import { FleetStore } from "./fleets.ts";
import { HostStore } from "./hosts.ts";
import { OperationStore, OtherOperation, StaleWrite } from "./operations.ts";
import { type Database, openSqlite } from "./sqlite.ts";

let folder: string;
let database: Database;
let epoch: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chela-store-"));
  database = await openSqlite(join(folder, "console.sqlite"));
  epoch = await takeControllerLease(database, "c");
});
afterEach(async () => {
  await database.destroy();
  rmSync(folder, { recursive: true });
});

const machine = (): SequenceState =>
  beginSequence([{ name: "verify", action: { type: "verify" } }], { success: "Done." }, 0);
const operation = (id: string, over: Partial<Operation> = {}): Operation => ({
  id,
  fleet: "f",
  kind: "edge-apply",
  title: "Apply",
  machine: machine(),
  failover: null,
  version: 1,
  requestedBy: "me",
  reason: null,
  idempotencyKey: null,
  startedAtMs: 1,
  endedAtMs: null,
  ...over,
});
const over = (from: Operation): Operation => ({
  ...from,
  machine: { ...(from.machine as SequenceState), state: "succeeded" },
  endedAtMs: 2,
});

describe("operations", () => {
  it("come back as they were written, after the file was closed and opened", async () => {
    const store = new OperationStore(database);
    await store.create(operation("op_1"), epoch);
    await database.destroy();
    database = await openSqlite(join(folder, "console.sqlite"));
    expect(await new OperationStore(database).open("f")).toEqual(operation("op_1"));
  });

  it("run one at a time on a fleet, and another fleet's do not count", async () => {
    const store = new OperationStore(database);
    const first = await store.create(operation("op_1"), epoch);
    await expect(store.create(operation("op_2"), epoch)).rejects.toBeInstanceOf(OtherOperation);
    await store.create(operation("op_3", { fleet: "other" }), epoch);
    await store.save(over(first), epoch);
    await store.create(operation("op_2"), epoch);
    expect((await store.open("f"))?.id).toBe("op_2");
  });

  it("of two begun at the same time one is refused, and by name", async () => {
    const store = new OperationStore(database);
    const begun = await Promise.allSettled(
      ["op_1", "op_2"].map((id) => store.create(operation(id), epoch)),
    );
    expect(begun.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = begun.find((each) => each.status === "rejected")!;
    expect(refused.reason).toBeInstanceOf(OtherOperation);
  });

  it("are the same for the same idempotency key, also once over", async () => {
    const store = new OperationStore(database);
    const first = await store.create(operation("op_1", { idempotencyKey: "k" }), epoch);
    await store.save(over(first), epoch);
    expect((await store.create(operation("op_2", { idempotencyKey: "k" }), epoch)).id).toBe("op_1");
  });

  it("refuse a write from an old version or an earlier controller", async () => {
    const store = new OperationStore(database);
    const first = await store.create(operation("op_1"), epoch);
    const second = await store.save(first, epoch);
    await expect(store.save(first, epoch)).rejects.toBeInstanceOf(StaleWrite);
    expect(await takeControllerLease(database, "c")).toBe(epoch + 1);
    await expect(store.save(second, epoch)).rejects.toBeInstanceOf(StaleWrite);
    await expect(store.create(over(operation("op_2")), epoch)).rejects.toThrow(StaleController);
  });

  it("are listed newest first, page by page", async () => {
    const store = new OperationStore(database);
    for (const id of ["op_1", "op_2", "op_3"]) await store.create(over(operation(id)), epoch);
    const first = await store.list({ fleet: "f", limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(["op_3", "op_2"]);
    const second = await store.list({ fleet: "f", limit: 2, cursor: first.nextCursor! });
    expect(second).toMatchObject({ items: [{ id: "op_1" }], nextCursor: null });
  });
});

describe("fleets", () => {
  it("keep their spec when a first one is offered again, and number their releases", async () => {
    const store = new FleetStore(database);
    const first = {
      fleet: "f",
      mode: "active-standby" as const,
      actives: 1,
      shards: 16,
      keyPrefix: "openclaw:",
      release: null,
      gateways: [],
      edges: [],
      reconcile: "manual" as const,
      floor: 1,
      failoverPaused: null,
    };
    await store.ensure(first, 1);
    await store.save({ ...first, release: 3 }, epoch);
    expect(await store.ensure(first, 2)).toMatchObject({ release: 3 });
    const image = {
      fleet: "f",
      image: "i",
      imageId: "x",
      config: "{}",
      configHash: "h",
      createdAtMs: 1,
    };
    expect((await store.addRelease(image, epoch)).number).toBe(1);
    expect((await store.addRelease(image, epoch)).number).toBe(2);
    expect(await store.release("f", 2)).toMatchObject({ number: 2, image: "i" });
    const numbers = async (before: number | null, limit: number) =>
      (await store.releases("f", before, limit)).map(({ number }) => number);
    expect(await numbers(null, 9)).toEqual([2, 1]);
    expect(await numbers(2, 9)).toEqual([1]);
    expect(await numbers(null, 1)).toEqual([2]);
  });
});

describe("a paused controller that wakes up ⚑", () => {
  it("changes neither a fleet's spec nor its releases once another one acts", async () => {
    const store = new FleetStore(database);
    const spec = fleetSpecSchema.parse({
      ...{ fleet: "f", mode: "active-standby", actives: 1, shards: 16, keyPrefix: "openclaw:" },
      ...{ release: null, gateways: [], edges: [] },
    });
    await store.ensure(spec, 1);
    await takeControllerLease(database, "another");
    await expect(store.save({ ...spec, actives: 2 }, epoch)).rejects.toThrow(StaleController);
    const release = { fleet: "f", image: "i", imageId: "x", config: "{}", configHash: "h" };
    await expect(store.addRelease({ ...release, createdAtMs: 1 }, epoch)).rejects.toThrow(
      StaleController,
    );
    expect(await store.ensure(spec, 2)).toEqual(spec);
    expect(await store.release("f", 1)).toBeNull();
  });
});

describe("a join token", () => {
  const token = {
    hash: "h",
    fleet: "f",
    host: "host-a",
    region: null,
    createdBy: "me",
    expiresAtMs: 1_000,
  };

  it("lets its own host in, once, and not after its time", async () => {
    const store = new HostStore(database);
    await store.addToken(token);
    expect(await store.takeToken("h", "f", "host-b", 1)).toBeNull();
    const taken = await Promise.all([1, 2].map(() => store.takeToken("h", "f", "host-a", 1)));
    expect(taken.filter((entry) => entry !== null)).toHaveLength(1);
    await store.addToken({ ...token, hash: "late" });
    expect(await store.takeToken("late", "f", "host-a", 1_000)).toBeNull();
  });

  it("a revoked host is no host any more", async () => {
    const store = new HostStore(database);
    const host = {
      fleet: "f",
      name: "host-a",
      region: null,
      place: "remote" as const,
      secretHash: "s",
      cordoned: false,
      joinedAtMs: 1,
    };
    await store.put(host);
    await store.setCordoned("f", "host-a", true);
    expect(await store.list("f")).toEqual([{ ...host, cordoned: true }]);
    await store.revoke("f", "host-a", 2);
    expect(await store.list("f")).toEqual([]);
  });
});

describe("figures", () => {
  it("a minute that is written again counts once", async () => {
    const store = new FigureStore(database);
    const minute = { minute: 10, channel: "generic", accepted: 5, duplicates: 1 };
    await store.put("f", { dedupe: [minute], samples: [] });
    await store.put("f", {
      dedupe: [
        { ...minute, accepted: 7 },
        { ...minute, minute: 11 },
      ],
      samples: [],
    });
    expect(await store.dedupe("f", 10, 12)).toEqual([
      { channel: "generic", accepted: 12, duplicates: 2 },
    ]);
    expect(await store.dedupe("f", 11, 12)).toEqual([
      { channel: "generic", accepted: 5, duplicates: 1 },
    ]);
  });
});
