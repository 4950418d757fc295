import { EventEmitter } from "node:events";
import type { LinkAnswer } from "@chela/shared/agent-link/commands";
import type {
  Hello,
  HostConfiguration,
  HostEvent,
  HostReport,
} from "@chela/shared/agent-link/schema";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { sameHash, sha256 } from "../auth/hash.ts";
import type { Acting } from "../controller/acting.ts";
import { StaleController } from "../controller/stale-controller.ts";
import type { HostRecord } from "../store/hosts.ts";
import { Agent, AgentError } from "./agent.ts";

/** What is known of one host's agent. */
export interface Link {
  readonly agent: Agent;
  report: HostReport | null;
  reportAtMs: number | null;
  redisReachable: boolean | null;
  redisReason: string | null;
}

export interface LinksDeps {
  /** The hosts that may connect. */
  hosts(): Promise<HostRecord[]>;
  configurationOf(host: HostRecord): HostConfiguration;
  /** Redis as this host's gateways reach it, and what to say if they do not. Null: needs no trial. */
  redisTrial(host: HostRecord): { host: string; port: number; advice: string } | null;
  nowMs(): number;
  acting: Pick<Acting, "current" | "epoch" | "doubt">;
  log: Logger;
}

interface Events {
  connected: [host: string];
  disconnected: [host: string];
  report: [host: string];
  event: [host: string, event: HostEvent];
}

/** One fleet's agents that are connected; they dial, the console accepts. The only place that knows how to reach a host. */
export class AgentLinks extends EventEmitter<Events> {
  readonly #deps: LinksDeps;
  readonly #links = new Map<string, Link>();
  /** The last thing heard from hosts that are not connected now. */
  readonly #last = new Map<string, Link>();

  constructor(deps: LinksDeps) {
    super();
    this.#deps = deps;
  }

  get(host: string): Link | undefined {
    return this.#links.get(host);
  }

  /** The link, or what was last heard over it. */
  lastKnown(host: string): Link | undefined {
    return this.#links.get(host) ?? this.#last.get(host);
  }

  /** @throws AgentError where the host is not connected. */
  agent(host: string): Agent {
    const link = this.#links.get(host);
    if (link === undefined) {
      throw new AgentError("AGENT_GONE", `The agent on ${host} is not connected.`);
    }
    return link.agent;
  }

  hosts(): string[] {
    return [...this.#links.keys()];
  }

  cut(host: string): void {
    this.#links.get(host)?.agent.cut();
  }

  /** @returns whether it is a host of this fleet; then the socket is its link from now on. */
  async greet(socket: WebSocket, hello: Hello): Promise<boolean> {
    const host = (await this.#deps.hosts()).find(({ name }) => name === hello.host);
    if (host === undefined || !sameHash(sha256(hello.secret), host.secretHash)) return false;
    this.#welcome(socket, host);
    return true;
  }

  #welcome(socket: WebSocket, host: HostRecord): void {
    socket.send(JSON.stringify({ type: "welcome" } satisfies LinkAnswer));
    const before = this.#links.get(host.name);
    const link: Link = {
      agent: new Agent(host.name, socket, () => this.#deps.acting.epoch),
      report: before?.report ?? this.#last.get(host.name)?.report ?? null,
      reportAtMs: null,
      redisReachable: null,
      redisReason: null,
    };
    this.#links.set(host.name, link);
    // The newest connection is the host: an older one is a socket that has not noticed its end.
    before?.agent.cut();
    socket.once("close", () => {
      if (this.#links.get(host.name) !== link) return;
      this.#links.delete(host.name);
      this.#last.set(host.name, link);
      this.#deps.log.warn({ host: host.name }, "agent disconnected");
      this.emit("disconnected", host.name);
    });
    this.#deps.log.info({ host: host.name }, "agent connected");
    void this.#begin(link, host);
  }

  async #begin(link: Link, host: HostRecord): Promise<void> {
    try {
      await link.agent.configure(this.#deps.configurationOf(host));
      await this.#announce(link.agent);
    } catch (error) {
      this.#deps.log.warn({ host: host.name, error }, "an agent did not take its configuration");
      link.agent.cut();
      return;
    }
    link.agent.watchReports((report) => {
      link.report = report;
      link.reportAtMs = this.#deps.nowMs();
      this.emit("report", host.name);
    });
    link.agent.watchEvents((event) => this.emit("event", host.name, event));
    this.emit("connected", host.name);
    await this.#tryRedis(link, host);
  }

  /** Tells every agent that this console's controller acts. */
  async announce(): Promise<void> {
    await Promise.all([...this.#links.values()].map(({ agent }) => this.#announce(agent)));
  }

  async #announce(agent: Agent): Promise<void> {
    const { acting } = this.#deps;
    if (acting.current === null) return;
    await agent.heed().catch((error) => {
      if (!(error instanceof StaleController)) throw error;
      // Its reports are still worth showing: the link stays.
      acting.doubt();
    });
  }

  async #tryRedis(link: Link, host: HostRecord): Promise<void> {
    const trial = this.#deps.redisTrial(host);
    if (trial === null) {
      link.redisReachable = true;
      return;
    }
    try {
      const probe = await link.agent.probeTcp(trial.host, trial.port);
      link.redisReachable = probe.ok;
      link.redisReason = probe.ok
        ? null
        : `Redis at ${trial.host}:${trial.port} is not reachable from ${host.name}: ${probe.error ?? "no answer"}. ${trial.advice}`;
    } catch {
      // The connection ended; the next one tries again.
    }
    this.emit("report", host.name);
  }
}
