import { setMaxListeners } from "node:events";
import type { AgentRouter } from "@chela/agent/router";
import type { EdgeProbe, LogLine, TcpProbe } from "@chela/shared/agent-link/commands";
import type {
  EdgeObservation,
  EdgeSpec,
  GatewayObservation,
  GatewaySpec,
  GatewayStatus,
  HostConfiguration,
  HostEvent,
  HostReport,
  ImageView,
  OperationRef,
} from "@chela/shared/agent-link/schema";
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from "@trpc/client";
import type { WebSocket } from "ws";
import { StaleController } from "../controller/stale-controller.ts";
import { websocketClassOver } from "./accepted-socket.ts";

/** How long each kind of command may take; past it the console asks again, which is safe. */
const LOOK_MS = 5_000;
const CONTAINER_MS = 120_000;
const EDGE_MS = 60_000;
const IMAGE_MS = 15 * 60_000;
const PING_EVERY_MS = 1_000;
const PONG_WITHIN_MS = 3_000;

/** What an agent refused, could not do, or did not answer. */
export class AgentError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.name = "AgentError";
    this.reason = reason;
  }
}

/** One host's agent, over the connection that it dialled. */
export class Agent {
  readonly host: string;
  readonly #socket: WebSocket;
  readonly #epoch: () => number;
  readonly #closing = new AbortController();
  readonly #trpc;

