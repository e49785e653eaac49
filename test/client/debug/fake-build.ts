import { Program } from "../../../client/debug/program.ts";
import type { Host } from "../../../client/debug/session.ts";
import type { ThrowawayOrder } from "../../../client/debug/throwaway.ts";
import type { BuildEvent } from "../../../engine/base/build-events.ts";
import type { Digest } from "../../../engine/base/digest.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { buildPlan } from "../../../server/features/build-plan.ts";
import { converse } from "./conversation.ts";

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
      return order.command[0] === "true" ? 0 : 4;
    },
    cleanUp: async (images, kept) => void cleaned.push({ made: images, kept }),
    translate: formatMessage,
    errorText: (error) => {
      const body = (error as { json?: { drydock?: { message: Parameters<typeof formatMessage>[0] } } }).json;
      return body?.drydock ? formatMessage(body.drydock.message) : String(error);
    },
  };

  const prepare = async () => ({
    program: new Program(buildPlan({ text, ...options }), text),
    host,
    file: "/w/Dockerfile",
    ...options,
  });
  const conversation = converse(prepare, host);
  const begin = (...lines: number[]) => conversation.begin("/w/Dockerfile", ...lines);
  return { ...conversation, begin, builds, orders, cleaned };
}
