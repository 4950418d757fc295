"use client";

const KEY = "chela.fleet";

/**
 * Which fleet this tab shows. A choice counts for the tab, and for tabs that are opened later; other tabs keep theirs.
 * Null: none was made yet.
 */
export class FleetChoice {
  #fleet: string | null | undefined;
  /** Rises with every change of fleet: what was begun for the one before is not carried over. */
  #switches = 0;
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly fleet = (): string | null => {
    this.#fleet ??= read("sessionStorage") ?? read("localStorage");
    return this.#fleet;
  };

  readonly switches = (): number => this.#switches;

  choose(fleet: string): void {
    if (this.fleet() === fleet) return;
    this.#fleet = fleet;
    this.#switches++;
    keep("sessionStorage", fleet);
    keep("localStorage", fleet);
    for (const listener of this.#listeners) listener();
  }
}

type Kept = "sessionStorage" | "localStorage";

/** A browser may keep nothing at all; then the choice ends with the page. */
function read(where: Kept): string | null {
  try {
    return window[where].getItem(KEY);
  } catch {
    return null;
  }
}

function keep(where: Kept, fleet: string): void {
  try {
    window[where].setItem(KEY, fleet);
  } catch {
    // See read.
  }
}
