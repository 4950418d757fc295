import { describe, expect, it } from "vitest";
import { emphasise } from "./emphasise.ts";

describe("names within a sentence", () => {
  it("sets apart whole names only", () => {
    expect(emphasise("gw-1 is active on local; gw-10 stands by.", ["gw-1", "local"])).toEqual([
      { text: "gw-1", name: true },
      { text: " is active on ", name: false },
      { text: "local", name: true },
      { text: "; gw-10 stands by.", name: false },
    ]);
  });

  it("loses nothing of the sentence", () => {
    const sentence = "Agent on host-b silent for 14 s; figures below are from 12:03:11.";
    expect(
      emphasise(sentence, ["host-b"])
        .map((part) => part.text)
        .join(""),
    ).toBe(sentence);
  });
});
