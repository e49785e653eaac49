import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { unsafeRuntimeDir } from "./errors.ts";
import { allPids, identify, isAlive, namespaceOf, type ProcessIdentity, signalProcess } from "./proc.ts";
import { findTools, runTool, type Tools, toolEnvironment } from "./tools.ts";

/**
 * A process that does nothing but keep the engine's namespaces. Mounts and containers live in them, so they must outlive
 * any engine: a new user namespace would neither see the old mounts nor may it signal the old containers.
 */
interface Holder extends ProcessIdentity {
  /** `root`: only a mount namespace; else a user namespace with all subordinate ids, or with a single one. */
  readonly kind: "root" | "user-namespace" | "single-id";
}

/** A context of 10,000 files is more than Node's young heap holds by default; copying it about took a fifth of a build. */
const youngHeap = "--max-semi-space-size=64";

export interface EnterOptions {
  /** Where `holder.json` lies. Made with mode 0700 if missing. */
  readonly runtimeDir: string;
  /** Node, or Electron with ELECTRON_RUN_AS_NODE in `env`. */
  readonly nodePath: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  readonly detached?: boolean;
}

/**
 * Starts `node script args` inside of the namespaces, which are made first if nobody holds them. Where the machine does not
 * let us make any, it is started without: facts.ts says there why. The child's pid is Node's own.
 * @throws EngineError `forbidden` when the runtime folder is not ours alone
 */
export async function enterNamespaces(options: EnterOptions): Promise<ChildProcess> {
  const tools = findTools();
  const holder = process.platform === "linux" ? await findOrMakeHolder(options.runtimeDir, tools) : undefined;
  const command = [options.nodePath, youngHeap, options.script, ...options.args];
  const [file = "", ...args] = holder && tools.nsenter ? [tools.nsenter, ...entry(holder), "--", ...command] : command;
  return spawn(file, args, {
    env: options.env,
    stdio: options.stdio,
    detached: options.detached ?? false,
    cwd: "/",
  });
}

/**
 * Ends the holder, unless another process than the caller lives in its namespaces: with the last process in them the
 * namespaces go. An engine calls it when it ends with nothing running, so that nothing of it is left behind.
 */
export function dismissHolder(runtimeDir: string): void {
  const holder = readHolder(runtimeDir);
  if (holder && isInUse(holder, process.pid)) return;
  rmSync(holderFile(runtimeDir), { force: true });
  if (holder) signalProcess(holder, "SIGKILL");
}

// Credentials stay: our own id is mapped to 0 inside, so entering makes us root there without any setuid.
function entry({ kind, pid }: Holder): string[] {
  return kind === "root"
    ? ["--mount", "--target", String(pid)]
    : ["--preserve-credentials", "--user", "--mount", "--target", String(pid)];
}

async function findOrMakeHolder(runtimeDir: string, tools: Tools): Promise<Holder | undefined> {
  makePrivate(runtimeDir);
  const present = readHolder(runtimeDir);
  if (present && (present.kind !== "single-id" || isInUse(present))) return present;
  const made = await makeHolder(tools);
  // Still no better than what is there: keep that.
  if (!made || (present && made.kind === "single-id")) {
    if (made) signalProcess(made, "SIGKILL");
    return present;
  }
  return record(runtimeDir, made, present);
}

/** Two launchers may get here at once: the first link wins, the other one's holder goes again. */
function record(runtimeDir: string, made: Holder, replaced: Holder | undefined): Holder {
  const file = holderFile(runtimeDir);
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(made), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(aside, file);
        if (replaced) signalProcess(replaced, "SIGKILL");
        return made;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const other = readHolder(runtimeDir);
        if (other && other.pid !== replaced?.pid) {
          signalProcess(made, "SIGKILL");
          return other;
        }
        rmSync(file, { force: true });
      }
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(runtimeDir: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderFile(runtimeDir), "utf8")) as Holder;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function holderFile(runtimeDir: string): string {
  return path.join(runtimeDir, "holder.json");
}

