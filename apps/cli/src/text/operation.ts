import type { Judgement, OperationStep, OperationView } from "@chela/shared/fleet/view";
import { duration } from "../terminal/duration.ts";
import { onOneLine } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { JUDGED_TONES, STATE_TONES, STEP_MARKS } from "./tones.ts";

export const isOver = ({ state }: OperationView): boolean =>
  state !== "running" && state !== "paused";

/** Pure: the whole of an operation, as it is now. */
export const operationLines = (operation: OperationView, style: Style): string[] => [
  `${style("strong", onOneLine(operation.title))}  ${stateWords(operation, style)}  ${style("quiet", operation.id)}`,
  ...factLines(operation),
  ...operation.steps.map((step) => stepLine(step, style)),
  ...(operation.rollout?.judgements ?? []).flatMap((judgement) => judgementLines(judgement, style)),
  ...endLines(operation, style),
];

/**
 * Pure: what is new since the last look, one line each, where nothing can be drawn over: steps that began or ended,
 * a wait, a turn back, the outcome.
 */
export function changedLines(
  before: OperationView | null,
  now: OperationView,
  style: Style,
): string[] {
  const known = new Map((before?.steps ?? []).map((step) => [keyOf(step), step.state]));
  const steps = now.steps.filter(
    (step) => step.state !== "pending" && known.get(keyOf(step)) !== step.state,
  );
  const cause = now.rollout?.cause ?? null;
  const judged = (now.rollout?.judgements ?? []).filter(
    ({ gateway, verdict }) =>
      before?.rollout?.judgements.find((each) => each.gateway === gateway)?.verdict !== verdict,
  );
  return [
    ...(before === null
      ? [`${onOneLine(now.title)}  ${style("quiet", now.id)}`, ...factLines(now)]
      : []),
    ...steps.map((step) => stepLine(step, style)),
    ...judged.flatMap((judgement) => judgementLines(judgement, style)),
    ...(cause !== null && cause !== (before?.rollout?.cause ?? null)
      ? [style("bad", `← goes back: ${onOneLine(cause)}`)]
      : []),
    ...(now.waitingFor !== undefined && now.waitingFor !== before?.waitingFor && !isOver(now)
      ? [style("warning", `… waits for ${onOneLine(now.waitingFor)}`)]
      : []),
    ...(now.state !== before?.state && now.state === "paused"
      ? [style("warning", "‖ paused")]
      : []),
    ...(isOver(now) ? outcomeLines(now, style) : []),
  ];
}

/** Pure: operations below each other. */
export const operationTable = (operations: readonly OperationView[], style: Style): string[] =>
  table(
    operations,
    [
      { title: "OPERATION", of: ({ id }) => id },
      { title: "STARTED", of: ({ startedAt }) => startedAt },
      { title: "STATE", of: (operation) => stateWords(operation, style) },
      { title: "TOOK", of: tookWords, right: true },
      {
        title: "BY",
        of: ({ requestedBy, automatic }) => (automatic ? "itself" : onOneLine(requestedBy)),
      },
      { title: "WHAT", of: ({ title }) => onOneLine(title) },
      { title: "OUTCOME", of: ({ outcome }) => onOneLine(outcome ?? "") },
    ],
    style,
  );

/** Pure: the one line that stays. */
const outcomeLines = (operation: OperationView, style: Style): string[] => [
  `${stateWords(operation, style)} after ${tookWords(operation)}. ${onOneLine(operation.outcome ?? "")}`.trimEnd(),
];

function factLines({ automatic, reason, edgeReloads, rollout }: OperationView): string[] {
  return [
    ...(automatic === null ? [] : [`By itself: ${onOneLine(automatic.cause)}`]),
    ...(reason === null ? [] : [`Reason: ${onOneLine(reason)}`]),
    ...(rollout === null
      ? []
      : [
          `${rollout.from} → ${rollout.to}: ${rollout.done.length} of ${rollout.order.length} done`,
        ]),
    ...(edgeReloads === null ? [] : [`nginx reloads meanwhile: ${edgeReloads}`]),
  ];
}

function endLines(operation: OperationView, style: Style): string[] {
  if (isOver(operation)) return outcomeLines(operation, style);
  const { waitingFor, msLeft, rollout } = operation;
  return [
    ...(rollout?.cause == null ? [] : [style("bad", `Goes back: ${onOneLine(rollout.cause)}`)]),
    ...(waitingFor === undefined ? [] : [style("warning", `Waits for ${onOneLine(waitingFor)}`)]),
    ...(msLeft === null ? [] : [style("quiet", `About ${duration(msLeft)} left.`)]),
  ];
}

function stateWords({ state, aborting }: OperationView, style: Style): string {
  return style(STATE_TONES[state], aborting ? `${state}, aborting` : state);
}

const tookWords = ({ startedAt, endedAt }: OperationView): string =>
  endedAt === null ? "" : duration(Date.parse(endedAt) - Date.parse(startedAt));

function stepLine({ name, gateway, state, ms, detail }: OperationStep, style: Style): string {
  const [mark, tone] = STEP_MARKS[state];
  const who = gateway === undefined ? name : `${gateway}: ${name}`;
  const took = ms === null || state === "pending" ? "" : style("quiet", `  ${duration(ms)}`);
  return `${style(tone, mark)} ${who}${took}${detail === null ? "" : `  ${onOneLine(detail)}`}`;
}

const judgementLines = (judgement: Judgement, style: Style): string[] => [
  `  ${judgement.gateway} judged: ${style(JUDGED_TONES[judgement.verdict], judgement.verdict === "not-enough" ? "not enough traffic to judge" : judgement.verdict)}`,
  ...judgement.checks
    .filter(({ verdict }) => verdict === "fail")
    .map(({ name, detail }) => `    ${name}: ${onOneLine(detail)}`),
];

/** A gateway may be visited twice, forward and back: a step is told apart by when it began. */
const keyOf = ({ name, gateway, startedAt }: OperationStep) =>
  `${gateway ?? ""} ${name} ${startedAt ?? ""}`;
