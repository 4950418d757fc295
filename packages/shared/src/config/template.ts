import type { Fault } from "./secrets.ts";

const TEMPLATE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/** Replaces `{{NAME}}` in every string of a JSON value. A name without a value is a fault and stays as it is. */
export function fillTemplates(
  value: unknown,
  values: Readonly<Record<string, string | undefined>>,
): { value: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  const fill = (node: unknown, path: string): unknown => {
    if (typeof node === "string") {
      return node.replace(TEMPLATE, (whole, name: string) => {
        const found = Object.hasOwn(values, name) ? values[name] : undefined;
        if (found !== undefined) return found;
        faults.push({
          path,
          message: `secret ${name} is missing: set it in the environment or in the secrets file`,
        });
        return whole;
      });
    }
    if (Array.isArray(node)) return node.map((item, index) => fill(item, joined(path, index)));
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(
        Object.entries(node).map(([key, item]) => [key, fill(item, joined(path, key))]),
      );
    }
    return node;
  };
  return { value: fill(value, ""), faults };
}

function joined(path: string, key: string | number): string {
  return path === "" ? String(key) : `${path}.${key}`;
}
