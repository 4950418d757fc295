import { AgentFault } from "../fault.ts";
import {
  type ContainerAction,
  mayCreate,
  mayExec,
  mayName,
  mayTouch,
  type Verdict,
} from "./policy.ts";
import type { Engine } from "./port.ts";

/**
 * The engine, seen through the policy: the only one that the rest of the agent is given. Whose container it is
 * gets asked of the engine at each call, never remembered: a name may have changed hands meanwhile.
 */
export function guardEngine(engine: Engine, fleet: string): Engine {
  const check = async (container: string, action: ContainerAction): Promise<boolean> => {
    const view = await engine.inspect(container);
    if (view === null) return false;
    allow(mayTouch(view.name, view.labels, fleet, action));
    return true;
  };
  const need = async (container: string, action: ContainerAction): Promise<void> => {
    if (!(await check(container, action))) {
      throw new AgentFault("NOT_FOUND", `There is no container ${container} on this host.`);
    }
  };
  return {
    ...engine,
    list: async (asked) => {
      allow(asked === fleet ? null : `Only containers of fleet ${fleet} are listed here.`);
      const views = await engine.list(fleet);
      // Redis and console carry the fleet's label too; they are somebody else's to run.
      return views.filter((view) => mayTouch(view.name, view.labels, fleet, "read") === null);
    },
    inspect: async (container) => {
      const view = await engine.inspect(container);
      if (view !== null) allow(mayTouch(view.name, view.labels, fleet, "read"));
      return view;
    },
    create: async (spec) => {
      allow(mayCreate(spec, fleet));
      return engine.create(spec);
    },
    putFiles: async (container, files) => {
      await need(container, "change");
      const outside = files.find((file) => !/^\/chela\/(?!.*\.\.)/.test(file.path));
      allow(outside ? `Files are put below /chela only, not at ${outside.path}.` : null);
      return engine.putFiles(container, files);
    },
    findFile: async (container, path) => {
      await need(container, "read");
      return engine.findFile(container, path);
    },
    start: async (container) => {
      await need(container, "change");
      return engine.start(container);
    },
    stop: async (container, timeoutSeconds) => {
      await need(container, "change");
      return engine.stop(container, timeoutSeconds);
    },
    remove: async (container) => {
      if (await check(container, "change")) await engine.remove(container);
    },
    rename: async (container, name) => {
      await need(container, "change");
      allow(mayName(name, fleet));
      return engine.rename(container, name);
    },
    exec: async (container, argv) => {
      allow(mayExec(argv));
      await need(container, "exec");
      return engine.exec(container, argv);
    },
    logs: async function* (container, options, signal) {
      await need(container, "read");
      yield* engine.logs(container, options, signal);
    },
    usage: async (container) => ((await check(container, "read")) ? engine.usage(container) : null),
    events: async function* (asked, signal, connected) {
      allow(asked === fleet ? null : `Only events of fleet ${fleet} are watched here.`);
      for await (const event of engine.events(fleet, signal, connected)) {
        if (mayTouch(event.container, event.labels, fleet, "read") === null) yield event;
      }
    },
  };
}

function allow(verdict: Verdict): void {
  if (verdict !== null) throw new AgentFault("REFUSED_BY_POLICY", verdict);
}
