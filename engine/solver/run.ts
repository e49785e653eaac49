import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import type { RunHost, RunOp } from "../graph/graph.ts";
import type { Mount, RunningProcess, Runtime } from "../runtime/types.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import type { Layer, RootMount, Snapshotter } from "../snapshot/types.ts";
import { resolveUser } from "../snapshot/users.ts";
import { badExtraHost, cancelled, stepFailed } from "./errors.ts";
import { LineSplitter } from "./lines.ts";
import { type MountOptions, type PreparedMounts, prepareMounts } from "./mounts.ts";
import { noteStubs } from "./stubs.ts";

export const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const hostname = "drydock-build";
const keptLines = 20;
const mountPoints = ["/proc", "/sys", "/dev", "/etc/resolv.conf", "/etc/hosts"];

export interface RunOptions extends MountOptions {
  readonly layers: readonly Layer[];
  /** SOURCE_DATE_EPOCH: the files of the layer are no newer. */
  readonly newestMs?: number;
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
  let prepared: PreparedMounts | undefined;
  let committed = false;
  mkdirSync(`${folder}/runtime`, { recursive: true, mode: 0o700 });
  try {
    prepared = await prepareMounts(op.mounts ?? [], options);
    mount = await snapshots.mount(id, options.layers, { volatile: true, signal });
    const removeStubs = noteStubs(mount.path, mountPoints);
    await execute(op, mount.path, prepared, options);
    removeStubs();
    await prepared.release();
    const layer = await mount.commit(signal, options.newestMs);
    committed = true;
    return layer;
  } finally {
    if (!committed) {
      await mount?.release();
      await snapshots.remove(id);
      await prepared?.release();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function execute(
  op: RunOp,
  root: string,
  prepared: PreparedMounts,
  { runtime, folder, signal, onLine }: RunOptions,
): Promise<void> {
  const { home, ...user } = resolveUser(root, op.user);
  const cwd = op.cwd || "/";
  // Only a base image can name a folder that it does not have; a WORKDIR has made its own.
  mkdirSync(resolveInRoot(root, cwd), { recursive: true });
  signal.throwIfAborted();
  const { shmSizeBytes, ulimits } = op.host ?? {};
  const isInsecure = op.security === "insecure";
  const own = [...etcFiles(folder, op.host), ...scriptFiles(op, folder)];
  const child = await runtime.run({
    rootfs: root,
    hostname,
    process: {
      args: op.args,
      env: environment(op, home, prepared.env),
      cwd,
      ...user,
      ...(isInsecure ? { privileged: true } : {}),
    },
    // A mount of the step's own may cover /etc: then there is nothing of ours in it.
    mounts: [
      ...own.filter(({ target }) => !isCovered(target, prepared.mounts)),
      ...prepared.mounts.map((mount) => withMode(mount, root)),
    ],
    network: op.network === "none" ? "none" : "current",
    // Docker's, where the machine has the means; what it lacks is said by the engine's notes, as for containers.
    ...(isInsecure ? {} : { seccomp: "default" }),
    ...(shmSizeBytes === undefined ? {} : { shmSizeBytes }),
    ...(ulimits === undefined ? {} : { limits: ulimits }),
    stateDir: `${folder}/runtime`,
  });
  const lastLines = await follow(child, signal, onLine, prepared.secrets);
  const exitCode = await child.exit;
  if (signal.aborted) throw cancelled();
  if (exitCode !== 0) throw stepFailed(op.args.join(" "), exitCode, lastLines());
}

/** Passes output on line by line and kills the process when the signal says so. Resolves when reading has begun. */
async function follow(
  child: RunningProcess,
  signal: AbortSignal,
  onLine: RunOptions["onLine"],
  secrets: readonly string[],
): Promise<() => readonly string[]> {
  const last: string[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    const lines = new LineSplitter((text) => {
      last.push(text);
      if (last.length > keptLines) last.shift();
      onLine(stream, text);
    }, secrets);
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

function environment(op: RunOp, home: string, ofMounts: readonly string[]): string[] {
  const env = [...op.env, ...op.unkeyedEnv];
  const has = (name: string) => env.some((pair) => pair.startsWith(`${name}=`));
  for (const pair of ofMounts) {
    // An agent that the Dockerfile names itself is kept; a secret replaces what had its name.
    if (!pair.startsWith("SSH_AUTH_SOCK=") || !has("SSH_AUTH_SOCK")) env.push(pair);
  }
  if (!has("PATH")) env.unshift(defaultPath);
  if (!has("HOME")) env.push(`HOME=${home}`);
  return env;
}

/** As runtimes do: a tmpfs over a folder of the image has that folder's mode. */
function withMode(mount: Mount, root: string): Mount {
  const covered = mount.type === "tmpfs" && statSync(resolveInRoot(root, mount.target), { throwIfNoEntry: false });
  return covered ? { ...mount, mode: covered.mode & 0o7777 } : mount;
}

function isCovered(target: string, mounts: readonly Mount[]): boolean {
  return mounts.some((mount) => target === mount.target || target.startsWith(`${mount.target}/`));
}

function etcFiles(folder: string, host: RunHost | undefined): Mount[] {
  const files = {
    "resolv.conf": readText("/etc/resolv.conf"),
    hosts: `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n${extraHosts(host)}`,
  };
  return Object.entries(files).map(([name, text]) => {
    const source = `${folder}/${name}`;
    writeFileSync(source, text);
    // Whatever the engine's umask is: every user in the image reads these.
    chmodSync(source, 0o644);
    return { type: "bind", source, target: `/etc/${name}`, readOnly: false };
  });
}

/** Steps have the host's own network: the gateway to the host is the host's loopback. */
function extraHosts({ extraHosts: entries = [] }: RunHost = {}): string {
  return entries
    .map((entry) => {
      const [, name, written = ""] = /^([^:=\s]+)[:=](\S+)$/.exec(entry) ?? [];
      const address = written === "host-gateway" ? "127.0.0.1" : written.replace(/^\[(.*)\]$/, "$1");
      if (name === undefined || net.isIP(address) === 0) throw badExtraHost(entry);
      return `${address}\t${name}\n`;
    })
    .join("");
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
