import { describe, expect, it } from "vitest";
import { placementLock, statusOfHost } from "./host-status.ts";

const fit = { connected: true, cordoned: false, redisReachable: true, redisReason: null };

describe("a host in one word", () => {
  it("names the worst that is known", () => {
    const words = [
      fit,
      { ...fit, cordoned: true },
      { ...fit, redisReachable: false, cordoned: true },
      { ...fit, connected: false, redisReachable: false },
    ].map((host) => statusOfHost(host).word);
    expect(words).toEqual(["Healthy", "Cordoned", "No Redis", "Silent"]);
  });

  it("says why no gateway can be placed", () => {
    expect(placementLock(fit)).toBeNull();
    expect(placementLock({ ...fit, redisReachable: null })).toBeNull();
    expect(
      placementLock({
        ...fit,
        redisReachable: false,
        redisReason: "Redis listens on 127.0.0.1 only.",
      }),
    ).toContain("127.0.0.1");
    expect(placementLock({ ...fit, cordoned: true })).toContain("uncordon");
  });
});
