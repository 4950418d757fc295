/**
 * Reading what a vendor may add to, leave out or change any day: whatever is not as expected is simply not there.
 * For contents that are only retold; what identity and address hang on has a schema.
 */
export interface Partly {
  text(key: string): string | null;
  number(key: string): number | null;
  at(key: string): Partly;
  /** Its elements, where it is an array. */
  each(): Partly[];
  /** The value itself, where it is one that can be written in a word. */
  word(): string | null;
}

export function partlyOf(value: unknown): Partly {
  const field = (key: string): unknown =>
    typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  return {
    text(key) {
      const found = field(key);
      return typeof found === "string" ? found : null;
    },
    number(key) {
      const found = field(key);
      return typeof found === "number" ? found : null;
    },
    at: (key) => partlyOf(field(key)),
    each: () => (Array.isArray(value) ? value.map(partlyOf) : []),
    word: () => (["string", "number", "boolean"].includes(typeof value) ? String(value) : null),
  };
}
