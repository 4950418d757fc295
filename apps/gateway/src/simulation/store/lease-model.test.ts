import { describe } from "vitest";
import { leaseStoreContract } from "./lease.contract.ts";
import { LeaseModel } from "./lease-model.ts";

describe("the model of the lease store", () => {
  leaseStoreContract(async () => {
    const model = new LeaseModel(() => 1_000);
    return {
      storeFor: (name, incarnation) => model.storeFor(name, incarnation),
      nowMs: async () => 1_000,
      async writeControl(fields) {
        model.control = fields;
      },
      async writeHandover(shard, handover) {
        model.handovers.set(shard, handover);
      },
      wipe: async () => model.wipe(),
    };
  });
});
