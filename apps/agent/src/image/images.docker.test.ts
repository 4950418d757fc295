import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dockerodeEngine } from "../docker/dockerode-engine.ts";
import { packFiles } from "../docker/pack.ts";
import { docker, testFleet } from "../testing/docker-fixtures.ts";
import { Images } from "./images.ts";
import { ConsoleTransfer } from "./transfer.ts";

const reference = `chela-test/${testFleet()}:1`;
let server: Server;
let images: Images;
let id = "";
let stored: Buffer | null = null;
let asked: (string | undefined)[] = [];

beforeAll(async () => {
  const file = { path: "/content", content: "x".repeat(300_000), mode: 0o644, uid: 0 };
  const archive = Buffer.concat(await packFiles([file]).toArray());
  id = String(spawnSync("docker", ["import", "-", reference], { input: archive }).stdout).trim();
  server = createServer(async (request, response) => {
    asked = [request.method, request.url, request.headers.authorization];
    if (request.method === "PUT" && request.url !== "/agent/transfers/unknown") {
      stored = Buffer.concat(await request.toArray());
      response.writeHead(204).end();
    } else if (stored !== null && request.url === "/agent/transfers/t1") response.end(stored);
    else response.writeHead(404).end("no such transfer");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const transfer = new ConsoleTransfer(`http://127.0.0.1:${port}`, "berlin-2", "host-secret");
  images = new Images(dockerodeEngine("/var/run/docker.sock"), transfer);
});
afterAll(async () => {
  server.close();
  await docker("rmi", "-f", reference);
});

test("an image goes out to the console and comes in elsewhere as the same image under its tag", async () => {
  const sent = await images.send(id, reference, "t1");
  expect(sent.bytes).toBeGreaterThan(300_000);
  expect(asked).toEqual(["PUT", "/agent/transfers/t1", "Bearer host-secret"]);

  await docker("rmi", "-f", reference);
  expect(await images.inspect(reference)).toBeNull();
  expect(await images.receive("t1", id, reference)).toMatchObject({ id, tags: [reference] });
  expect(asked[0]).toBe("GET");
  expect(await images.list(reference.split(":")[0] ?? "")).toMatchObject([{ id }]);

  asked = [];
  expect(await images.receive("t1", id, reference)).toMatchObject({ id });
  expect(asked, "what is here already is not transferred").toEqual([]);
});

test("a transfer that the console refuses, or an image that is another one, is told", async () => {
  await expect(images.send(id, reference, "unknown")).rejects.toMatchObject({
    code: "TRANSFER_FAILED",
    message: expect.stringContaining("HTTP 404 no such transfer"),
  });
  const other = `sha256:${"0".repeat(64)}`;
  await expect(images.send(other, reference, "t1")).rejects.toMatchObject({
    code: "IMAGE_MISMATCH",
  });
  await expect(images.receive("t1", other, `${reference}-other`)).rejects.toMatchObject({
    code: "TRANSFER_FAILED",
  });
});
