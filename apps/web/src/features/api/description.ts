/** Pure: the part of an OpenAPI document that is shown, and how. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  allOf?: Schema[];
  description?: string;
  format?: string;
  default?: unknown;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: {
    name: string;
    required: boolean;
    schema?: Schema;
    content?: Record<string, { schema: Schema }>;
  }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }>; $ref?: string }>;
}

export interface Description {
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Entry {
  path: string;
  method: string;
  operation: Operation;
}

export const entriesOf = (description: Description, tag: string): Entry[] =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

/** Those whose path or summary holds every word. */
export function matching(entries: readonly Entry[], search: string): Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ path, operation }) => {
    const text = `${path} ${operation.summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export interface InputRow {
  name: string;
  required: boolean;
  schema: Schema;
}

export function inputsOf({ parameters, requestBody }: Operation): InputRow[] {
  const body = requestBody?.content["application/json"]?.schema;
  return [
    ...(parameters ?? []).map(({ name, required, schema, content }) => ({
      name,
      required,
      schema: schema ?? content?.["application/json"]?.schema ?? {},
    })),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
      name,
      required: body?.required?.includes(name) ?? false,
      schema,
    })),
  ];
}

/** Null: it answers nothing. */
export function outputOf({ responses }: Operation): { type: string; schema: Schema } | null {
  const [entry] = Object.entries(responses["200"]?.content ?? {});
  return entry === undefined ? null : { type: entry[0], schema: entry[1].schema };
}

export const nameOfRef = (ref: string): string => ref.split("/").at(-1) ?? ref;

/** A shape in one line: `"active" | "standby"`, `GatewayView[]`, `string | null`. */
export function shapeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOfRef(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(shapeOf).join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map(shapeOf).join(" & ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") {
    const of = shapeOf(schema.items ?? {});
    return of.includes(" ") ? `(${of})[]` : `${of}[]`;
  }
  if (schema.type === "object") {
    if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
      return `{ ${Object.entries(schema.properties)
        .map(
          ([name, each]) =>
            `${name}${schema.required?.includes(name) ? "" : "?"}: ${shapeOf(each)}`,
        )
        .join(", ")} }`;
    }
    return typeof schema.additionalProperties === "object"
      ? `{ [name]: ${shapeOf(schema.additionalProperties)} }`
      : "object";
  }
  return schema.type ?? "anything";
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  fleet: "chela",
  gateway: "gw-2",
  host: "host-b",
  operationId: "op_…",
  session: "web:alice",
  window: "1h",
  email: "mira@example.com",
  roles: { "*": "operator" },
  name: "deploy script",
  days: 90,
};

/** A command that can be pasted, with what is needed and nothing else. */
export function curlOf({ path, method, operation }: Entry, server: string): string {
  const given = inputsOf(operation)
    .filter(({ required }) => required)
    .map(({ name, schema }) => [name, EXAMPLES[name] ?? schema.enum?.[0] ?? "…"] as const);
  const query = given
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value))}`,
    )
    .join("&");
  const streams = outputOf(operation)?.type === "text/event-stream";
  const head = `curl ${streams ? "-N " : ""}-H "Authorization: Bearer $CHELA_TOKEN"`;
  if (method === "GET") return `${head} '${server}${path}${query === "" ? "" : `?${query}`}'`;
  const body = JSON.stringify(Object.fromEntries(given));
  return `${head} -H 'Content-Type: application/json' -d '${body}' '${server}${path}'`;
}
