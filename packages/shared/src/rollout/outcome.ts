import { duration } from "../operation/steps.ts";
import type { RolloutState } from "./state.ts";

/** Over, and what became of it in one sentence or two. */
export function over(state: RolloutState, nowMs: number): RolloutState {
  const took = duration(nowMs - state.startedAtMs);
  const end = (result: RolloutState["state"], ...sentences: string[]): RolloutState => ({
    ...state,
    phase: { at: "over" },
    waiting: null,
    state: result,
    outcome: sentences.filter((sentence) => sentence !== "").join(" "),
  });
  const { from, to, cause, failures } = state;
  const why = cause?.message ?? "";
  if (state.direction === "forward") {
    if (failures.length > 0) return end("failed", ...failures);
    const n = state.done.length;
    return end(
      "succeeded",
      n === 0
        ? `Every gateway ran ${to.tag} (release ${to.number}) already.`
        : `${n === 1 ? "1 gateway runs" : `${n} gateways run`} ${to.tag} (release ${to.number}). Done in ${took}.`,
      unjudged(state),
    );
  }
  const returned =
    state.done.length === 0
      ? "No gateway had been changed"
      : `${list(state.done)} ${state.done.length === 1 ? "is" : "are"} back on ${from.tag} (release ${from.number})`;
  if (failures.length > 0) {
    return end("failed", why, `Going back failed too: ${failures.join(" ")}`, `${returned}.`);
  }
  return cause?.kind === "abort"
    ? end("aborted", `Aborted. ${returned}, after ${took}.`)
    : end("rolled-back", `${returned}, after ${took}.`, why);
}

/** Too little traffic is never called a success. */
function unjudged({ judgements, done }: RolloutState): string {
  const names = judgements
    .filter(({ gateway, verdict }) => verdict === "not-enough" && done.includes(gateway))
    .map(({ gateway }) => gateway);
  return names.length === 0
    ? ""
    : `There was not enough traffic to judge ${names.length === done.length ? "the release" : list(names)}.`;
}

export const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
