import type { Engine } from "./port.ts";

/** What takes as long as a container or a network needs is no sign of the engine's health. */
const TIMED = ["describe", "list", "inspect", "create", "start", "usage"] as const;

/** The engine, measured: how long it takes for an answer, refusals too. */
export function timeEngine(
  engine: Engine,
  monotonicMs: () => number,
  took: (call: string, ms: number) => void,
): Engine {
  const timed = TIMED.map((call) => {
    const ask = engine[call] as (...args: unknown[]) => Promise<unknown>;
    const asked = async (...args: unknown[]) => {
      const startedMs = monotonicMs();
      try {
        return await ask(...args);
      } finally {
        took(call, monotonicMs() - startedMs);
      }
    };
    return [call, asked];
  });
  return { ...engine, ...Object.fromEntries(timed) };
}
