import { createServer, type Server } from "node:http";
import type { EdgeObservation, GatewayObservation } from "@chela/shared/agent-link/schema";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const PREFIX = "chela_agent_";
/** A dead gateway's leases are free within milliseconds, or something is wrong. */
const RELEASE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const ENGINE_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The host as the agent sees it when somebody asks for the figures; asks nobody itself. */
export interface AgentStanding {
  /** Null: Docker answers. */
  engineError: string | null;
  containers: readonly { state: string }[];
  gateways: readonly Pick<GatewayObservation, "gateway" | "status">[];
  edges: readonly Pick<EdgeObservation, "edge" | "probe" | "answers">[];
}

/** What the agent counts; `/metrics` on loopback, documented in docs/OPERATIONS.md. */
export class AgentMetrics {
  readonly registry = new Registry();
  readonly #own = { registers: [this.registry] };
  readonly linked = new Gauge({
    name: `${PREFIX}linked`,
    help: "1 while the link to the console stands",
    ...this.#own,
  });
  readonly deaths = this.#counter("container_deaths_total", "Container ends that Docker told");
  readonly outOfMemory = this.#counter(
    "out_of_memory_total",
    "Times that the kernel killed for memory in a container, as Docker told",
  );
  readonly restarts = this.#counter("restarts_total", "Containers that this agent started again");
  readonly reloads = this.#counter("edge_reloads_total", "nginx reloads that were verified");
  readonly commandErrors = new Counter({
    name: `${PREFIX}command_errors_total`,
    help: "The console's commands that failed, by procedure",
    labelNames: ["procedure"],
    ...this.#own,
  });
  readonly #leasesReleased = this.#counter(
    "leases_released_total",
    "Leases of dead gateways that were released",
  );
  readonly #releaseSeconds = new Histogram({
    name: `${PREFIX}lease_release_seconds`,
    help: "From Docker's word of a gateway's death to its leases being free",
    buckets: RELEASE_BUCKETS_S,
    ...this.#own,
  });
  readonly #engineSeconds = new Histogram({
    name: `${PREFIX}engine_seconds`,
    help: "What Docker took for an answer, by call",
    labelNames: ["call"],
    buckets: ENGINE_BUCKETS_S,
    ...this.#own,
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  released(shards: number, ms: number): void {
    this.#leasesReleased.inc(shards);
    this.#releaseSeconds.observe(ms / 1_000);
  }

  engine(call: string, ms: number): void {
    this.#engineSeconds.observe({ call }, ms / 1_000);
  }

  /** Read at each asking: what is shown is never older than what the agent knows, with or without a console. */
  follow(standing: () => AgentStanding): void {
    this.#gauge("engine_up", "1 while Docker answers", [], (gauge) =>
      gauge.set(Number(standing().engineError === null)),
    );
    this.#gauge(
      "containers",
      "Containers of the fleet on this host, by state",
      ["state"],
      (gauge) => {
        for (const { state } of standing().containers) gauge.inc({ state });
      },
    );
    this.#gauge("gateway_up", "1 while a gateway's admin port answers", ["gateway"], (gauge) => {
      for (const { gateway, status } of standing().gateways) {
        gauge.set({ gateway }, Number(status !== null));
      }
    });
    this.#gauge(
      "edge_up",
      "1 while the last probe through an edge came back",
      ["edge"],
      (gauge) => {
        for (const { edge, probe } of standing().edges)
          gauge.set({ edge }, Number(probe?.ok ?? false));
      },
    );
    this.#followAnswers(standing);
  }

  #followAnswers(standing: () => AgentStanding): void {
    new Counter({
      name: `${PREFIX}edge_answers_total`,
      help: "Answers of gateways as clients saw them through an edge: failed (5xx, time-out) or slow",
      labelNames: ["edge", "upstream", "outcome"],
      ...this.#own,
      collect() {
        this.reset();
        for (const { edge, answers } of standing().edges) {
          for (const { upstream, failed, slow } of answers) {
            this.inc({ edge, upstream, outcome: "failed" }, failed);
            this.inc({ edge, upstream, outcome: "slow" }, slow);
          }
        }
      },
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `${PREFIX}${name}`, help, ...this.#own });
  }

  #gauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void): void {
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      ...this.#own,
      collect() {
        this.reset();
        read(this);
      },
    });
  }

  /** Loopback only: it tells nothing secret, but nobody else needs it. */
  listen(port: number, failed: (error: Error) => void): Server {
    const server = createServer(async (request, response) => {
      if (request.url !== "/metrics") {
        response.writeHead(404).end();
        return;
      }
      response.setHeader("content-type", this.registry.contentType);
      response.end(await this.registry.metrics());
    });
    server.on("error", failed);
    return server.listen(port, "127.0.0.1");
  }
}
