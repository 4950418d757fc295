import type { Sample } from "../figures/sample.ts";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

/** A day and a bit more than what a window of 30 days reads. */
const DEDUPE_KEPT_MINUTES = 31 * 24 * 60;
/** Rows in one statement: a store takes so many values at a time. */
const ROWS_MAX = 500;

export interface DedupeMinute {
  minute: number;
  channel: string;
  accepted: number;
  duplicates: number;
}

export interface StoredSamples {
  stepSeconds: number;
  samples: readonly Sample[];
}

/** Figures that are no longer in memory: samples of two widths, and what deduplication saved, by minute. */
export class FigureStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of it in one write. What is written again (because a step was not over) replaces itself. */
  async put(
    fleet: string,
    figures: { dedupe: readonly DedupeMinute[]; samples: readonly StoredSamples[] },
  ): Promise<void> {
    const minutes = figures.dedupe.map((minute) => ({ fleet, ...minute }));
    const samples = figures.samples.flatMap(({ stepSeconds, samples }) =>
      samples.map((sample) => rowOf(fleet, stepSeconds, sample)),
    );
    if (minutes.length + samples.length === 0) return;
    await this.#database.transaction().execute(async (transaction) => {
      for (const rows of slices(minutes)) {
        await transaction
          .insertInto("dedupe_minutes")
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(["fleet", "minute", "channel"]).doUpdateSet((update) => ({
              accepted: update.ref("excluded.accepted"),
              duplicates: update.ref("excluded.duplicates"),
            })),
          )
          .execute();
      }
      for (const rows of slices(samples)) {
        await transaction
          .insertInto("figure_samples")
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(["fleet", "step", "at"]).doUpdateSet((update) => ({
              seen: update.ref("excluded.seen"),
              accepted: update.ref("excluded.accepted"),
              duplicates: update.ref("excluded.duplicates"),
              looks: update.ref("excluded.looks"),
              sessions: update.ref("excluded.sessions"),
              sessions_by_gateway: update.ref("excluded.sessions_by_gateway"),
              accept_p99: update.ref("excluded.accept_p99"),
              backlog: update.ref("excluded.backlog"),
            })),
          )
          .execute();
      }
    });
  }

  /** Oldest first, from `fromMs` on. */
  async samples(fleet: string, stepSeconds: number, fromMs: number): Promise<Sample[]> {
    const rows = await this.#database
      .selectFrom("figure_samples")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("step", "=", stepSeconds)
      .where("at", ">=", fromMs)
      .orderBy("at")
      .execute();
    return rows.map(sampleOf);
  }

  /** Sums by channel over minutes `from` ≤ m < `until`. */
  async dedupe(
    fleet: string,
    from: number,
    until: number,
  ): Promise<{ channel: string; accepted: number; duplicates: number }[]> {
    const rows = await this.#database
      .selectFrom("dedupe_minutes")
      .select((select) => [
        "channel",
        select.fn.sum<number>("accepted").as("accepted"),
        select.fn.sum<number>("duplicates").as("duplicates"),
      ])
      .where("fleet", "=", fleet)
      .where("minute", ">=", from)
      .where("minute", "<", until)
      .groupBy("channel")
      .orderBy("channel")
      .execute();
    return rows.map((row) => ({
      channel: row.channel,
      accepted: Number(row.accepted),
      duplicates: Number(row.duplicates),
    }));
  }

  /**
   * Forgets what is older than it is kept for, no more than an hour's worth of each kind at a time: also after a long
   * time off, nobody waits for a big delete.
   */
  async forgetOld(
    fleet: string,
    nowMs: number,
    kept: readonly { stepSeconds: number; keptMs: number }[],
  ): Promise<void> {
    for (const { stepSeconds, keptMs } of kept) {
      const { oldest } = await this.#database
        .selectFrom("figure_samples")
        .select((select) => select.fn.min("at").as("oldest"))
        .where("fleet", "=", fleet)
        .where("step", "=", stepSeconds)
        .executeTakeFirstOrThrow();
      const end = Math.min(nowMs - keptMs, Number(oldest ?? nowMs) + 3_600_000);
      if (oldest === null || Number(oldest) >= end) continue;
      await this.#database
        .deleteFrom("figure_samples")
        .where("fleet", "=", fleet)
        .where("step", "=", stepSeconds)
        .where("at", "<", end)
        .execute();
    }
    const { oldest } = await this.#database
      .selectFrom("dedupe_minutes")
      .select((select) => select.fn.min("minute").as("oldest"))
      .where("fleet", "=", fleet)
      .executeTakeFirstOrThrow();
    const minute = Math.floor(nowMs / 60_000) - DEDUPE_KEPT_MINUTES;
    const end = Math.min(minute, Number(oldest ?? minute) + 60);
    if (oldest === null || Number(oldest) >= end) return;
    await this.#database
      .deleteFrom("dedupe_minutes")
      .where("fleet", "=", fleet)
      .where("minute", "<", end)
      .execute();
  }
}

type Row = Tables["figure_samples"];

const rowOf = (fleet: string, step: number, sample: Sample): Row => ({
  fleet,
  step,
  at: sample.atMs,
  seen: sample.seenMs,
  accepted: sample.accepted,
  duplicates: sample.duplicates,
  looks: sample.looks,
  sessions: sample.sessions,
  sessions_by_gateway: JSON.stringify(sample.sessionsByGateway),
  accept_p99: sample.acceptP99Ms,
  backlog: sample.backlog,
});

const sampleOf = (row: Row): Sample => ({
  atMs: row.at,
  seenMs: row.seen,
  accepted: row.accepted,
  duplicates: row.duplicates,
  looks: row.looks,
  sessions: row.sessions,
  sessionsByGateway: JSON.parse(row.sessions_by_gateway) as Record<string, number>,
  acceptP99Ms: row.accept_p99,
  backlog: row.backlog,
});

function* slices<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_MAX) yield rows.slice(at, at + ROWS_MAX);
}
