import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import type { AppRouter } from "../server/router.ts";

const URL_PATH = "/api/trpc";
/** Longer addresses are cut by some proxies; tRPC splits the batch instead. */
const URL_CHARS_MAX = 2_000;

export type ApiClient = TRPCClient<AppRouter>;

/** A question that carries a whole file goes in a body: an address is cut off or refused. */
const isLong = ({ type, input }: { type: string; input: unknown }): boolean =>
  type === "query" && encodeURIComponent(JSON.stringify(input ?? null)).length > URL_CHARS_MAX;

export const createApiClient = (): ApiClient =>
  createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: URL_PATH }),
        false: splitLink({
          condition: isLong,
          true: httpLink({ url: URL_PATH, methodOverride: "POST" }),
          false: httpBatchLink({ url: URL_PATH, maxURLLength: URL_CHARS_MAX }),
        }),
      }),
    ],
  });

export const {
  TRPCProvider: ApiContext,
  useTRPC: useApi,
  useTRPCClient: useApiClient,
} = createTRPCContext<AppRouter>();
