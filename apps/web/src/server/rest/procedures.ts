import { z } from "zod";
import { appRouter } from "../router.ts";
import type { Demand } from "../trpc.ts";

export interface Procedure {
  /** `<router>.<procedure>` */
  name: string;
  /** GET for what only reads; a subscription is a GET that goes on. */
  method: "GET" | "POST";
  streams: boolean;
  demand: Demand;
  /** JSON schema of the input as it is sent; null: it takes none. */
  input: ObjectSchema | null;
}

export interface ObjectSchema {
  type: "object";
  properties: Record<string, z.core.JSONSchema.BaseSchema>;
  required: string[];
}

interface Definition {
  _def: { type: "query" | "mutation" | "subscription"; inputs: z.ZodType[]; meta: Demand };
}

/** Everything the router holds, as REST sees it: there is no second list of procedures to keep. */
export const PROCEDURES: ReadonlyMap<string, Procedure> = new Map(
  Object.entries(appRouter._def.procedures as unknown as Record<string, Definition>).map(
    ([name, { _def }]) => [
      name,
      {
        name,
        method: _def.type === "mutation" ? "POST" : "GET",
        streams: _def.type === "subscription",
        demand: _def.meta,
        input: together(_def.inputs),
      },
    ],
  ),
);

/** A procedure's inputs are objects that add up: the gate's (`fleet`) and its own. */
function together(inputs: readonly z.ZodType[]): ObjectSchema | null {
  if (inputs.length === 0) return null;
  const schemas = inputs.map((input) => z.toJSONSchema(input, { io: "input" }));
  return {
    type: "object",
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)),
    required: [...new Set(schemas.flatMap(({ required }) => required ?? []))],
  };
}
