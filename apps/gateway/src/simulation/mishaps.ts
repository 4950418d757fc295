import type { World } from "./world.ts";

const EACH_MAX_MS = 3_000;

/** One kind of trouble; `ms`: for how long. What it breaks it mends. */
type Mishap = (world: World, index: number, ms: number) => void;

const pause: Mishap = (world, index, ms) => {
  const { process } = world.gateways[index]!;
  process.pause();
  world.timeline.after(ms, () => process.resume(world.random));
};

const kill: Mishap = (world, index, ms) => {
  world.crash(world.gateways[index]!, ms / 2);
};

const stop: Mishap = (world, index, ms) => {
  const gateway = world.gateways[index]!;
  if (!gateway.alive()) return;
  void gateway.lease.stop(world.random.between(50, 1_500)).then(() => {
    gateway.process.kill();
    world.timeline.after(ms / 4, () => world.boot(index));
  });
};

/** What is sent arrives after the cut, in order; or only one direction is cut. */
const hold: Mishap = (world, index, ms) => {
  const { way } = world.gateways[index]!;
  const untilMs = world.timeline.nowMs + ms;
  const which = world.random.integer(0, 2);
  if (which !== 1) way.requestsHeldUntilMs = untilMs;
  if (which !== 0) way.answersHeldUntilMs = untilMs;
};

/** What is sent is lost, and the connections with it. */
const cut: Mishap = (world, index, ms) => {
  const gateway = world.gateways[index]!;
  const which = world.random.integer(0, 2);
  gateway.goSilent(which !== 1, which !== 0);
  gateway.way.closed = true;
  world.timeline.after(ms, () => {
    gateway.way.closed = false;
    gateway.dropConnections();
  });
};

const slow: Mishap = (world, index, ms) => {
  const { way } = world.gateways[index]!;
  way.slowerByMs = world.random.between(20, 900);
  world.timeline.after(ms, () => {
    way.slowerByMs = 0;
  });
};

/** All connections break, or one of them, perhaps with something still on its way. */
const reconnect: Mishap = (world, index, ms) => {
  const gateway = world.gateways[index]!;
  if (world.random.chance(0.5)) gateway.way.requestsHeldUntilMs = world.timeline.nowMs + ms / 3;
  gateway.dropConnections(world.random.pick(["all", "commands", "leases", "reads"]));
  gateway.way.requestsHeldUntilMs = 0;
};

/** The store's process ends and starts again with the same data; what it had not read is lost. */
const storeRestart: Mishap = (world, _, ms) => {
  if (world.endpoint.run === null) return;
  const run = world.endpoint.run + 1;
  world.endpoint.run = null;
  for (const gateway of world.gateways) gateway.dropConnections();
  world.timeline.after(ms / 3, () => {
    world.act(world.store.restart());
    world.endpoint.run = run;
  });
};

const refuseAppends: Mishap = (world, _, ms) => {
  const shard = world.random.integer(0, world.shards - 1);
  world.act(world.store.refuseAppends(shard, true));
  world.timeline.after(ms, () => world.act(world.store.refuseAppends(shard, false)));
};

const drain: Mishap = (world, index, ms) => {
  const { process, lease } = world.gateways[index]!;
  process.after(0, () => lease.setDraining(true));
  world.timeline.after(ms, () => process.after(0, () => lease.setDraining(false)));
};

const switchover: Mishap = (world, index, ms) => {
  // Sometimes the console dies before it has written the hand-over records.
  world.console.prefer(index, world.random.chance(0.7) ? ms : null);
};

const switchMode: Mishap = (world) => world.console.switchMode();

const canary: Mishap = (world, index, ms) => {
  world.console.tryOut(index, world.random.pick([1, 34, 100]));
  world.timeline.after(ms, () => world.console.tryOut(index, null));
};

/** Maintenance, which may go on for good: what lies free must be taken all the same. */
const pauseFailover: Mishap = (world, _, ms) => {
  world.console.pause(true);
  if (world.wipes || world.random.chance(0.5)) {
    world.timeline.after(ms, () => world.console.pause(false));
  }
};

/**
 * Forced failover: away from a gateway that hangs, or seems to. Not where the store loses everything as well: whoever
 * was fenced off and has not noticed then takes the blank shard for its own, and for a moment two believe that they
 * hold it (only one can write).
 */
const fence: Mishap = (world, index, ms) => {
  if (world.wipes) return;
  const draw = world.random.next();
  if (draw < 0.4) pause(world, index, ms);
  else if (draw < 0.8) hold(world, index, ms);
  world.timeline.after(world.random.between(0, ms), () => world.console.fence(index));
};

const jump: Mishap = (world, index) => {
  world.gateways[index]!.process.jumpWall(world.random.between(-5_000, 5_000));
};

const assistantAway: Mishap = (world, index, ms) => {
  const all = world.random.chance(0.3);
  const gateways = all ? [...world.gateways] : [world.gateways[index]!];
  for (const gateway of gateways) gateway.assistantReachable = false;
  world.timeline.after(ms, () => {
    for (const gateway of gateways) gateway.assistantReachable = true;
  });
};

/** One after the other loses its assistant and finds it again, so that shards move on and on. */
const assistantsComeAndGo: Mishap = (world, _, ms) => {
  const { timeline, gateways } = world;
  const turns = 4;
  for (let turn = 0; turn < turns; turn++) {
    const index = turn % gateways.length;
    timeline.after((turn * ms) / turns, () => {
      gateways[index]!.assistantReachable = false;
    });
    timeline.after(((turn + 1) * ms) / turns, () => {
      gateways[index]!.assistantReachable = true;
    });
  }
  // Where everything is to come to rest, somebody has looked at it.
  timeline.after(ms, () => world.console.acknowledge());
};

const MISHAPS: Record<string, Mishap> = {
  pause,
  kill,
  stop,
  hold,
  cut,
  slow,
  reconnect,
  storeRestart,
  refuseAppends,
  drain,
  switchover,
  switchMode,
  fence,
  jump,
  assistantAway,
  assistantsComeAndGo,
  canary,
  pauseFailover,
};
/** The likelier ones. */
const NAMES = [...Object.keys(MISHAPS), "pause", "kill", "hold", "cut", "switchover"];

/** Not in the first moments: what nobody has seen yet, nobody can remember. */
const WIPE_NOT_BEFORE_MS = 1_500;

/** Draws what goes wrong, and when; all of it is mended by `calmAtMs`. */
export function planMishaps(world: World, calmAtMs: number): void {
  const { random, timeline } = world;
  if (world.wipes) {
    timeline.at(random.between(WIPE_NOT_BEFORE_MS, calmAtMs), () => {
      world.note?.("MISHAP wipe");
      world.wipe();
    });
  }
  for (let left = random.integer(1, 7); left > 0; left--) {
    const name = random.pick(NAMES);
    const index = random.integer(0, world.gateways.length - 1);
    const atMs = random.between(0, calmAtMs * 0.85);
    const ms = random.between(20, Math.min(EACH_MAX_MS, calmAtMs - atMs));
    timeline.at(atMs, () => {
      world.note?.(`MISHAP ${name} at gw-${index} for ${ms.toFixed(0)} ms`);
      MISHAPS[name]!(world, index, ms);
    });
  }
}
