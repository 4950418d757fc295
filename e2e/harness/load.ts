import { setTimeout as wait } from "node:timers/promises";
import { Agent, request } from "undici";
import { signWebhook } from "../../scripts/fleet/signed-webhook.ts";

/** Connections of the client to the edge, at most. */
const CONNECTIONS = 512;
/** As a provider in a hurry: a refused webhook is sent again, with the same id, after so long, then twice that, … */
const AGAIN_MS = 100;
const AGAIN_MAX_MS = 2_000;
const ATTEMPTS_MAX = 20;
const ANSWER_WITHIN_MS = 10_000;

export interface LoadOptions {
  edgeUrl: string;
  secret: string;
  perSecond: number;
  /** Makes session names and ids unique per run. */
  name: string;
}

/** One request and its answer, as the client saw it. */
export interface Sample {
  id: string;
  sentAtMs: number;
  answeredAtMs: number;
  /** Null: no answer at all; `why` says what happened. */
  status: number | null;
  why: string;
  /** The gateway that answered, where it says so. */
  gateway: string | null;
  /** The bad release that answered, where it says so (e2e/fixtures/releases). */
  release: string | null;
}

export interface LoadReport {
  /** Webhooks that fell due, each sent at its time. */
  due: number;
  forMs: number;
  samples: Sample[];
  /** Anything but a 200. */
  failed: Sample[];
  /** Texts per session in the order in which they were accepted. */
  accepted: Map<string, string[]>;
  p50Ms: number;
  p99Ms: number;
  slowestMs: number;
}

/**
 * Signed webhooks at fixed times, however long answers take (open loop), and the ledger of what was answered.
 *
 * A session's next message goes out only after the last one's 2xx, which is the order the system promises to
 * keep: each due webhook takes the session that has rested longest, or a new one where all wait for an answer.
 * What is refused is recorded as failed and sent again with the same id.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #stop = new AbortController();
  readonly #connections = new Agent({ connections: CONNECTIONS });
  readonly #resting: string[] = [];
  readonly #accepted = new Map<string, string[]>();
  readonly #samples: Sample[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #startedMs = performance.now();
  #due = 0;
  readonly #ended: Promise<number>;
  #report: Promise<LoadReport> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Stops sending and waits for what is under way; asked again, it answers the same. */
  stop(): Promise<LoadReport> {
    this.#stop.abort();
    this.#report ??= this.#finish();
    return this.#report;
  }

  async #finish(): Promise<LoadReport> {
    const forMs = await this.#ended;
    await Promise.all(this.#underWay);
    await this.#connections.close();
    const samples = [...this.#samples].sort((a, b) => a.sentAtMs - b.sentAtMs);
    const took = samples.map((s) => s.answeredAtMs - s.sentAtMs).sort((a, b) => a - b);
    const quantile = (share: number) => took[Math.floor((took.length - 1) * share)] ?? 0;
    return {
      due: this.#due,
      forMs,
      samples,
      failed: samples.filter(({ status }) => status !== 200),
      accepted: this.#accepted,
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
      slowestMs: quantile(1),
    };
  }

  async #run(): Promise<number> {
    const everyMs = 1_000 / this.#options.perSecond;
    while (!this.#stop.signal.aborted) {
      const passedMs = performance.now() - this.#startedMs;
      while (this.#due * everyMs <= passedMs) this.#send(this.#due++);
      const restMs = this.#due * everyMs - (performance.now() - this.#startedMs);
      await wait(Math.max(0, restMs), undefined, { signal: this.#stop.signal }).catch(() => {
        // Stopped while it waited.
      });
    }
    return performance.now() - this.#startedMs;
  }

  #send(n: number): void {
    const session = this.#resting.shift() ?? this.#newSession();
    const sending = this.#deliver(session, n)
      .then((accepted) => {
        if (accepted) this.#resting.push(session);
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  #newSession(): string {
    const session = `${this.#options.name}-${this.#accepted.size}`;
    this.#accepted.set(session, []);
    return session;
  }

  /** False: given up, its session is not used again. */
  async #deliver(session: string, n: number): Promise<boolean> {
    const id = `${this.#options.name}-${n}`;
    const text = `message ${n}`;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const sample = await this.#once(id, session, text);
      this.#samples.push(sample);
      if (sample.status === 200) {
        this.#accepted.get(session)!.push(text);
        return true;
      }
      await wait(Math.min(AGAIN_MAX_MS, AGAIN_MS * 2 ** attempt));
    }
    return false;
  }

  async #once(id: string, session: string, text: string): Promise<Sample> {
    const { headers, body } = signWebhook(this.#options.secret, id, { session, text });
    const sentAtMs = performance.now();
    try {
      const answer = await request(`${this.#options.edgeUrl}/webhooks/generic`, {
        method: "POST",
        headers,
        body,
        dispatcher: this.#connections,
        headersTimeout: ANSWER_WITHIN_MS,
      });
      const said = await answer.body.text();
      const release = answer.headers["x-test-release"];
      return {
        ...{ id, sentAtMs, answeredAtMs: performance.now(), status: answer.statusCode },
        why: answer.statusCode === 200 ? "" : said.slice(0, 200),
        gateway: /"gateway":"([^"]+)"/.exec(said)?.[1] ?? null,
        release: typeof release === "string" ? release : null,
      };
    } catch (error) {
      const answeredAtMs = performance.now();
      return {
        ...{ id, sentAtMs, answeredAtMs, status: null, why: String(error) },
        ...{ gateway: null, release: null },
      };
    }
  }
}
