import type { Clock } from "@chela/shared/clock/clock";
import { Refusal } from "@chela/shared/errors/refusal";
import { orUnreachable } from "../fleet/redis-connection.ts";
import type { Actor, Console } from "../server/console.ts";
import type { RecordStore } from "../store/record.ts";
import type { DeadLetterPlace, RedisDeadLetters } from "./redis-dead-letters.ts";

export interface DeadLetterDeps {
  clock: Clock;
  letters: RedisDeadLetters;
  record: Pick<RecordStore, "addAudit">;
}

/** What an operator does with dead letters. Recorded once it is done: a refused or failed one changed nothing. */
export function deadLetterCommands({
  clock,
  letters,
  record,
}: DeadLetterDeps): Console["deadLetters"] {
  const audit = (
    by: Actor,
    verb: "redrive" | "discard",
    { fleet, shard, id }: DeadLetterPlace & { fleet: string },
    detail: string | null,
  ) =>
    record.addAudit(
      {
        actor: by.name,
        from: by.from,
        action: `deadLetters.${verb}`,
        fleet,
        subject: `${id} of shard ${shard}`,
        outcome: "done",
        detail,
      },
      clock.wallMs(),
    );
  return {
    list: (page) => orUnreachable(() => letters.list(page)),
    async redrive(letter, by) {
      const redriven = await orUnreachable(() => letters.redrive(letter));
      if (redriven === null) throw noSuchDeadLetter();
      await audit(by, "redrive", letter, `${redriven.kind}, ${redriven.session}`);
      return redriven;
    },
    async discard(letter, by) {
      if (!(await orUnreachable(() => letters.discard(letter)))) throw noSuchDeadLetter();
      await audit(by, "discard", letter, null);
    },
  };
}

function noSuchDeadLetter(): Refusal {
  return new Refusal(
    "NOT_FOUND",
    "no-such-dead-letter",
    "It is not among the dead letters any more: somebody has put it back or discarded it.",
  );
}
