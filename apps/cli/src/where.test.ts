import { describe, expect, it } from "vitest";
import { whereOf } from "./where.ts";

const NOTHING = { url: undefined, token: undefined, fleet: undefined };
const ACCESS = { consoleUrl: "http://localhost:4400", apiToken: "chela_root", fleet: "home" };
const where = (
  options: Partial<typeof NOTHING> | Record<string, string>,
  environment: Record<string, string> = {},
  access: typeof ACCESS | null = ACCESS,
) => whereOf({ ...NOTHING, ...options }, { ...NOTHING, ...environment }, access, "/x/access.json");

describe("which console", () => {
  it("is that of access.json where nothing is said", () => {
    expect(where({})).toEqual({ url: ACCESS.consoleUrl, token: "chela_root", fleet: "home" });
  });

  it("an option counts before the environment, that before access.json", () => {
    const environment = { url: "https://b.example/x", token: "b", fleet: "fb" };
    expect(where({}, environment)).toEqual({ url: "https://b.example", token: "b", fleet: "fb" });
    expect(where({ token: "a", fleet: "fa" }, environment)).toMatchObject({
      token: "a",
      fleet: "fa",
    });
  });

  it("the administrator's token of access.json is never sent to another console", () => {
    expect(() => where({ url: "https://b.example" })).toThrow(
      "There is no token for https://b.example",
    );
    expect(() => where({}, { url: "http://localhost:4401" })).toThrow("There is no token");
    expect(where({ url: "http://localhost:4400/" }).token).toBe("chela_root");
  });

  it("says what to do where nothing is known", () => {
    expect(() => where({}, {}, null)).toThrow("There is no /x/access.json");
    expect(() => where({ url: "localhost:4400", token: "t" })).toThrow(
      "is no address of a console",
    );
  });
});
