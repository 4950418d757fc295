import type { AuditCheck, AuditExportPage, AuditRecord } from "@chela/shared/audit/record";
import type { Clock } from "@chela/shared/clock/clock";
import type { Page } from "@chela/shared/fleet/view";
import type { AuditEntry, AuditFilter, AuditStore } from "../store/audit.ts";
import type { ChainWatch } from "./chain-watch.ts";
import { type ExportFormat, exportedPage, exportedText } from "./export.ts";

const PAGE_DEFAULT = 50;
const EXPORT_PAGE_DEFAULT = 1_000;

/** Who did what: written by every request that changes something, read by whoever may. */
export class Audit {
  readonly #clock: Clock;
  readonly #store: AuditStore;
  readonly #watch: ChainWatch;

  constructor(deps: { clock: Clock; store: AuditStore; watch: ChainWatch }) {
    this.#clock = deps.clock;
    this.#store = deps.store;
    this.#watch = deps.watch;
  }

  async append(entry: AuditEntry): Promise<void> {
    await this.#store.append(entry, this.#clock.wallMs());
  }

  list(
    filter: AuditFilter,
    page: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<Page<AuditRecord>> {
    return this.#store.list({ ...filter, ...page, limit: page.limit ?? PAGE_DEFAULT });
  }

  actors(fleets: readonly string[] | undefined): Promise<string[]> {
    return this.#store.actors(fleets);
  }

  check(): Promise<AuditCheck> {
    return this.#watch.check();
  }

  export(filter: AuditFilter, format: ExportFormat): AsyncGenerator<string> {
    return exportedText(this.#store, filter, format, this.#clock.wallMs());
  }

  exportPage(
    filter: AuditFilter,
    page: { format: ExportFormat; cursor?: string | undefined; limit?: number | undefined },
  ): Promise<AuditExportPage> {
    return exportedPage(
      this.#store,
      filter,
      { ...page, limit: page.limit ?? EXPORT_PAGE_DEFAULT },
      this.#clock.wallMs(),
    );
  }
}
