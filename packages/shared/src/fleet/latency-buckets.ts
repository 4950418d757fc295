/** Upper bounds, ms; one more bucket holds everything above. Close enough that a p99 is within a third of the truth. */
export const LATENCY_BUCKETS_MS = [
  1, 2, 3, 5, 8, 12, 18, 25, 40, 60, 90, 130, 200, 300, 450, 700, 1_000, 1_500, 2_500, 4_000, 6_000,
  10_000, 20_000, 60_000,
] as const;
