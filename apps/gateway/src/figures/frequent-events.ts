/** Distinct events counted at once; a second's worth is taken out every second. */
const COUNTED_MAX = 1_000;
/** Characters of a whole name; no channel's are longer, and what is longer is not counted. */
const LENGTH_MAX = 1_024;

export interface EventName {
  readonly channel: string;
  readonly sessionKey: string;
  readonly eventId: string;
}

/**
 * The most frequent events of a stream, in bounded memory whatever comes: the algorithm of J. Misra and D. Gries,
 * "Finding repeated elements" (Science of Computer Programming 2, 1982). With k counters an event that came more
 * than n / (k + 1) times among n is certainly kept; its count is never more than the truth and at most n / (k + 1)
 * less; while there are at most k distinct events it is exact. One addition costs O(1), amortised: each sweep over
 * the counters takes away what k additions brought.
 */
export class FrequentEvents {
  #counts = new Map<string, number>();

  add({ channel, sessionKey, eventId }: EventName): void {
    if (channel.length + sessionKey.length + eventId.length > LENGTH_MAX) return;
    this.#add(JSON.stringify([channel, sessionKey, eventId]), 1);
  }

  get size(): number {
    return this.#counts.size;
  }

  /** The most frequent ones, at most `max`, by their names as JSON; counting begins anew. */
  take(max: number): [name: string, count: number][] {
    const all = [...this.#counts].sort((a, b) => b[1] - a[1]);
    this.#counts = new Map();
    return all.slice(0, max);
  }

  putBack(taken: readonly [name: string, count: number][]): void {
    for (const [key, count] of taken) this.#add(key, count);
  }

  #add(key: string, times: number): void {
    const known = this.#counts.get(key);
    if (known !== undefined || this.#counts.size < COUNTED_MAX) {
      this.#counts.set(key, (known ?? 0) + times);
      return;
    }
    const least = times === 1 ? 1 : Math.min(times, ...this.#counts.values());
    for (const [other, count] of this.#counts) {
      if (count === least) this.#counts.delete(other);
      else this.#counts.set(other, count - least);
    }
    if (times > least) this.#counts.set(key, times - least);
  }
}
