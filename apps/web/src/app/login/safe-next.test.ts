import { describe, expect, it } from "vitest";
import { safeNext } from "./safe-next.ts";

describe("where to go after signing in", () => {
  it("stays within the console", () => {
    expect(safeNext("/?promote=gw-2")).toBe("/?promote=gw-2");
    for (const away of [
      "https://example.com",
      "//example.com",
      "/\\example.com",
      "javascript:alert(1)",
      "",
      "/login?next=/",
    ]) {
      expect(safeNext(away)).toBe("/");
    }
  });
});
