import { HANDOVER_ALLOWED_MS, holdersFirst } from "@chela/shared/failover/plan";
import type { Lease } from "@chela/shared/lease/schema";
import type { Action, ActionResult } from "@chela/shared/operation/action";
import { duration } from "@chela/shared/operation/steps";
import type { Moved } from "../../fleet/redis-lease-watch.ts";
import { type ActDeps, askRedis, done, notDone } from "./context.ts";

/** The holder's renewals are refused at the deadline; its leases end a TTL later at the latest. */
const AFTER_DEADLINE_MS = 4_000;
const FENCE_ALLOWED_MS = 5_000;

type Of<T extends Action["type"]> = Extract<Action, { type: T }>;

export async function prefer(deps: ActDeps, action: Of<"prefer">): Promise<ActionResult> {
  const answer = await askRedis(() =>
    deps.control.change(action.generation, { preferred: action.preferred }, action.ref),
  );
  switch (answer.result) {
    case "done":
      return done(`Generation ${answer.generation}.`);
    case "superseded":
      return superseded(answer.generation, action.generation);
    case "missing":
      return noRecord();
  }
}

export async function canary(
  deps: ActDeps,
  { gateways, percent, generation, ref }: Of<"canary">,
  signal: AbortSignal,
): Promise<ActionResult> {
  return askRedis(async () => {
    const change = {
      preferred: holdersFirst(await deps.observer.look()),
      canary: percent === null ? null : { gateways, percent },
    };
    const answer = await deps.control.change(generation, change, ref);
    if (answer.result === "superseded") return superseded(answer.generation, generation);
    if (answer.result === "missing") return noRecord();
    const outcome = await deps.leases.follow(
      () => deps.control.wake("canary"),
      (lease) => confirmed(lease, answer.generation),
      HANDOVER_ALLOWED_MS + AFTER_DEADLINE_MS,
      signal,
    );
    const share =
      percent === null
        ? "No gateway has a share of its own any more."
        : `${percent} % of the shards are for ${gateways.join(", ")}.`;
    return done(
      "missing" in outcome
        ? `${share} ${outcome.missing} shards have not moved yet; the gateways go on by themselves.`
        : share,
    );
  });
}

export async function handover(
  deps: ActDeps,
  action: Of<"handover">,
  signal: AbortSignal,
): Promise<ActionResult> {
  return askRedis(async () => {
    const record = await deps.control.read();
    const shared = record?.mode === "active-active";
    const leases = await deps.leases.read();
    const due = deps.leases.shards.filter((shard) => leases[shard]?.holder !== action.to);
    const outcome = await deps.leases.follow(
      // Spread over several actives, who gets which shard is the gateways' own rule.
      () =>
        shared
          ? deps.control.wake("preferred")
          : deps.control.handover(due, action.generation, action.to, HANDOVER_ALLOWED_MS),
      (lease) => (shared ? confirmed(lease, action.generation) : lease?.holder === action.to),
      HANDOVER_ALLOWED_MS + AFTER_DEADLINE_MS,
      signal,
    );
    return told(outcome, action.to, deps.leases.shards.length);
  });
}

const superseded = (now: number, planned: number) =>
  notDone(
    "superseded",
    `The control record was changed meanwhile (generation ${now}, planned with ${planned}): look again and repeat.`,
  );
const noRecord = () =>
  notDone("no-control-record", "The fleet has no control record in Redis: repeat in a moment.");

/** Its holder was confirmed under this generation or a later one. */
const confirmed = (lease: Lease | null, generation: number) =>
  lease !== null && lease.generation >= generation;

export async function fence(
  deps: ActDeps,
  action: Of<"fence">,
  signal: AbortSignal,
): Promise<ActionResult> {
  return askRedis(async () => {
    const leases = await deps.leases.read();
    const due = deps.leases.shards.flatMap((shard) => {
      const lease = leases[shard];
      return lease && lease.holder !== action.to
        ? [
            {
              shard,
              holder: lease.holder,
              incarnation: lease.incarnation,
              epochSeen: deps.observer.epochSeen(shard),
            },
          ]
        : [];
    });
    const outcome = await deps.leases.follow(
      async () => {
        await deps.control.fence(due, action.generation, action.to, FENCE_ALLOWED_MS);
      },
      (lease) => lease?.holder === action.to,
      FENCE_ALLOWED_MS + AFTER_DEADLINE_MS,
      signal,
    );
    return told(outcome, action.to, deps.leases.shards.length);
  });
}

function told(outcome: Moved | { missing: number }, to: string, shards: number): ActionResult {
  if ("missing" in outcome) {
    return notDone(
      "not-moved",
      `${outcome.missing} of ${shards} shards have not arrived at ${to} in time. The preference stands: the gateways go on by themselves. Look at ${to}'s log.`,
    );
  }
  if (outcome.moved === 0) return done(`Every shard was at ${to} at the first look.`);
  return {
    ok: true,
    detail: `${outcome.moved} shards moved in ${duration(outcome.tookMs)}; longest pause ${duration(outcome.pauseMs)}.`,
    pauseMs: Math.round(outcome.pauseMs),
  };
}
