import type { SessionMessage } from "@chela/shared/fleet/view";
import { describe, expect, it } from "vitest";
import { masked, splitSession, transcriptRows } from "./transcript-rows.ts";

const message = (gateway: string, epoch: number) =>
  ({ eventId: `${gateway}-${epoch}`, gateway, epoch, at: "t" }) as SessionMessage;

describe("transcript", () => {
  it("shows a hand-over where the holder or its epoch changes, and nowhere else", () => {
    const rows = transcriptRows([
      message("gw-1", 1),
      message("gw-1", 1),
      message("gw-2", 2),
      message("gw-2", 4),
    ]);
    expect(
      rows.map((row) => (row.kind === "handover" ? `${row.from}>${row.to}@${row.epoch}` : "m")),
    ).toEqual(["m", "m", "gw-1>gw-2@2", "m", "gw-2>gw-2@4", "m"]);
  });

  it("masks a peer so that two can still be told apart", () => {
    expect(masked("+491512345671")).toBe("+4••••••1");
    expect(masked("ana")).toBe("ana");
  });

  it("splits a session's key at its channel", () => {
    expect(splitSession("web:a:b")).toEqual({ channel: "web", peer: "a:b" });
  });
});
