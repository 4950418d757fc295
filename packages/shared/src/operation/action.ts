import type { FleetChange } from "../fleet/fleet-change.ts";
import type { FleetMode } from "../fleet/view.ts";

/**
 * What an operation asks to be done. Every action may be done again with the same `key` and then changes nothing
 * more: that is what lets a console die between any two lines.
 */
export type Action =
  /** Compare-and-set of the preference; `ref` is used for this one write. Leaves `generation` + 1. */
  | { type: "prefer"; generation: number; preferred: string[]; ref: string }
  /** Deadlines for the planned hand-over, then wait until `to` holds every shard. */
  | { type: "handover"; generation: number; to: string }
  /** Take every shard from whoever else holds it, without asking, then wait until `to` holds them all. */
  | { type: "fence"; generation: number; to: string }
  /** Requests through every edge are answered. */
  | { type: "verify" }
  /** The image stands on this host, from wherever it can be had. */
  | { type: "image"; host: string; image: string; imageId: string }
  /** No shard, nothing in flight; keeps accepting. */
  | { type: "drain"; gateway: string }
  | { type: "undrain"; gateway: string }
  /**
   * `drained`: only if it still says that it holds nothing. `urgent`: the old one is bad; it stops accepting at once
   * and has two seconds to hand over. `weight`: the new one gets this weight.
   */
  | {
      type: "replace";
      gateway: string;
      release: number;
      drained: boolean;
      urgent?: boolean;
      weight?: number;
    }
  /** A second container of the gateway with this release, beside the one that serves. */
  | { type: "surge"; gateway: string; release: number }
  /** The surge container takes the gateway's name; the old one has drained and is gone. */
  | { type: "take-over"; gateway: string; release: number }
  /** No surge container of this gateway is left; the one that serves goes on. */
  | { type: "unsurge"; gateway: string }
  | { type: "restart"; gateway: string }
  /** Answers that it is ready, with this release (null: any), within the time; `surge`: the surge container does. */
  | { type: "healthy"; gateway: string; release: number | null; withinMs: number; surge?: boolean }
  /** What its container said last, for the record; never a reason to fail. */
  | { type: "last-words"; gateway: string }
  /**
   * So many percent of the shards go to these gateways; null: no canary any more. Compare-and-set on the generation;
   * `ref` is used for this one write.
   */
  | {
      type: "canary";
      gateways: string[];
      percent: number | null;
      generation: number;
      ref: string;
    }
  /** The fleet's release is this one now. */
  | { type: "settle"; release: number }
  | {
      type: "create";
      gateway: string;
      host: string;
      weight: number;
      backup: boolean;
      release: number;
    }
  /** The fleet does not have this gateway any more. */
  | { type: "forget"; gateway: string }
  /** Its container is gone. `drained`: only if it still says that it holds nothing. */
  | { type: "remove"; gateway: string; host: string; drained: boolean }
  /** Every edge runs what the fleet asks for; `without`: as if these gateways were gone, because they go next. */
  | { type: "edges"; without?: string[] }
  /** No new gateway is placed there. */
  | { type: "cordon"; host: string }
  /** The console's own record of the fleet; containers and Redis follow by other actions. */
  | { type: "settings"; settings: NonNullable<FleetChange["settings"]> }
  /** The control record has this mode; `ref` is used for this one write. */
  | { type: "mode"; mode: FleetMode; actives: number; ref: string }
  /** The gateway is removed where it was and started, same name and release, on another host. */
  | {
      type: "move";
      gateway: string;
      from: string;
      to: string;
      weight: number;
      drained: boolean;
    }
  /** The edge's container is gone and the fleet does not have it any more. */
  | { type: "remove-edge"; edge: string; host: string };

export type ActionResult =
  /** `pauseMs`: how long nobody held a shard, where shards moved and it was measured. */
  | { ok: true; detail: string | null; pauseMs?: number }
  /** `reason` is stable: machines branch on it. */
  | { ok: false; reason: string; message: string };

/** An action under the name that makes it the same one when it is asked for again. */
export interface Order {
  /** Unique within the operation; also the step that containers are labelled with. */
  key: string;
  action: Action;
}
