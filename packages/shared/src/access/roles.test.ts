import { describe, expect, it } from "vitest";
import { fleetsSeen, highestRole, limitedTo, mayIn, roleIn } from "./roles.ts";

describe("someone's role in a fleet", () => {
  it("is the one given for that fleet, also where it is lower than the one for every fleet", () => {
    const roles = { "*": "admin", b: "viewer" } as const;
    expect(roleIn(roles, "a")).toBe("admin");
    expect(roleIn(roles, "b")).toBe("viewer");
    expect(mayIn(roles, "b", "operator")).toBe(false);
  });

  it("is none where nothing was given, whatever the fleet is called", () => {
    expect(roleIn({ a: "admin" }, "b")).toBeNull();
    expect(roleIn({ a: "admin" }, "*")).toBeNull();
    expect(roleIn({}, "constructor")).toBeNull();
    expect(mayIn({}, "a", "viewer")).toBe(false);
  });

  it("decides which fleets are seen", () => {
    expect(fleetsSeen({ "*": "viewer", a: "admin" })).toBe("every");
    expect(fleetsSeen({ a: "viewer", b: "admin" })).toEqual(["a", "b"]);
    expect(fleetsSeen({})).toEqual([]);
    expect(highestRole({ a: "viewer", b: "operator" })).toBe("operator");
    expect(highestRole({})).toBeNull();
  });
});

describe("a token", () => {
  it("is never more than it says, nor more than its owner is now", () => {
    expect(limitedTo({ "*": "admin" }, "a", "operator")).toEqual({ a: "operator" });
    expect(limitedTo({ "*": "viewer" }, "a", "admin")).toEqual({ a: "viewer" });
    expect(limitedTo({ b: "admin" }, "a", "viewer")).toEqual({});
    expect(limitedTo({ "*": "admin", b: "viewer" }, "*", "operator")).toEqual({
      "*": "operator",
      b: "viewer",
    });
  });
});
