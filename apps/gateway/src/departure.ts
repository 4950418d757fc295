import type { Server } from "node:http";
import type { Clock } from "@chela/shared/clock/clock";
import { DRAIN_MS, HURRIED_DRAIN_MS, nextDrainStep } from "./drain/drain.ts";
import type { LeaseLoop } from "./lease/lease-loop.ts";
import type { SocketHub } from "./socket/hub.ts";

/** Responses say `Connection: close` for at least this long before the listeners go: few clients meet a closed one. */
const FAREWELL_MS = 500;
const LOOK_EVERY_MS = 25;

export interface DepartureDeps {
  readonly lease: Pick<LeaseLoop, "draining" | "setDraining" | "held" | "hasBetter" | "stop">;
  /** Others should have its shards soon; it accepts nothing any more. */
  readonly hurried: boolean;
  readonly listeners: readonly Server[];
  readonly requestsOpen: () => number;
  readonly sockets: Pick<SocketHub, "open" | "farewell" | "end">;
  readonly clock: Clock;
}

/** Leaves the fleet as drain/ decides, step by step. Webhooks are accepted until the listeners close. */
export async function depart({
  lease,
  hurried,
  listeners,
  requestsOpen,
  sockets,
  clock,
}: DepartureDeps): Promise<void> {
  const startedAtMs = clock.monotonicMs();
  const deadlineAtMs = startedAtMs + (hurried ? HURRIED_DRAIN_MS : DRAIN_MS);
  let letGo = false;
  let listening = true;
  sockets.farewell();
  for (;;) {
    const nowMs = clock.monotonicMs();
    const step = nextDrainStep(
      {
        deadlineAtMs,
        draining: lease.draining(),
        shardsHeld: lease.held().length,
        hasBetter: lease.hasBetter(),
        letGo,
        listening,
        requestsOpen: requestsOpen(),
        socketsOpen: sockets.open,
      },
      nowMs,
    );
    switch (step.do) {
      case "hand-over":
        lease.setDraining(true);
        break;
      case "wait":
        await clock.sleep(Math.min(LOOK_EVERY_MS, step.untilMs - nowMs));
        break;
      case "let-go":
        await lease.stop(step.graceMs);
        letGo = true;
        break;
      case "stop-accepting":
        if (!hurried) await clock.sleep(startedAtMs + FAREWELL_MS - nowMs);
        // Also ends idle connections; busy ones end with their response.
        for (const listener of listeners) listener.close();
        listening = false;
        break;
      case "exit":
        sockets.end();
        for (const listener of listeners) listener.closeAllConnections();
        return;
    }
  }
}
