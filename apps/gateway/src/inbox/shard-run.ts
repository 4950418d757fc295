import type { Clock } from "@chela/shared/clock/clock";
import { answerUnlessAborted } from "../assistant/answer-unless-aborted.ts";
import type { Answer, Assistant, Said } from "../assistant/assistant.ts";
import type { Report } from "../assistant/health.ts";
import { DeltaStream } from "../live/delta-stream.ts";
import type { LiveWord } from "../live/word.ts";
import { type Gate, Lanes } from "../session/lanes.ts";
import type { Solitude } from "../session/solitude.ts";
import type { ShardGrant } from "../shard/shard-work.ts";
import { backoffMs } from "./backoff.ts";
import { type InboxEntry, isFollowed } from "./event.ts";
import type { Begun, Committed, Holder, Outcome } from "./redis-inbox.ts";
import type { Deliver, Follow } from "./redis-inbox-reader.ts";

/** Entries of one shard in memory at most; reading goes on once half of them are done. */
const KNOWN_MAX = 2_000;
const COMMIT_RETRY_MS = 50;
/** Also for people at the other end of a vendor's channel: short, polite, nothing of our insides. */
const GIVEN_UP = "This message could not be answered, sorry. Please send it again later.";
const BROKEN = "The answer broke off before its end, sorry. Please send the message again.";

export type TurnOutcome =
  | "answered"
  | "refused"
  | "broken"
  | "given-up"
  | "retried"
  /** The assistant cannot answer now: the attempt is given back. */
  | "postponed"
  | "fenced"
  | "broken-off";

export interface ShardRunDeps {
  readonly clock: Clock;
  readonly assistant: Assistant;
  readonly gate: Gate;
  readonly solitude: Solitude;
  readonly inbox: {
    begin(holder: Holder, entryId: string, suspectFrom?: number): Promise<Begun>;
    giveBack(shard: number, entryId: string): Promise<void>;
    commit(holder: Holder, entry: InboxEntry, outcome: Outcome): Promise<Committed>;
  };
  readonly follow: (shard: number, deliver: Deliver) => Follow;
  readonly history: (sessionKey: string, messagesMax: number) => Promise<Said[]>;
  /** Tells whoever follows the session; may fail in silence. */
  readonly publish: (shard: number, word: LiveWord) => void;
  /** An answer as the channel's vendor wants it; none where nothing is sent out. */
  readonly outgoing: (entry: InboxEntry, text: string) => string[];
  readonly outboxFilled: () => void;
  /** Waits until the assistant may be asked; null: `signal` came first. Each turn then reports how it went. */
  readonly admit: (signal: AbortSignal) => Promise<Report | null>;
  readonly onTurn: (outcome: TurnOutcome, ms: number) => void;
  readonly onFenced: () => void;
  readonly onTrouble: (what: string, shard: number, reason: string) => void;
}

/** An entry that was begun so often by others, and never came to its end, may be what ended them. */
const SUSPECT_FROM = 2;

/** What becomes of an entry after one attempt: it left the inbox or is left to others, or it is tried again. */
type Next = "over" | { readonly retryAfterMs: number | null };

/**
 * One grant of one shard, from the first read of its inbox to the end of the lease. An entry leaves the inbox
 * by a fenced commit only; whatever else happens here, it stays and the next holder finds it.
 */
export class ShardRun {
  readonly #deps: ShardRunDeps;
  readonly #grant: ShardGrant;
  readonly #lanes: Lanes;
  /** Entries delivered and not over yet: a repeated delivery is no second turn. */
  readonly #known = new Set<string>();
  /** No new turns, no waiting for another attempt. */
  readonly #ceding = new AbortController();
  /** Turns in flight end now. */
  readonly #aborted = new AbortController();
  /** The lease loop asked for the shard back, as opposed to having lost it. */
  #planned = false;
  #follow: Follow | null = null;
  #turns = 0;
  #whenIdle: (() => void)[] = [];

