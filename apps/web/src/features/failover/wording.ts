import type { OperationState, StepState } from "@chela/shared/fleet/view";
import type { Status } from "../../ui/status.tsx";

/** Steps and checks in words: the wire carries their codes. */

/** To come, under way, over. */
const STEPS: Record<string, readonly [string, string, string]> = {
  prefer: ["Write the preference", "Writing the preference", "Preference written"],
  handover: ["Hand over the shards", "Handing over the shards", "Handed over the shards"],
  fence: ["Fence and take the shards", "Fencing and taking the shards", "Fenced, shards taken"],
  verify: ["Verify through the edge", "Verifying through the edge", "Verified through the edge"],
  image: ["Bring the image", "Bringing the image", "Image is there"],
  cordon: ["Cordon the host", "Cordoning the host", "Host cordoned"],
  drain: ["Drain", "Draining", "Drained"],
  undrain: ["Undrain", "Undraining", "Undrained"],
  replace: ["Replace", "Replacing", "Replaced"],
  restart: ["Restart", "Restarting", "Restarted"],
  healthy: ["Become healthy", "Becoming healthy", "Healthy"],
  create: ["Create", "Creating", "Created"],
  move: ["Move", "Moving", "Moved"],
  remove: ["Remove", "Removing", "Removed"],
  forget: ["Forget", "Forgetting", "Forgotten"],
  settings: ["Write the settings", "Writing the settings", "Settings written"],
  mode: ["Write the mode", "Writing the mode", "Mode written"],
  edges: ["Bring the edges up to date", "Bringing the edges up to date", "Edges are up to date"],
  "remove-edge": ["Remove the edge", "Removing the edge", "Edge removed"],
  // Of a failover that nobody ordered, as it was observed.
  detected: ["Notice the loss", "Noticing the loss", "Loss noticed"],
  fenced: ["Fence the one lost", "Fencing the one lost", "Fenced"],
  "taken-over": ["Take over", "Taking over", "Taken over"],
  verified: ["Verify through the edge", "Verifying through the edge", "Verified through the edge"],
};

const CHECKS: Record<string, string> = {
  candidate: "Candidate",
  role: "Role",
  assistant: "Assistant",
  version: "Version and configuration",
  backlog: "Backlog",
  redis: "Redis",
  edge: "Edge",
  operation: "Other operations",
  image: "Found on the hosts",
  release: "What changes",
  gateways: "Gateways",
  capacity: "Capacity",
  agents: "Agents",
  "in-flight": "Turns in flight",
  replication: "Redis replication",
  clock: "Clock",
  "last-failover": "Last failover",
};

/** A code that this version has no words for: "edge-apply" → "Edge apply". */
const fromCode = (code: string): string => {
  const words = code.replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function stepInWords(name: string, state: StepState = "pending"): string {
  const words = STEPS[name];
  if (words === undefined) return fromCode(name);
  return state === "running" ? words[1] : state === "done" ? words[2] : words[0];
}

export const checkInWords = (name: string): string => CHECKS[name] ?? fromCode(name);

/** Steps in which senders may wait. */
export const isPause = (name: string): boolean =>
  name === "handover" || name === "fence" || name === "taken-over";

const STEP_STATES: Record<StepState, Status> = {
  pending: { tone: "wait", icon: "st-wait", word: "waits" },
  running: { tone: "run", icon: "st-run", word: "under way" },
  done: { tone: "pass", icon: "st-pass", word: "done" },
  failed: { tone: "fail", icon: "st-fail", word: "failed" },
  skipped: { tone: "wait", icon: "st-skip", word: "skipped" },
};
export const statusOfStep = (state: StepState): Status => STEP_STATES[state];

const OPERATION_STATES: Record<OperationState, Status> = {
  running: { tone: "run", icon: "st-run", word: "Running" },
  paused: { tone: "draining", icon: "pause", word: "Paused" },
  succeeded: { tone: "pass", icon: "st-healthy", word: "Succeeded" },
  failed: { tone: "fail", icon: "st-fail", word: "Failed" },
  aborted: { tone: "wait", icon: "st-skip", word: "Aborted" },
  "rolled-back": { tone: "warn", icon: "back", word: "Rolled back" },
};
export const statusOfOperation = (state: OperationState): Status => OPERATION_STATES[state];
