import type { LogLine } from "@chela/shared/agent-link/commands";
import type { ImageView } from "@chela/shared/agent-link/schema";

/** What the agent needs of a container engine. Everything outside docker/ speaks this, not Docker. */
export interface Engine {
  /** Rejects with ENGINE_UNREACHABLE when there is none. */
  describe(): Promise<{ version: string; os: string }>;
  /** Containers of the fleet, in every state. */
  list(fleet: string): Promise<ContainerView[]>;
  /** By id or name, whoever owns it; null: none. */
  inspect(container: string): Promise<ContainerView | null>;
  create(spec: ContainerSpec): Promise<string>;
  /** Into a container that was created, running or not. */
  putFiles(container: string, files: readonly ContainerFile[]): Promise<void>;
  /** A file or link in a container, running or not; null: there is none. */
  findFile(container: string, path: string): Promise<{ linkTo: string | null } | null>;
  start(container: string): Promise<void>;
  /** Its stop signal, after the timeout (null: its own) SIGKILL; resolves once it has ended. A stopped one: nothing happens. */
  stop(container: string, timeoutSeconds: number | null): Promise<void>;
  /** Kills it first if it runs. A missing one: nothing happens. */
  remove(container: string): Promise<void>;
  rename(container: string, name: string): Promise<void>;
  exec(container: string, argv: readonly string[]): Promise<ExecResult>;
  logs(container: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;
  usage(container: string): Promise<UsageSample | null>;
  /** Ends when the engine goes away or the signal is aborted. `connected` is called once it listens. */
  events(fleet: string, signal: AbortSignal, connected?: () => void): AsyncIterable<ContainerEvent>;

  images(repository: string): Promise<ImageView[]>;
  image(reference: string): Promise<ImageView | null>;
  pull(reference: string): Promise<void>;
  save(reference: string): Promise<NodeJS.ReadableStream>;
  /** Reads the stream to its end. */
  load(archive: NodeJS.ReadableStream): Promise<void>;
  tag(id: string, reference: string): Promise<void>;

  /** The host's own address on that network; null: no such network. */
  networkGateway(network: string): Promise<string | null>;
}

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "created" | "running" | "paused" | "restarting" | "exited" | "dead" | "removing";
  readonly exitCode: number | null;
  /** The kernel killed it for memory; forgotten by Docker once it runs again. */
  readonly outOfMemory: boolean;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly restarts: number;
  /** On its first network; null while it does not run. */
  readonly address: string | null;
  /** Where container port 3000 is published. */
  readonly published: { host: string; port: number } | null;
}

export interface ContainerFile {
  /** Absolute. */
  readonly path: string;
  readonly content: string | { readonly linkTo: string };
  readonly mode: number;
  readonly uid: number;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: readonly string[];
  readonly user: string | null;
  readonly command: readonly string[] | null;
  readonly stopSignal: string | null;
  readonly stopTimeoutSeconds: number;
  /** Container port 3000 on this address of the host; null: nothing published. */
  readonly publish: { readonly host: string; readonly port: number } | null;
  readonly network: string;
  readonly capabilities: readonly string[];
  readonly extraHosts: readonly string[];
  /** Null: no limit. */
  readonly memoryBytes: number | null;
}

export interface ExecResult {
  readonly exitCode: number;
  /** Both streams, in the order they came. */
  readonly output: string;
}

export interface LogOptions {
  readonly tail: number;
  readonly follow: boolean;
  /** Only lines after this (ISO); null: all. */
  readonly since: string | null;
}

/** Counters of one moment; a share of the CPU is the difference of two. */
export interface UsageSample {
  readonly cpuNanos: number;
  readonly atMs: number;
  readonly memoryBytes: number;
}

export const EVENT_ACTIONS = [
  "create",
  "start",
  "oom",
  "die",
  "destroy",
  "pause",
  "unpause",
  "rename",
] as const;

export interface ContainerEvent {
  readonly action: (typeof EVENT_ACTIONS)[number];
  readonly container: string;
  /** By the engine's clock, which is this machine's. */
  readonly atMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly exitCode: number | null;
}
