import type { ImageView } from "@chela/shared/agent-link/schema";
import { LABEL } from "@chela/shared/agent-link/schema";
import Docker from "dockerode";
import {
  createOptions,
  eventOf,
  fileOf,
  gatewayAddress,
  imageOf,
  isStatus,
  sampleOf,
  translate,
  viewOf,
} from "./dockerode-shapes.ts";
import { execIn, followed, logLines } from "./dockerode-streams.ts";
import { packFiles } from "./pack.ts";
import { type ContainerView, type Engine, EVENT_ACTIONS } from "./port.ts";

/** Docker through its socket. This folder alone knows dockerode. */
export function dockerodeEngine(socketPath: string): Engine {
  const docker = new Docker({ socketPath });
  const call = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw translate(error, socketPath);
    }
  };
  /** A 304 (already so) or one of `fine` counts as done. */
  const settle = (ask: () => Promise<unknown>, ...fine: number[]): Promise<void> =>
    call(async () => {
      await ask().catch((error: unknown) => {
        if (!isStatus(error, 304, ...fine)) throw error;
      });
    });
  const inspect = (container: string): Promise<ContainerView | null> =>
    call(() =>
      docker
        .getContainer(container)
        .inspect()
        .then(viewOf, (error: unknown) => {
          if (isStatus(error, 404)) return null;
          throw error;
        }),
    );
  const image = (reference: string): Promise<ImageView | null> =>
    call(async () => {
      try {
        return imageOf(await docker.getImage(reference).inspect());
      } catch (error) {
        if (isStatus(error, 404)) return null;
        throw error;
      }
    });

  return {
    describe: () =>
      call(async () => {
        const info = await docker.info();
        return { version: info.ServerVersion, os: info.OperatingSystem };
      }),
    inspect,
    image,

    list: async (fleet) => {
      const found = await call(() =>
        docker.listContainers({ all: true, filters: { label: [`${LABEL.fleet}=${fleet}`] } }),
      );
      const views = await Promise.all(found.map((container) => inspect(container.Id)));
      // One that was removed between the two calls is simply not there.
      return views.filter((view) => view !== null);
    },

    create: (spec) => call(async () => (await docker.createContainer(createOptions(spec))).id),
    putFiles: (container, files) =>
      call(async () => {
        await docker.getContainer(container).putArchive(packFiles(files), { path: "/" });
      }),
    findFile: (container, path) =>
      call(async () => {
        try {
          return fileOf(await docker.getContainer(container).infoArchive({ path }));
        } catch (error) {
          if (isStatus(error, 404)) return null;
          throw error;
        }
      }),

    start: (container) => settle(() => docker.getContainer(container).start()),
    stop: (container, timeoutSeconds) =>
      settle(() =>
        docker.getContainer(container).stop(timeoutSeconds === null ? {} : { t: timeoutSeconds }),
      ),
    // 409: its removal is under way already.
    remove: (container) =>
      settle(() => docker.getContainer(container).remove({ force: true, v: true }), 404, 409),
    rename: (container, name) => call(() => docker.getContainer(container).rename({ name })),
    exec: (container, argv) => call(() => execIn(docker, container, argv)),
    logs: (container, options, signal) => logLines(docker, container, options, signal),

    usage: (container) =>
      call(async () => {
        // One-shot: answered at once; otherwise the engine waits a second for a sample to compare with.
        const options = { stream: false as const, "one-shot": true };
        return sampleOf(await docker.getContainer(container).stats(options));
      }),

    events: async function* (fleet, signal, connected) {
      const stream = await call(() =>
        docker.getEvents({
          filters: {
            type: ["container"],
            label: [`${LABEL.fleet}=${fleet}`],
            event: [...EVENT_ACTIONS],
          },
          abortSignal: signal,
        }),
      );
      connected?.();
      let rest = "";
      try {
        for await (const chunk of stream) {
          const lines = (rest + String(chunk)).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            const event = line.trim() === "" ? null : eventOf(JSON.parse(line));
            if (event !== null) yield event;
          }
        }
      } catch (error) {
        if (!signal.aborted) throw translate(error, socketPath);
      }
    },

    images: (repository) =>
      call(async () => {
        const found = await docker.listImages({ filters: { reference: [repository] } });
        return found.map(imageOf);
      }),
    pull: (reference) =>
      call(async () => {
        const stream: NodeJS.ReadableStream = await docker.pull(reference);
        await followed(docker, stream);
      }),
    save: (reference) => call(() => docker.getImage(reference).get()),
    load: (archive) =>
      call(async () => {
        await followed(docker, await docker.loadImage(archive));
      }),
    tag: (id, reference) =>
      call(async () => {
        const colon = reference.lastIndexOf(":");
        await docker
          .getImage(id)
          .tag({ repo: reference.slice(0, colon), tag: reference.slice(colon + 1) });
      }),

    networkGateway: (network) =>
      call(async () => {
        try {
          return gatewayAddress(await docker.getNetwork(network).inspect());
        } catch (error) {
          if (isStatus(error, 404)) return null;
          throw error;
        }
      }),
  };
}