  constructor(deps: ShardRunDeps, grant: ShardGrant) {
    this.#deps = deps;
    this.#grant = grant;
    this.#lanes = new Lanes(deps.gate);
  }

  get turns(): number {
    return this.#turns;
  }

  start(): void {
    this.#follow = this.#deps.follow(this.#grant.shard, (entries) => this.#take(entries));
  }

  cede(): Promise<void> {
    this.#planned = true;
    this.#takeNoMore();
    if (this.#turns === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  abort(): void {
    this.#takeNoMore();
    this.#aborted.abort();
  }

  #takeNoMore(): void {
    this.#follow?.stop();
    this.#lanes.close();
    this.#ceding.abort();
  }

  #take(entries: readonly InboxEntry[]): boolean {
    for (const entry of entries) {
      if (this.#known.has(entry.id)) continue;
      this.#known.add(entry.id);
      this.#lanes.add(entry.sessionKey, () => this.#process(entry));
    }
    return this.#known.size < KNOWN_MAX;
  }

  /** Attempts an entry until it is over or this run is; keeps its lane's order by holding it meanwhile. */
  async #process(entry: InboxEntry): Promise<void> {
    const deltas = isFollowed(entry) ? this.#deltasOf(entry) : null;
    for (let tries = 0; this.#mayBegin(); tries++) {
      const report = await this.#deps.admit(this.#ceding.signal);
      if (report === null) break;
      deltas?.reset();
      const next = await this.#counted(() => this.#attempt(entry, deltas, report, tries));
      // Where the turn said nothing of the assistant, another one may find out.
      report("nothing");
      if (next === "over") break;
      const waitMs = next.retryAfterMs ?? backoffMs(tries);
      await this.#deps.clock.sleep(waitMs, this.#ceding.signal);
    }
    this.#known.delete(entry.id);
    if (this.#known.size < KNOWN_MAX / 2) this.#follow?.resume();
  }

