import { spawn } from "node:child_process";
import { environment } from "../config.ts";

export interface CommandResult {
  /** Null: ended by a signal or never started. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  /** Added to the own environment. */
  env?: Record<string, string | undefined>;
  /** The command is killed then. Default: ten minutes. */
  timeoutMs?: number;
  /** Shows the output as it comes instead of keeping it. */
  show?: boolean;
}

const KEPT_CHARS_MAX = 8 * 1024 * 1024;

/** Runs a command without a shell and without input; never throws, whatever becomes of it. */
export function attempt(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...environment, ...options.env },
      stdio: ["ignore", options.show ? "inherit" : "pipe", options.show ? "inherit" : "pipe"],
      timeout: options.timeoutMs ?? 600_000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      if (stdout.length < KEPT_CHARS_MAX) stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < KEPT_CHARS_MAX) stderr += text;
    });
    child.once("error", (error) => resolve({ status: null, stdout, stderr: error.message }));
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/**
 * Runs a command that has to succeed; answers what it printed.
 * @throws Error with the end of its output.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await attempt(command, args, options);
  if (result.status === 0) return result.stdout.trim();
  const end = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-15).join("\n");
  const ending =
    result.status === null ? "was killed or did not start" : `ended with ${result.status}`;
  throw new Error(`${command} ${args.slice(0, 6).join(" ")} ${ending}\n${end}`);
}
