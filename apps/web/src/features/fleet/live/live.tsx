"use client";

import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { useApi, useApiClient } from "../../../trpc/client.ts";
import { faultOf } from "../../../trpc/fault.ts";
import { toLogin } from "../../../trpc/to-login.ts";
import { useNow } from "../../../ui/use-now.ts";
import { FleetChoice } from "./fleet-choice.ts";
import { ageOf, commandLock, type Freshness, freshnessOf } from "./freshness.ts";
import { type LiveSnapshot, LiveStore } from "./live-store.ts";

const ChoiceContext = createContext<FleetChoice | null>(null);
const LiveContext = createContext<LiveStore | null>(null);
/** Fleets are made rarely, and by somebody who then looks for them in the switch. */
const FLEETS_STALE_MS = 30_000;

/** Those that one may see. */
export function useFleets() {
  const api = useApi();
  return useQuery(
    api.fleets.list.queryOptions(undefined, {
      staleTime: FLEETS_STALE_MS,
      // Whoever may see no fleet is told so; anything else may pass.
      retry: (_, error) => faultOf(error).code !== "FORBIDDEN",
    }),
  );
}

/**
 * Which fleet everything below is about: the one that `?fleet=` of the address asks for, else the one chosen last, else
 * the first. Subscribes once for the whole console; every component below reads the same state.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [choice] = useState(() => new FleetChoice());
  const chosen = useSyncExternalStore(choice.subscribe, choice.fleet, () => null);
  const switches = useSyncExternalStore(choice.subscribe, choice.switches, () => 0);
  const asked = useSearchParams().get("fleet");
  useEffect(() => {
    if (asked !== null) choice.choose(asked);
  }, [choice, asked]);
  const known = useFleets().data?.items;
  const fleet = (known?.find((each) => each.fleet === chosen) ?? known?.[0])?.fleet;
  return (
    <ChoiceContext value={choice}>
      <LiveFleet key={switches} fleet={fleet}>
        {children}
      </LiveFleet>
    </ChoiceContext>
  );
}

function LiveFleet({ fleet, children }: { fleet: string | undefined; children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  const client = useApiClient();
  useEffect(
    () => (fleet === undefined ? undefined : store.listen(client, fleet, toLogin)),
    [store, client, fleet],
  );
  return <LiveContext value={store}>{children}</LiveContext>;
}

export function useFleetChoice(): FleetChoice {
  const choice = useContext(ChoiceContext);
  if (choice === null) throw new Error("useFleetChoice needs LiveProvider above it");
  return choice;
}

/** Reads a part of the live state. `select` must answer the same object for the same state. */
export function useLive<T>(select: (state: LiveSnapshot) => T): T {
  const store = useContext(LiveContext);
  if (store === null) throw new Error("useLive needs LiveProvider above it");
  const read = () => select(store.get());
  return useSyncExternalStore(store.subscribe, read, read);
}

/** The fleet, within `FleetGate`. */
export function useFleet(): FleetView {
  const fleet = useLive((state) => state.fleet);
  if (fleet === null) throw new Error("useFleet needs FleetGate above it");
  return fleet;
}

export const useOperation = (id: string | null): OperationView | null =>
  useLive((state) => (id === null ? null : (state.operations[id] ?? null)));

export function useFreshness(): Freshness {
  const now = useNow();
  const connection = useLive((state) => state.connection);
  const heardAt = useLive((state) => state.heardAt);
  return freshnessOf({ heardAt }, connection, now);
}

/** Why no command can be given now; null: one can. */
export const useCommandLock = (): string | null => commandLock(useFreshness());

/** Wall time by the console's clock, in ms. */
export function useConsoleNow(): number {
  const now = useNow();
  return now - (useLive((state) => state.skewMs) ?? 0);
}

export function useAge(observedAt: string | null): number | null {
  const now = useNow();
  return ageOf(
    observedAt,
    useLive((state) => state.skewMs),
    now,
  );
}
