"use client";

import type { RolloutPlan } from "@chela/shared/fleet/view";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useApi } from "../../trpc/client.ts";
import { type Fault, faultOf } from "../../trpc/fault.ts";
import { jsonFault } from "../../ui/json-fault.ts";
import { randomId } from "../../ui/random-id.ts";
import { useSettled } from "../../ui/use-settled.ts";
import { useCommandLock, useFleet } from "../fleet/live/live.tsx";
import { useRoleLock } from "../viewer/viewer.ts";
import { type Faults, firstStrategy, type StrategyForm, strategyInput } from "./strategy-form.ts";

const TYPING_PAUSE_MS = 250;
const PLAN_EVERY_MS = 5_000;
const NO_FAULTS: Faults = {};

export interface NewRolloutForm {
  image: string;
  setImage: (image: string) => void;
  config: {
    /** As typed, or as the console's machine holds it; null while it is not known. */
    text: string | null;
    /** Of the release that runs. */
    running: string | null;
    fault: string | null;
    /** Somebody typed in it. */
    touched: boolean;
    set: (text: string) => void;
    reset: () => void;
    unreadable: Fault | null;
  };
  strategy: StrategyForm;
  setStrategy: (next: StrategyForm) => void;
  strategyFaults: Faults;
  plan: RolloutPlan | undefined;
  planFault: Fault | null;
  planMade: number;
  /** There is something to plan, and its answer is due. */
  pending: boolean;
  lock: string | null;
  refusal: Fault | null;
  starting: boolean;
  start: () => void;
}

/** Everything between an empty form and the operation's id. */
export function useNewRollout(onStarted: (operationId: string) => void): NewRolloutForm {
  const fleet = useFleet();
  const api = useApi();
  const [image, setImage] = useState("");
  const [typed, setTyped] = useState<string | null>(null);
  const [strategy, setStrategy] = useState(() => firstStrategy(fleet.gateways.length));
  const configuration = useQuery(
    api.rollouts.configuration.queryOptions(
      { fleet: fleet.fleet },
      { refetchOnWindowFocus: false },
    ),
  );
  const text = typed ?? configuration.data?.text ?? null;
  const running = configuration.data?.running ?? null;
  const configFault = text === null ? null : (jsonFault(text)?.sentence ?? null);
  const chosen = image.trim();
  const nothing = chosen === "" && (text === null || text === running);
  const { input, faults } = strategyInput(strategy, fleet.gateways.length);
  const wanted = useDeferredValue({
    fleet: fleet.fleet,
    ...(chosen !== "" && { image: chosen }),
    ...(typed !== null && { config: typed }),
    strategy: input ?? {},
  });
  const settled = useSettled(JSON.stringify([chosen, typed, input]), TYPING_PAUSE_MS);
  const plannable = !nothing && input !== null && configFault === null;
  const plan = useQuery(
    api.rollouts.plan.queryOptions(wanted, {
      enabled: settled && plannable,
      refetchInterval: (query) => (query.state.status === "error" ? false : PLAN_EVERY_MS),
      staleTime: 0,
      gcTime: 0,
      // The plan before stays to be read while the next one is worked out.
      placeholderData: (before) => before,
    }),
  );
  const start = useMutation(
    api.rollouts.start.mutationOptions({
      onSuccess: ({ operationId }) => onStarted(operationId),
      onError: () => void plan.refetch(),
    }),
  );
  const stale = useCommandLock();
  const role = useRoleLock("operator");
  const shown = plannable ? plan.data : undefined;
  const lock =
    role ??
    stale ??
    (nothing ? "Choose an image, or change the configuration." : null) ??
    (configFault === null ? null : "Correct gateway.json first.") ??
    (input === null ? "Correct the strategy first." : null) ??
    (plan.isError ? "This can't be planned." : null) ??
    (!settled || shown === undefined || plan.isPlaceholderData ? "Working out the plan." : null) ??
    blockedBy(shown);
  return {
    image,
    setImage,
    config: {
      text,
      running,
      fault: configFault,
      touched: typed !== null,
      set: setTyped,
      reset: () => setTyped(null),
      unreadable: configuration.isError ? faultOf(configuration.error) : null,
    },
    strategy,
    setStrategy,
    strategyFaults: faults ?? NO_FAULTS,
    plan: shown,
    planFault: plannable && plan.isError ? faultOf(plan.error) : null,
    planMade: plan.dataUpdatedAt,
    pending: plannable && !plan.isError,
    lock,
    refusal: start.isError ? faultOf(start.error) : null,
    starting: start.isPending || start.isSuccess,
    start: () => {
      if (lock !== null || start.isPending || shown === undefined) return;
      start.mutate({ ...wanted, planHash: shown.planHash, idempotencyKey: randomId() });
    },
  };
}

function blockedBy(plan: RolloutPlan | undefined): string | null {
  const failed = plan?.checks.find((check) => check.verdict === "fail");
  return failed === undefined ? null : failed.detail;
}
