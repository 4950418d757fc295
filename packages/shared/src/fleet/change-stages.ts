import type { SequenceStage } from "../operation/sequence.ts";
import { HEALTHY_WITHIN_MS } from "../rollout/state.ts";
import type { FleetChange } from "./fleet-change.ts";
import { serves } from "./floor.ts";
import type { FleetView } from "./view.ts";

export interface PlacedRelease {
  number: number;
  image: string;
  imageId: string;
}

export interface ChangeFacts {
  view: FleetView;
  /** What new gateways run. */
  release: PlacedRelease;
  /** What a gateway that is there runs, and takes along. */
  releaseOf(gateway: string): PlacedRelease;
  operationId: string;
}

/**
 * The order in which a fleet is changed: what is new comes up first, the rules follow, then one gateway after the other
 * moves or is started anew, holders last; at the very end whoever leaves is drained, the edges are rendered once, and
 * what no edge knows any more goes. Until then the console's record names everybody that is there: stopped at any
 * point, what it says is true, and the rest is still a difference.
 */
export function changeStages(change: FleetChange, facts: ChangeFacts): SequenceStage[] {
  const { view } = facts;
  const leaving = holdersLast(view, change.remove);
  const reloads =
    change.create.length + change.move.length + change.renew.length + leaving.length > 0 ||
    (change.settings?.backups.length ?? 0) + (change.settings?.edges.length ?? 0) > 0;
  return [
    ...images(change, facts),
    ...change.create.flatMap((wish) => creation(wish, facts.release.number)),
    ...settings(change, facts.operationId),
    ...holdersLast(view, [
      ...change.move.map((each) => ({ ...each, stages: moving(each, facts, change) })),
      ...change.renew.map((each) => ({ ...each, stages: renewing(each, facts, change) })),
    ]).flatMap(({ stages }) => stages),
    ...leaving.flatMap(({ gateway }) => draining(gateway, view, change)),
    ...(reloads ? [edges(leaving.map(({ gateway }) => gateway))] : []),
    ...leaving.flatMap(({ gateway, host }) => removal(gateway, host, view, change)),
    ...change.removeEdges.map(
      ({ edge, host }): SequenceStage => ({
        name: "remove-edge",
        action: { type: "remove-edge", edge, host },
      }),
    ),
    ...(reloads ? [{ name: "verify", action: { type: "verify" as const } }] : []),
  ];
}

/** Every image is where it is needed before the first gateway is touched. */
function images(
  { create, move }: FleetChange,
  { release, releaseOf }: ChangeFacts,
): SequenceStage[] {
  const needed = [
    ...create.map(({ host }) => ({ host, ...release })),
    ...move.map(({ gateway, to }) => ({ host: to, ...releaseOf(gateway) })),
  ];
  const first = needed.filter(
    ({ host, imageId, image }, index) =>
      needed.findIndex(
        (other) => other.host === host && other.imageId === imageId && other.image === image,
      ) === index,
  );
  return first.map(({ host, image, imageId }) => ({
    name: "image",
    action: { type: "image", host, image, imageId },
  }));
}

function creation(wish: FleetChange["create"][number], release: number): SequenceStage[] {
  const { gateway } = wish;
  return [
    { name: "create", gateway, action: { type: "create", ...wish, release } },
    healthy(gateway, release),
  ];
}

function settings({ settings, control }: FleetChange, operationId: string): SequenceStage[] {
  return [
    ...(settings === null
      ? []
      : [{ name: "settings", action: { type: "settings" as const, settings } }]),
    ...(control === null
      ? []
      : [
          {
            name: "mode",
            // The record and Redis say the same, or the next look would call it drift.
            joined: settings !== null,
            action: { type: "mode" as const, ...control, ref: `${operationId}/mode` },
          },
        ]),
  ];
}

function moving(
  { gateway, from, to, weight }: FleetChange["move"][number],
  { view, releaseOf }: ChangeFacts,
  change: FleetChange,
): SequenceStage[] {
  const before = draining(gateway, view, change);
  const drained = before.length > 0;
  return [
    ...before,
    { name: "move", gateway, action: { type: "move", gateway, from, to, weight, drained } },
    healthy(gateway, releaseOf(gateway).number),
  ];
}

function renewing(
  { gateway, weight }: FleetChange["renew"][number],
  { view, releaseOf }: ChangeFacts,
  change: FleetChange,
): SequenceStage[] {
  const before = draining(gateway, view, change);
  const drained = before.length > 0;
  const release = releaseOf(gateway).number;
  return [
    ...before,
    { name: "replace", gateway, action: { type: "replace", gateway, release, drained, weight } },
    healthy(gateway, release),
  ];
}

/** One that does not answer, or whom nobody could take over from, is not asked. */
function draining(gateway: string, view: FleetView, change: FleetChange): SequenceStage[] {
  const answers = view.gateways.some(
    ({ name, health }) => name === gateway && health === "healthy",
  );
  const heirs =
    change.create.length > 0 || view.gateways.some((g) => g.name !== gateway && serves(g));
  return answers && heirs ? [{ name: "drain", gateway, action: { type: "drain", gateway } }] : [];
}

function removal(
  gateway: string,
  host: string,
  view: FleetView,
  change: FleetChange,
): SequenceStage[] {
  const drained = draining(gateway, view, change).length > 0;
  return [
    { name: "remove", gateway, action: { type: "remove", gateway, host, drained } },
    { name: "forget", gateway, joined: true, action: { type: "forget", gateway } },
  ];
}

const edges = (without: string[]): SequenceStage => ({
  name: "edges",
  action: { type: "edges", ...(without.length > 0 && { without }) },
});

const healthy = (gateway: string, release: number): SequenceStage => ({
  name: "healthy",
  gateway,
  action: { type: "healthy", gateway, release, withinMs: HEALTHY_WITHIN_MS },
});

/** So that what a holder hands over does not go to one that leaves next. */
function holdersLast<T extends { gateway: string }>(view: FleetView, items: readonly T[]): T[] {
  const held = ({ gateway }: T) => view.gateways.find(({ name }) => name === gateway)?.shards ?? 0;
  return [...items].sort((a, b) => held(a) - held(b));
}
