import { parentPort } from "node:worker_threads";
import { liveThrough, type Stretch } from "./seed.ts";

parentPort!.on("message", async (stretch: Stretch) => {
  parentPort!.postMessage(await liveThrough(stretch, Number.POSITIVE_INFINITY));
});
