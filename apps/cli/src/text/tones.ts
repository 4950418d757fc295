import type {
  CheckVerdict,
  Health,
  HealthVerdict,
  Judgement,
  OperationState,
  Role,
  StepState,
} from "@chela/shared/fleet/view";
import type { Tone } from "../terminal/style.ts";

/** What is good and what is not: the words say it, the colour repeats it. */
export const VERDICT_TONES: Record<HealthVerdict, Tone> = {
  healthy: "good",
  degraded: "warning",
  switching: "warning",
  unclear: "warning",
  down: "bad",
};
export const HEALTH_TONES: Record<Health, Tone> = {
  healthy: "good",
  unhealthy: "bad",
  unreachable: "warning",
  starting: "warning",
};
export const ROLE_TONES: Record<Role, Tone> = {
  active: "strong",
  standby: "quiet",
  draining: "warning",
  tilt: "warning",
  down: "bad",
};
export const CHECK_TONES: Record<CheckVerdict, Tone> = {
  pass: "good",
  warn: "warning",
  fail: "bad",
};
export const JUDGED_TONES: Record<Judgement["verdict"], Tone> = {
  pass: "good",
  "not-enough": "warning",
  fail: "bad",
};
export const STATE_TONES: Record<OperationState, Tone> = {
  running: "strong",
  paused: "warning",
  succeeded: "good",
  failed: "bad",
  aborted: "warning",
  "rolled-back": "bad",
};
export const STEP_MARKS: Record<StepState, readonly [string, Tone]> = {
  pending: ["·", "quiet"],
  running: ["▸", "strong"],
  done: ["✓", "good"],
  failed: ["✗", "bad"],
  skipped: ["–", "quiet"],
};
