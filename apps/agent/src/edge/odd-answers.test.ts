import { expect, test } from "vitest";
import { OddAnswers, oddAnswersIn } from "./odd-answers.ts";

const line = (more: Record<string, string>) =>
  JSON.stringify({
    ...{ at: "2026-01-01T00:00:00+00:00", status: "200", webhook: "1", upstream: "10.0.0.1:20001" },
    ...{
      upstreamStatus: "200",
      connectSeconds: "0.000",
      seconds: "0.002",
      requestId: "r",
      ...more,
    },
  });
const failed = (port: number) => ({ upstream: `10.0.0.1:${port}`, oddity: "failed" });

test("a request that was retried counts for each gateway that failed, and not for the one that answered", () => {
  const tried = line({
    upstream: "10.0.0.1:20001, 10.0.0.1:20002 : 10.0.0.1:20003",
    upstreamStatus: "503, 502 : 200",
    connectSeconds: "0.000, 0.001 : 0.000",
    seconds: "0.002, 0.001 : 0.004",
  });
  expect(oddAnswersIn(tried)).toEqual([failed(20001), failed(20002)]);
});

test("a connection that was refused is nobody's failure: nothing listens at a spare port", () => {
  const spare = line({
    upstream: "10.0.0.1:20001, 10.0.0.1:20002",
    ...{ upstreamStatus: "502, 500", connectSeconds: "-, 0.000", seconds: "0.000, 0.003" },
  });
  expect(oddAnswersIn(spare)).toEqual([failed(20002)]);
});

test("a gateway that says nothing in time has failed, with or without a connection", () => {
  const silent = { upstreamStatus: "504", seconds: "0.900" };
  expect(oddAnswersIn(line({ ...silent, connectSeconds: "0.000" }))).toEqual([failed(20001)]);
  expect(oddAnswersIn(line({ ...silent, connectSeconds: "-" }))).toEqual([failed(20001)]);
});

test("slow is a matter of webhooks: a chat may take its time", () => {
  const slow = line({ seconds: "0.250" });
  expect(oddAnswersIn(slow)).toEqual([{ upstream: "10.0.0.1:20001", oddity: "slow" }]);
  expect(oddAnswersIn(line({ seconds: "0.249" }))).toEqual([]);
  expect(oddAnswersIn(line({ seconds: "9.000", webhook: "0" }))).toEqual([]);
});

test("counts only rise, whatever else is logged leaves them alone, and they stay bounded", () => {
  const answers = new OddAnswers();
  for (const text of ["", "2026/01/01 [notice] 1#1: start", '{"at":1}', line({ upstream: "-" })]) {
    answers.read(text);
  }
  expect(answers.list()).toEqual([]);
  for (let port = 0; port < 5_000; port++) {
    answers.read(line({ upstream: `10.0.0.1:${port}`, upstreamStatus: "500" }));
  }
  answers.read(line({ upstream: "10.0.0.1:0", upstreamStatus: "500", seconds: "0.9" }));
  expect(answers.list()).toHaveLength(1_024);
  expect(answers.list()[0]).toEqual({ upstream: "10.0.0.1:0", failed: 2, slow: 0 });
});
