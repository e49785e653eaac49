import { stripVTControlCharacters } from "node:util";
import { DebugAdapter } from "../../../client/debug/adapter.ts";
import { Program } from "../../../client/debug/program.ts";
import type { Event, Response } from "../../../client/debug/protocol.ts";
import type { Host } from "../../../client/debug/session.ts";
import type { ThrowawayOrder } from "../../../client/debug/throwaway.ts";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import type { Digest } from "../../../engine/base/digest.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { buildPlan } from "../../../server/features/build-plan.ts";

interface Options {
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly stopOnEntry?: boolean;
  readonly noDebug?: boolean;
}

/** A debugger over an engine that only pretends: a layer is made of its text, `RUN fail` fails, `RUN wait` lasts until it is cancelled. */
export function debugging(text: string, options: Options = {}) {
  const made = new Set<string>();
  const builds: string[] = [];
  const orders: ThrowawayOrder[] = [];
  const cleaned: { made: readonly string[]; kept: string | undefined }[] = [];
  const messages: (Event | Response)[] = [];
  const waiting: {
    readonly wanted: (message: Event | Response) => boolean;
    resolve(message: Event | Response): void;
  }[] = [];

  const host: Host = {
    async *build(part, signal): AsyncGenerator<BuildEvent> {
      const { instructions } = buildPlan({ text: part });
      builds.push(instructions.at(-1)?.text ?? "");
      const steps = instructions.filter(({ keyword }) => /^(FROM|RUN|COPY)$/.test(keyword));
      yield {
        type: "started",
        buildId: "b",
        at: 0,
        steps: steps.map(({ text: words, keyword, line }, id) => ({
          id,
          stage: "",
          text: words,
          keyword,
          range: { start: { line, character: 0 }, end: { line, character: 9 } },
        })),
      };
      for (const [step, { text: words, line }] of steps.entries()) {
        const cached = made.has(words);
        yield { type: "step-started", step, cached, at: 0 };
        if (words === "RUN wait") {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          throw new Error("aborted");
        }
        if (words === "RUN fail") {
          yield { type: "log", step, stream: "stderr", text: "no such thing", at: 0 };
          const range = { start: { line, character: 0 }, end: { line, character: 9 } };
          const message = { template: "It ended with 3.", values: {} };
          yield {
            type: "failed",
            step,
            error: { message: "", drydock: { code: "build-step-failed", message, range } },
            at: 0,
          };
          return;
        }
        made.add(words);
        yield { type: "step-done", step, cached, durationMs: 1200, at: 0 };
      }
      const imageId = `sha256:${instructions.length}` as Digest;
      yield { type: "done", imageId, tags: [], cachedSteps: 0, totalSteps: steps.length, durationMs: 1, at: 0 };
    },
    inspect: async (Id) => ({
      Id,
      Size: 1000 * Number(Id.slice(7)),
      Os: "linux",
      Architecture: "arm64",
      Variant: "v8",
      RootFS: { Layers: ["a"] },
      Config: {
        Env: ["PATH=/bin", "NPM_TOKEN=abc"],
        WorkingDir: "/app",
        Cmd: ["node"],
        ExposedPorts: { "80/tcp": {} },
      },
    }),
    async run(order, write) {
      orders.push(order);
      write("said\n", false);
      return 4;
    },
    cleanUp: async (images, kept) => void cleaned.push({ made: images, kept }),
    translate: formatMessage,
    errorText: (error) => {
      const body = (error as { json?: { drydock?: { message: Parameters<typeof formatMessage>[0] } } }).json;
      return body?.drydock ? formatMessage(body.drydock.message) : String(error);
    },
  };

  const adapter = new DebugAdapter({
    prepare: async () => ({
      program: new Program(buildPlan({ text, ...options }), text),
      host,
      file: "/w/Dockerfile",
      ...options,
    }),
    send(message) {
      messages.push(message);
      const found = waiting.findIndex(({ wanted }) => wanted(message));
      if (found >= 0) waiting.splice(found, 1)[0]?.resolve(message);
    },
    translate: formatMessage,
    errorText: host.errorText,
  });

  let seq = 0;
  const until = (wanted: (message: Event | Response) => boolean) =>
    new Promise<Event | Response>((resolve) => waiting.push({ wanted, resolve }));
  const ask = async <T>(command: string, args?: unknown): Promise<T> => {
    const own = ++seq;
    const answered = until(
      (message) => message.type === "response" && message.request_seq === own,
    ) as Promise<Response>;
    void adapter.handle({ seq: own, type: "request", command, arguments: args });
    const { success, message, body } = await answered;
    if (!success) throw new Error(message);
    return body as T;
  };
  const isHalt = (message: Event | Response) =>
    message.type === "event" && (message.event === "stopped" || message.event === "terminated");
  const line = async () => (await ask<{ stackFrames: { line: number }[] }>("stackTrace")).stackFrames[0]?.line;
  /** Sends a request after which it runs; says where and why it stops: `breakpoint 3`. */
  const go = async (command: string): Promise<string> => {
    const halted = until(isHalt) as Promise<Event>;
    await ask(command);
    const { event, body } = await halted;
    return event === "terminated" ? "ended" : `${(body as { reason: string }).reason} ${await line()}`;
  };
  return {
    builds,
    orders,
    cleaned,
    adapter,
    ask,
    go,
    output: () =>
      messages.flatMap((message) =>
        message.type === "event" && message.event === "output"
          ? [stripVTControlCharacters((message.body as { output: string }).output).trim()]
          : [],
      ),
    /** Returns where each breakpoint is, or why it is nowhere. */
    async begin(...lines: number[]): Promise<(number | string | undefined)[]> {
      await ask("initialize");
      await ask("launch", {});
      const { breakpoints } = await ask<{ breakpoints: { verified: boolean; line?: number; message?: string }[] }>(
        "setBreakpoints",
        { source: { path: "/w/Dockerfile" }, breakpoints: lines.map((one) => ({ line: one })) },
      );
      return breakpoints.map(({ verified, line: at, message }) => (verified ? at : message));
    },
    async values(frameId = 0): Promise<Record<string, Record<string, string>>> {
      const { scopes } = await ask<{ scopes: { name: string; variablesReference: number }[] }>("scopes", { frameId });
      const found: Record<string, Record<string, string>> = {};
      for (const { name, variablesReference } of scopes) {
        const { variables } = await ask<{ variables: { name: string; value: string }[] }>("variables", {
          variablesReference,
        });
        found[name] = Object.fromEntries(variables.map((one) => [one.name, one.value]));
      }
      return found;
    },
    frames: async () =>
      (await ask<{ stackFrames: { name: string; line: number }[] }>("stackTrace")).stackFrames.map(
        (frame) => `${frame.line} ${frame.name}`,
      ),
  };
}
