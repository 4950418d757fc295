import type { FeedMessage } from "@chela/shared/fleet/view";
import type { ApiClient } from "../../../trpc/client.ts";
import { faultOf } from "../../../trpc/fault.ts";
import type { Connection } from "./freshness.ts";
import { type LiveState, NOTHING_YET, withMessage } from "./live-state.ts";

export interface LiveSnapshot extends LiveState {
  connection: Connection;
}

/** After an error that ended the stream for good; losses on the way are resumed by the stream itself. */
const RESUBSCRIBE_AFTER_MS = 1_000;

/** The one subscription of a page and what it has told so far. */
export class LiveStore {
  #snapshot: LiveSnapshot = { ...NOTHING_YET, connection: "connecting" };
  readonly #listeners = new Set<() => void>();

  readonly get = (): LiveSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Listens until the returned function is called. */
  listen(api: ApiClient, fleet: string, onLoggedOut: () => void): () => void {
    let lastEventId: string | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    let ended = false;
    const again = () => {
      if (ended) return;
      this.#connection("lost");
      retry = setTimeout(connect, RESUBSCRIBE_AFTER_MS);
    };
    const connect = () => {
      const subscription = api.events.subscribe.subscribe(
        { fleet, lastEventId },
        {
          onData: ({ id, data }) => {
            lastEventId = id;
            this.#message(data);
          },
          onConnectionStateChange: ({ state, error }) => {
            if (state === "pending") this.#connection("open");
            else if (error !== null && error !== undefined) this.#connection("lost");
          },
          onError: (error) => {
            if (faultOf(error).code === "UNAUTHORIZED") onLoggedOut();
            else again();
          },
          onComplete: again,
        },
      );
      stop = () => subscription.unsubscribe();
    };
    connect();
    return () => {
      ended = true;
      clearTimeout(retry);
      stop();
    };
  }

  #message(message: FeedMessage): void {
    this.#set({ ...withMessage(this.#snapshot, message, Date.now()), connection: "open" });
  }

  #connection(connection: Connection): void {
    if (this.#snapshot.connection !== connection) this.#set({ ...this.#snapshot, connection });
  }

  #set(next: LiveSnapshot): void {
    this.#snapshot = next;
    for (const listener of this.#listeners) listener();
  }
}
