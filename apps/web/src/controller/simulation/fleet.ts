import type { Observation } from "@chela/shared/fleet/observation";
import { fakeView } from "@chela/shared/fleet/testing/fake-view";
import type { FleetView } from "@chela/shared/fleet/view";
import type { Action, ActionResult } from "@chela/shared/operation/action";

/** How a release behaves once its containers run. */
export type Nature = "good" | "never-healthy" | "answers-errors";

interface Gateway {
  name: string;
  release: number;
  shards: number;
  draining: boolean;
  /** Release of the container beside the one that serves. */
  surge: number | null;
  /** The shards are at that one already: of two starts of one name the later takes over. */
  given: boolean;
  startedAtMs: number;
}

const REQUESTS_PER_SECOND = 100;
const SHARDS = 16;

/**
 * A fleet that does what it is told, and counts what was done to it. As the real parts do, it knows an action that it
 * has done before: containers by the operation and step they are labelled with, records by the reference they carry.
 */
export class FakeFleet {
  gateways: Gateway[] = ["gw-1", "gw-2", "gw-3"].map((name, index) => ({
    name,
    release: 1,
    shards: index === 0 ? SHARDS : 0,
    draining: false,
    surge: null,
    given: false,
    startedAtMs: 0,
  }));
  generation = 1;
  release = 1;
  canary: string[] = [];
  /** Rules that were broken, in words. */
  readonly broken: string[] = [];
  /** By operation and step: how often a container was really made, stopped or removed. */
  readonly effects = new Map<string, number>();
  readonly natures = new Map<number, Nature>();
  /** Draining and replaced at the same time, at most. */
  mostOut = 0;
  readonly #references = new Map<string, number>();

  view(nowMs: number): FleetView {
    return fakeView(
      this.gateways.map((gateway) => ({ ...gateway, healthy: this.#ready(gateway.release) })),
      this.generation,
      nowMs,
    );
  }

  /** As far as a rollout is judged by it. */
  observation(nowMs: number): Observation {
    const gateways = this.gateways.map(({ name, release, startedAtMs }) => {
      const requests = Math.floor(((nowMs - startedAtMs) / 1_000) * REQUESTS_PER_SECOND);
      const faults = this.natures.get(release) === "answers-errors" ? requests : 0;
      const counts = {
        ...{ accepted: requests - faults, duplicates: 0, rejected: 0, unavailable: 0, faults },
        ...{ turnsDone: 0, turnsFailed: 0, acceptMs: [], turnMs: [] },
      };
      return {
        ...{ gateway: name, startedAt: String(startedAtMs), restarts: 0, state: "running" },
        ...{ address: null, lastExit: null, status: { counts } },
      };
    });
    return {
      hosts: [{ name: "local", report: { gateways, edges: [] } }],
    } as unknown as Observation;
  }

  do(label: string, action: Action, nowMs: number): ActionResult {
    const result = this.#do(label, action, nowMs);
    const out = this.gateways.filter(({ draining }) => draining);
    this.mostOut = Math.max(this.mostOut, out.length);
    if (this.gateways.every(({ draining, release }) => draining || !this.#ready(release))) {
      if (this.gateways.length > 1) this.broken.push(`nobody serves after ${label}`);
    }
    return result;
  }

  #do(label: string, action: Action, nowMs: number): ActionResult {
    const gateway = "gateway" in action ? this.#named(action.gateway) : undefined;
    switch (action.type) {
      case "prefer":
      case "canary":
        return this.#write(action, action.ref);
      case "handover":
      case "fence":
        for (const each of this.gateways) each.shards = each.name === action.to ? SHARDS : 0;
        return OK;
      case "drain":
        gateway!.draining = true;
        return this.#giveAway(gateway!);
      case "undrain":
        if (gateway) gateway.draining = false;
        return OK;
      case "replace":
        if (this.#isDone(label)) return OK;
        if (action.drained && gateway!.shards > 0) return no("holds-shards");
        if (!action.drained && action.urgent !== true) this.broken.push(`${label} was not asked`);
        return this.#start(label, gateway!, action.release, nowMs);
      case "surge":
        if (this.#isDone(label)) return OK;
        this.#count(label);
        gateway!.surge = action.release;
        return OK;
      case "take-over":
        if (this.#isDone(label)) return OK;
        if (gateway!.shards > 0 && !gateway!.given) return no("holds-shards");
        if (gateway!.surge !== action.release) return no("no-container");
        gateway!.surge = null;
        return this.#start(label, gateway!, action.release, nowMs);
      case "unsurge":
        Object.assign(gateway!, { surge: null, given: false });
        return OK;
      case "restart":
        if (!this.#isDone(label)) this.#start(label, gateway!, gateway!.release, nowMs);
        return OK;
      case "create":
        if (gateway !== undefined) return OK;
        this.#count(label);
        this.gateways.push({
          ...{ name: action.gateway, release: action.release, shards: 0, draining: false },
          ...{ surge: null, given: false, startedAtMs: nowMs },
        });
        return OK;
      case "remove":
        if (gateway === undefined) return OK;
        if (gateway.shards > 0) return no("holds-shards");
        this.#count(label);
        this.gateways = this.gateways.filter((each) => each !== gateway);
        return OK;
      case "move":
        if (this.#isDone(label)) return OK;
        if (action.drained && gateway!.shards > 0) return no("holds-shards");
        return this.#start(label, gateway!, gateway!.release, nowMs);
      case "healthy":
        return this.#ready(action.surge === true ? gateway!.surge! : gateway!.release)
          ? OK
          : no("not-healthy");
      case "settle":
        this.release = action.release;
        return OK;
      default:
        return OK;
    }
  }

  #write(action: Extract<Action, { type: "prefer" | "canary" }>, ref: string): ActionResult {
    if (this.#references.has(ref)) return OK;
    if (this.generation !== action.generation) return no("superseded");
    this.generation += 1;
    this.#references.set(ref, this.generation);
    if (action.type === "canary") this.canary = action.percent === null ? [] : action.gateways;
    return OK;
  }

  /** A container of this gateway runs anew. */
  #start(label: string, gateway: Gateway, release: number, nowMs: number): ActionResult {
    this.#count(label);
    this.#giveAway(gateway);
    Object.assign(gateway, { release, draining: false, given: false, startedAtMs: nowMs });
    return OK;
  }

  #giveAway(gateway: Gateway): ActionResult {
    const other = this.gateways.find(
      (each) => each !== gateway && !each.draining && this.#ready(each.release),
    );
    if (other === undefined) {
      gateway.given = gateway.surge !== null;
      return gateway.shards === 0 || gateway.given ? OK : no("holds-shards");
    }
    other.shards += gateway.shards;
    gateway.shards = 0;
    return OK;
  }

  #count(label: string): void {
    this.effects.set(label, (this.effects.get(label) ?? 0) + 1);
  }
  #isDone = (label: string): boolean => this.effects.has(label);
  #named = (name: string) => this.gateways.find((gateway) => gateway.name === name);
  #ready = (release: number): boolean => this.natures.get(release) !== "never-healthy";
}

const OK: ActionResult = { ok: true, detail: null };
const no = (reason: string): ActionResult => ({ ok: false, reason, message: `${reason}.` });
