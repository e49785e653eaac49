import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { EngineError } from "../../engine/base/errors.ts";
import { msg } from "../../engine/base/message.ts";
import type { PeerAnswer, PeerOrder } from "../peer/main.ts";
import { engineEnded } from "./http.ts";

/** Runs dist/peer.js for one order, outside of the extension host. Aborting the signal ends it. */
export async function* askPeer(
  distDir: string,
  order: PeerOrder,
  signal?: AbortSignal,
): AsyncGenerator<Exclude<PeerAnswer, { readonly error: unknown }>, void, void> {
  // In VS Code desktop execPath is Electron, which is Node only when told so.
  const child = spawn(process.execPath, [path.join(distDir, "peer.js")], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const abort = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const closed = once(child, "close");
  closed.catch(() => {});
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(order));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as PeerAnswer;
      if (!("error" in answer)) yield answer;
      else if (answer.error.drydock) throw new EngineError(answer.error.drydock);
      else throw new EngineError({ code: "internal", message: msg("{text}", { text: answer.error.message }) });
    }
    const [code] = (await closed) as [number | null];
    if (code !== 0 && !signal?.aborted) throw engineEnded(complaint);
  } finally {
    signal?.removeEventListener("abort", abort);
    child.kill("SIGTERM");
  }
}
