import { randomBytes } from "node:crypto";
import { Refusal } from "@chela/shared/errors/refusal";
import { sha256 } from "../auth/hash.ts";
import type { HostRecord, HostStore } from "../store/hosts.ts";

const TOKEN_LIVES_MS = 15 * 60_000;
/**
 * The machine that the console and Redis run on, in every fleet. The first fleet is there from the beginning; an agent
 * of another one joins there like on any other host.
 */
export const LOCAL_HOST = "local";

/** The hosts of a fleet: who may connect, and how more may join. */
export class Hosts {
  readonly #store: HostStore;
  readonly #fleet: string;
  /** Its local host is there without having joined. */
  readonly #localGiven: boolean;
  #records: HostRecord[] = [];

  private constructor(store: HostStore, fleet: string, localGiven: boolean) {
    this.#store = store;
    this.#fleet = fleet;
    this.#localGiven = localGiven;
  }

  /**
   * @param localSecret of the first fleet's agent beside this console; the state directory's file is what counts. Null:
   * another fleet.
   */
  static async open(
    store: HostStore,
    fleet: string,
    localSecret: string | null,
    nowMs: number,
  ): Promise<Hosts> {
    const hosts = new Hosts(store, fleet, localSecret !== null);
    await hosts.#reload();
    if (localSecret === null) return hosts;
    const local = hosts.get(LOCAL_HOST);
    await hosts.#put({
      fleet,
      name: LOCAL_HOST,
      region: local?.region ?? null,
      place: "local",
      secretHash: sha256(localSecret),
      cordoned: local?.cordoned ?? false,
      joinedAtMs: local?.joinedAtMs ?? nowMs,
    });
    return hosts;
  }

  get records(): readonly HostRecord[] {
    return this.#records;
  }

  get(name: string): HostRecord | undefined {
    return this.#records.find((host) => host.name === name);
  }

  /** @returns the token; only its hash is kept. */
  async createToken(
    host: string,
    region: string | null,
    createdBy: string,
    nowMs: number,
  ): Promise<{ token: string; expiresAtMs: number }> {
    if (host === LOCAL_HOST && this.#localGiven) {
      throw new Refusal(
        "CONFLICT",
        "name-taken",
        "local is the host beside the console: choose another name.",
      );
    }
    const token = `chj_${randomBytes(32).toString("base64url")}`;
    const expiresAtMs = nowMs + TOKEN_LIVES_MS;
    await this.#store.addToken({
      hash: sha256(token),
      fleet: this.#fleet,
      host,
      region,
      createdBy,
      expiresAtMs,
    });
    return { token, expiresAtMs };
  }

  /** @returns the secret with which this host says hello from now on; null: the token is not (or no longer) good for it. */
  async join(token: string, host: string, nowMs: number): Promise<string | null> {
    const taken = await this.#store.takeToken(sha256(token), this.#fleet, host, nowMs);
    if (taken === null) return null;
    const secret = randomBytes(32).toString("base64url");
    await this.#put({
      fleet: this.#fleet,
      name: host,
      region: taken.region,
      place: host === LOCAL_HOST ? "local" : "remote",
      secretHash: sha256(secret),
      cordoned: false,
      joinedAtMs: nowMs,
    });
    return secret;
  }

  async setCordoned(name: string, cordoned: boolean): Promise<void> {
    this.#must(name);
    await this.#store.setCordoned(this.#fleet, name, cordoned);
    await this.#reload();
  }

  async revoke(name: string, nowMs: number): Promise<void> {
    this.#must(name);
    if (name === LOCAL_HOST && this.#localGiven) {
      throw new Refusal(
        "CONFLICT",
        "local-host",
        "local is the host beside the console: it cannot be revoked.",
      );
    }
    await this.#store.revoke(this.#fleet, name, nowMs);
    await this.#reload();
  }

  #must(name: string): void {
    if (this.get(name) === undefined) {
      throw new Refusal("NOT_FOUND", "no-such-host", `There is no host ${name} in this fleet.`);
    }
  }

  async #put(host: HostRecord): Promise<void> {
    await this.#store.put(host);
    await this.#reload();
  }

  async #reload(): Promise<void> {
    this.#records = await this.#store.list(this.#fleet);
  }
}
