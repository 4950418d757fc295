/**
 * Which incarnation of a gateway died, when a container did. Pure. It is noted beforehand, while the gateway
 * answers: asked at the death, the container may already be running the next one.
 */
export interface IncarnationNote {
  readonly container: string;
  readonly gateway: string;
  readonly incarnation: string;
  /** By this machine's wall clock, which is the engine's: when the answer came, less the uptime it told. */
  readonly startedAtMs: number;
}

/** A container that starts over and over leaves no more than this behind. */
const NOTES_PER_CONTAINER_MAX = 8;

export function noteIncarnation(
  notes: readonly IncarnationNote[],
  seen: IncarnationNote,
): readonly IncarnationNote[] {
  const same = (note: IncarnationNote) =>
    note.container === seen.container && note.incarnation === seen.incarnation;
  if (notes.some(same)) return notes;
  const others = notes.filter((note) => note.container !== seen.container);
  const own = notes.filter((note) => note.container === seen.container);
  return [...others, ...own.slice(1 - NOTES_PER_CONTAINER_MAX), seen];
}

/** What a death at that time killed: every incarnation that had started by then. The one started after it lives. */
export function killedBy(
  notes: readonly IncarnationNote[],
  container: string,
  diedAtMs: number,
): { dead: IncarnationNote[]; rest: readonly IncarnationNote[] } {
  const isDead = (note: IncarnationNote) =>
    note.container === container && note.startedAtMs < diedAtMs;
  return { dead: notes.filter(isDead), rest: notes.filter((note) => !isDead(note)) };
}
