import type { OperationKind } from "@chela/shared/fleet/view";
import { upgradeRollout } from "@chela/shared/rollout/upgrade";
import type { Selectable } from "kysely";
import { isOver, type Operation } from "../controller/operation.ts";
import { StaleController } from "../controller/stale-controller.ts";
import { actsUnder, holdActing } from "./controller-lease.ts";
import type { Database } from "./sqlite.ts";
import type { Tables } from "./tables.ts";

/** Somebody else wrote this operation, or acts as controller now. */
export class StaleWrite extends Error {}

export class OperationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Under the controller's epoch.
   * @returns the operation that stands afterwards: an earlier one with the same idempotency key, if there is one.
   * @throws OtherOperation where another one is not over, StaleController where another console acts.
   */
  async create(operation: Operation, epoch: number): Promise<Operation> {
    const inserted = await this.#database.transaction().execute(async (transaction) => {
      if (!(await holdActing(transaction, epoch))) throw new StaleController("the store");
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("operations")
        .values(rowOf(operation))
        // Which of two at a time comes first, the store's own unique indexes decide.
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    });
    if (inserted) return operation;
    const earlier = await this.byIdempotencyKey(operation.fleet, operation.idempotencyKey);
    if (earlier !== null) return earlier;
    const open = await this.open(operation.fleet);
    if (open !== null) throw new OtherOperation(open);
    throw new Error(`Operation ${operation.id} was there already.`);
  }

  /** Compare-and-set on the version, under the controller's epoch. @throws StaleWrite */
  async save(operation: Operation, epoch: number): Promise<Operation> {
    const next = { ...operation, version: operation.version + 1 };
    const { numUpdatedRows } = await this.#database
      .updateTable("operations")
      .set(rowOf(next))
      .where("id", "=", operation.id)
      .where("version", "=", operation.version)
      .where(actsUnder(epoch))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n)
      throw new StaleWrite(`operation ${operation.id} was changed meanwhile`);
    return next;
  }

  async get(id: string): Promise<Operation | null> {
    const row = await this.#database
      .selectFrom("operations")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined ? null : operationOf(row);
  }

  /** The one that is not over. */
  async open(fleet: string): Promise<Operation | null> {
    const row = await this.#database
      .selectFrom("operations")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("ended_at", "is", null)
      .executeTakeFirst();
    return row === undefined ? null : operationOf(row);
  }

  async byIdempotencyKey(fleet: string, key: string | null): Promise<Operation | null> {
    if (key === null) return null;
    const row = await this.#database
      .selectFrom("operations")
      .selectAll()
      .where("fleet", "=", fleet)
      .where("idempotency_key", "=", key)
      .executeTakeFirst();
    return row === undefined ? null : operationOf(row);
  }

  /** Newest first. `before`: the cursor of the page before. */
  async list(filter: {
    fleet?: string | undefined;
    /** Of these only. */
    fleets?: readonly string[] | undefined;
    kind?: OperationKind | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Operation[]; nextCursor: string | null }> {
    if (filter.fleets?.length === 0) return { items: [], nextCursor: null };
    let query = this.#database
      .selectFrom("operations")
      .selectAll()
      // Ids rise with time, so they order and page.
      .orderBy("id", "desc")
      .limit(filter.limit + 1);
    if (filter.fleet !== undefined) query = query.where("fleet", "=", filter.fleet);
    if (filter.fleets !== undefined) query = query.where("fleet", "in", filter.fleets);
    if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
    if (filter.cursor !== undefined) query = query.where("id", "<", filter.cursor);
    const rows = await query.execute();
    const items = rows.slice(0, filter.limit).map(operationOf);
    return { items, nextCursor: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
  }
}

export class OtherOperation extends Error {
  readonly operation: Operation;
  constructor(operation: Operation) {
    super(`${operation.title} is running`);
    this.operation = operation;
  }
}

type Row = Selectable<Tables["operations"]>;

/** What decides nothing in a query stands in one column. */
type Kept = Pick<Operation, "machine" | "failover" | "automatic" | "reloads">;

const keptOf = ({ machine, failover, automatic, reloads }: Operation): Kept => ({
  machine,
  failover,
  ...(automatic && { automatic }),
  ...(reloads && { reloads }),
});

function rowOf(operation: Operation): Row {
  return {
    id: operation.id,
    fleet: operation.fleet,
    kind: operation.kind,
    title: operation.title,
    machine: JSON.stringify(keptOf(operation)),
    state: operation.machine.state,
    version: operation.version,
    requested_by: operation.requestedBy,
    reason: operation.reason,
    idempotency_key: operation.idempotencyKey,
    started_at: operation.startedAtMs,
    ended_at: isOver(operation.machine) ? operation.endedAtMs : null,
  };
}

function operationOf(row: Row): Operation {
  const kept = JSON.parse(row.machine) as Kept;
  return {
    id: row.id,
    fleet: row.fleet,
    kind: row.kind as OperationKind,
    title: row.title,
    ...kept,
    machine: kept.machine.machine === "rollout" ? upgradeRollout(kept.machine) : kept.machine,
    version: row.version,
    requestedBy: row.requested_by,
    reason: row.reason,
    idempotencyKey: row.idempotency_key,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
  };
}
