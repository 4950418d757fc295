import type { FleetDocument } from "./document.ts";
import { floorBroken } from "./floor.ts";
import type { FleetView } from "./view.ts";

export type FleetSettings = Pick<FleetDocument, "mode" | "actives" | "floor" | "reconcile">;

/** What shall be done to a fleet in one go, before it is put into an order. */
export interface FleetChange {
  /** What the console keeps of it; null: stays. */
  settings: {
    rules: FleetSettings;
    backups: { gateway: string; backup: boolean }[];
    /** New ones, and those that get another port. */
    edges: { name: string; host: string; port: number }[];
  } | null;
  /** The control record gets this mode; null: stays. */
  control: Pick<FleetSettings, "mode" | "actives"> | null;
  create: { gateway: string; host: string; weight: number; backup: boolean }[];
  /** Same name, another host. `weight`: with another weight too. */
  move: { gateway: string; from: string; to: string; weight: number }[];
  /** Drained and started anew with this weight, where it is. */
  renew: { gateway: string; weight: number }[];
  remove: { gateway: string; host: string }[];
  removeEdges: { edge: string; host: string }[];
}

/** A change of these things only. */
export const fleetChange = (things: Partial<FleetChange>): FleetChange => ({
  ...{ settings: null, control: null, create: [], move: [], renew: [], remove: [] },
  removeEdges: [],
  ...things,
});

/** What it takes to get from what is to what a document wants. */
export function changeTo(is: FleetDocument, wanted: FleetDocument): FleetChange {
  const pairs = wanted.gateways.flatMap((gateway) => {
    const now = is.gateways.find(({ name }) => name === gateway.name);
    return now === undefined ? [] : [{ now, gateway }];
  });
  const backups = pairs
    .filter(({ now, gateway }) => now.backup !== gateway.backup)
    .map(({ gateway: { name, backup } }) => ({ gateway: name, backup }));
  const edges = wanted.edges.filter(
    (edge) => is.edges.find(({ name }) => name === edge.name)?.port !== edge.port,
  );
  const { mode, actives, floor, reconcile } = wanted;
  const moved = is.mode !== mode || is.actives !== actives;
  const kept =
    moved || is.floor !== floor || is.reconcile !== reconcile || backups.length + edges.length > 0;
  return {
    settings: kept ? { rules: { mode, actives, floor, reconcile }, backups, edges } : null,
    control: moved ? { mode, actives } : null,
    create: wanted.gateways
      .filter(({ name }) => !is.gateways.some((now) => now.name === name))
      .map(({ name, ...rest }) => ({ gateway: name, ...rest })),
    move: pairs
      .filter(({ now, gateway }) => now.host !== gateway.host)
      .map(({ now, gateway }) => ({
        ...{ gateway: gateway.name, from: now.host, to: gateway.host, weight: gateway.weight },
      })),
    renew: pairs
      .filter(({ now, gateway }) => now.host === gateway.host && now.weight !== gateway.weight)
      .map(({ gateway: { name, weight } }) => ({ gateway: name, weight })),
    remove: is.gateways
      .filter(({ name }) => !wanted.gateways.some((gateway) => gateway.name === name))
      .map(({ name, host }) => ({ gateway: name, host })),
    removeEdges: is.edges
      .filter(({ name }) => !wanted.edges.some((edge) => edge.name === name))
      .map(({ name, host }) => ({ edge: name, host })),
  };
}

/** Why the floor would not be kept on the way; null: it is. New gateways come first, the others leave one by one. */
export function changeBreaksFloor(
  change: FleetChange,
  view: Pick<FleetView, "gateways">,
  floor: number,
): string | null {
  const more = change.create.length;
  for (const { gateway } of [...change.move, ...change.renew]) {
    const broken = floorBroken(view, floor, [gateway], more);
    if (broken !== null) return broken;
  }
  const leaving = change.remove.map(({ gateway }) => gateway);
  return floorBroken(view, floor, leaving, more);
}
