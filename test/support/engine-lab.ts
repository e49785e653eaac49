import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import type { BuildRecord } from "../../engine/solver/types.ts";

/** Records of the builds of the engine that lives below a user's home, oldest first. */
export function buildRecords(home: string): readonly BuildRecord[] {
  return readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((name) => /(^|\/)drydock\/builds\/[^/]+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(path.join(home, name), "utf8")) as BuildRecord)
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** Ends the engine of a user's home, and what keeps its namespaces, and waits until the engine is gone. */
export async function untilGone(home: string): Promise<void> {
  const runtimeDir = path.join(home, "run/drydock");
  await new Promise<void>((resolve) => {
    const socketPath = path.join(runtimeDir, "engine.sock");
    const call = request({ socketPath, method: "POST", path: "/drydock/shutdown" }, (response) => {
      response.resume().on("close", resolve);
    });
    call.on("error", () => resolve());
    call.end();
  });
  while (existsSync(path.join(runtimeDir, "engine.sock"))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  try {
    const { pid } = JSON.parse(readFileSync(path.join(runtimeDir, "holder.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
  } catch {
    // None was made, or it is gone.
  }
}
