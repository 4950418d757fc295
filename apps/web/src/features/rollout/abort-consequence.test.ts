import { describe, expect, it } from "vitest";
import { abortConsequence } from "./abort-consequence.ts";
import type { Lane } from "./lane-layout.ts";

const lane = (gateway: string, replace: "pending" | "running" | "done" | null) =>
  ({
    gateway,
    phases: { replace: replace === null ? null : { state: replace }, "take-over": null },
  }) as unknown as Lane;

describe("what an abort would do", () => {
  it("says that nothing was replaced", () => {
    expect(abortConsequence([lane("gw-2", "pending"), lane("gw-1", null)], "0.1.0")).toContain(
      "gw-2 and gw-1 stay on 0.1.0",
    );
  });

  it("names who goes back and who was not touched", () => {
    const text = abortConsequence([lane("gw-2", "done"), lane("gw-1", null)], "0.1.0");
    expect(text).toContain("gw-2 goes back to 0.1.0");
    expect(text).toContain("gw-1 was not touched");
  });

  it("counts a replacement that is under way", () => {
    expect(abortConsequence([lane("gw-2", "done"), lane("gw-1", "running")], "0.1.0")).toContain(
      "gw-2 and gw-1 go back",
    );
  });
});
