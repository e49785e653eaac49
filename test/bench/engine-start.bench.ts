// From starting the engine to its first answer on the socket, as the extension does it; and its memory while idle.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import os from "node:os";
import path from "node:path";

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: "/_ping" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => resolve(false));
    call.end();
  });
}

/** The engine started for this folder and its helpers: they name it on their command line. */
function processesOf(home: string): number[] {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(home);
    } catch {
      return false; // Ended meanwhile.
    }
  });
}

async function once(): Promise<{ startMs: number; memoryMb: number }> {
  const home = mkdtempSync(path.join(os.tmpdir(), "drydock-bench-"));
  const socket = path.join(home, "engine.sock");
  const env = { ...process.env, DRYDOCK_HOME: home, DRYDOCK_HOST: `unix://${socket}` };
  try {
    const start = performance.now();
    const launcher = spawn(process.execPath, ["dist/engine.js"], { env, stdio: ["ignore", "ignore", "inherit"] });
    const code = await new Promise((resolve) => launcher.on("exit", resolve));
    if (code !== 0 || !(await ping(socket))) throw new Error(`The engine did not start (exit code ${code})`);
    const startMs = performance.now() - start;
    const pages = processesOf(home).map((pid) => Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]));
    return { startMs, memoryMb: (pages.reduce((sum, one) => sum + one, 0) * 4096) / 1e6 };
  } finally {
    for (const pid of processesOf(home)) spawnSync("kill", [String(pid)]);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function main(): Promise<void> {
  const runs = [];
  for (let round = 0; round < 5; round++) runs.push(await once());
  runs.sort((a, b) => a.startMs - b.startMs);
  const middle = runs[2];
  console.log(JSON.stringify({ name: "engine start to first answer", value: `${middle?.startMs.toFixed(0)} ms` }));
  console.log(JSON.stringify({ name: "engine memory when idle", value: `${middle?.memoryMb.toFixed(0)} MB` }));
}

void main();
