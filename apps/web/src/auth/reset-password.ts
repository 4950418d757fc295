import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { systemClock } from "@chela/shared/clock/system-clock";
import { setPassword } from "./set-password.ts";

/** `node reset-password.ts --store FILE --email ADDRESS [--password-stdin] [--remove-two-factor]`: prints JSON. */
const { values } = parseArgs({
  options: {
    store: { type: "string" },
    email: { type: "string" },
    "password-stdin": { type: "boolean", default: false },
    "remove-two-factor": { type: "boolean", default: false },
  },
});
try {
  const { store, email } = values;
  if (store === undefined || email === undefined) {
    throw new Error("Say which: --store <state directory>/console.sqlite --email <address>.");
  }
  // SQLite would make an empty one.
  if (!existsSync(store)) throw new Error(`There is no store at ${store}.`);
  const done = await setPassword(
    {
      store,
      email,
      password: values["password-stdin"] ? (await text(process.stdin)).trim() : undefined,
      twoFactor: values["remove-two-factor"],
    },
    systemClock.wallMs(),
  );
  console.log(JSON.stringify(done));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
