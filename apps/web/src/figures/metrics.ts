import type { FleetView } from "@chela/shared/fleet/view";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** Prometheus figures of the console itself. */
export function consoleMetrics(deps: {
  view(): FleetView | null;
  agents(): number;
  watched(): boolean;
}): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "chela_console_" });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `chela_console_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge("agents_connected", "Agents linked to this console", deps.agents);
  gauge("redis_reachable", "1 while Redis answers", () =>
    Number(deps.view()?.redis.reachable ?? false),
  );
  gauge("shards_held", "Shards with a live holder", () => deps.view()?.shards.held ?? 0);
  gauge("operation_running", "1 while an operation is not over", () =>
    Number(deps.view()?.operationId != null),
  );
  gauge("watched", "1 while a page is open", () => Number(deps.watched()));
  return registry;
}
