import type { Demand } from "../trpc.ts";
import { type JsonSchema, readOutputSchemas } from "./output-schemas.ts";
import type { OutputName } from "./outputs.ts";
import { PROCEDURES, type Procedure } from "./procedures.ts";
import { SUMMARIES } from "./summaries.ts";

/** Of the shapes, as in the paths; the console's own version is another thing. */
const API_VERSION = "1";

const ERRORS: readonly (readonly [status: string, means: string])[] = [
  ["400", "The input does not fit; the message names every field that is wrong."],
  ["401", "Nobody is logged in, or the token is unknown, revoked or expired."],
  ["403", "The role does not reach, for that fleet."],
  ["404", "There is no such thing."],
  ["409", "Something else is under way, or what was planned has changed."],
  ["412", "Not possible now; the message says what has to come first."],
  ["503", "The console has just started, or Redis does not answer: try again."],
];

/** The API's description (OpenAPI 3.1), made from the router and the answers' types themselves. */
export function openApiDocument(consoleUrl: string): JsonSchema {
  const { outputs, components } = readOutputSchemas();
  const rooms = [...new Set([...PROCEDURES.keys()].map(roomOf))];
  return {
    openapi: "3.1.0",
    info: {
      title: "Chela control API",
      version: API_VERSION,
      description:
        "Everything the console can do. The same procedures are served to tRPC clients at /api/trpc. Times are ISO strings (`…At`), durations milliseconds (`…Ms`), rates per second (`…PerSecond`). Lists answer `{items, nextCursor}`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: consoleUrl }],
    security: [{ bearer: [] }, { browser: [] }],
    tags: rooms.map((name) => ({ name })),
    paths: Object.fromEntries(
      [...PROCEDURES.values()].map((procedure) => [
        pathOf(procedure.name),
        {
          [procedure.method.toLowerCase()]: operationOf(
            procedure,
            outputs.get(procedure.name as OutputName),
          ),
        },
      ]),
    ),
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API token." },
        browser: {
          type: "apiKey",
          in: "cookie",
          name: "better-auth.session_token",
          description: "A browser that is signed in; only from the console's own pages.",
        },
      },
      responses: Object.fromEntries(
        ERRORS.map(([status, description]) => [
          `Error${status}`,
          {
            description,
            content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
          },
        ]),
      ),
      schemas: {
        Error: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["code", "reason", "message"],
              properties: {
                code: { type: "string", description: "What kind of no it is." },
                reason: { type: "string", description: "Chela's own stable code, for programs." },
                message: { type: "string", description: "For the operator; says what to do." },
              },
            },
          },
        },
        ...components,
      },
    },
  };
}

export const pathOf = (name: string): string => `/api/v1/${name.replace(".", "/")}`;
const roomOf = (name: string): string => name.split(".")[0]!;

function operationOf(procedure: Procedure, output: JsonSchema | undefined): JsonSchema {
  const { name, input, method } = procedure;
  return {
    operationId: name,
    tags: [roomOf(name)],
    summary: SUMMARIES[name] ?? name,
    description: demandInWords(procedure.demand),
    ...(input === null
      ? {}
      : method === "GET"
        ? { parameters: parametersOf(procedure) }
        : {
            requestBody: {
              required: input.required.length > 0,
              content: { "application/json": { schema: input } },
            },
          }),
    responses: { ...answerOf(procedure, output), ...refusals(procedure) },
  };
}

/** Text as it is; everything else as JSON. */
function parametersOf({ input }: Procedure): JsonSchema[] {
  return Object.entries(input?.properties ?? {}).map(([name, schema]) => {
    const required = input?.required.includes(name) ?? false;
    const nested = schema.type === "object" || schema.type === "array";
    return {
      name,
      in: "query",
      required,
      ...(nested ? { content: { "application/json": { schema } } } : { schema }),
    };
  });
}

function answerOf({ streams }: Procedure, output: JsonSchema | undefined): JsonSchema {
  if (output === undefined) return { "204": { description: "Done." } };
  return {
    "200": {
      description: streams
        ? "Server-sent events; each `data` is JSON of this shape. Come back with Last-Event-ID."
        : "Done.",
      content: { [streams ? "text/event-stream" : "application/json"]: { schema: output } },
    },
  };
}

const refusals = ({ input, method }: Procedure): JsonSchema =>
  Object.fromEntries(
    ERRORS.filter(
      ([status]) =>
        (input !== null || status !== "400") &&
        (method === "POST" || (status !== "409" && status !== "412")),
    ).map(([status]) => [status, { $ref: `#/components/responses/Error${status}` }]),
  );

function demandInWords({ where, role }: Demand): string {
  switch (where) {
    case "fleet":
      return `Needs the role ${role} in that fleet.`;
    case "operation":
      return `Needs the role ${role} in the operation's fleet.`;
    case "console":
      return `Needs the role ${role} for every fleet.`;
    case "any":
      return `Needs the role ${role} in any fleet; answers only what belongs to fleets that one may see.`;
    case "self":
      return "For whoever is logged in.";
    case "person":
      return "For people in a browser; a token has no account.";
  }
}
