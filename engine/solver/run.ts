import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RunOp } from "../graph/graph.ts";
import type { Mount, RunningProcess, Runtime } from "../runtime/types.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import type { Layer, RootMount, Snapshotter } from "../snapshot/types.ts";
import { resolveUser } from "../snapshot/users.ts";
import { cancelled, stepFailed } from "./errors.ts";
import { LineSplitter } from "./lines.ts";
import { noteStubs } from "./stubs.ts";

export const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const hostname = "drydock-build";
const keptLines = 20;
const mountPoints = ["/proc", "/sys", "/dev", "/etc/resolv.conf", "/etc/hosts"];

export interface RunOptions {
  readonly layers: readonly Layer[];
  readonly snapshots: Snapshotter;
  readonly runtime: Runtime;
  /** Unique name of this run, a file name. */
  readonly id: string;
  /** A folder of its own, made here and removed again. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onLine: (stream: "stdout" | "stderr", text: string) => void;
}

/**
 * Runs the command of a RUN over its parent's layers and makes a layer of what it changed. On failure and on cancel
 * nothing is left: no process, no mount, no folder.
 * @throws EngineError `build-step-failed` with the exit code and the last lines, and what mounting and starting throw.
 */
export async function runStep(op: RunOp, options: RunOptions): Promise<Layer> {
  const { snapshots, id, folder, signal } = options;
  let mount: RootMount | undefined;
  let committed = false;
  mkdirSync(`${folder}/runtime`, { recursive: true, mode: 0o700 });
  try {
    mount = await snapshots.mount(id, options.layers, { volatile: true, signal });
    const removeStubs = noteStubs(mount.path, mountPoints);
    await execute(op, mount.path, options);
    removeStubs();
    const layer = await mount.commit(signal);
    committed = true;
    return layer;
  } finally {
    if (!committed) {
      await mount?.release();
      await snapshots.remove(id);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function execute(op: RunOp, root: string, { runtime, folder, signal, onLine }: RunOptions): Promise<void> {
  const { home, ...user } = resolveUser(root, op.user);
  const cwd = op.cwd || "/";
  // Only a base image can name a folder that it does not have; a WORKDIR has made its own.
  mkdirSync(resolveInRoot(root, cwd), { recursive: true });
  signal.throwIfAborted();
  const child = await runtime.run({
    rootfs: root,
    hostname,
    process: { args: op.args, env: environment(op, home), cwd, ...user },
    mounts: [...etcFiles(folder), ...scriptFiles(op, folder)],
    network: op.network === "none" ? "none" : "current",
    stateDir: `${folder}/runtime`,
  });
  const lastLines = await follow(child, signal, onLine);
  const exitCode = await child.exit;
  if (signal.aborted) throw cancelled();
  if (exitCode !== 0) throw stepFailed(op.args.join(" "), exitCode, lastLines());
}

/** Passes output on line by line and kills the process when the signal says so. Resolves when reading has begun. */
async function follow(
  child: RunningProcess,
  signal: AbortSignal,
  onLine: RunOptions["onLine"],
): Promise<() => readonly string[]> {
  const last: string[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    const lines = new LineSplitter((text) => {
      last.push(text);
      if (last.length > keptLines) last.shift();
      onLine(stream, text);
    });
    child[stream].on("data", (data: Uint8Array) => lines.write(data));
    child[stream].once("close", () => lines.end());
  }
  child.stdin.on("error", () => undefined);
  child.stdin.end();
  const kill = () => child.signal("KILL");
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });
  const forget = () => signal.removeEventListener("abort", kill);
  child.exit.then(forget, forget);
  return () => last;
}

function environment(op: RunOp, home: string): string[] {
  const env = [...op.env, ...op.unkeyedEnv];
  const has = (name: string) => env.some((pair) => pair.startsWith(`${name}=`));
  if (!has("PATH")) env.unshift(defaultPath);
  if (!has("HOME")) env.push(`HOME=${home}`);
  return env;
}

function etcFiles(folder: string): Mount[] {
  const files = {
    "resolv.conf": readText("/etc/resolv.conf"),
    hosts: `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const source = `${folder}/${name}`;
    writeFileSync(source, text);
    // Whatever the engine's umask is: every user in the image reads these.
    chmodSync(source, 0o644);
    return { type: "bind", source, target: `/etc/${name}`, readOnly: false };
  });
}

/** Heredocs with a `#!` line, as the reference hands them to the command. */
function scriptFiles(op: RunOp, folder: string): Mount[] {
  return (op.scripts ?? []).map(({ name, content }, index) => {
    const source = `${folder}/script-${index}`;
    writeFileSync(source, content);
    chmodSync(source, 0o755);
    return { type: "bind", source, target: `/dev/pipes/${name}`, readOnly: true };
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
