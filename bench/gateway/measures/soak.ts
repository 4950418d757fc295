import type { GatewayProcess } from "../../../apps/gateway/src/testing/gateway-process.ts";
import { until } from "../../../e2e/harness/wait.ts";
import type { Lab } from "../lab.ts";
import { Load } from "../load-client.ts";
import { residentBytes, sleep } from "../machine.ts";
import { median, type Row } from "../report.ts";

const SECONDS_SHORT = 45;
const SECONDS_SOAK = 300;
const LOAD_SHARE = 0.7;
const SAMPLE_MS = 500;
const MIB = 1_048_576;

interface Sample {
  readonly residentMib: number;
  readonly heapMib: number;
  readonly loopP99Ms: number;
}

/**
 * An active gateway that accepts and processes, at 70 % of what it can do. After the first third, the warm-up, its
 * memory must not grow: the last third against the second.
 */
export async function soak(open: () => Promise<Lab>, { soak }: { soak: boolean }): Promise<Row[]> {
  const lab = await open();
  const load = await Load.start(lab);
  await lab.writeFleet("fleet", "gw-1");
  const gateway = await lab.gateway("gw-1", "fleet");
  await lab.active(gateway);
  const gatewayUnderLoad = { port: gateway.port, pid: gateway.process.pid! };

  const drained = () =>
    until("no backlog", async () => (await lab.pending("fleet")) === 0, { everyMs: 5 });
  await load.window(gatewayUnderLoad, 2);
  await drained();
  const startedMs = performance.now();
  const full = await load.window(gatewayUnderLoad, 3);
  await drained();
  const perSecond = (full.accepted * 1_000 * LOAD_SHARE) / (performance.now() - startedMs);

  const seconds = soak ? SECONDS_SOAK : SECONDS_SHORT;
  const samples: Sample[] = [];
  const over = new AbortController();
  const sampling = (async () => {
    while (!over.signal.aborted) {
      samples.push(await sample(gateway, gatewayUnderLoad.pid));
      await sleep(SAMPLE_MS);
    }
  })();
  // Whichever of the two fails first ends the measure.
  const loading = load.window(gatewayUnderLoad, seconds, { perSecond });
  await Promise.race([loading, sampling]);
  over.abort();
  const window = await loading;
  await sampling;

  const third = Math.floor(samples.length / 3);
  const second = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  const resident = (of: Sample[]) => median(of.map(({ residentMib }) => residentMib));
  // What is left right after a collection: the rest is only waiting for one.
  const heap = (of: Sample[]) => Math.min(...of.map(({ heapMib }) => heapMib));
  const row = { measure: "soak", unit: "×" } as const;
  // In less, V8 has hardly collected twice: nothing to judge by.
  const target = soak ? ({ kind: "at most", value: 1.05 } as const) : null;
  const about = `${seconds} s at ${perSecond.toFixed(0)} turns/s (70 %), ${window.accepted} in all, ${window.failed} refused`;
  return [
    {
      ...row,
      what: "resident memory, last third against the second",
      values: [resident(last) / resident(second)],
      target,
      note: `${about}; ${resident(last).toFixed(0)} MiB`,
    },
    {
      ...row,
      what: "heap after collections, last third against the second",
      values: [heap(last) / heap(second)],
      target,
    },
    {
      ...row,
      unit: " ms",
      what: "event-loop delay, p99 of each sample",
      values: samples.slice(third).map((s) => s.loopP99Ms),
      target: null,
    },
  ];
}

async function sample(gateway: GatewayProcess, pid: number): Promise<Sample> {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    residentMib: residentBytes(pid) / MIB,
    heapMib: figure("nodejs_heap_size_used_bytes") / MIB,
    loopP99Ms: figure("nodejs_eventloop_lag_p99_seconds") * 1_000,
  };
}
