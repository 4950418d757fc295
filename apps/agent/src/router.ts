import {
  drainInputSchema,
  type EdgeProbe,
  edgeNameSchema,
  edgeProbeInputSchema,
  ensureEdgeInputSchema,
  ensureGatewayInputSchema,
  gatewayCommandSchema,
  imageListInputSchema,
  imageReferenceSchema,
  imageTransferSchema,
  type LogLine,
  logsInputSchema,
  orderSchema,
  probeTcpInputSchema,
  replaceGatewayInputSchema,
  surgeGatewayInputSchema,
  type TcpProbe,
} from "@chela/shared/agent-link/commands";
import {
  type EdgeObservation,
  type EdgeSpec,
  type GatewayObservation,
  type GatewaySpec,
  type GatewayStatus,
  type HostConfiguration,
  type HostDescription,
  type HostEvent,
  type HostReport,
  hostConfigurationSchema,
  type ImageView,
  type OperationRef,
} from "@chela/shared/agent-link/schema";
import { initTRPC } from "@trpc/server";
import { AgentFault } from "./fault.ts";

/** What the router calls; built in main.ts. Every mutation is safe to repeat. */
export interface AgentParts {
  /** Refuses the orders of a controller that another one has followed. */
  heed(epoch: number): Promise<void>;
  readonly host: {
    describe(): Promise<HostDescription>;
    configure(configuration: HostConfiguration): Promise<void>;
    probeTcp(host: string, port: number): Promise<TcpProbe>;
  };
  readonly gateways: {
    list(): Promise<GatewayObservation[]>;
    ensure(spec: GatewaySpec, operation: OperationRef | null): Promise<GatewayObservation>;
    replace(
      spec: GatewaySpec,
      operation: OperationRef,
      urgent: boolean,
    ): Promise<GatewayObservation>;
    surge(spec: GatewaySpec, operation: OperationRef): Promise<GatewayObservation>;
    takeOver(gateway: string, operation: OperationRef): Promise<GatewayObservation>;
    unsurge(gateway: string, operation: OperationRef): Promise<void>;
    drain(gateway: string, draining: boolean): Promise<GatewayStatus>;
    stop(gateway: string, operation: OperationRef): Promise<GatewayObservation>;
    restart(gateway: string, operation: OperationRef): Promise<GatewayObservation>;
    remove(gateway: string, operation: OperationRef): Promise<void>;
    logs(
      gateway: string,
      options: { tail: number; follow: boolean; surge: boolean },
      signal: AbortSignal,
    ): AsyncIterable<LogLine>;
  };
  readonly images: {
    list(repository: string): Promise<ImageView[]>;
    inspect(reference: string): Promise<ImageView | null>;
    pull(reference: string): Promise<ImageView>;
    send(id: string, reference: string, transfer: string): Promise<{ bytes: number }>;
    receive(transfer: string, id: string, reference: string): Promise<ImageView>;
  };
  readonly edges: {
    ensure(spec: EdgeSpec, operation: OperationRef | null): Promise<EdgeObservation>;
    remove(edge: string): Promise<void>;
    observe(edge: string): Promise<EdgeObservation>;
    probe(edge: string, count: number): Promise<EdgeProbe>;
  };
  readonly watch: {
    observe(signal: AbortSignal): AsyncIterable<HostReport>;
    events(signal: AbortSignal): AsyncIterable<HostEvent>;
  };
}

const t = initTRPC.context<AgentParts>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    // Stack traces name files of this host; the console needs the code and the sentence.
    data: {
      code: shape.data.code,
      path: shape.data.path,
      reason: error.cause instanceof AgentFault ? error.cause.code : null,
    },
  }),
});
const call = t.procedure;
/** Whatever changes this host: by the controller that acts only. */
const order = call.input(orderSchema).use(async ({ ctx, input, next }) => {
  await ctx.heed(input.epoch);
  return next();
});

