import { decide } from "../rules.ts";
import type { Lease } from "../schema.ts";
import {
  type Action,
  type Candidate,
  DEFAULT_RULE_TIMES,
  type Held,
  type ShardSight,
  type Snapshot,
} from "../snapshot.ts";

/** What gw-1 sees, for tests of what it does then. */

export const TTL = 2_000;
export const NOW = 100_000;
export const times = { ...DEFAULT_RULE_TIMES, ttlMs: TTL };
export const SHARDS = 2;

export const gateway = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
  name,
  incarnation: `${name}-a`,
  weight: 1,
  draining: false,
  assistantUp: true,
  tilt: false,
  since: 1,
  ...changes,
});
export const lease = (holder: string, generation = 1, changes: Partial<Lease> = {}): Lease => ({
  holder,
  incarnation: `${holder}-a`,
  epoch: 7,
  beat: 3,
  generation,
  ...changes,
});
export const sight = (
  of: Lease | null,
  unchangedForMs = 100,
  handover: ShardSight["handover"] = null,
): ShardSight => ({
  lease: of,
  unchangedSinceMs: NOW - unchangedForMs,
  blank: false,
  handover,
  moves: [],
});
export const held = (generation = 1, changes: Partial<Held> = {}): Held => ({
  epoch: 7,
  generation,
  acquiredAtMs: NOW - 60_000,
  ceding: null,
  ...changes,
});
export const order = (to: string, generation: number, inMs: number) => ({
  generation,
  to,
  deadlineMs: 0,
  deadlineAtMs: NOW + inMs,
});

export interface Scene {
  self?: Partial<Snapshot["self"]>;
  others?: Candidate[];
  control?: Partial<Snapshot["control"]>;
  shards?: ShardSight[];
  held?: Held[];
  heldShards?: Map<number, Held>;
}
/** What gw-1 does. */
export function act(scene: Scene): Action[] {
  const control = {
    layout: 1,
    shards: SHARDS,
    mode: "active-standby" as const,
    actives: 1,
    preferred: ["gw-1"],
    generation: 1,
    operation: "",
    canary: null,
    paused: false,
    flapAcknowledged: 0,
  };
  const snapshot: Snapshot = {
    self: { ...gateway("gw-1"), stopByMs: null, ...scene.self },
    others: scene.others ?? [gateway("gw-2")],
    control: { ...control, ...scene.control },
    shards: scene.shards ?? [sight(null), sight(null)],
    held: scene.heldShards ?? new Map((scene.held ?? []).map((h, shard) => [shard, h])),
  };
  return decide(snapshot, times, NOW);
}
export const kinds = (actions: Action[]) => actions.map((a) => a.type);
export const both = (s: ShardSight) => [s, s];
export const holding = (generation = 1): Pick<Scene, "shards" | "held"> => ({
  shards: both(sight(lease("gw-1", generation))),
  held: [held(generation), held(generation)],
});
