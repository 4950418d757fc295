/** Figures in words: one place, so that the same number reads the same everywhere. English, grouped by comma. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const NONE = "–";

export const count = (n: number | null | undefined): string =>
  n === null || n === undefined ? NONE : grouped.format(n);

/** "1 gateway", "2 gateways". */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** A rate or a mean: one decimal below 100, none above. */
export function decimal(n: number | null | undefined): string {
  if (n === null || n === undefined) return NONE;
  if (n === 0) return "0";
  return n < 100 ? n.toFixed(1) : grouped.format(n);
}

/** 0.047 → "4.7". */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return NONE;
  const p = ratio * 100;
  return p === 0 || p === 100 ? p.toFixed(0) : p.toFixed(1);
}

/** 0.047 → "4.7%". */
export const percentage = (ratio: number | null | undefined): string =>
  ratio === null || ratio === undefined ? NONE : `${percent(ratio)}%`;

/** "46 ms", "1.47 s", "12.4 s", "3:06", "1:02:03". */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return clockTime(ms);
}

/** Always as a clock: "0:07", "3:06", "1:02:03". */
export function clockTime(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, rest] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60, s % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(rest)}` : `${m}:${two(rest)}`;
}

/** What is only expected: "~80 ms", "about 2 min". */
export function expected(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "unknown";
  if (ms < 1_000) return `~${Math.max(10, Math.round(ms / 10) * 10)} ms`;
  if (ms < 60_000) return `~${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `~${Math.round(ms / 60_000)} min`;
}

/** How long ago or how long since: "1 s", "12 min", "2 h", "6 d". */
export function span(ms: number): string {
  const s = Math.max(0, ms) / 1_000;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min`;
  if (s < 48 * 3_600) return `${Math.floor(s / 3_600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Binary steps, three digits: "214 MB", "7.0 GB". */
export function bytes(n: number | null | undefined): string {
  if (n === null || n === undefined) return NONE;
  let unit = 0;
  let value = n;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

const timeOfDay = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...options });
const withSeconds = timeOfDay({ second: "2-digit" });
const withMinutes = timeOfDay({});
const withMillis = timeOfDay({ second: "2-digit", fractionalSecondDigits: 3 });
const dayName = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const atSecond = (iso: string | number): string => withSeconds.format(new Date(iso));
export const atMinute = (iso: string | number): string => withMinutes.format(new Date(iso));
export const atMilli = (iso: string | number): string => withMillis.format(new Date(iso));

/** "Today, 22 November", "Yesterday, 21 November", "16 November". */
export function dayOf(iso: string, now: number): string {
  const day = new Date(iso).toDateString();
  const name = dayName.format(new Date(iso));
  if (day === new Date(now).toDateString()) return `Today, ${name}`;
  if (day === new Date(now - 86_400_000).toDateString()) return `Yesterday, ${name}`;
  return name;
}

/** Today by the clock, before that by the day: "11:55", "16 Nov". */
export function when(iso: string, now: number): string {
  return new Date(iso).toDateString() === new Date(now).toDateString()
    ? atMinute(iso)
    : shortDay.format(new Date(iso));
}

/** `sha256:7c1e44d0…` → `7c1e44d0`. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12);
