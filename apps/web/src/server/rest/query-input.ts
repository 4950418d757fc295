import type { ObjectSchema } from "./procedures.ts";

/**
 * Pure: an address' parameters as a procedure's input. Text stays text; numbers, booleans, lists and objects are read
 * as JSON. What does not fit is left as it is: the procedure's own check says what is wrong with it.
 */
export function queryInput(
  parameters: URLSearchParams,
  schema: ObjectSchema | null,
): Record<string, unknown> | undefined {
  if (schema === null) return undefined;
  return Object.fromEntries(
    [...parameters].map(([name, text]) => [
      name,
      takesText(schema.properties[name]) ? text : asJson(text),
    ]),
  );
}

type Schema = ObjectSchema["properties"][string];

function takesText(schema: Schema | undefined): boolean {
  if (schema === undefined) return true;
  const { type, anyOf, enum: values } = schema;
  if (anyOf !== undefined) return anyOf.some((each) => takesText(each as Schema));
  return type === "string" || (values?.some((value) => typeof value === "string") ?? false);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
