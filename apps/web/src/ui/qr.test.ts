import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { qrModules } from "./qr.ts";

const drawn = (text: string) =>
  qrModules(text)!
    .map((row) => row.map((dark) => (dark ? "1" : "0")).join(""))
    .join("\n");
const hashOf = (text: string) => createHash("sha256").update(drawn(text)).digest("hex");

describe("a QR code", () => {
  it("is, module by module, what an independent encoder draws for the same text", () => {
    expect(hashOf("otpauth://totp/Chela:a%40b?secret=JBSWY3DPEHPK3PXP&issuer=Chela")).toBe(
      "ac10b14c6cb83bf41fd2896e6bbb2dc9aa3ea3a4602ccb24fa6036f5f1cecfcc",
    );
  });

  it("grows with its text, up to 858 bytes", () => {
    for (const [chars, size] of [
      [17, 21],
      [18, 25],
      [154, 45],
      [230, 53],
      [858, 97],
    ] as const) {
      expect(qrModules("x".repeat(chars))).toHaveLength(size);
    }
    expect(qrModules("x".repeat(859))).toBeNull();
  });
});
