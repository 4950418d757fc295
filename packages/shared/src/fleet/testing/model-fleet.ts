import type { Action, ActionResult } from "../../operation/action.ts";
import type { FleetDocument } from "../document.ts";
import type { FleetView, HostView } from "../view.ts";
import { fakeView } from "./fake-view.ts";

interface Container {
  weight: number;
  draining: boolean;
  shards: number;
}

const OK: ActionResult = { ok: true, detail: null };

/** A fleet that does what it is told at once: the console's record of it, and what stands on its hosts. */
export class ModelFleet {
  record: FleetDocument;
  control: { mode: string; actives: number };
  /** By `host/gateway`. */
  readonly containers = new Map<string, Container>();
  readonly edges = new Set<string>();
  readonly cordoned = new Set<string>();
  /** What edges send to. */
  upstreams: string[] = [];
  reloads = 0;
  /** What was done that must not be. */
  readonly wrongs: string[] = [];
  /** Fewest healthy gateways that took part at any moment. */
  fewest = Number.POSITIVE_INFINITY;

  constructor(record: FleetDocument, holder: string | null) {
    this.record = structuredClone(record);
    this.control = { mode: record.mode, actives: record.actives };
    for (const { name, host, weight } of record.gateways) {
      this.containers.set(`${host}/${name}`, {
        ...{ weight, draining: false, shards: name === holder ? 16 : 0 },
      });
    }
    for (const { name, host } of record.edges) this.edges.add(`${host}/${name}`);
    this.upstreams = record.gateways.map(({ name, host }) => `${host}/${name}`);
  }

  view(hosts: readonly string[]): FleetView {
    const gateways = this.record.gateways.map(({ name, host }) => {
      const there = this.containers.get(`${host}/${name}`);
      return {
        ...{ name, release: 1, shards: there?.shards ?? 0, draining: there?.draining ?? false },
        healthy: there !== undefined,
      };
    });
    const view = fakeView(gateways);
    for (const gateway of view.gateways) {
      const wish = this.record.gateways.find(({ name }) => name === gateway.name)!;
      Object.assign(gateway, { host: wish.host, weight: wish.weight, backup: wish.backup });
    }
    return {
      ...view,
      mode: this.record.mode,
      actives: this.record.actives,
      hosts: hosts.map((name) => fakeHost(name, view)),
    };
  }

  do(action: Action): ActionResult {
    const result = this.#do(action);
    const serving = [...this.containers.values()].filter(({ draining }) => !draining).length;
    this.fewest = Math.min(this.fewest, serving);
    return result;
  }

  #do(action: Action): ActionResult {
    switch (action.type) {
      case "cordon":
        this.cordoned.add(action.host);
        return OK;
      case "create":
        this.record.gateways.push({
          ...{ name: action.gateway, host: action.host },
          ...{ weight: action.weight, backup: action.backup },
        });
        this.#start(action.host, action.gateway, action.weight);
        return OK;
      case "drain":
        this.#drain(action.gateway);
        return OK;
      case "undrain":
        this.#of(action.gateway)!.draining = false;
        return OK;
      case "replace": {
        const { host } = this.#wish(action.gateway)!;
        this.#stop(`${host}/${action.gateway}`);
        this.#start(host, action.gateway, action.weight ?? 1);
        this.#wish(action.gateway)!.weight = action.weight ?? 1;
        return OK;
      }
      case "move":
        this.#stop(`${action.from}/${action.gateway}`);
        this.#start(action.to, action.gateway, action.weight);
        Object.assign(this.#wish(action.gateway)!, { host: action.to, weight: action.weight });
        return OK;
      case "remove":
        if (this.upstreams.includes(`${action.host}/${action.gateway}`)) {
          this.wrongs.push(`${action.gateway} was removed while edges send to it`);
        }
        this.#stop(`${action.host}/${action.gateway}`);
        return OK;
      case "forget":
        this.record.gateways = this.record.gateways.filter(({ name }) => name !== action.gateway);
        return OK;
      case "settings": {
        const { rules, backups, edges } = action.settings;
        Object.assign(this.record, rules);
        for (const { gateway, backup } of backups) this.#wish(gateway)!.backup = backup;
        for (const edge of edges) {
          const known = this.record.edges.find(({ name }) => name === edge.name);
          if (known === undefined) this.record.edges.push({ ...edge });
          else known.port = edge.port;
        }
        return OK;
      }
      case "mode":
        this.control = { mode: action.mode, actives: action.actives };
        return OK;
      case "edges":
        this.reloads++;
        for (const { name, host } of this.record.edges) this.edges.add(`${host}/${name}`);
        this.upstreams = this.record.gateways
          .filter(({ name }) => !action.without?.includes(name))
          .map(({ name, host }) => `${host}/${name}`);
        return OK;
      case "remove-edge":
        this.edges.delete(`${action.host}/${action.edge}`);
        this.record.edges = this.record.edges.filter(({ name }) => name !== action.edge);
        return OK;
      default:
        return OK;
    }
  }

  #wish(gateway: string) {
    return this.record.gateways.find(({ name }) => name === gateway);
  }

  #of(gateway: string): Container | undefined {
    return this.containers.get(`${this.#wish(gateway)?.host}/${gateway}`);
  }

  #start(host: string, gateway: string, weight: number): void {
    this.containers.set(`${host}/${gateway}`, { weight, draining: false, shards: 0 });
  }

  #drain(gateway: string): void {
    const leaving = this.#of(gateway)!;
    leaving.draining = true;
    const heir = [...this.containers.values()].find((each) => !each.draining);
    if (heir === undefined) return;
    heir.shards += leaving.shards;
    leaving.shards = 0;
  }

  #stop(place: string): void {
    if ((this.containers.get(place)?.shards ?? 0) > 0) {
      this.wrongs.push(`${place} was stopped while it held shards`);
    }
    this.containers.delete(place);
  }
}

function fakeHost(name: string, { gateways }: FleetView): HostView {
  return {
    ...{ name, region: null, connected: true, cordoned: false, address: "10.0.0.1" },
    ...{ agentVersion: "1", engineVersion: "27", os: null, cpus: 2, memoryBytes: 1 },
    ...{ cpuPercent: 0, memoryUsedBytes: 0, redisReachable: true, redisReason: null },
    gateways: gateways.filter(({ host }) => host === name).map((gateway) => gateway.name),
    lastSeenAt: null,
  };
}
