import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Ends steps of a build when the test says so, however slow the machine is: `RUN wget -qO- <url>/<name>`. */
export interface Gate {
  readonly url: string;
  /** Lets the step of this name go on, and whoever comes later. */
  open(name: string): void;
  close(): Promise<void>;
}

export async function startGate(): Promise<Gate> {
  const opened = new Set<string>();
  const waiting = new Map<string, ServerResponse[]>();
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    if (opened.has(name)) response.end("open\n");
    else waiting.set(name, [...(waiting.get(name) ?? []), response]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open(name) {
      opened.add(name);
      for (const response of waiting.get(name) ?? []) response.end("open\n");
      waiting.delete(name);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
