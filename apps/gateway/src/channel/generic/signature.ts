import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

/** Signatures by https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before it. */
export interface Signed {
  readonly id: string;
  readonly timestamp: string;
  /** One or more, separated by spaces. */
  readonly signature: string;
}

/** `whsec_<base64>` → a key that is prepared once: a third of the cost of a check is preparing it. */
export function keyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
}

/** Whether any of the signatures is right by any of the keys. Takes the same time wherever they differ. */
export function signatureMatches(
  keys: readonly KeyObject[],
  signed: Signed,
  body: Buffer,
): boolean {
  const offered = signed.signature
    .split(" ")
    .filter((part) => part.startsWith("v1,"))
    .map((part) => Buffer.from(part.slice(3), "latin1"));
  let matches = false;
  for (const key of keys) {
    const expected = Buffer.from(
      // Header bytes come as latin1; signed were the bytes.
      createHmac("sha256", key)
        .update(`${signed.id}.${signed.timestamp}.`, "latin1")
        .update(body)
        .digest("base64"),
      "latin1",
    );
    for (const candidate of offered) {
      if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) {
        matches = true;
      }
    }
  }
  return matches;
}
