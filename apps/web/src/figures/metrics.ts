import type { FleetView } from "@chela/shared/fleet/view";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** How much is kept. */
export interface RecordSizes {
  bytes(): Promise<number>;
  audit(): Promise<number>;
  figures(): Promise<number>;
}

/** Prometheus figures of the console itself. */
export function consoleMetrics(deps: {
  view(): FleetView | null;
  agents(): number;
  watched(): boolean;
  records: RecordSizes;
  auditIntact(): boolean | null;
}): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "chela_console_" });
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name: `chela_console_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
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
  gauge("store_bytes", "Size of the store's file and its log", () => deps.records.bytes());
  gauge("audit_records", "Records in the audit chain", () => deps.records.audit());
  gauge("figure_rows", "Rows of figures in the store", () => deps.records.figures());
  // -1 before the first check: not known is neither.
  gauge("audit_intact", "1 while the audit chain is unbroken, 0 when it is not", () =>
    Number(deps.auditIntact() ?? -1),
  );
  return registry;
}
