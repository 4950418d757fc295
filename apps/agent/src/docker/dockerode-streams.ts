import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { LogLine } from "@chela/shared/agent-link/commands";
import type Docker from "dockerode";
import type { ExecResult, LogOptions } from "./port.ts";

const EXEC_OUTPUT_BYTES_MAX = 64 * 1024;
const LOG_LINES_BUFFERED_MAX = 2_000;

/** Runs a command in a container and waits for its end. */
export async function execIn(
  docker: Docker,
  container: string,
  argv: readonly string[],
): Promise<ExecResult> {
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const both = new PassThrough();
  docker.modem.demuxStream(stream, both, both);
  stream.once("end", () => both.end());
  stream.once("close", () => both.end());
  let output = "";
  for await (const chunk of both) {
    output = (output + String(chunk)).slice(-EXEC_OUTPUT_BYTES_MAX);
  }
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? -1, output };
}

/** A container's log, line by line, oldest first; with `follow` until the signal or the container ends it. */
export async function* logLines(
  docker: Docker,
  container: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const common = {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail: options.tail,
    abortSignal: signal,
    ...(options.since === null ? {} : { since: Date.parse(options.since) / 1_000 }),
  };
  const target = docker.getContainer(container);
  if (!options.follow) {
    const whole = (await target.logs({ ...common, follow: false })) as unknown as Buffer;
    yield* demuxed(whole);
    return;
  }
  const source = await target.logs({ ...common, follow: true });
  const waiting: LogLine[] = [];
  let wake: (() => void) | null = null;
  let ended = false;
  const notify = () => {
    wake?.();
    wake = null;
  };
  const lines = (stream: "stdout" | "stderr") => {
    const pipe = new PassThrough();
    createInterface({ input: pipe }).on("line", (text) => {
      // A viewer that is slower than the container loses the oldest lines, not the agent its memory.
      if (waiting.length >= LOG_LINES_BUFFERED_MAX) waiting.shift();
      waiting.push(lineOf(stream, text));
      notify();
    });
    return pipe;
  };
  docker.modem.demuxStream(source, lines("stdout"), lines("stderr"));
  const end = () => {
    ended = true;
    notify();
  };
  source.once("end", end).once("close", end).once("error", end);
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      const line = waiting.shift();
      if (line !== undefined) yield line;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    (source as NodeJS.ReadableStream & { destroy(): void }).destroy();
  }
}

/** Docker's frames: one byte stream, three unused, four length. */
function* demuxed(whole: Buffer): Generator<LogLine> {
  for (let at = 0; at + 8 <= whole.length; ) {
    const end = at + 8 + whole.readUInt32BE(at + 4);
    const stream = whole[at] === 2 ? "stderr" : "stdout";
    for (const text of whole.toString("utf8", at + 8, end).split("\n")) {
      if (text !== "") yield lineOf(stream, text);
    }
    at = end;
  }
}

/** Docker puts its own time before each line. */
function lineOf(stream: "stdout" | "stderr", text: string): LogLine {
  const space = text.indexOf(" ");
  return { at: text.slice(0, space), stream, line: text.slice(space + 1) };
}

/** Waits for the end of a progress stream (pull, load); an error in it rejects. */
export async function followed(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output: { error?: string }[]) => {
      const failed = output?.find((step) => step.error !== undefined)?.error;
      if (error) reject(error);
      else if (failed !== undefined) reject(new Error(failed));
      else resolve();
    });
  });
}
