import { readFileSync } from "node:fs";
import { type Declaration, declarationsIn, type Member, type Type } from "./declarations.ts";
import type { OutputName } from "./outputs.ts";

export type JsonSchema = Record<string, unknown>;

/** Files whose declarations answers are made of; the last one says which procedure answers what. */
const SOURCES = [
  "@chela/shared/access/roles",
  "@chela/shared/access/view",
  "@chela/shared/audit/record",
  "@chela/shared/fleet/view",
  "../console.ts",
  "./outputs.ts",
];

interface OutputSchemas<Name extends string> {
  /** By procedure. Nothing there: it answers nothing. */
  outputs: ReadonlyMap<Name, JsonSchema>;
  /** What they refer to, by name, as `#/components/schemas/…`. */
  components: Record<string, JsonSchema>;
}

/** What procedures answer, read from the types' own text. @throws Error naming a type that is not plain data. */
export function readOutputSchemas(): OutputSchemas<OutputName> {
  const declarations = new Map<string, Declaration>();
  for (const source of SOURCES) {
    const text = readFileSync(new URL(import.meta.resolve(source)), "utf8");
    for (const declared of declarationsIn(text)) declarations.set(declared.name, declared);
  }
  return schemasOf<OutputName>(declarations, "Outputs");
}

/** @param table name of the interface that has one member per procedure. */
export function schemasOf<Name extends string>(
  declarations: ReadonlyMap<string, Declaration>,
  table: string,
): OutputSchemas<Name> {
  const components: Record<string, JsonSchema> = {};
  const get = (name: string): Declaration => {
    const found = declarations.get(name);
    if (found === undefined) throw new Error(`${name} is no plain type that an answer can be.`);
    return found;
  };

  /** @param given what a generic type's parameters stand for. */
  const schemaOf = (type: Type, given: ReadonlyMap<string, JsonSchema>): JsonSchema => {
    switch (type.kind) {
      case "literal":
        return { const: type.value };
      case "list":
        return { type: "array", items: schemaOf(type.of, given) };
      case "all":
        return { allOf: type.of.map((each) => schemaOf(each, given)) };
      case "any":
        return anyOf(type.of.map((each) => schemaOf(each, given)));
      case "object":
        return objectOf(type.members, given);
      case "member": {
        const owner = type.of.kind === "name" ? get(type.of.name).body : type.of;
        const member =
          owner.kind === "object" ? owner.members.find(({ name }) => name === type.key) : undefined;
        if (member === undefined) throw new Error(`There is no member ${type.key} to point at.`);
        return schemaOf(member.type, given);
      }
      case "name":
        return named(type.name, type.of, given);
    }
  };

  const objectOf = (members: readonly Member[], given: ReadonlyMap<string, JsonSchema>) => ({
    type: "object",
    properties: Object.fromEntries(
      members.map(({ name, type, note }) => [name, described(schemaOf(type, given), note)]),
    ),
    required: members.filter(({ optional }) => !optional).map(({ name }) => name),
  });

  const named = (
    name: string,
    of: readonly Type[],
    given: ReadonlyMap<string, JsonSchema>,
  ): JsonSchema => {
    const parameter = given.get(name);
    if (parameter !== undefined) return parameter;
    if (name === "string" || name === "number" || name === "boolean" || name === "null") {
      return { type: name };
    }
    if (name === "unknown") return {};
    if (name === "Readonly") return schemaOf(of[0]!, given);
    if (name === "Record") {
      return { type: "object", additionalProperties: schemaOf(of[1]!, given) };
    }
    const declared = get(name);
    if (declared.parameters.length > 0) {
      const own = new Map(
        declared.parameters.map((each, index) => [each, schemaOf(of[index]!, given)]),
      );
      return described(schemaOf(declared.body, own), declared.note);
    }
    if (components[name] === undefined) {
      // Before its body is read: a type may contain itself.
      components[name] = {};
      const body = schemaOf(declared.body, new Map());
      const bases = declared.bases.map((base) => named(base, [], new Map()));
      components[name] = described(
        bases.length === 0 ? body : { allOf: [...bases, body] },
        declared.note,
      );
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const rows = get(table).body;
  if (rows.kind !== "object") throw new Error(`${table} is not a table.`);
  return {
    outputs: new Map(
      rows.members.map(({ name, type }) => [name as Name, schemaOf(type, new Map())]),
    ),
    components,
  };
}

/** Plain alternatives as one schema, the rest side by side. */
function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  const constants = schemas.filter((schema) => "const" in schema);
  if (constants.length === schemas.length) return { enum: constants.map((each) => each.const) };
  const plain = (schema: JsonSchema) =>
    typeof schema.type === "string" && Object.keys(schema).length === 1;
  if (schemas.every(plain)) return { type: schemas.map(({ type }) => type) };
  const rest = schemas.filter((schema) => !("const" in schema));
  return {
    anyOf:
      constants.length === 0 ? schemas : [{ enum: constants.map((each) => each.const) }, ...rest],
  };
}

const described = (schema: JsonSchema, note: string | null): JsonSchema =>
  note === null ? schema : { ...schema, description: note };
