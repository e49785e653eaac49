import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { BuildRecord } from "../../engine/solver/types.ts";

/** Records of the builds of the engine that lives below a user's home, oldest first. */
export function buildRecords(home: string): readonly BuildRecord[] {
  const folder = path.join(home, ".local/share/drydock/builds");
  // Not a search of the whole home: an engine at work takes folders away while they are looked at.
  return (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as BuildRecord)
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** Removes the containers of a user's engine, which would outlive it, ends it and what keeps its namespaces, and waits until it is gone. */
export async function untilGone(home: string): Promise<void> {
  const runtimeDir = path.join(home, "run/drydock");
  const socketPath = path.join(runtimeDir, "engine.sock");
  const answer = (method: string, url: string) =>
    new Promise<string>((resolve) => {
      const call = request({ socketPath, method, path: url }, (response) =>
        text(response).then(resolve, () => resolve("")),
      );
      // No engine, no containers.
      call.on("error", () => resolve(""));
      call.end();
    });
  const containers = JSON.parse((await answer("GET", "/containers/json?all=1")) || "[]") as { readonly Id: string }[];
  for (const { Id } of containers) await answer("DELETE", `/containers/${Id}?force=1`);
  await answer("POST", "/drydock/shutdown");
  // The socket of an engine that was killed stays.
  while ((await answer("GET", "/_ping")) !== "") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  try {
    const { pid } = JSON.parse(readFileSync(path.join(runtimeDir, "holder.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
  } catch {
    // None was made, or it is gone.
  }
}
