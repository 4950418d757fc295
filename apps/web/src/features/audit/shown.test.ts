import { describe, expect, it } from "vitest";
import { exportHref, filterOf, isFiltered, shownIn } from "./shown.ts";

const shown = (query: string) => shownIn(new URLSearchParams(query));

describe("what is shown", () => {
  it("stands in the address, and asks for exactly that", () => {
    const all = shown("q=gw-1&who=mira&what=rollouts.&outcome=refused&when=24h&where=here");
    expect(isFiltered(all)).toBe(true);
    expect(filterOf(all, "prod", Date.UTC(2026, 0, 2))).toEqual({
      text: "gw-1",
      actor: "mira",
      action: "rollouts.",
      outcome: "refused",
      since: "2026-01-01T00:00:00.000Z",
      fleet: "prod",
    });
  });

  it("takes nothing that it does not know", () => {
    const odd = shown("outcome=maybe&when=soon&where=there&entry=7");
    expect(isFiltered(odd)).toBe(false);
    expect(filterOf(odd, "prod", 0)).toEqual({});
  });

  it("is what an export holds", () => {
    expect(exportHref("csv", { actor: "a&b" })).toBe("/api/audit/export?format=csv&actor=a%26b");
  });
});
