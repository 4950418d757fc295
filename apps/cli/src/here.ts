import { randomUUID } from "node:crypto";
import type { FleetView, Page } from "@chela/shared/fleet/view";
import type { Api } from "./api/client.ts";
import { Local, type LocalParts } from "./local.ts";
import { usage } from "./problem.ts";

/** What a command works with that asks the console. */
export class Here extends Local {
  readonly api: Api;
  /** Only where it was asked for by name: lists across fleets hold all of them else. */
  readonly namedFleet: string | undefined;
  readonly #usualFleet: string | null;

  /** @param fleet the one named on the command line, and the one that counts where none is; null: the only one. */
  constructor(
    parts: LocalParts,
    api: Api,
    fleet: { named: string | undefined; usual: string | null },
  ) {
    super(parts);
    this.api = api;
    this.namedFleet = fleet.named;
    this.#usualFleet = fleet.usual;
  }

  /** The fleet that was named, else the usual one, else the console's only one. */
  async fleet(): Promise<string> {
    const known = this.namedFleet ?? this.#usualFleet;
    if (known !== null) return known;
    const { items } = await this.api.query<Page<FleetView>>("fleets.list");
    if (items.length === 1) return items[0]!.fleet;
    throw usage(
      items.length === 0
        ? "This token sees no fleet."
        : `Say which fleet: --fleet ${items.map(({ fleet }) => fleet).join(", ")}.`,
    );
  }

  /** Makes a command safe to send again when no answer came. */
  idempotencyKey(): string {
    return randomUUID();
  }
}
