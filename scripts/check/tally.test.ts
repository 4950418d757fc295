import { expect, test } from "vitest";
import { tallyOf, type VitestReport } from "./tally.ts";

const report = (part: Partial<VitestReport>): VitestReport => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  testResults: [],
  ...part,
});

test("a green run counts its tests", () => {
  expect(tallyOf(report({}))).toEqual({ passed: 3, failed: 0 });
});

test("a file that breaks before its first test is a failure", () => {
  const testResults = [{ status: "failed", assertionResults: [] }];
  expect(tallyOf(report({ success: false, testResults }))).toEqual({ passed: 3, failed: 1 });
});

test("a failed test is counted once, not again for its file", () => {
  const testResults = [{ status: "failed", assertionResults: [{ status: "failed" }] }];
  expect(tallyOf(report({ success: false, numFailedTests: 1, testResults })).failed).toBe(1);
});

test("a run that failed without a failed test, or left no report, is never green", () => {
  expect(tallyOf(report({ success: false })).failed).toBe(1);
  expect(tallyOf(null)).toEqual({ passed: 0, failed: 1 });
});
