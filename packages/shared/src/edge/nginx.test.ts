import { describe, expect, test } from "vitest";
import { difference } from "./difference.ts";
import { renderNginx } from "./nginx.ts";
import { type EdgeInput, edgeInputSchema } from "./schema.ts";
import { edgeFaults, edgeNotes } from "./validate.ts";

const upstream = (gateway: string, port: number, more = {}) => ({
  ...{ gateway, address: "172.18.0.1", port, secondPort: null, weight: 1, backup: false, ...more },
});
const input = (more: Partial<EdgeInput> = {}): EdgeInput =>
  edgeInputSchema.parse({
    ...{ port: 8080, tls: null, upstreams: [upstream("gw-1", 20001), upstream("gw-2", 20002)] },
    ...more,
  });
/** The lines of the block that begins with `head`. */
const blockOf = (text: string, head: string): string =>
  text.slice(text.indexOf(`${head} {`)).split("\n  }\n")[0] ?? "";

describe("renderNginx", () => {
  test("lists every gateway with its weight; one 503 never takes a gateway out", () => {
    const text = renderNginx(input({ upstreams: [upstream("gw-1", 20001, { weight: 3 })] }));
    expect(text).toContain("server 172.18.0.1:20001 weight=3 max_fails=0; # gw-1");
    expect(blockOf(text, "upstream chela_gateways")).toContain("least_conn;");
    expect(text).not.toMatch(/max_fails=[1-9]|fail_timeout/);
  });

  test("lists both ports of a gateway, and dead ones use up no try", () => {
    const two = [
      upstream("gw-1", 20001, { secondPort: 20003 }),
      upstream("gw-2", 20002, { secondPort: 20004, weight: 3 }),
    ];
    const text = renderNginx(input({ upstreams: two }));
    expect(text.match(/server 172.*;.*/g)).toEqual([
      "server 172.18.0.1:20001 weight=1 max_fails=0; # gw-1",
      "server 172.18.0.1:20003 weight=1 max_fails=0; # gw-1",
      "server 172.18.0.1:20002 weight=3 max_fails=0; # gw-2",
      "server 172.18.0.1:20004 weight=3 max_fails=0; # gw-2",
    ]);
    expect(text).toContain("proxy_next_upstream_tries 5;");
    expect(renderNginx(input())).toContain("proxy_next_upstream_tries 3;");
  });

  test("a webhook is tried at another gateway within two seconds, and unanswered it is 503", () => {
    const text = renderNginx(input());
    expect(text).toContain("proxy_next_upstream error timeout http_502 http_503 non_idempotent;");
    expect(text).toContain("proxy_next_upstream_timeout 2s;");
    const webhooks = text.slice(text.indexOf("location /webhooks/"), text.indexOf("location = /h"));
    expect(webhooks).toContain("proxy_read_timeout 900ms;");
    expect(webhooks).toContain("error_page 502 503 504 = @chela_webhooks_again;");
    expect(webhooks).toContain("error_page 502 504 =503 @chela_unavailable;");
  });

  test("forwards exactly the paths of the contract", () => {
    const paths = [...renderNginx(input()).matchAll(/location (= )?(\/[a-z0-9]*)/g)].map(
      (m) => m[2],
    );
    const contract = ["/", "/chat", "/healthz", "/readyz", "/v1", "/webhooks", "/ws"];
    expect(paths.toSorted()).toEqual(contract);
  });

  test("logs no query string: neither $request nor nginx's own errors about requests", () => {
    const text = renderNginx(input());
    expect(text.match(/log_format [^;]*;/g)?.join()).not.toContain("$uri");
    expect(text).not.toMatch(/\$request\b|\$request_uri|\$args|\$is_args|\$http_referer/);
    const http = text.slice(text.indexOf("http {"));
    expect(http.match(/error_log .*;/g)).toEqual(["error_log /dev/stderr emerg;"]);
  });

  test("without a gateway it still is a configuration, which answers 503", () => {
    const text = renderNginx(input({ upstreams: [] }));
    expect(text).not.toContain("proxy_pass");
    expect(text).not.toContain("upstream chela_gateways");
  });

  test("listens for TLS only with a certificate, at paths beside the configuration", () => {
    expect(renderNginx(input())).not.toContain("ssl");
    const text = renderNginx(input({ tls: { port: 8443 } }));
    expect(text).toContain("listen 8443 ssl;");
    expect(text).toContain("ssl_certificate tls/certificate.pem;");
  });

  test("backup is given where nginx takes it: not with affinity, not to all", () => {
    const some = [upstream("gw-1", 20001), upstream("gw-2", 20002, { backup: true })];
    expect(renderNginx(input({ upstreams: some }))).toContain("max_fails=0 backup; # gw-2");
    const affine = input({ upstreams: some, affinity: "address" });
    expect(renderNginx(affine)).not.toContain("backup;");
    expect(edgeNotes(affine)[0]).toContain("gw-2");
    const all = input({ upstreams: some.map((one) => ({ ...one, backup: true })) });
    expect(renderNginx(all)).not.toContain("backup;");
    expect(edgeNotes(all)).toHaveLength(1);
    expect(edgeNotes(input({ upstreams: some }))).toEqual([]);
  });
});

test.each([
  ["loopback", { upstreams: [upstream("gw-1", 20001, { address: "127.0.0.1" })] }],
  ["a name instead of an address", { upstreams: [upstream("gw-1", 20001, { address: "gw-1" })] }],
  ["syntax in a name", { upstreams: [upstream("gw-1; }", 20001)] }],
  ["syntax in an address", { upstreams: [upstream("gw-1", 20001, { address: "1.1.1.1; x" })] }],
  ["a gateway twice", { upstreams: [upstream("gw-1", 1), upstream("gw-1", 2)] }],
  ["one port twice", { upstreams: [upstream("gw-1", 1, { secondPort: 1 })] }],
  ["weight 0", { upstreams: [upstream("gw-1", 20001, { weight: 0 })] }],
  ["port 0", { port: 0 }],
  ["one port for HTTP and TLS", { port: 443, tls: { port: 443 } }],
])("an edge with %s is refused in a sentence", (_what, more) => {
  expect(edgeFaults(input(more))).toHaveLength(1);
  expect(() => renderNginx(input(more))).toThrow("No sound edge");
});

describe("difference", () => {
  test("is empty for equal texts and readable as a unified difference otherwise", () => {
    const before = `${Array.from({ length: 12 }, (_, i) => `line ${i}`).join("\n")}\n`;
    expect(difference(before, before)).toBe("");
    expect(difference(before, before.replace("line 6\n", "line six\nand more\n"))).toBe(
      `@@ -4,7 +4,8 @@
 line 3
 line 4
 line 5
-line 6
+line six
+and more
 line 7
 line 8
 line 9
`,
    );
  });

  test("tells a first configuration as all new", () => {
    expect(difference("", "a\nb\n")).toBe("@@ -0,0 +1,2 @@\n+a\n+b\n");
  });
});