  #mayBegin(): boolean {
    return !this.#ceding.signal.aborted && this.#grant.isValid();
  }

  async #counted(attempt: () => Promise<Next>): Promise<Next> {
    this.#turns += 1;
    try {
      return await attempt();
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      this.#deps.onTrouble("turn", this.#grant.shard, reason);
      return { retryAfterMs: null };
    } finally {
      this.#turns -= 1;
      if (this.#turns === 0) for (const idle of this.#whenIdle.splice(0)) idle();
    }
  }

  #deltasOf(entry: InboxEntry): DeltaStream {
    const { shard, epoch } = this.#grant;
    return new DeltaStream(this.#deps.clock, entry.eventId, epoch, (word) => {
      if (this.#grant.isValid()) this.#deps.publish(shard, { session: entry.sessionKey, ...word });
    });
  }

  /** @param tries earlier ones of this run, which ended: they cast no suspicion on the entry. */
  async #attempt(
    entry: InboxEntry,
    deltas: DeltaStream | null,
    report: Report,
    tries: number,
  ): Promise<Next> {
    const { inbox, solitude } = this.#deps;
    const begin = (suspectFrom?: number) => inbox.begin(this.#grant, entry.id, suspectFrom);
    let leave = await solitude.join(this.#ceding.signal);
    try {
      // Waiting for the assistant, or for others, may have taken long.
      if (!this.#mayBegin()) return "over";
      let begun = await begin(SUSPECT_FROM + tries);
      if (begun === "suspect") {
        leave();
        leave = await solitude.alone(this.#ceding.signal);
        if (!this.#mayBegin()) return "over";
        begun = await begin();
      }
      return await this.#turn(entry, begun, deltas, report);
    } finally {
      leave();
    }
  }

  async #turn(
    entry: InboxEntry,
    begun: Begun,
    deltas: DeltaStream | null,
    report: Report,
  ): Promise<Next> {
    const { clock, inbox, onTurn } = this.#deps;
    const startedMs = clock.monotonicMs();
    const ended = (outcome: TurnOutcome) => onTurn(outcome, clock.monotonicMs() - startedMs);

    switch (begun) {
      case "gone":
        return "over";
      case "fenced":
        ended("fenced");
        return this.#lost();
      case "exhausted":
        return this.#commit(
          entry,
          { ...this.#said("error", entry, GIVEN_UP), deadReason: "attempts-exhausted" },
          ended,
          "given-up",
        );
      case "begun":
    }

    const answer = await this.#answer(entry, deltas, report);
    deltas?.end();
    if (this.#aborted.signal.aborted) {
      ended("broken-off");
      // A planned hand-over at its deadline: the turn did no harm, so it does not count.
      if (this.#planned) await inbox.giveBack(this.#grant.shard, entry.id);
      return "over";
    }
    switch (answer.kind) {
      case "reply": {
        report("worked");
        const { text, ending } = answer;
        const said = this.#said("assistant", entry, text);
        const outcome = ending === undefined ? said : { ...said, ending };
        return this.#commit(entry, outcome, ended, "answered");
      }
      case "refused":
        report("worked");
        this.#deps.onTrouble("refused", this.#grant.shard, answer.text);
        return this.#commit(entry, this.#said("error", entry, answer.text), ended, "refused");
      case "broken":
        report("failed");
        this.#deps.onTrouble("assistant", this.#grant.shard, answer.reason);
        return this.#commit(entry, this.#said("error", entry, BROKEN), ended, "broken");
      case "failed":
        report("failed");
        ended("retried");
        this.#deps.onTrouble("assistant", this.#grant.shard, answer.reason);
        return { retryAfterMs: null };
      case "later":
        report(answer.finding);
        ended("postponed");
        this.#deps.onTrouble("assistant", this.#grant.shard, answer.reason);
        await inbox.giveBack(this.#grant.shard, entry.id);
        return { retryAfterMs: answer.retryAfterMs };
    }
  }

  #answer(entry: InboxEntry, deltas: DeltaStream | null, report: Report): Promise<Answer> {
    const { signal } = this.#aborted;
    const turn = {
      sessionKey: entry.sessionKey,
      text: entry.text,
      request: entry.request,
      delta: (text: string) => {
        if (signal.aborted) return;
        report("answering");
        deltas?.add(text);
      },
      history: (max: number) => this.#deps.history(entry.sessionKey, max),
    };
    return answerUnlessAborted(this.#deps.assistant, turn, signal);
  }

  #said(role: Outcome["role"], entry: InboxEntry, text: string): Outcome {
    return { role, text, deadReason: "", outbox: this.#deps.outgoing(entry, text) };
  }

  /** Repeats a commit whose outcome is unknown while the lease lasts: if the first went through, the second finds the entry gone. */
  async #commit(
    entry: InboxEntry,
    outcome: Outcome,
    ended: (outcome: TurnOutcome) => void,
    name: TurnOutcome,
  ): Promise<Next> {
    while (this.#grant.isValid() && !this.#aborted.signal.aborted) {
      let committed: Committed;
      try {
        committed = await this.#deps.inbox.commit(this.#grant, entry, outcome);
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        this.#deps.onTrouble("commit", this.#grant.shard, reason);
        await this.#deps.clock.sleep(COMMIT_RETRY_MS, this.#aborted.signal);
        continue;
      }
      if (committed === "fenced") {
        ended("fenced");
        this.#deps.onFenced();
        return this.#lost();
      }
      ended(name);
      if (outcome.outbox.length > 0) this.#deps.outboxFilled();
      return "over";
    }
    ended("broken-off");
    return "over";
  }

  /** Redis says the lease is another's: nothing more is begun here, whatever the lease loop still believes. */
  #lost(): Next {
    this.abort();
    return "over";
  }
}
