import { stat } from "node:fs/promises";
import type { RecordSizes } from "../figures/metrics.ts";
import type { Database } from "./sqlite.ts";

/** How much the store holds. @param path of its file. */
export function storeSizes(database: Database, path: string): RecordSizes {
  const bytesOf = async (file: string) => (await stat(file).catch(() => null))?.size ?? 0;
  const rows = async (table: "figure_samples" | "dedupe_minutes") => {
    const { count } = await database
      .selectFrom(table)
      .select((select) => select.fn.countAll().as("count"))
      .executeTakeFirstOrThrow();
    return Number(count);
  };
  return {
    bytes: async () => (await bytesOf(path)) + (await bytesOf(`${path}-wal`)),
    // Numbered without gaps, from 1: the newest one's number is how many there are.
    async audit() {
      const { count } = await database
        .selectFrom("audit")
        .select((select) => select.fn.max("id").as("count"))
        .executeTakeFirstOrThrow();
      return Number(count ?? 0);
    },
    figures: async () => (await rows("figure_samples")) + (await rows("dedupe_minutes")),
  };
}
