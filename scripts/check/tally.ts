export interface Tally {
  passed: number;
  failed: number;
}

/** The part of Vitest's JSON report that is read here. */
export interface VitestReport {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts a suite. Pure. A file that broke before its first test counts as one failure, and so does a run that
 * says it failed without naming a test: a red run must never add up to "0 failed".
 */
export function tallyOf(report: VitestReport | null): Tally {
  if (report === null) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    (file) =>
      file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const failed = report.numFailedTests + broken;
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed };
}
