import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { LinkAnswer } from "@chela/shared/agent-link/commands";
import {
  type HostConfiguration,
  type HostEvent,
  type HostReport,
  helloSchema,
} from "@chela/shared/agent-link/schema";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { sameHash, sha256 } from "../auth/hash.ts";
import type { HostRecord } from "../store/hosts.ts";
import { Agent, AgentError } from "./agent.ts";

const HELLO_WITHIN_MS = 5_000;
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

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
  log: Logger;
}

interface Events {
  connected: [host: string];
  disconnected: [host: string];
  report: [host: string];
  event: [host: string, event: HostEvent];
}

/** Agents that are connected; they dial, the console accepts. The only place that knows how to reach a host. */
export class AgentLinks extends EventEmitter<Events> {
  readonly #deps: LinksDeps;
  readonly #links = new Map<string, Link>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  /** The last thing heard from hosts that are not connected now. */
  readonly #last = new Map<string, Link>();

  constructor(deps: LinksDeps) {
    super();
    this.#deps = deps;
  }

  /** For the HTTP server's `upgrade`. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      websocket.on("error", () => websocket.terminate());
      const timer = setTimeout(() => websocket.terminate(), HELLO_WITHIN_MS);
      websocket.once("message", (data) => {
        clearTimeout(timer);
        void this.#greet(websocket, String(data));
      });
    });
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

  async #greet(socket: WebSocket, text: string): Promise<void> {
    const hello = parse(text);
    if (hello === null) {
      refuse(
        socket,
        "bad-hello",
        "This console speaks link protocol 1: use an agent of its version.",
      );
      return;
    }
    const host = (await this.#deps.hosts()).find(({ name }) => name === hello.host);
    if (host === undefined || !sameHash(sha256(hello.secret), host.secretHash)) {
      this.#deps.log.warn(
        { host: hello.host },
        "an agent was refused: unknown host or wrong secret",
      );
      refuse(
        socket,
        "unknown-host",
        `${hello.host} is not a host of this fleet, or its secret is not the one it was given: make a new join token.`,
      );
      return;
    }
    this.#welcome(socket, host);
  }

  #welcome(socket: WebSocket, host: HostRecord): void {
    socket.send(JSON.stringify({ type: "welcome" } satisfies LinkAnswer));
    const before = this.#links.get(host.name);
    const link: Link = {
      agent: new Agent(host.name, socket),
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

function parse(text: string) {
  try {
    return helloSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function refuse(socket: WebSocket, code: string, message: string): void {
  socket.send(JSON.stringify({ type: "refused", code, message } satisfies LinkAnswer));
  socket.close();
}
