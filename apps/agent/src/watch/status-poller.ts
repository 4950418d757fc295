import { type GatewayStatus, LABEL } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import type { ContainerView } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import { AdminClient } from "../gateway/admin-client.ts";

const POLL_EVERY_MS = 300;
const POLL_TIMEOUT_MS = 1_000;
const DRAIN_TIMEOUT_MS = 3_000;
/** One that hangs is not waited for. */
const HURRY_TIMEOUT_MS = 500;
/** A gateway that has answered and then says nothing for this long is worth an event. */
const SILENT_AFTER_MS = 2_000;

export interface StatusNote {
  readonly status: GatewayStatus | null;
  /** Of the last answer; null: there was none. */
  readonly at: string | null;
  readonly error: string | null;
}

export interface PollerHooks {
  /** Each answer, with the wall time at which it came. */
  readonly answered: (container: ContainerView, status: GatewayStatus, atMs: number) => void;
  /** The kept connection ended: perhaps it died. */
  readonly dropped: (containerId: string) => void;
  readonly silent: (gateway: string, reason: string) => void;
  /** Something in a status that others wait for has changed. */
  readonly changed: () => void;
}

interface Poll {
  readonly view: ContainerView;
  readonly client: AdminClient;
  readonly stop: AbortController;
  note: StatusNote;
  answeredMs: number | null;
  toldSilent: boolean;
}

/** Asks each running gateway for its status a few times a second, over one kept connection each. */
export class StatusPoller {
  readonly #clock: Clock;
  readonly #hooks: PollerHooks;
  readonly #adminToken: (gateway: string) => string;
  /** By container and start: after a restart it is another process, perhaps at another address. */
  readonly #polls = new Map<string, Poll>();

  constructor(clock: Clock, adminToken: (gateway: string) => string, hooks: PollerHooks) {
    this.#clock = clock;
    this.#adminToken = adminToken;
    this.#hooks = hooks;
  }

  /** Follows exactly these containers, of which only running gateways count. */
  sync(views: readonly ContainerView[]): void {
    const wanted = new Map(
      views
        .filter((view) => view.labels[LABEL.gateway] !== undefined)
        .filter((view) => isUp(view) && view.address !== null)
        .map((view) => [keyOf(view), view]),
    );
    for (const [key, poll] of this.#polls) {
      if (wanted.has(key)) continue;
      this.#polls.delete(key);
      poll.stop.abort();
      poll.client.close();
    }
    for (const [key, view] of wanted) {
      if (!this.#polls.has(key)) this.#begin(key, view);
    }
  }

  note(view: ContainerView): StatusNote {
    const poll = this.#polls.get(keyOf(view));
    // The view may be newer than the poll: what has ended has no status, whatever it said before.
    if (poll !== undefined && isUp(view)) return poll.note;
    return { status: null, at: poll?.note.at ?? null, error: `Its container is ${view.state}.` };
  }

  setDraining(view: ContainerView, draining: boolean): Promise<GatewayStatus> {
    return this.#command(view, (client) => client.drain(draining, DRAIN_TIMEOUT_MS));
  }

  async hurryAway(view: ContainerView): Promise<void> {
    await this.#command(view, (client) => client.hurryAway(HURRY_TIMEOUT_MS));
  }

  stop(): void {
    this.sync([]);
  }

  async #command(
    view: ContainerView,
    call: (client: AdminClient) => Promise<GatewayStatus>,
  ): Promise<GatewayStatus> {
    const poll = this.#polls.get(keyOf(view));
    if (poll === undefined) {
      throw new AgentFault(
        "GATEWAY_UNREACHABLE",
        `${view.name} is ${view.state}, so nothing can be asked of it.`,
      );
    }
    // A connection of its own: the kept one may be waiting for a status.
    const client = new AdminClient(poll.view.address ?? "", this.#tokenOf(view), () => {});
    try {
      const status = await call(client);
      this.#keep(poll, status);
      return status;
    } finally {
      client.close();
    }
  }

  #begin(key: string, view: ContainerView): void {
    const stop = new AbortController();
    const dropped = () => {
      if (!stop.signal.aborted) this.#hooks.dropped(view.id);
    };
    const poll: Poll = {
      view,
      client: new AdminClient(view.address ?? "", this.#tokenOf(view), dropped),
      stop,
      note: { status: null, at: null, error: "It has not answered yet." },
      answeredMs: null,
      toldSilent: false,
    };
    this.#polls.set(key, poll);
    void this.#loop(poll);
  }

  async #loop(poll: Poll): Promise<void> {
    const { signal } = poll.stop;
    while (!signal.aborted) {
      try {
        const status = await poll.client.status(POLL_TIMEOUT_MS);
        if (!signal.aborted) this.#keep(poll, status);
      } catch (error) {
        if (!signal.aborted) this.#missed(poll, (error as Error).message);
      }
      await this.#clock.sleep(POLL_EVERY_MS, signal);
    }
  }

  #keep(poll: Poll, status: GatewayStatus): void {
    const before = poll.note;
    const atMs = this.#clock.wallMs();
    poll.note = { status, at: new Date(atMs).toISOString(), error: null };
    poll.answeredMs = this.#clock.monotonicMs();
    poll.toldSilent = false;
    this.#hooks.answered(poll.view, status, atMs);
    if (gist(before.status) !== gist(status)) this.#hooks.changed();
  }

  #missed(poll: Poll, error: string): void {
    const was = poll.note.status;
    poll.note = { status: null, at: poll.note.at, error };
    const { answeredMs } = poll;
    const quietMs = answeredMs === null ? 0 : this.#clock.monotonicMs() - answeredMs;
    if (quietMs > SILENT_AFTER_MS && !poll.toldSilent) {
      poll.toldSilent = true;
      this.#hooks.silent(poll.view.labels[LABEL.gateway] ?? poll.view.name, error);
    }
    if (was !== null) this.#hooks.changed();
  }

  #tokenOf(view: ContainerView): string {
    return this.#adminToken(view.labels[LABEL.gateway] ?? "");
  }
}

const isUp = (view: ContainerView): boolean => view.state === "running" || view.state === "paused";
const keyOf = (view: ContainerView): string => `${view.id}/${view.startedAt}`;

/** The part of a status that operations wait for; figures travel with the regular report. */
function gist(status: GatewayStatus | null): string {
  if (status === null) return "";
  const { role, ready, draining, shards, incarnation, inFlight } = status;
  return JSON.stringify([role, ready, draining, shards, incarnation, inFlight > 0]);
}
