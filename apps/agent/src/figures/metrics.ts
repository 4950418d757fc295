import { createServer, type Server } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What the agent counts; `/metrics` on loopback. */
export class AgentMetrics {
  readonly #registry = new Registry();
  readonly linked = new Gauge({
    name: "chela_agent_linked",
    help: "1 while the link to the console stands",
    registers: [this.#registry],
  });
  readonly containers = new Gauge({
    name: "chela_agent_containers",
    help: "Containers of the fleet on this host, by state",
    labelNames: ["state"],
    registers: [this.#registry],
  });
  readonly deaths = new Counter({
    name: "chela_agent_container_deaths_total",
    help: "Container ends that Docker told",
    registers: [this.#registry],
  });
  readonly restarts = new Counter({
    name: "chela_agent_restarts_total",
    help: "Containers that this agent started again",
    registers: [this.#registry],
  });
  readonly leasesReleased = new Counter({
    name: "chela_agent_leases_released_total",
    help: "Leases of dead gateways that were released",
    registers: [this.#registry],
  });
  readonly reloads = new Counter({
    name: "chela_agent_edge_reloads_total",
    help: "nginx reloads that were verified",
    registers: [this.#registry],
  });
  readonly commandErrors = new Counter({
    name: "chela_agent_command_errors_total",
    help: "The console's commands that failed, by procedure",
    labelNames: ["procedure"],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix: "chela_agent_" });
  }

  /** Loopback only: it tells nothing secret, but nobody else needs it. */
  listen(port: number, failed: (error: Error) => void): Server {
    const server = createServer(async (request, response) => {
      if (request.url !== "/metrics") {
        response.writeHead(404).end();
        return;
      }
      response.setHeader("content-type", this.#registry.contentType);
      response.end(await this.#registry.metrics());
    });
    server.on("error", failed);
    return server.listen(port, "127.0.0.1");
  }
}
