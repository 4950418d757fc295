const SECONDS = 60;
const BUCKETS = 120;
/** Each bucket is 12 % wider than the one before: 0.1 ms to about 70 s. */
const FIRST_MS = 0.1;
const GROWTH = 1.12;

/** Latencies of about the last minute, as one histogram a second: constant memory, whatever the rate. */
export class LatencyWindow {
  readonly #seconds = Array.from({ length: SECONDS }, () => new Uint32Array(BUCKETS));
  #second = 0;

  add(ms: number, nowMs: number): void {
    this.#moveTo(nowMs);
    const bucket = ms <= FIRST_MS ? 0 : Math.ceil(Math.log(ms / FIRST_MS) / Math.log(GROWTH));
    this.#seconds[this.#second % SECONDS]![Math.min(bucket, BUCKETS - 1)]! += 1;
  }

  /** Upper edge of the bucket that holds the 99th percentile; null when nothing came in. */
  p99Ms(nowMs: number): number | null {
    this.#moveTo(nowMs);
    const sums = new Float64Array(BUCKETS);
    let total = 0;
    for (const second of this.#seconds) {
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        sums[bucket]! += second[bucket]!;
        total += second[bucket]!;
      }
    }
    if (total === 0) return null;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += sums[bucket]!;
      if (seen >= total * 0.99) return Number((FIRST_MS * GROWTH ** bucket).toPrecision(3));
    }
    return null;
  }

  #moveTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const passed = Math.min(second - this.#second, SECONDS);
    for (let step = 1; step <= passed; step++)
      this.#seconds[(second - passed + step) % SECONDS]!.fill(0);
    this.#second = Math.max(second, this.#second);
  }
}
