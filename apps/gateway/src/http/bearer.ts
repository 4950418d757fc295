import { createHash, timingSafeEqual } from "node:crypto";

/** A check for `Authorization: Bearer <token>` that takes the same time for every wrong one. */
export function isBearer(token: string): (authorization: string | undefined) => boolean {
  const isToken = isOneOf([token]);
  return (authorization) => {
    const offered = bearerOf(authorization);
    return offered !== undefined && isToken(offered);
  };
}

/** A check for a token that may be one of several; it looks at all of them, whichever fits. */
export function isOneOf(tokens: readonly string[]): (offered: string) => boolean {
  const expected = tokens.map(digest);
  return (offered) => {
    const seen = digest(offered);
    return expected.filter((token) => timingSafeEqual(seen, token)).length > 0;
  };
}

/** The token of `Authorization: Bearer <token>`. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
