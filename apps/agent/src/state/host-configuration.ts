import { type HostConfiguration, hostConfigurationSchema } from "@chela/shared/agent-link/schema";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

/** What the console last told this host, kept so that the agent works while the console is away. */
export class HostConfigurationFile {
  readonly #path: string;
  #current: HostConfiguration | null;
  readonly #listeners: ((configuration: HostConfiguration) => void)[] = [];

  private constructor(path: string, current: HostConfiguration | null) {
    this.#path = path;
    this.#current = current;
  }

  static async open(path: string): Promise<HostConfigurationFile> {
    const text = await readPrivateFile(path);
    // One that an older agent wrote and this one cannot read is as good as none: the console sends it anew.
    const parsed = hostConfigurationSchema.safeParse(text === null ? null : JSON.parse(text));
    return new HostConfigurationFile(path, parsed.success ? parsed.data : null);
  }

  get current(): HostConfiguration | null {
    return this.#current;
  }

  /** Called with the configuration there is, if any, and with every later one. */
  follow(listener: (configuration: HostConfiguration) => void): void {
    this.#listeners.push(listener);
    if (this.#current !== null) listener(this.#current);
  }

  async set(configuration: HostConfiguration): Promise<void> {
    const text = JSON.stringify(configuration);
    if (text === JSON.stringify(this.#current)) return;
    await writePrivateFile(this.#path, text);
    this.#current = configuration;
    for (const listener of this.#listeners) listener(configuration);
  }
}