/** What the console may ask of a host. Served on the connection that the agent dialled. */
export const agentRouter = t.router({
  host: t.router({
    describe: call.query(({ ctx }): Promise<HostDescription> => ctx.host.describe()),
    configure: call
      .input(hostConfigurationSchema)
      .mutation(({ ctx, input }): Promise<void> => ctx.host.configure(input)),
    /** Tells that a controller has begun to act, so that the one before is refused from now on. */
    heed: order.mutation(() => undefined),
    probeTcp: call
      .input(probeTcpInputSchema)
      .query(({ ctx, input }): Promise<TcpProbe> => ctx.host.probeTcp(input.host, input.port)),
  }),

  gateways: t.router({
    list: call.query(({ ctx }): Promise<GatewayObservation[]> => ctx.gateways.list()),
    /** Creates it if missing, starts it if stopped (a held one only on behalf of an operation). */
    ensure: order
      .input(ensureGatewayInputSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.ensure(input.spec, input.operation ?? null),
      ),
    /** Ends with exactly one container that carries this operation and step, running. */
    replace: order
      .input(replaceGatewayInputSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.replace(input.spec, input.operation, input.urgent),
      ),
    /** Ends with a second container beside the one that serves, at the gateway's other port. */
    surge: order
      .input(surgeGatewayInputSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.surge(input.spec, input.operation),
      ),
    /** The old one drains and goes, the surge one takes its name. */
    takeOver: order
      .input(gatewayCommandSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.takeOver(input.gateway, input.operation),
      ),
    unsurge: order
      .input(gatewayCommandSchema)
      .mutation(
        ({ ctx, input }): Promise<void> => ctx.gateways.unsurge(input.gateway, input.operation),
      ),
    drain: order
      .input(drainInputSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayStatus> =>
          ctx.gateways.drain(input.gateway, input.draining),
      ),
    /** Held: not started again until an operation says so. */
    stop: order
      .input(gatewayCommandSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.stop(input.gateway, input.operation),
      ),
    restart: order
      .input(gatewayCommandSchema)
      .mutation(
        ({ ctx, input }): Promise<GatewayObservation> =>
          ctx.gateways.restart(input.gateway, input.operation),
      ),
    remove: order
      .input(gatewayCommandSchema)
      .mutation(
        ({ ctx, input }): Promise<void> => ctx.gateways.remove(input.gateway, input.operation),
      ),
    logs: call.input(logsInputSchema).subscription(async function* ({
      ctx,
      input,
      signal,
    }): AsyncGenerator<LogLine> {
      yield* ctx.gateways.logs(input.gateway, input, signal ?? NEVER);
    }),
  }),

  images: t.router({
    list: call
      .input(imageListInputSchema)
      .query(({ ctx, input }): Promise<ImageView[]> => ctx.images.list(input.repository)),
    inspect: call
      .input(imageReferenceSchema)
      .query(({ ctx, input }): Promise<ImageView | null> => ctx.images.inspect(input.reference)),
    pull: call
      .input(imageReferenceSchema)
      .mutation(({ ctx, input }): Promise<ImageView> => ctx.images.pull(input.reference)),
    /** Streams the image to the console: `PUT /agent/transfers/<transfer>`. */
    send: call
      .input(imageTransferSchema)
      .mutation(
        ({ ctx, input }): Promise<{ bytes: number }> =>
          ctx.images.send(input.id, input.reference, input.transfer),
      ),
    /** Streams the image from the console: `GET /agent/transfers/<transfer>`. Here already: no transfer. */
    receive: call
      .input(imageTransferSchema)
      .mutation(
        ({ ctx, input }): Promise<ImageView> =>
          ctx.images.receive(input.transfer, input.id, input.reference),
      ),
  }),

  edges: t.router({
    /** Unchanged: no reload. A configuration that nginx refuses: the last good one stays. */
    ensure: order
      .input(ensureEdgeInputSchema)
      .mutation(
        ({ ctx, input }): Promise<EdgeObservation> =>
          ctx.edges.ensure(input.spec, input.operation ?? null),
      ),
    remove: order
      .input(edgeNameSchema)
      .mutation(({ ctx, input }): Promise<void> => ctx.edges.remove(input.edge)),
    observe: call
      .input(edgeNameSchema)
      .query(({ ctx, input }): Promise<EdgeObservation> => ctx.edges.observe(input.edge)),
    probe: call
      .input(edgeProbeInputSchema)
      .query(({ ctx, input }): Promise<EdgeProbe> => ctx.edges.probe(input.edge, input.count)),
  }),

  watch: t.router({
    /** The whole state of the host: on change (coalesced to 200 ms), and at least every second. */
    observe: call.subscription(async function* ({ ctx, signal }): AsyncGenerator<HostReport> {
      yield* ctx.watch.observe(signal ?? NEVER);
    }),
    events: call.subscription(async function* ({ ctx, signal }): AsyncGenerator<HostEvent> {
      yield* ctx.watch.events(signal ?? NEVER);
    }),
  }),
});

/** For callers in this process that bring no signal. */
const NEVER = new AbortController().signal;

export type AgentRouter = typeof agentRouter;
