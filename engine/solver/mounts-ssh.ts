import { closeSync, openSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setAttributes } from "./secrets.ts";

/**
 * A socket for a step that leads to the person's ssh agent. Not the agent's own socket: that one belongs to its user alone,
 * and an agent asks who is calling. Every connection is the engine's, so the keys never leave the agent.
 */
export interface AgentSocket {
  readonly path: string;
  close(): Promise<void>;
}

export async function openAgentSocket(
  file: string,
  agent: string,
  attributes: { readonly mode: number; readonly uid: number; readonly gid: number },
): Promise<AgentSocket> {
  const connections = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (inside) => {
    const outside = net.connect({ path: agent, allowHalfOpen: true });
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      connections.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        connections.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  // A socket's path may have 107 bytes, a home more: its folder is named by a descriptor.
  const folder = openSync(path.dirname(file), "r");
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(`/proc/self/fd/${folder}/${path.basename(file)}`, resolve);
    });
    setAttributes(file, attributes);
  } catch (error) {
    server.close();
    closeSync(folder);
    throw error;
  }
  return {
    path: file,
    async close() {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      closeSync(folder);
    },
  };
}
