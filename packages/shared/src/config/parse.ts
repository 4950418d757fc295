import type { z } from "zod";
import type { Fault } from "./secrets.ts";
import { fillTemplates } from "./template.ts";

export type Parsed<T> = { ok: true; value: T } | { ok: false; faults: Fault[] };

/**
 * JSON text → checked configuration: templates filled, schema applied, every fault at once.
 * No fault repeats a value from the text, since any of them may be a secret.
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  values: Readonly<Record<string, string | undefined>>,
): Parsed<z.output<Schema>> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return { ok: false, faults: [{ path: "(file)", message: `is not JSON${place(error)}` }] };
  }
  const filled = fillTemplates(raw, values);
  const result = schema.safeParse(filled.value);
  if (result.success && filled.faults.length === 0) return { ok: true, value: result.data };
  // A missing secret explains whatever the schema says about the same place.
  const explained = new Set(filled.faults.map((fault) => fault.path));
  const rest = result.success
    ? []
    : schemaFaults(result.error).filter((fault) => !explained.has(fault.path));
  return { ok: false, faults: [...filled.faults, ...rest] };
}

/** Zod's issues as faults; each unknown key under its own path. */
export function schemaFaults(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...path, key].join("."),
        message: "is not a known key: remove it or correct its spelling",
      }));
    }
    return [{ path: path.join(".") || "(file)", message: issue.message }];
  });
}

/** V8's message quotes the text around the mistake; only the position may be told. */
function place(error: unknown): string {
  const found = /\(line (\d+) column (\d+)\)/.exec(error instanceof Error ? error.message : "");
  return found === null ? "" : `: look at line ${found[1]}, column ${found[2]}`;
}
