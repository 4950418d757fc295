import { describe, expect, it } from "vitest";
import { floorBroken } from "./floor.ts";
import { fakeView } from "./testing/fake-view.ts";

const gateway = (name: string, over = {}) => ({ name, release: 1, shards: 0, ...over });
const three = fakeView([gateway("gw-1"), gateway("gw-2"), gateway("gw-3")]);

describe("the floor", () => {
  it("holds while enough healthy gateways stay", () => {
    expect(floorBroken(three, 2, ["gw-1"])).toBeNull();
    expect(floorBroken(three, 3, ["gw-1"], 1)).toBeNull();
  });

  it("is named with the numbers where it would break", () => {
    expect(floorBroken(three, 2, ["gw-1", "gw-3"])).toBe(
      "Without gw-1 and gw-3, 1 of 3 gateways would serve; the fleet's floor is 2. Start another gateway first, or lower the floor in the fleet's spec.",
    );
  });

  it("does not count who is ill or drains, and lets such a one go", () => {
    const ill = fakeView([
      ...[
        gateway("gw-1"),
        gateway("gw-2", { healthy: false }),
        gateway("gw-3", { draining: true }),
      ],
    ]);
    expect(floorBroken(ill, 1, ["gw-1"])).toContain("0 of 3 gateways would serve");
    expect(floorBroken(ill, 1, ["gw-2", "gw-3"])).toBeNull();
  });
});
