import type { Connection } from "./connection.ts";

/** The fields of Docker's event messages that we read. */
export interface ApiEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

export interface EventStream {
  /** What happens from then on is reported; also when the connection ends before. */
  readonly opened: Promise<void>;
  /** The end of the connection, whatever its reason. */
  readonly ended: Promise<void>;
}

/** Reports the engine's events until the connection ends or the signal aborts. Nothing here is ever rejected. */
export function followEvents(
  { docker }: Pick<Connection, "docker">,
  report: (event: ApiEvent) => void,
  signal: AbortSignal,
): EventStream {
  const answer = docker.getEvents({ abortSignal: signal });
  const follow = async () => {
    let rest = "";
    for await (const chunk of await answer) {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") report(JSON.parse(line) as ApiEvent);
    }
  };
  const none = () => {};
  return { opened: answer.then(none, none), ended: follow().catch(none) };
}
