import { stripVTControlCharacters } from "node:util";
import { DebugAdapter, type Prepared } from "../../../client/debug/adapter.ts";
import type { Event, Response } from "../../../client/debug/protocol.ts";
import type { Host } from "../../../client/debug/session.ts";

/** Speaks with a debugger as VS Code does. */
export function converse(prepare: () => Promise<Prepared>, host: Pick<Host, "translate" | "errorText">) {
  const messages: (Event | Response)[] = [];
  const waiting: {
    readonly wanted: (message: Event | Response) => boolean;
    resolve(message: Event | Response): void;
  }[] = [];

  const adapter = new DebugAdapter({
    prepare,
    send(message) {
      messages.push(message);
      const found = waiting.findIndex(({ wanted }) => wanted(message));
      if (found >= 0) waiting.splice(found, 1)[0]?.resolve(message);
    },
    translate: host.translate,
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
    async begin(file: string, ...lines: number[]): Promise<(number | string | undefined)[]> {
      await ask("initialize");
      await ask("launch", {});
      const { breakpoints } = await ask<{ breakpoints: { verified: boolean; line?: number; message?: string }[] }>(
        "setBreakpoints",
        { source: { path: file }, breakpoints: lines.map((one) => ({ line: one })) },
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
