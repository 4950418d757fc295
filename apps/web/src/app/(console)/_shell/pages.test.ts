import { describe, expect, it } from "vitest";
import { crumbsOf, isCurrent, PAGES } from "./pages.ts";

describe("where one is", () => {
  it("marks one page at most, also below it", () => {
    for (const path of [
      "/",
      "/sessions",
      "/rollouts",
      "/rollouts/new",
      "/rollouts/op-1",
      "/hosts",
      "/activity",
      "/settings/users",
    ]) {
      expect(PAGES.filter((page) => isCurrent(page, path))).toHaveLength(1);
    }
    expect(PAGES.filter((page) => isCurrent(page, "/rolloutsx"))).toHaveLength(0);
  });

  it("names the way back", () => {
    expect(crumbsOf("/")).toEqual([{ word: "Overview", href: null }]);
    expect(crumbsOf("/rollouts/new")).toEqual([
      { word: "Rollouts", href: "/rollouts" },
      { word: "New", href: null },
    ]);
  });

  it("gives every page a key of its own", () => {
    expect(new Set(PAGES.map((page) => page.key)).size).toBe(PAGES.length);
  });
});
