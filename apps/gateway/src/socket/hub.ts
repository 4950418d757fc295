import type { WebSocket } from "ws";
import { WEB_CHANNEL } from "../inbox/event.ts";
import { Gate } from "../session/lanes.ts";
import { Audience, type AudienceDeps } from "./audience.ts";
import { CLOSE_RESTART, CLOSE_TRY_AGAIN, Connection, type ConnectionDeps } from "./connection.ts";
import { toldBy } from "./farewell.ts";
import { Slices } from "./slices.ts";

export const SOCKETS_MAX = 12_000;
/** Histories read at once: after a cut from Redis every session wants its own. */
const READS_MAX = 64;
/** Each socket is looked at once per round, a slot of them at a time. */
const SLOTS = 10;
const SLOT_MS = 1_000;
/** Pinged every third round: every 30 s. */
const ROUNDS_PER_BEAT = 3;
const FAREWELL_LOOK_MS = 25;

export interface SocketHubDeps extends Omit<AudienceDeps, "slices">, ConnectionDeps {
  /** The sockets of this gateway are better off at another one. */
  readonly mustLeave: () => boolean;
}

/** All open sockets, and what happens to them in time: heartbeat, answers overdue, the farewell. */
export class SocketHub {
  readonly #deps: SocketHubDeps;
  readonly #slices = new Slices();
  readonly #forAudiences: AudienceDeps;
  readonly #audiences = new Map<string, Audience>();
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  readonly #ended = new AbortController();
  #taken = 0;
  #open = 0;
  #leaving = false;

  constructor(deps: SocketHubDeps) {
    this.#deps = deps;
    const history = gated(deps.history, new Gate(READS_MAX));
    this.#forAudiences = { clock: deps.clock, follow: deps.follow, history, slices: this.#slices };
  }

  /** Sockets that are not closed yet. */
  get open(): number {
    return this.#open;
  }

  async start(): Promise<void> {
    const { signal } = this.#ended;
    for (let turn = 0; !signal.aborted; turn++) {
      this.#slices.add(lookAt(this.#slots[turn % SLOTS]!, isBeat(turn)));
      this.farewell();
      await this.#deps.clock.sleep(SLOT_MS, signal);
    }
  }

  /** Takes over an upgraded socket; `after`: history id of the last message it has. */
  take(ws: WebSocket, session: string, after: string | null): void {
    const audience = this.#audienceOf(`${WEB_CHANNEL}:${session}`);
    const connection = new Connection(this.#deps, ws, audience);
    const slot = this.#slots[this.#taken++ % SLOTS]!;
    slot.add(connection);
    this.#open += 1;
    ws.on("close", () => {
      slot.delete(connection);
      this.#open -= 1;
      audience.leave(connection);
      this.#forget(audience);
    });
    audience.join(connection, after).catch(() => {
      connection.close(CLOSE_TRY_AGAIN, "Redis does not answer");
      // Its feed may never have begun: whoever comes next begins another one.
      this.#unlist(audience);
    });
  }

  /** Tells the sockets to reconnect, spread over a window, for as long as they must leave. */
  farewell(): void {
    if (this.#leaving || this.#open === 0 || !this.#deps.mustLeave()) return;
    this.#leaving = true;
    void this.#tellToLeave().then(() => {
      this.#leaving = false;
    });
  }

  /** Cuts what is left. */
  end(): void {
    this.#ended.abort();
    for (const connection of this.#connections()) connection.cut();
  }

  async #tellToLeave(): Promise<void> {
    const { clock, mustLeave } = this.#deps;
    const startedMs = clock.monotonicMs();
    const connections = this.#connections();
    for (let told = 0; mustLeave() && !this.#ended.signal.aborted; ) {
      const due = toldBy(connections.length, clock.monotonicMs() - startedMs);
      for (; told < due; told++) connections[told]!.close(CLOSE_RESTART, "service restart");
      if (told === connections.length) return;
      await clock.sleep(FAREWELL_LOOK_MS, this.#ended.signal);
    }
  }

  #connections(): Connection[] {
    return this.#slots.flatMap((slot) => [...slot]);
  }

  #audienceOf(sessionKey: string): Audience {
    let audience = this.#audiences.get(sessionKey);
    if (audience === undefined) {
      audience = new Audience(this.#forAudiences, sessionKey);
      this.#audiences.set(sessionKey, audience);
    }
    audience.size += 1;
    return audience;
  }

  #forget(audience: Audience): void {
    audience.size -= 1;
    if (audience.size > 0) return;
    this.#unlist(audience);
    audience.close();
  }

  #unlist(audience: Audience): void {
    const { sessionKey } = audience;
    if (this.#audiences.get(sessionKey) === audience) this.#audiences.delete(sessionKey);
  }
}

type History = AudienceDeps["history"];

function gated(history: History, gate: Gate): History {
  const through = async <T>(read: () => Promise<T>): Promise<T> => {
    await gate.enter();
    try {
      return await read();
    } finally {
      gate.leave();
    }
  };
  return {
    after: (session, last) => through(() => history.after(session, last)),
    newest: (session) => through(() => history.newest(session)),
    page: (session, last, max) => through(() => history.page(session, last, max)),
  };
}

function isBeat(turn: number): boolean {
  return Math.floor(turn / SLOTS) % ROUNDS_PER_BEAT === ROUNDS_PER_BEAT - 1;
}

function* lookAt(slot: Set<Connection>, beat: boolean): Generator<void, void> {
  for (const connection of slot) {
    if (beat) connection.beat();
    connection.lookForAnswers();
    yield;
  }
}
