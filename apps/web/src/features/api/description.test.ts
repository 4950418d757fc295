import { describe, expect, it } from "vitest";
import { curlOf, type Entry, inputsOf, matching, shapeOf } from "./description.ts";

const get: Entry = {
  path: "/api/v1/fleets/get",
  method: "GET",
  operation: {
    operationId: "fleets.get",
    tags: ["fleets"],
    summary: "A fleet as it is observed now",
    description: "",
    parameters: [
      { name: "fleet", required: true, schema: { type: "string" } },
      { name: "limit", required: false, schema: { type: "integer" } },
    ],
    responses: {},
  },
};
const post: Entry = {
  ...get,
  path: "/api/v1/gateways/drain",
  method: "POST",
  operation: {
    ...get.operation,
    parameters: [],
    requestBody: {
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: { fleet: { type: "string" }, reason: { type: "string" } },
            required: ["fleet"],
          },
        },
      },
    },
  },
};

describe("the API's description on the screen", () => {
  it("gives a command with what is needed and nothing else", () => {
    expect(curlOf(get, "http://c")).toBe(
      `curl -H "Authorization: Bearer $CHELA_TOKEN" 'http://c/api/v1/fleets/get?fleet=chela'`,
    );
    expect(curlOf(post, "http://c")).toContain(
      `-d '{"fleet":"chela"}' 'http://c/api/v1/gateways/drain'`,
    );
  });

  it("lists inputs of addresses and of bodies alike", () => {
    expect(inputsOf(post.operation).map(({ name, required }) => [name, required])).toEqual([
      ["fleet", true],
      ["reason", false],
    ]);
  });

  it("says a shape in one line", () => {
    expect(shapeOf({ type: "array", items: { $ref: "#/components/schemas/GatewayView" } })).toBe(
      "GatewayView[]",
    );
    expect(shapeOf({ anyOf: [{ enum: ["a", "b"] }, { type: "null" }] })).toBe('"a" | "b" | null');
    expect(
      shapeOf({
        type: "object",
        properties: { a: { type: ["string", "null"] }, b: { type: "number" } },
        required: ["a"],
      }),
    ).toBe("{ a: string | null, b?: number }");
  });

  it("finds by every word, in path or summary", () => {
    expect(matching([get, post], "fleet observed")).toHaveLength(2);
    expect(matching([get, post], "drain")).toEqual([post]);
  });
});
