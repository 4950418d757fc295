import { parseArgs } from "node:util";
import { verifyFile } from "./verify-file.ts";

/**
 * `node verify.ts FILE [--head ID:HASH] [--json]`: checks an export as JSON lines, without a console and without trust
 * in one. Ends with 0 where it is unbroken, 1 where it is not, 2 where it could not be checked.
 */
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { head: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const [path] = positionals;
  if (path === undefined) throw new Error("Say which file: verify.ts <export>.jsonl");
  const verdict = await verifyFile(path, headOf(values.head));
  if (values.json) console.log(JSON.stringify(verdict));
  else if (!verdict.intact) console.log(`BROKEN. ${verdict.broken!.sentence}`);
  else {
    const head = verdict.head && `, the last one is ${verdict.head.id}:${verdict.head.hash}`;
    console.log(
      verdict.complete
        ? `Unbroken: ${verdict.records} records${head ?? ""}.`
        : `Unchanged: ${verdict.records} records of a selection${head ?? ""}. Only a complete export shows that none is missing.`,
    );
  }
  process.exitCode = verdict.intact ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

function headOf(text: string | undefined) {
  if (text === undefined) return null;
  const [, id, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (id === undefined) throw new Error("--head is <number>:<64 hexadecimal digits>.");
  return { id: Number(id), hash: hash! };
}
