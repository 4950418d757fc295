import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { declarationsIn } from "./declarations.ts";
import { openApiDocument, pathOf } from "./openapi.ts";
import { schemasOf } from "./output-schemas.ts";
import { PROCEDURES } from "./procedures.ts";
import { SUMMARIES } from "./summaries.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes
type Json = any;
const document: Json = JSON.parse(JSON.stringify(openApiDocument("http://localhost:4400")));
const operations: [name: string, operation: Json][] = Object.values(document.paths).flatMap(
  (path: Json) =>
    Object.values(path).map((each: Json) => [each.operationId, each] as [string, Json]),
);

function everyRef(value: Json, found: string[] = []): string[] {
  if (Array.isArray(value)) for (const each of value) everyRef(each, found);
  else if (value !== null && typeof value === "object") {
    for (const [key, each] of Object.entries(value)) {
      if (key === "$ref") found.push(each as string);
      else everyRef(each, found);
    }
  }
  return found;
}

describe("the API's description", () => {
  it("holds every procedure once, at its path, with a line that says what it does", () => {
    expect(operations.map(([name]) => name).sort()).toEqual([...PROCEDURES.keys()].sort());
    expect(Object.keys(document.paths)).toEqual([...PROCEDURES.keys()].map(pathOf));
    expect(Object.keys(SUMMARIES).sort()).toEqual([...PROCEDURES.keys()].sort());
  });

  it("refers only to what it holds", () => {
    const refs = everyRef(document);
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of refs) {
      const found = ref
        .slice(2)
        .split("/")
        .reduce((at: Json, key) => at?.[key], document);
      expect(found, ref).toBeDefined();
    }
  });

  it.each(operations)("%s names its parameters, answers and refusals", (name, operation) => {
    const { method, streams } = PROCEDURES.get(name)!;
    expect(operation.requestBody === undefined || method === "POST").toBe(true);
    for (const parameter of operation.parameters ?? []) {
      expect(parameter).toMatchObject({ in: "query", name: expect.any(String) });
      // One of the two, never both: the specification's own rule.
      expect(Number("schema" in parameter) + Number("content" in parameter)).toBe(1);
    }
    const done = operation.responses["200"] ?? operation.responses["204"];
    expect(done).toBeDefined();
    if (streams) expect(Object.keys(done.content)).toEqual(["text/event-stream"]);
    expect(operation.responses["401"]).toBeDefined();
  });

  it("describes answers as they are: a real one fits, a wrong one does not", () => {
    const schema = z.fromJSONSchema({
      $ref: "#/$defs/FleetView",
      $defs: JSON.parse(
        JSON.stringify(document.components.schemas).replaceAll("#/components/schemas/", "#/$defs/"),
      ),
    });
    const view = JSON.parse(JSON.stringify(fakeView([{ name: "gw-1", release: 1, shards: 16 }])));
    expect(schema.safeParse(view).error).toBeUndefined();
    expect(schema.safeParse({ ...view, mode: "sideways" }).success).toBe(false);
    const { asOf: _, ...rest } = view;
    expect(schema.safeParse(rest).success).toBe(false);
  });
});

describe("types read as schemas", () => {
  const read = (source: string) =>
    schemasOf(new Map(declarationsIn(source).map((each) => [each.name, each])), "Outputs");

  it("know alternatives, lists, records, generics, bases and pointers to members", () => {
    const { outputs, components } = read(`
      import type { Other } from "./other.ts";
      /** What it is. */
      export interface Base { /** Its \`id\`. */ id: string; next?: Base | null }
      interface More extends Base { kind: "a" | "b"; sizes: Record<string, number> }
      interface Page<T> { items: T[]; readonly first: Base["id"] }
      interface Skipped { call(x: string): { a: number }; b: string }
      type Also<T extends Base> = T extends Base ? { [K in keyof T]: T[K] } : never;
      const skipped = { type: "x" };
      export interface Outputs { "a.list": Page<More>; "a.get": ({ b: boolean } & Base) | null }
    `);
    expect(outputs.get("a.list")).toEqual({
      type: "object",
      properties: {
        items: { type: "array", items: { $ref: "#/components/schemas/More" } },
        first: { type: "string" },
      },
      required: ["items", "first"],
    });
    expect(outputs.get("a.get")).toMatchObject({ anyOf: [{ allOf: [{}, {}] }, { type: "null" }] });
    expect(components.More).toEqual({
      allOf: [
        { $ref: "#/components/schemas/Base" },
        {
          type: "object",
          properties: {
            kind: { enum: ["a", "b"] },
            sizes: { type: "object", additionalProperties: { type: "number" } },
          },
          required: ["kind", "sizes"],
        },
      ],
    });
    expect(components.Base).toMatchObject({
      description: "What it is.",
      properties: { id: { type: "string", description: "Its `id`." } },
      required: ["id"],
    });
  });

  it("say which type is no plain data", () => {
    expect(() => read("interface Outputs { a: Handler }\ntype Handler = () => void;")).toThrow(
      /Handler is no plain type/,
    );
  });
});
