import { describe, expect, it } from "vitest";
import { sentenceOf } from "./auth-request.ts";
import { browserInWords, rolesInWords } from "./wording.ts";

describe("people in words", () => {
  it("names the role for every fleet first", () => {
    expect(rolesInWords({ b: "admin", "*": "viewer", a: "operator" })).toEqual([
      "Viewer of every fleet",
      "Operator of a",
      "Admin of b",
    ]);
    expect(rolesInWords({})).toEqual([]);
  });

  it("recognises a browser by what it says of itself, not by what it claims to be like", () => {
    const chrome =
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    expect(browserInWords(chrome)).toBe("Chrome on Linux");
    expect(browserInWords(`${chrome} Edg/142.0.0.0`)).toBe("Edge on Linux");
    expect(browserInWords("curl/8.5.0")).toBe("curl/8.5.0");
    expect(browserInWords(null)).toBe("A browser");
  });

  it("says what to do about a refusal", () => {
    expect(sentenceOf(429, undefined)).toMatch(/Wait a minute/);
    expect(sentenceOf(401, "INVALID_CODE")).toMatch(/does not fit/);
    expect(sentenceOf(401, "INVALID_EMAIL_OR_PASSWORD")).toBe("Email and password don't match.");
    expect(sentenceOf(500, undefined)).toMatch(/log says why/);
  });
});
