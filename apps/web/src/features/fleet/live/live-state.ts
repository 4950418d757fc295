import type {
  FeedMessage,
  FigurePoint,
  FleetEvent,
  FleetView,
  OperationView,
} from "@chela/shared/fleet/view";

/** Pure: what the page knows of the fleet, and how a message of the feed changes it. */
export interface LiveState {
  fleet: FleetView | null;
  operations: Readonly<Record<string, OperationView>>;
  /** Newest first. */
  events: readonly FleetEvent[];
  /** Oldest first, one second each. */
  figures: readonly FigurePoint[];
  /** Local time of the last message; null before the first. */
  heardAt: number | null;
  /** Local clock minus the console's, as small as ever seen: what is left is the way of the message. */
  skewMs: number | null;
}

export const NOTHING_YET: LiveState = {
  fleet: null,
  operations: {},
  events: [],
  figures: [],
  heardAt: null,
  skewMs: null,
};

/** Five minutes: as many points as a chart can show. */
export const FIGURES_MAX = 300;
const EVENTS_MAX = 100;
const OPERATIONS_MAX = 100;

export function withMessage(state: LiveState, message: FeedMessage, now: number): LiveState {
  const heard = { ...state, heardAt: now };
  switch (message.type) {
    case "snapshot":
      return {
        ...withFleet(heard, message.fleet, now),
        operations: afterGap(state.operations, message.operations),
        events: newestFirst(message.events),
        figures: lastOf(message.figures, FIGURES_MAX),
      };
    case "fleet":
      return withFleet(heard, message.fleet, now);
    case "operation":
      return {
        ...heard,
        operations: bounded({ ...state.operations, [message.operation.id]: message.operation }),
      };
    case "event":
      return { ...heard, events: newestFirst([message.event, ...state.events]) };
    case "figure":
      return { ...heard, figures: withPoint(state.figures, message.point) };
  }
}

function withFleet(state: LiveState, fleet: FleetView, now: number): LiveState {
  const skew = now - Date.parse(fleet.asOf);
  return { ...state, fleet, skewMs: state.skewMs === null ? skew : Math.min(state.skewMs, skew) };
}

/** What was over stays over; what was running and is not named any more is not known to run. */
function afterGap(
  known: LiveState["operations"],
  now: readonly OperationView[],
): LiveState["operations"] {
  const over = Object.values(known).filter((operation) => operation.endedAt !== null);
  return bounded(
    Object.fromEntries([...over, ...now].map((operation) => [operation.id, operation])),
  );
}

function bounded(operations: Record<string, OperationView>): LiveState["operations"] {
  const all = Object.values(operations);
  if (all.length <= OPERATIONS_MAX) return operations;
  const kept = all.sort((a, b) => b.startedAt.localeCompare(a.startedAt)).slice(0, OPERATIONS_MAX);
  return Object.fromEntries(kept.map((operation) => [operation.id, operation]));
}

function newestFirst(events: readonly FleetEvent[]): readonly FleetEvent[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => b.at.localeCompare(a.at)).slice(0, EVENTS_MAX);
}

function withPoint(points: readonly FigurePoint[], point: FigurePoint): readonly FigurePoint[] {
  const before = points.filter((each) => each.at < point.at);
  return lastOf([...before, point], FIGURES_MAX);
}

const lastOf = <T>(items: readonly T[], n: number): readonly T[] => items.slice(-n);