  /** @param epoch of the controller, on every command that changes the host; throws where this console stands by. */
  constructor(host: string, socket: WebSocket, epoch: () => number) {
    this.host = host;
    this.#socket = socket;
    this.#epoch = epoch;
    // One listener for each call under way.
    setMaxListeners(0, this.#closing.signal);
    const client = createWSClient({
      url: `ws://${host}.invalid`,
      WebSocket: websocketClassOver(socket),
      keepAlive: { enabled: true, intervalMs: PING_EVERY_MS, pongTimeoutMs: PONG_WITHIN_MS },
    });
    this.#trpc = createTRPCClient<AgentRouter>({ links: [wsLink({ client })] });
    socket.once("close", () => {
      this.#closing.abort();
      void client.close();
    });
  }

  /** Aborted once the connection is gone. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Cuts the connection at once. */
  cut(): void {
    this.#socket.terminate();
  }

  configure = (configuration: HostConfiguration): Promise<void> =>
    this.#call("host.configure", LOOK_MS, () => this.#trpc.host.configure.mutate(configuration));
  /** Whoever acted before this console is refused from now on. */
  heed = (): Promise<void> =>
    this.#call("host.heed", LOOK_MS, () => this.#trpc.host.heed.mutate({ epoch: this.#epoch() }));
  probeTcp = (host: string, port: number): Promise<TcpProbe> =>
    this.#call("host.probeTcp", LOOK_MS, () => this.#trpc.host.probeTcp.query({ host, port }));

  ensureGateway = (spec: GatewaySpec, operation?: OperationRef): Promise<GatewayObservation> =>
    this.#call("gateways.ensure", CONTAINER_MS, () =>
      this.#trpc.gateways.ensure.mutate({
        epoch: this.#epoch(),
        spec,
        ...(operation && { operation }),
      }),
    );
  replaceGateway = (
    spec: GatewaySpec,
    operation: OperationRef,
    urgent: boolean,
  ): Promise<GatewayObservation> =>
    this.#call("gateways.replace", CONTAINER_MS, () =>
      this.#trpc.gateways.replace.mutate({ epoch: this.#epoch(), spec, operation, urgent }),
    );
  surgeGateway = (spec: GatewaySpec, operation: OperationRef): Promise<GatewayObservation> =>
    this.#call("gateways.surge", CONTAINER_MS, () =>
      this.#trpc.gateways.surge.mutate({ epoch: this.#epoch(), spec, operation }),
    );
  takeOverGateway = (gateway: string, operation: OperationRef): Promise<GatewayObservation> =>
    this.#call("gateways.takeOver", CONTAINER_MS, () =>
      this.#trpc.gateways.takeOver.mutate({ epoch: this.#epoch(), gateway, operation }),
    );
  unsurgeGateway = (gateway: string, operation: OperationRef): Promise<void> =>
    this.#call("gateways.unsurge", CONTAINER_MS, () =>
      this.#trpc.gateways.unsurge.mutate({ epoch: this.#epoch(), gateway, operation }),
    );
  drainGateway = (gateway: string, draining: boolean): Promise<GatewayStatus> =>
    this.#call("gateways.drain", LOOK_MS, () =>
      this.#trpc.gateways.drain.mutate({ epoch: this.#epoch(), gateway, draining }),
    );
  restartGateway = (gateway: string, operation: OperationRef): Promise<GatewayObservation> =>
    this.#call("gateways.restart", CONTAINER_MS, () =>
      this.#trpc.gateways.restart.mutate({ epoch: this.#epoch(), gateway, operation }),
    );
  removeGateway = (gateway: string, operation: OperationRef): Promise<void> =>
    this.#call("gateways.remove", CONTAINER_MS, () =>
      this.#trpc.gateways.remove.mutate({ epoch: this.#epoch(), gateway, operation }),
    );

  listImages = (repository: string): Promise<ImageView[]> =>
    this.#call("images.list", LOOK_MS, () => this.#trpc.images.list.query({ repository }));
  inspectImage = (reference: string): Promise<ImageView | null> =>
    this.#call("images.inspect", LOOK_MS, () => this.#trpc.images.inspect.query({ reference }));
  pullImage = (reference: string): Promise<ImageView> =>
    this.#call("images.pull", IMAGE_MS, () => this.#trpc.images.pull.mutate({ reference }));
  sendImage = (transfer: string, id: string, reference: string): Promise<{ bytes: number }> =>
    this.#call("images.send", IMAGE_MS, () =>
      this.#trpc.images.send.mutate({ transfer, id, reference }),
    );
  receiveImage = (transfer: string, id: string, reference: string): Promise<ImageView> =>
    this.#call("images.receive", IMAGE_MS, () =>
      this.#trpc.images.receive.mutate({ transfer, id, reference }),
    );

  ensureEdge = (spec: EdgeSpec, operation?: OperationRef): Promise<EdgeObservation> =>
    this.#call("edges.ensure", EDGE_MS, () =>
      this.#trpc.edges.ensure.mutate({
        epoch: this.#epoch(),
        spec,
        ...(operation && { operation }),
      }),
    );
  removeEdge = (edge: string): Promise<void> =>
    this.#call("edges.remove", CONTAINER_MS, () =>
      this.#trpc.edges.remove.mutate({ epoch: this.#epoch(), edge }),
    );
  probeEdge = (edge: string, count: number): Promise<EdgeProbe> =>
    this.#call("edges.probe", EDGE_MS, () => this.#trpc.edges.probe.query({ edge, count }));

  /** Calls `each` until the connection ends. */
  watchReports(each: (report: HostReport) => void): void {
    this.#trpc.watch.observe.subscribe(undefined, {
      signal: this.closed,
      onData: each,
      onError: () => this.cut(),
    });
  }

  watchEvents(each: (event: HostEvent) => void): void {
    this.#trpc.watch.events.subscribe(undefined, {
      signal: this.closed,
      onData: each,
      onError: () => this.cut(),
    });
  }

  /** A gateway's log until `signal` is aborted; without `follow` only what there is. */
  followLogs(
    gateway: string,
    how: { tail: number; follow: boolean },
    signal: AbortSignal,
    each: (line: LogLine) => void,
    ended: () => void,
  ): void {
    this.#trpc.gateways.logs.subscribe(
      { gateway, ...how },
      {
        signal: AbortSignal.any([signal, this.closed]),
        onData: each,
        onError: ended,
        onComplete: ended,
        onStopped: ended,
      },
    );
  }

  /** The last lines of a gateway's log, oldest first; `surge`: of its surge container while there is one. */
  async lastLogs(gateway: string, count: number, surge = false): Promise<string[]> {
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      const end = AbortSignal.any([AbortSignal.timeout(LOOK_MS), this.closed]);
      end.addEventListener("abort", () => resolve(), { once: true });
      this.#trpc.gateways.logs.subscribe(
        { gateway, tail: count, follow: false, surge },
        {
          signal: end,
          onData: ({ line }) => lines.push(line),
          onError: () => resolve(),
          onComplete: () => resolve(),
          onStopped: () => resolve(),
        },
      );
    });
    return lines;
  }

  async #call<T>(what: string, withinMs: number, run: () => Promise<T>): Promise<T> {
    if (this.closed.aborted) throw gone(this.host);
    let timer: NodeJS.Timeout | undefined;
    let onClosed: (() => void) | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new AgentError(
              "AGENT_SILENT",
              `The agent on ${this.host} has not answered ${what} within ${withinMs / 1000} s.`,
            ),
          ),
        withinMs,
      );
      onClosed = () => reject(gone(this.host));
      this.closed.addEventListener("abort", onClosed, { once: true });
    });
    try {
      return await Promise.race([run(), limit]);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      if (error instanceof TRPCClientError) {
        const reason = (error.data as { reason?: string | null } | undefined)?.reason;
        if (reason === "STALE_CONTROLLER") throw new StaleController(`the agent on ${this.host}`);
        throw new AgentError(reason ?? "AGENT_FAILED", error.message);
      }
      throw error;
    } finally {
      clearTimeout(timer);
      if (onClosed) this.closed.removeEventListener("abort", onClosed);
    }
  }
}

const gone = (host: string) =>
  new AgentError("AGENT_GONE", `The agent on ${host} is not connected.`);
