import type { GatewayStatus, HostConfiguration } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import { type IncarnationNote, killedBy, noteIncarnation } from "./incarnations.ts";
import { RedisLeaseRelease } from "./redis-lease-release.ts";

const RETRY_MS = 50;
/** After this the leases have run out by themselves. */
const RELEASE_WITHIN_MS = 3_000;

export interface LeaseHintsDeps {
  readonly clock: Clock;
  readonly released: (gateway: string, shards: number, ms: number) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Proof of death beats a time-out: when a gateway's container has ended, exactly the leases of the incarnation
 * that ran in it are released. Only a hint: without it the leases run out.
 */
export class LeaseHints {
  readonly #deps: LeaseHintsDeps;
  #notes: readonly IncarnationNote[] = [];
  #redis: RedisLeaseRelease | null = null;

  constructor(deps: LeaseHintsDeps) {
    this.#deps = deps;
  }

  configure(configuration: HostConfiguration): void {
    this.#redis?.close();
    this.#redis = new RedisLeaseRelease(configuration, this.#deps.failed);
  }

  saw(container: string, status: GatewayStatus, atMs: number): void {
    const { gateway, incarnation } = status;
    const startedAtMs = atMs - status.uptimeMs;
    this.#notes = noteIncarnation(this.#notes, { container, gateway, incarnation, startedAtMs });
  }

  /** Docker says that the container's process ended at that time. Told twice, nothing happens twice. */
  died(container: string, diedAtMs: number): void {
    const { dead, rest } = killedBy(this.#notes, container, diedAtMs);
    this.#notes = rest;
    for (const note of dead) void this.#release(note);
  }

  close(): void {
    this.#redis?.close();
  }

  async #release(note: IncarnationNote): Promise<void> {
    const { clock, released, failed } = this.#deps;
    const startMs = clock.monotonicMs();
    for (;;) {
      try {
        const shards = (await this.#redis?.release(note.gateway, note.incarnation)) ?? 0;
        return released(note.gateway, shards, clock.monotonicMs() - startMs);
      } catch (error) {
        if (clock.monotonicMs() - startMs > RELEASE_WITHIN_MS) return failed(error as Error);
        await clock.sleep(RETRY_MS);
      }
    }
  }
}
