import { createPublicKey, type KeyObject, verify } from "node:crypto";

const SIGNATURE_HEX = /^[0-9a-f]{128}$/i;
const KEY_HEX = /^[0-9a-f]{64}$/i;
/** Points of small order that a placeholder may hit: under such a "key" signatures can be made up. */
const NO_KEY = /^0[01]0{62}$/;

/** 64 hex digits → a key that is prepared once; null: they are none. */
export function ed25519Key(hex: string): KeyObject | null {
  if (!KEY_HEX.test(hex) || NO_KEY.test(hex)) return null;
  try {
    const x = Buffer.from(hex, "hex").toString("base64url");
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  } catch {
    return null;
  }
}

/** Whether `hex` is the signature over timestamp and raw body. */
export function signatureMatches(
  key: KeyObject,
  timestamp: string,
  body: Buffer,
  hex: string,
): boolean {
  if (!SIGNATURE_HEX.test(hex)) return false;
  const signed = Buffer.concat([Buffer.from(timestamp, "latin1"), body]);
  return verify(null, signed, key, Buffer.from(hex, "hex"));
}
