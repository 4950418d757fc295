import { describe } from "vitest";
import { ModelStore } from "./model-store.ts";
import { shardContract } from "./shard.contract.ts";

describe("the model of inbox and outbox", () => {
  shardContract(async () => new ModelStore(() => 1_000));
});
