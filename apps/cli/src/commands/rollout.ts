import type {
  FleetView,
  KnownRelease,
  OperationView,
  Page,
  RolloutPlan,
} from "@chela/shared/fleet/view";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.ts";
import type { Here } from "../here.ts";
import { Problem } from "../problem.ts";
import { parseDuration } from "../terminal/duration.ts";
import { mustPass } from "../text/checks.ts";
import { planLines, releaseLines } from "../text/plans.ts";
import { watch } from "../watch/watch.ts";
import { count, type Run, textOf, verbOf } from "./command.ts";
import { start, steer, underWay } from "./operation.ts";
import { pageLines } from "./page.ts";
import { parseStages, type StrategyOptions, strategyOf } from "./strategy.ts";

interface RequestOptions extends StrategyOptions {
  image?: string;
  config?: string;
}
interface StartOptions extends RequestOptions {
  reason?: string;
  yes?: true;
  detach?: true;
}

export function addRollout(program: Command, run: Run): void {
  const rollout = program
    .command("rollout")
    .description("spread a release over the gateways, and steer it");

  withRequest(
    rollout.command("plan").description("what a rollout would do, in exact order; changes nothing"),
  ).action(
    run(async (here, options: RequestOptions) => {
      const plan = await planned(here, await requestOf(here, options));
      here.show(plan, () => planLines(plan, here.terminal.style));
      mustPass(plan.checks);
    }),
  );

  withRequest(
    rollout
      .command("start")
      .description("roll out an image, a configuration or both: plan first, asks, then live"),
  )
    .option("--reason <text>", "for the record")
    .option("-y, --yes", "do not ask")
    .option("--detach", "start it and leave it to itself")
    .addHelpText(
      "after",
      `
Examples:
  chela rollout start --image chela/gateway:0.2.0
  chela rollout start --image chela/gateway:0.2.0 --canary 1:approve,50%:10m --soak 30s
  chela rollout start --config gateway.json --batch-size 2 --max-unavailable 2 --start-first
Ends with 0 once every gateway runs it, with 1 where it was rolled back or aborted.`,
    )
    .action(
      run(async (here, options: StartOptions) => {
        const request = await requestOf(here, options);
        const plan = await planned(here, request);
        if (!here.json) here.terminal.lines(planLines(plan, here.terminal.style));
        mustPass(plan.checks);
        await here.confirm(`Roll out ${plan.to}?`, options.yes ?? false);
        const more = { planHash: plan.planHash, reason: options.reason };
        return start(here, "rollouts.start", { ...request, ...more }, options.detach);
      }),
    );

  const steering = (procedure: string, description: string) =>
    rollout
      .command(verbOf(procedure))
      .description(description)
      .argument("[operation]", "the one that is under way if none is said")
      .action(run((here, operation: string | undefined) => steer(here, procedure, operation)));
  rollout
    .command("watch")
    .description("follow it to its end; Ctrl-C leaves it running")
    .argument("[operation]", "the one that is under way if none is said")
    .action(
      run(async (here, operation: string | undefined) =>
        watch(here, await underWay(here, operation)),
      ),
    );
  steering("rollouts.pause", "hold it after the step that it is at");
  steering("rollouts.resume", "let a paused one go on");
  rollout
    .command("approve")
    .description("let it past the canary stage that it waits at")
    .argument("[operation]", "the one that is under way if none is said")
    .option("--stage <stage>", "the stage that you saw; refused where it waits at another one")
    .action(
      run(async (here, operation: string | undefined, options: { stage?: string }) => {
        const operationId = await underWay(here, operation);
        const stage = options.stage ?? (await stageOf(here, operationId));
        await steer(here, "rollouts.approve", operationId, { stage });
      }),
    );
  steering("rollouts.abort", "stop it and bring every changed gateway back");
  rollout
    .command("releases")
    .description("what there was to run, newest first; rollback goes to any of them")
    .option("--limit <count>", "how many", count, 20)
    .option("--cursor <cursor>", "the page after")
    .action(
      run(async (here, options: { limit: number; cursor?: string }) => {
        const input = { fleet: await here.fleet(), ...options };
        const page = await here.api.query<Page<KnownRelease>>("rollouts.releases", input);
        here.show(page, () => pageLines(page, releaseLines(page.items, here.terminal.style)));
      }),
    );
  rollout
    .command("rollback")
    .description("go back to an earlier release, as an operation of its own")
    .option("--release <number>", "the one before if none is said", count)
    .option("-y, --yes", "do not ask")
    .option("--detach", "start it and leave it to itself")
    .action(
      run(async (here, options: { release?: number; yes?: true; detach?: true }) => {
        const fleet = await here.fleet();
        const now = await here.api.query<FleetView>("fleets.get", { fleet });
        const to = options.release === undefined ? "the release before" : `#${options.release}`;
        const from = now.release === null ? "" : ` from #${now.release.number}`;
        await here.confirm(`Go back${from} to ${to}?`, options.yes ?? false);
        return start(
          here,
          "rollouts.rollback",
          { fleet, release: options.release },
          options.detach,
        );
      }),
    );
}

const withRequest = (command: Command): Command =>
  command
    .option("--image <reference>", "image to run; the one that runs now if none is said")
    .option("--config <file>", "gateway configuration; the state directory's if none is said")
    .option("--batch-size <count>", "gateways that are changed together", count)
    .option("--max-unavailable <count>", "gateways out of service at the same time, at most", count)
    .option("--start-first", "start the new gateway before the old one stops")
    .option("--soak <time>", "watch each batch so long, e.g. 30s", parseDuration)
    .option("--canary <stages>", "hold for judgement, e.g. 1,25%:approve,50%:60s", parseStages);

async function requestOf(here: Here, options: RequestOptions) {
  const { image, config } = options;
  return {
    fleet: await here.fleet(),
    image,
    config: config === undefined ? undefined : await textOf(config),
    strategy: strategyOf(options),
  };
}

const planned = (here: Here, request: Readonly<Record<string, unknown>>) =>
  here.api.query<RolloutPlan>("rollouts.plan", request);

/** An approval carries the stage that was seen: of two that come at once, the second one is refused. */
async function stageOf(here: Here, operationId: string): Promise<string> {
  const { rollout } = await here.api.query<OperationView>("operations.get", { operationId });
  if (rollout?.gate?.needs === "approval") return rollout.gate.stage;
  throw new Problem(
    EXIT.refused,
    "nothing-to-approve",
    `${operationId} waits for no approval now; \`operations show ${operationId}\` says where it is.`,
  );
}
