import { createHash, timingSafeEqual } from "node:crypto";

/** A check for `Authorization: Bearer <token>` that takes the same time for every wrong one. */
export function isBearer(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const offered = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    return offered !== undefined && timingSafeEqual(digest(offered), expected);
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
