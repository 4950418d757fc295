import { verifyChain } from "@chela/shared/audit/chain";
import type { AuditCheck, AuditHead, AuditRecord } from "@chela/shared/audit/record";
import type { Clock } from "@chela/shared/clock/clock";
import type { Logger } from "pino";
import { type AuditStore, auditSha256 } from "../store/audit.ts";

const WHOLE_EVERY_MS = 60 * 60_000;
const PAGE = 500;

/**
 * Is the record still what was written? The whole chain is followed at the first question and once an hour, what came
 * since then at every one. What was found once is remembered: records cut off at the end are missed too.
 */
export class ChainWatch {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #store: AuditStore;
  #last: AuditCheck | null = null;
  /** The newest record of the last chain that was found unbroken. */
  #known: AuditHead | null = null;
  #checking: Promise<AuditCheck> | null = null;

  constructor(deps: { clock: Clock; log: Logger; store: AuditStore }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#store = deps.store;
  }

  /** Null: nobody asked yet. */
  get last(): AuditCheck | null {
    return this.#last;
  }

  /** One check at a time: whoever asks meanwhile gets its answer. */
  check(): Promise<AuditCheck> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check().catch((error) =>
        this.#log.error({ err: error }, "the audit chain could not be checked"),
      );
      await this.#clock.sleep(WHOLE_EVERY_MS, signal);
    }
  }

  async #check(): Promise<AuditCheck> {
    const nowMs = this.#clock.wallMs();
    const last = this.#last;
    const since =
      last?.intact &&
      nowMs - Date.parse(last.wholeAt) < WHOLE_EVERY_MS &&
      (await this.#holds(last.head))
        ? last
        : null;
    const verdict = await verifyChain(
      this.#after(since?.head ?? null),
      auditSha256,
      since?.head ?? null,
      this.#known,
    );
    if (verdict.intact) this.#known = verdict.head;
    const checkedAt = new Date(nowMs).toISOString();
    this.#last = { ...verdict, checkedAt, wholeAt: since?.wholeAt ?? checkedAt };
    if (!verdict.intact) this.#log.error({ broken: verdict.broken }, "the audit chain is broken");
    else if (since === null) {
      // Kept elsewhere with the log, this head proves later that nothing before it was touched.
      this.#log.info({ head: verdict.head }, "the audit chain is unbroken");
    }
    return this.#last;
  }

  async *#after(head: AuditHead | null): AsyncIterable<AuditRecord> {
    for (let id = head?.id ?? 0; ; ) {
      const page = await this.#store.after(id, PAGE);
      if (page.length === 0) return;
      yield* page;
      id = page.at(-1)!.id;
      // Requests come first.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Whether that record is still there. */
  async #holds(head: AuditHead | null): Promise<boolean> {
    if (head === null) return true;
    const [record] = await this.#store.after(head.id - 1, 1);
    return record?.id === head.id && record.hash === head.hash;
  }
}
