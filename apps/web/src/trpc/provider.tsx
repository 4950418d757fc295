"use client";

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiContext, createApiClient } from "./client.ts";
import { faultOf } from "./fault.ts";
import { toLogin } from "./to-login.ts";

const RETRIES_MAX = 2;

function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (faultOf(error).code === "UNAUTHORIZED") toLogin();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A refusal stays one; only an answer that never came is asked for again.
        retry: (failures, error) => faultOf(error).code === "UNREACHABLE" && failures < RETRIES_MAX,
      },
    },
  });
}

/** The control API for everything below. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueryClient);
  const [api] = useState(createApiClient);
  return (
    <QueryClientProvider client={queries}>
      <ApiContext trpcClient={api} queryClient={queries}>
        {children}
      </ApiContext>
    </QueryClientProvider>
  );
}
