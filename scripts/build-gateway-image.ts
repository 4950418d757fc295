import { ensureImages, retagGateway } from "./image/images.ts";
import { ensureEngine } from "./machine/engine.ts";
import { Problem } from "./run/problem.ts";
import { main } from "./run/steps.ts";

/** `node scripts/build-gateway-image.ts 0.2.0`: the gateway under another version, to try a rollout with. */
await main("build-gateway-image", async () => {
  const tag = process.argv[2];
  if (tag === undefined) {
    throw new Problem("No version given.", "Usage: node scripts/build-gateway-image.ts <version>");
  }
  await ensureEngine();
  await ensureImages();
  console.log(await retagGateway(tag));
});
