/** Something a person has to put right: what happened, and what to do about it. Printed without a stack. */
export class Problem extends Error {
  readonly advice: string;

  constructor(what: string, advice: string) {
    super(what);
    this.name = "Problem";
    this.advice = advice;
  }
}
