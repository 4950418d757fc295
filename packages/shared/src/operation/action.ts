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
  /** `drained`: only if it still says that it holds nothing. */
  | { type: "replace"; gateway: string; release: number; drained: boolean }
  | { type: "restart"; gateway: string }
  /** Answers that it is ready, with this release (null: any), within the time. */
  | { type: "healthy"; gateway: string; release: number | null; withinMs: number }
  /** Stays healthy until then (wall time, so that a restart of the console neither skips nor repeats it). */
  | { type: "soak"; gateway: string; untilMs: number }
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
  /** The fleet does not have this gateway any more; its container is still there. */
  | { type: "forget"; gateway: string }
  | { type: "remove"; gateway: string; host: string }
  /** Every edge runs what the fleet asks for. */
  | { type: "edges" };

export type ActionResult =
  | { ok: true; detail: string | null }
  /** `reason` is stable: machines branch on it. */
  | { ok: false; reason: string; message: string };

/** An action under the name that makes it the same one when it is asked for again. */
export interface Order {
  /** Unique within the operation; also the step that containers are labelled with. */
  key: string;
  action: Action;
}
