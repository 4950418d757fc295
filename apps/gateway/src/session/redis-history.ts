import type { Redis } from "ioredis";
import type { Said } from "../assistant/assistant.ts";

/** The last messages of a session's history stream, oldest first; errors shown to the user are left out. */
export async function readHistory(redis: Redis, key: string, messagesMax: number): Promise<Said[]> {
  if (messagesMax === 0) return [];
  const newestFirst = await redis.xrevrange(key, "+", "-", "COUNT", messagesMax);
  return newestFirst.reverse().flatMap(([, fields]) => {
    const at = (name: string) => {
      const index = fields.findIndex((field, i) => i % 2 === 0 && field === name);
      return index < 0 ? "" : (fields[index + 1] ?? "");
    };
    const role = at("role");
    return role === "user" || role === "assistant" ? [{ role, text: at("text") }] : [];
  });
}
