import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChatFiles, readChatFiles } from "./chat-files.ts";
import { answerChatPage } from "./chat-page.ts";

let files: ChatFiles;
let server: Server;
let origin = "";

beforeAll(async () => {
  files = await readChatFiles();
  server = createServer((request, response) =>
    answerChatPage(files, request.url!, request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("everything the page names is served, with its type; anything else is 404", async () => {
  const types: Record<string, string> = {
    css: "text/css; charset=utf-8",
    svg: "image/svg+xml",
    ts: "text/javascript; charset=utf-8",
    woff2: "font/woff2",
  };
  const html = await (await fetch(`${origin}/chat`)).text();
  const css = await (await fetch(`${origin}/chat/page.css`)).text();
  const named = [...html.matchAll(/(?:href|src)="([^"]+)"/g), ...css.matchAll(/url\("([^"]+)"\)/g)];
  expect(named.length).toBeGreaterThan(3);
  for (const [, path] of named) {
    const answer = await fetch(origin + path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.headers.get("content-type")).toBe(types[path!.split(".").at(-1)!]);
  }
  const foreign = ["/chat/page.html", "/chat/..%2f..%2fsettings.ts", "/chat/script/protocol.ts"];
  for (const path of foreign) expect((await fetch(origin + path)).status).toBe(404);
  expect((await fetch(`${origin}/chat`, { method: "POST" })).status).toBe(405);
});

test("the scripts are JavaScript and import nothing that is not served", () => {
  const scripts = [...files].filter(([path]) => path.endsWith(".ts"));
  for (const [path, { bytes }] of scripts) {
    const text = bytes.toString();
    expect(text).not.toMatch(/import type|: string\b/);
    for (const [, to] of text.matchAll(/(?:from|import) "([^"]+)"/g)) {
      expect([...files.keys()]).toContain(new URL(to!, `http://x${path}`).pathname);
    }
  }
});

test("nothing foreign and nothing inline may run, and no address is passed on", async () => {
  const { headers } = await fetch(`${origin}/chat/`);
  const policy = headers.get("content-security-policy")!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  const html = files.get("/chat")!.bytes.toString();
  expect(html).not.toMatch(/<script(?![^>]*src)|<style|\sstyle=|\son\w+=/);
});

test("an unchanged file is not sent again", async () => {
  const first = await fetch(`${origin}/chat/page.css`);
  const etag = first.headers.get("etag")!;
  const again = await fetch(`${origin}/chat/page.css`, { headers: { "if-none-match": etag } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect(first.headers.get("cache-control")).toBe("no-cache");
});
