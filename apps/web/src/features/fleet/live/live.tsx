"use client";

import type { FleetView, OperationView } from "@chela/shared/fleet/view";
import { useQuery } from "@tanstack/react-query";
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
import { ageOf, commandLock, type Freshness, freshnessOf } from "./freshness.ts";
import { type LiveSnapshot, LiveStore } from "./live-store.ts";

const LiveContext = createContext<LiveStore | null>(null);

/** Subscribes once for the whole console; every component below reads the same state. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  const client = useApiClient();
  const api = useApi();
  const fleets = useQuery(
    api.fleets.list.queryOptions(undefined, {
      staleTime: Number.POSITIVE_INFINITY,
      // Whoever may see no fleet is told so; anything else may pass.
      retry: (_, error) => faultOf(error).code !== "FORBIDDEN",
    }),
  );
  const fleet = fleets.data?.items[0]?.fleet;
  useEffect(
    () => (fleet === undefined ? undefined : store.listen(client, fleet, toLogin)),
    [store, client, fleet],
  );
  return <LiveContext value={store}>{children}</LiveContext>;
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
