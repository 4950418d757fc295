import { Refusal } from "@chela/shared/errors/refusal";
import { orUnreachable } from "../fleet/redis-connection.ts";
import type { Console } from "../server/console.ts";
import type { RedisDeadLetters } from "./redis-dead-letters.ts";

/** What an operator does with dead letters. */
export function deadLetterCommands(letters: RedisDeadLetters): Console["deadLetters"] {
  const subjectOf = ({ id, shard }: { id: string; shard: number }) => `${id} of shard ${shard}`;
  return {
    list: (page) => orUnreachable(() => letters.list(page)),
    async redrive(letter, by) {
      by.note?.({ subject: subjectOf(letter) });
      const redriven = await orUnreachable(() => letters.redrive(letter));
      if (redriven === null) throw noSuchDeadLetter();
      by.note?.({ after: { kind: redriven.kind, session: redriven.session } });
      return redriven;
    },
    async discard(letter, by) {
      by.note?.({ subject: subjectOf(letter) });
      if (!(await orUnreachable(() => letters.discard(letter)))) throw noSuchDeadLetter();
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