/** Whoever can write there could name a process of his own, and the engine would run in his namespaces. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o022) !== 0)
    throw unsafeRuntimeDir(folder);
}

/** Somebody besides the holder, and besides the caller, lives in its namespaces. */
function isInUse(holder: Holder, caller?: number): boolean {
  const namespace = namespaceOf(holder.pid, "mnt");
  return allPids().some((pid) => pid !== holder.pid && pid !== caller && namespaceOf(pid, "mnt") === namespace);
}

async function makeHolder(tools: Tools): Promise<Holder | undefined> {
  const { unshare, sh } = tools;
  if (!unshare || !sh || !tools.sleep || !tools.nsenter) return undefined;
  if (process.getuid?.() === 0) {
    const holder = await hold("root", [unshare, "--mount", "--propagation", "slave"], tools);
    if (holder) return holder;
  }
  return (
    (await hold("user-namespace", [unshare, "--user", "--mount", "--propagation", "slave"], tools)) ??
    (await hold("single-id", [unshare, "--map-root-user", "--mount", "--propagation", "slave"], tools))
  );
}

/**
 * Slave, not private: nothing gets out to the host either way, but a disk that the host unmounts is not kept busy.
 * The shell waits for the id maps before it becomes the sleeper, because an exec as an unmapped user loses all capabilities.
 */
async function hold(kind: Holder["kind"], launch: readonly string[], tools: Tools): Promise<Holder | undefined> {
  const [file = "", ...args] = launch;
  const script = `echo ready; read -r go && [ "$go" = go ] && exec "$0" 2147483647 >/dev/null </dev/null`;
  const child = spawn(file, [...args, tools.sh ?? "", "-c", script, tools.sleep ?? ""], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
    cwd: "/",
    // Nothing of the user's environment stays in a process that lives as long as the machine.
    env: { ...toolEnvironment },
  });
  const output = child.stdout as Readable;
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const ready = await Promise.race([once(output, "data").then(() => true), ended.then(() => false)]);
  const mapped =
    ready && child.pid !== undefined && (kind !== "user-namespace" || (await mapSubordinateIds(child.pid, tools)));
  (child.stdin as Writable).on("error", () => {}).end(mapped ? "go\n" : "stop\n");
  if (!mapped || child.pid === undefined) {
    await ended;
    return undefined;
  }
  // The shell closes its output by becoming the sleeper.
  await Promise.race([once(output.resume(), "end"), ended]);
  child.unref();
  const identity = identify(child.pid);
  return identity && { ...identity, kind };
}

/** newuidmap(1): root inside is the user; 1 and up are the ids that the administrator has set aside for him. */
async function mapSubordinateIds(pid: number, tools: Tools): Promise<boolean> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const { newuidmap, newgidmap } = tools;
  const users = subordinateIds("/etc/subuid", uid);
  const groups = subordinateIds("/etc/subgid", uid);
  if (!newuidmap || !newgidmap || !users || !groups) return false;
  const results = await Promise.all([
    runTool(newuidmap, [pid, 0, uid, 1, 1, users.start, users.count].map(String)),
    runTool(newgidmap, [pid, 0, gid, 1, 1, groups.start, groups.count].map(String)),
  ]);
  return results.every(({ code }) => code === 0);
}

/** subuid(5): `name-or-uid:start:count`; the largest range counts. */
function subordinateIds(file: string, uid: number): { start: number; count: number } | undefined {
  const names = new Set([String(uid), userName(uid)]);
  return readLines(file)
    .map((line) => line.split(":"))
    .filter(([name]) => names.has(name))
    .map(([, start, count]) => ({ start: Number(start), count: Number(count) }))
    .filter(({ start, count }) => start > 0 && count > 0)
    .toSorted((a, b) => b.count - a.count)[0];
}

function userName(uid: number): string | undefined {
  return readLines("/etc/passwd")
    .find((line) => line.split(":")[2] === String(uid))
    ?.split(":")[0];
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}
