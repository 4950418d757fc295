import { Agent, request } from "node:http";
import {
  GATEWAY_ADMIN_PORT,
  type GatewayStatus,
  gatewayStatusSchema,
} from "@chela/shared/agent-link/schema";
import { AgentFault } from "../fault.ts";

const ANSWER_BYTES_MAX = 256 * 1024;

/**
 * One gateway container's admin port, over one connection that stays open: `dropped` tells when that connection
 * ends, which for a killed gateway is earlier than any event.
 */
export class AdminClient {
  readonly #address: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(address: string, token: string, dropped: () => void) {
    this.#address = address;
    this.#token = token;
    this.#agent.on("free", (socket) => {
      if (socket.listenerCount("close", dropped) === 0) socket.once("close", dropped);
    });
  }

  status(timeoutMs: number): Promise<GatewayStatus> {
    return this.#call("GET", "/status", null, timeoutMs);
  }

  drain(draining: boolean, timeoutMs: number): Promise<GatewayStatus> {
    return this.#call("POST", "/drain", JSON.stringify({ draining }), timeoutMs);
  }

  /** It accepts nothing more from now on and hands over quickly: it is about to be stopped. */
  hurryAway(timeoutMs: number): Promise<GatewayStatus> {
    const body = JSON.stringify({ draining: true, urgent: true });
    return this.#call("POST", "/drain", body, timeoutMs);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(
    method: string,
    path: string,
    body: string | null,
    timeoutMs: number,
  ): Promise<GatewayStatus> {
    const where = `${this.#address}:${GATEWAY_ADMIN_PORT}${path}`;
    const { status, text } = await this.#request(method, path, body, timeoutMs).catch((error) => {
      throw new AgentFault("GATEWAY_UNREACHABLE", `${where} does not answer (${error.message}).`);
    });
    if (status !== 200) {
      const why = status === 401 ? "this host's secret has changed: replace the gateway" : text;
      throw new AgentFault(
        "GATEWAY_UNREACHABLE",
        `${where} answered ${status}: ${why.slice(0, 200)}`,
      );
    }
    try {
      return gatewayStatusSchema.parse(JSON.parse(text));
    } catch {
      throw new AgentFault("GATEWAY_UNREACHABLE", `${where} does not answer like a gateway.`);
    }
  }

  #request(
    method: string,
    path: string,
    body: string | null,
    timeoutMs: number,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const call = request({
        host: this.#address,
        port: GATEWAY_ADMIN_PORT,
        method,
        path,
        agent: this.#agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === null ? {} : { "content-type": "application/json" }),
        },
      });
      call.once("error", reject);
      call.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > ANSWER_BYTES_MAX) response.destroy(new Error("the answer is too long"));
        });
        response.once("error", reject);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      call.end(body ?? undefined);
    });
  }
}
