import type { SessionDetail } from "@chela/shared/fleet/view";
import { Agent, request } from "undici";
import { signWebhook } from "../../scripts/fleet/signed-webhook.ts";

/**
 * Steady signed webhooks over several sessions, and the ledger of what was answered.
 *
 * Each session sends its next message only after the last one's 2xx (that is the order the system promises to
 * keep); sessions run side by side, each at `perSecond / sessions`. A failed request is recorded and sent again
 * with the same id, as a provider would.
 */
export interface TrafficOptions {
  edgeUrl: string;
  secret: string;
  perSecond: number;
  sessions: number;
  /** Makes session names unique per run. */
  name: string;
}

export interface TrafficReport {
  sent: number;
  failed: { id: string; why: string; atMs: number }[];
  accepted: Map<string, string[]>;
  slowestMs: number;
}

export class Traffic {
  readonly report: TrafficReport = { sent: 0, failed: [], accepted: new Map(), slowestMs: 0 };
  readonly #options: TrafficOptions;
  readonly #stop = new AbortController();
  readonly #connections: Agent;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#connections = new Agent({ connections: options.sessions });
  }

  start(): this {
    const names = Array.from(
      { length: this.#options.sessions },
      (_, i) => `${this.#options.name}-${i}`,
    );
    this.#running = Promise.all(names.map((name, i) => this.#session(name, i)));
    return this;
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<TrafficReport> {
    this.#stop.abort();
    await this.#running;
    await this.#connections.close();
    return this.report;
  }

  async #session(session: string, index: number): Promise<void> {
    const everyMs = (1000 * this.#options.sessions) / this.#options.perSecond;
    const texts: string[] = [];
    this.report.accepted.set(session, texts);
    let due = performance.now() + (everyMs * index) / this.#options.sessions;
    for (let n = 0; !this.#stop.signal.aborted; n++) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      due += everyMs;
      const id = `${session}-${n}`;
      const text = `message ${n}`;
      if (await this.#deliver(id, session, text)) texts.push(text);
    }
  }

  async #deliver(id: string, session: string, text: string): Promise<boolean> {
    for (let attempt = 0; attempt < 50; attempt++) {
      const webhook = signWebhook(this.#options.secret, id, { session, text });
      const startedMs = performance.now();
      this.report.sent++;
      try {
        const response = await request(`${this.#options.edgeUrl}/webhooks/generic`, {
          method: "POST",
          headers: webhook.headers,
          body: webhook.body,
          dispatcher: this.#connections,
          headersTimeout: 10_000,
        });
        const answer = await response.body.text();
        this.report.slowestMs = Math.max(this.report.slowestMs, performance.now() - startedMs);
        if (response.statusCode === 200) return true;
        this.#failed(id, `${response.statusCode} ${answer.slice(0, 120)}`);
      } catch (error) {
        this.#failed(id, String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  #failed(id: string, why: string): void {
    this.report.failed.push({ id, why, atMs: Math.round(performance.now()) });
  }
}

/**
 * What is wrong with a session: empty when every accepted message stands in it once, in order, and each is
 * answered once, by the echo assistant, right after it.
 */
export function faultsOf(detail: SessionDetail, accepted: string[]): string[] {
  const faults: string[] = [];
  const expected = accepted.flatMap((text) => [`user: ${text}`, `assistant: echo: ${text}`]);
  const actual = detail.messages.map((m) => `${m.role}: ${m.text}`);
  if (actual.length !== expected.length) {
    faults.push(`${detail.session}: ${actual.length} messages, expected ${expected.length}`);
  }
  const at = expected.findIndex((line, i) => line !== actual[i]);
  if (at !== -1) {
    faults.push(`${detail.session}: at ${at} expected "${expected[at]}", got "${actual[at]}"`);
  }
  return faults;
}
