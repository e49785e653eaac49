import type { Connection } from "./connection.ts";

/** The fields of Docker's event messages that we read. */
export interface ApiEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Reports the engine's events until the connection ends or the signal aborts. Never throws. */
export async function followEvents(
  connection: Connection,
  report: (event: ApiEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const stream = await connection.docker.getEvents({ abortSignal: signal });
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") report(JSON.parse(line) as ApiEvent);
    }
  } catch {
    // The end of the connection, whatever its reason, is what the caller waits for.
  }
}
