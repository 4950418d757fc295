import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { answerOf, consoleHost, runForConsole } from "../host/console-program.ts";
import { runProgram } from "../host/programs.ts";
import { copyBackup, giveTo, onItsWay, removeBackup } from "../host/store-files.ts";
import { Problem, usage } from "../problem.ts";
import { bytes } from "../terminal/duration.ts";
import type { RunLocal } from "./command.ts";

interface Manifest {
  version: string;
  createdAt: string;
  bytes: number;
}
interface Restored {
  manifest: Manifest;
  kept: string | null;
  ended: string[];
}

const BACKUP_PROGRAM = "apps/web/src/store/backup-command.ts";
const STORE = "console.sqlite";

/** What is done on the console's host, beside the control API: it works where nobody can sign in any more. */
export function addHostCommands(program: Command, run: RunLocal): void {
  program
    .command("admin")
    .description("on the console's host: for whoever is locked out")
    .command("reset-password")
    .description("set somebody's password and sign them out everywhere; prints the new one")
    .argument("<email>")
    .option("--password-stdin", "read it from standard input; one is made up else")
    .option("--remove-two-factor", "take the second factor off too")
    .action(
      run(
        async (local, email: string, options: { passwordStdin?: true; removeTwoFactor?: true }) => {
          const host = await consoleHost(local.stateDir);
          const password = options.passwordStdin ? await text(process.stdin) : undefined;
          const ended = await runForConsole(
            host,
            "apps/web/src/auth/reset-password.ts",
            (stateDir) => [
              ...["--store", `${stateDir}/${STORE}`, "--email", email],
              ...(options.passwordStdin ? ["--password-stdin"] : []),
              ...(options.removeTwoFactor ? ["--remove-two-factor"] : []),
            ],
            password,
          );
          const done = answerOf<{ email: string; password: string }>(ended);
          local.show(done, () => [
            options.passwordStdin
              ? `${done.email} signs in with the password that you gave.`
              : `${done.email} signs in with ${done.password}`,
          ]);
        },
      ),
    );

  program
    .command("backup")
    .description("on the console's host: copy its store while it runs; two files come out")
    .argument("<file>", "and <file>.manifest.json beside it")
    .action(
      run(async (local, file: string) => {
        const to = resolve(file);
        if (existsSync(to)) throw usage(`${file} is there already: give another name.`);
        const host = await consoleHost(local.stateDir);
        const name = onItsWay();
        try {
          const ended = await runForConsole(host, BACKUP_PROGRAM, (stateDir) => [
            ...["backup", "--store", `${stateDir}/${STORE}`, "--to", `${stateDir}/${name}`],
          ]);
          const manifest = answerOf<Manifest>(ended);
          await copyBackup(join(local.stateDir, name), to);
          local.show(manifest, () => [
            `${file} and its manifest: ${bytes(manifest.bytes)}, console ${manifest.version}, ${manifest.createdAt}.`,
          ]);
        } finally {
          await removeBackup(local.stateDir, name);
        }
      }),
    );

  program
    .command("restore")
    .description(
      "on the console's host: put a backup in the place of the store; the console stops meanwhile",
    )
    .argument("<file>", "with <file>.manifest.json beside it")
    .option("-y, --yes", "do not ask")
    .action(
      run(async (local, file: string, { yes }: { yes?: true }): Promise<ExitCode> => {
        const from = resolve(file);
        for (const each of [from, `${from}.manifest.json`]) {
          if (!existsSync(each)) throw usage(`There is no ${each}: a backup is both files.`);
        }
        const host = await consoleHost(local.stateDir);
        await local.confirm(
          "Stop the console, replace its store, start it again? Gateways go on meanwhile.",
          yes ?? false,
        );
        const name = onItsWay();
        const stopped = host.container?.running ?? false;
        try {
          await copyBackup(from, join(local.stateDir, name));
          await giveTo(local.stateDir, join(local.stateDir, name));
          if (stopped) await docker("stop", host.container!.name);
          const still = {
            ...host,
            container: host.container && { ...host.container, running: false },
          };
          const ended = await runForConsole(still, BACKUP_PROGRAM, (stateDir) => [
            ...["restore", "--store", `${stateDir}/${STORE}`, "--from", `${stateDir}/${name}`],
          ]);
          const restored = answerOf<Restored>(ended);
          local.show(restored, () => [
            `The store is the one of ${restored.manifest.createdAt}.`,
            ...(restored.kept === null ? [] : [`What it replaced is kept as ${restored.kept}.`]),
            ...(restored.ended.length === 0
              ? []
              : [`Operations that were under way then are ended: ${restored.ended.join(", ")}.`]),
          ]);
          return EXIT.done;
        } finally {
          await removeBackup(local.stateDir, name);
          if (stopped) await docker("start", host.container!.name);
        }
      }),
    );
}

async function docker(verb: "stop" | "start", container: string): Promise<void> {
  const { code, err } = await runProgram("docker", [verb, container]);
  if (code !== 0)
    throw new Problem(EXIT.failed, "not-done", `docker ${verb} ${container}: ${err.trim()}`);
}
