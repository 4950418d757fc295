import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What Docker did to a gateway's container. */
export interface EngineEvent {
  action: "create" | "start" | "die" | "oom" | "destroy" | "rename";
  gateway: string;
  container: string;
  /** Name without the slash, e.g. `chela-1-gw-1`, `chela-1-gw-1-next`. */
  name: string;
  image: string;
  atMs: number;
}

const ACTIONS = new Set(["create", "start", "die", "oom", "destroy", "rename"]);

/** Follows the engine's own events about a fleet's gateways: what happened in fact, whoever ordered it. */
export class EngineLog {
  readonly events: EngineEvent[] = [];
  readonly #follower: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(fleet: string) {
    this.#follower = spawn(
      "docker",
      ["events", "--filter", `label=chela.fleet=${fleet}`, "--format", "{{json .}}"],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    createInterface({ input: this.#follower.stdout! }).on("line", (line) => this.#take(line));
  }

  /** Resolves with the first event from now on that fits. */
  next(fits: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    const from = this.events.length;
    return new Promise((resolve) => {
      const look = () => {
        const found = this.events.slice(from).find(fits);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
    });
  }

  /** Forgets what was, so that the next scenario sees its own. */
  clear(): void {
    this.events.length = 0;
  }

  async stop(): Promise<void> {
    const gone = once(this.#follower, "exit");
    this.#follower.kill("SIGTERM");
    await gone;
  }

  #take(line: string): void {
    const event = JSON.parse(line) as {
      Type: string;
      Action: string;
      timeNano: number;
      Actor: { ID: string; Attributes: Record<string, string> };
    };
    const { Attributes: labels, ID } = event.Actor;
    const gateway = labels["chela.gateway"];
    if (event.Type !== "container" || gateway === undefined || !ACTIONS.has(event.Action)) return;
    this.events.push({
      action: event.Action as EngineEvent["action"],
      gateway,
      container: ID,
      name: labels["name"] ?? "",
      image: labels["image"] ?? "",
      atMs: event.timeNano / 1e6,
    });
    for (const look of [...this.#waiting]) look();
  }
}

/** The most gateways that had no running container at the same moment. Pure; all run when the log begins. */
export function outAtOnce(events: readonly EngineEvent[]): number {
  const running = new Map<string, Set<string>>();
  const out = new Set<string>();
  let most = 0;
  // Before its first event each gateway runs in a container that the log has not seen start.
  const before = (gateway: string) => running.get(gateway) ?? new Set(["before"]);
  for (const { action, gateway, container } of events) {
    const now = before(gateway);
    if (action === "start") now.add(container);
    if (action === "die" && !now.delete(container)) now.delete("before");
    running.set(gateway, now);
    if (now.size === 0) out.add(gateway);
    else out.delete(gateway);
    most = Math.max(most, out.size);
  }
  return most;
}
