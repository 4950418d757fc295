import { createHash } from "node:crypto";
import { Refusal } from "@chela/shared/errors/refusal";

const KEPT_MAX = 500;

/** What plans stood on, so that one that no longer fits can be refused with the difference. */
export class PlanMemory {
  readonly #facts = new Map<string, Record<string, string>>();

  /** @returns the plan's hash. */
  remember(facts: Record<string, string>): string {
    const hash = hashOf(facts);
    this.#facts.delete(hash);
    this.#facts.set(hash, facts);
    for (const oldest of this.#facts.keys()) {
      if (this.#facts.size <= KEPT_MAX) break;
      this.#facts.delete(oldest);
    }
    return hash;
  }

  /** @param hash undefined: the caller did not look at a plan. @throws Refusal CONFLICT */
  mustFit(hash: string | undefined, now: Record<string, string>): void {
    if (hash === undefined || hash === hashOf(now)) return;
    const then = this.#facts.get(hash);
    const difference = Object.entries(now)
      .filter(([name, value]) => then !== undefined && then[name] !== value)
      .map(([name, value]) => `${name} was ${then?.[name] ?? "unknown"}, is ${value}`);
    throw new Refusal(
      "CONFLICT",
      "plan-outdated",
      `The fleet has changed since this was planned${difference.length > 0 ? `: ${difference.join("; ")}` : ""}. Look at the new plan.`,
    );
  }
}

function hashOf(facts: Record<string, string>): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 32);
}
