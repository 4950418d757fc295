/** Runs something at the end of the event loop's turn: setImmediate, unless time is simulated. */
export type AfterTurn = (run: () => void) => void;

/**
 * Gathers what is added within one turn of the event loop and sends it as one call (several beyond `itemsMax`).
 * Nothing waits for company: the turn's end is the only boundary.
 */
export class Batcher<Item, Result> {
  readonly #send: (items: Item[]) => Promise<Result[]>;
  readonly #itemsMax: number;
  readonly #afterTurn: AfterTurn;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] =
    [];

  constructor(
    send: (items: Item[]) => Promise<Result[]>,
    itemsMax: number,
    afterTurn: AfterTurn = setImmediate,
  ) {
    this.#send = send;
    this.#itemsMax = itemsMax;
    this.#afterTurn = afterTurn;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#afterTurn(() => this.#flush());
      this.#waiting.push({ item, resolve, reject });
    });
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < all.length; from += this.#itemsMax) {
      const batch = all.slice(from, from + this.#itemsMax);
      this.#send(batch.map((entry) => entry.item)).then(
        (results) => {
          for (const [index, entry] of batch.entries()) entry.resolve(results[index]!);
        },
        (error: unknown) => {
          for (const entry of batch) entry.reject(error);
        },
      );
    }
  }
}
