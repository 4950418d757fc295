import type { HostConfiguration, HostDescription } from "@chela/shared/agent-link/schema";
import type { Clock } from "@chela/shared/clock/clock";
import type { HostContext } from "../docker/container-spec.ts";
import type { Engine } from "../docker/port.ts";
import { AgentFault } from "../fault.ts";
import type { HostConfigurationFile } from "../state/host-configuration.ts";
import { chooseAddress } from "./address.ts";
import { Machine, ownAddresses } from "./machine.ts";

/** Descriptions go out several times a second; what they ask Docker changes hardly ever. */
const ASKED_EVERY_MS = 10_000;

export interface HostDeps {
  readonly fleet: string;
  readonly host: string;
  readonly agentVersion: string;
  readonly consoleHost: string;
  readonly address: string | null;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly file: HostConfigurationFile;
}

interface EngineAnswer {
  readonly version: string | null;
  readonly os: string;
  readonly error: string | null;
  readonly address: string | null;
}

/** This host: what it is, where it is reached, what the console told it. */
export class Host {
  readonly #deps: HostDeps;
  readonly #machine = new Machine();
  #linkAddress: string | null = null;
  #known: { answer: EngineAnswer; askedMs: number } | null = null;

  constructor(deps: HostDeps) {
    this.#deps = deps;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#machine.run(this.#deps.clock, signal);
  }

  linked(localAddress: string): void {
    this.#linkAddress = localAddress;
    this.#known = null;
  }

  async configure(configuration: HostConfiguration): Promise<void> {
    const { fleet, host } = this.#deps;
    if (configuration.fleet !== fleet || configuration.host !== host) {
      throw new AgentFault(
        "REFUSED_BY_POLICY",
        `This agent is ${host} of fleet ${fleet}, not ${configuration.host} of ${configuration.fleet}.`,
      );
    }
    await this.#deps.file.set(configuration);
    this.#known = null;
  }

  /** What containers of this host are created with. */
  async context(): Promise<HostContext> {
    const network = await this.#network();
    const address = await this.#address(network);
    if (address === null) {
      throw new AgentFault(
        "NOT_CONFIGURED",
        "No address is known under which this host's ports are reached: set CHELA_ADDRESS.",
      );
    }
    return { fleet: this.#deps.fleet, host: this.#deps.host, address, network };
  }

  async describe(): Promise<HostDescription> {
    const engine = await this.#askEngine();
    const memory = this.#machine.memory;
    return {
      host: this.#deps.host,
      agentVersion: this.#deps.agentVersion,
      engineVersion: engine.version,
      engineError: engine.error,
      os: engine.os,
      cpus: this.#machine.cpus,
      memoryBytes: memory?.total ?? 0,
      cpuPercent: this.#machine.cpuPercent,
      memoryUsedBytes: memory?.used ?? null,
      address: engine.address ?? "",
    };
  }

  /** The fleet's network, if this host has it. */
  async #network(): Promise<string | null> {
    const wanted = this.#deps.file.current?.network ?? null;
    if (wanted === null) return null;
    return (await this.#deps.engine.networkGateway(wanted)) === null ? null : wanted;
  }

  async #address(network: string | null): Promise<string | null> {
    const { address, consoleHost, engine } = this.#deps;
    return chooseAddress({
      configured: address,
      consoleHost,
      linkAddress: this.#linkAddress,
      bridgeAddress: address === null ? await engine.networkGateway(network ?? "bridge") : null,
      interfaces: ownAddresses(),
    });
  }

  async #askEngine(): Promise<EngineAnswer> {
    const nowMs = this.#deps.clock.monotonicMs();
    const known = this.#known;
    const fresh = known?.answer.error === null && nowMs - known.askedMs < ASKED_EVERY_MS;
    if (known !== null && fresh) return known.answer;
    const answer = await this.#deps.engine.describe().then(
      async (said) => ({
        ...said,
        error: null,
        address: await this.#address(await this.#network()),
      }),
      (error: Error) => ({
        version: null,
        os: process.platform,
        error: error.message,
        address: this.#deps.address,
      }),
    );
    this.#known = { answer, askedMs: nowMs };
    return answer;
  }
}
