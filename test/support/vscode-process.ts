// Starts VS Code's server build as a child process, as root or as an ordinary user, and ends it with everything it started.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface VSCodeBuild {
  readonly nodePath: string;
  readonly serverRoot: string;
  readonly serverMain: string;
  readonly codeServerEntry: string;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** What the server printed so far. */
  output(): string;
  /** Resolves with the first match of the pattern in what it prints; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  stop(): Promise<void>;
}

let build: VSCodeBuild | undefined;

/** Installed by `.ci/vscode-server.mjs` on first use (about two minutes), afterwards at once. */
function vscodeBuild(): VSCodeBuild {
  build ??= JSON.parse(
    execFileSync(process.execPath, [".ci/vscode-server.mjs"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  return build as VSCodeBuild;
}

/** An account of this machine, or undefined when there is none of that name. */
export function account(name: string): Account | undefined {
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [user, , uid, gid, , home] = line.split(":");
    if (user === name && home) return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return undefined;
}

/** The build where that account may read it: the cache usually lies in root's private home, so it is hard-linked aside. */
export function buildFor(user: Account | undefined): VSCodeBuild {
  const original = vscodeBuild();
  if (user === undefined || process.getuid?.() === user.uid) return original;
  const shared = path.join("/var/tmp", `drydock-vscode-${process.getuid?.() ?? 0}`);
  mkdirSync(shared, { recursive: true, mode: 0o755 });
  const link = (folder: string): string => {
    const copy = path.join(shared, path.basename(folder));
    if (!existsSync(copy)) {
      execFileSync("cp", ["-al", folder, `${copy}.${process.pid}`]);
      execFileSync("mv", ["-T", `${copy}.${process.pid}`, copy]);
    }
    return copy;
  };
  const packageRoot = path.resolve(original.serverRoot, "../../../..");
  const nodeRoot = path.resolve(original.nodePath, "../..");
  const moved = (file: string): string => path.join(link(packageRoot), path.relative(packageRoot, file));
  return {
    nodePath: nodeRoot === "/usr" ? original.nodePath : path.join(link(nodeRoot), "bin/node"),
    serverRoot: moved(original.serverRoot),
    serverMain: moved(original.serverMain),
    codeServerEntry: moved(original.codeServerEntry),
  };
}

/** A new folder that only the account can enter. */
export function privateFolder(user: Account | undefined, label: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `drydock-${label}-`));
  give(folder, user);
  return folder;
}

/** Hands a folder and everything in it to the account. */
export function give(folder: string, user: Account | undefined): void {
  if (user === undefined) return;
  chownSync(folder, user.uid, user.gid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chownSync(path.join(entry.parentPath, entry.name), user.uid, user.gid);
  }
}

export interface Launch {
  readonly args: readonly string[];
  readonly user: Account | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Home and runtime directory of the server: a folder of its own, so that a run leaves nothing in a person's home. */
  readonly home: string;
}

export function launch(nodePath: string, { args, user, env, home }: Launch): ServerProcess {
  const runtime = path.join(home, "run");
  mkdirSync(runtime, { recursive: true });
  chmodSync(runtime, 0o700);
  give(home, user);
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VSCODE_|ELECTRON_|NODE_OPTIONS$|XDG_|DRYDOCK_HO)/.test(name),
  );
  const child = spawn(nodePath, [...args], {
    cwd: home,
    env: {
      ...Object.fromEntries(inherited),
      HOME: home,
      USER: user?.name ?? os.userInfo().username,
      LOGNAME: user?.name ?? os.userInfo().username,
      XDG_RUNTIME_DIR: runtime,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  endWithUs(child);
  let text = "";
  const waiting = new Set<() => void>();
  const notify = (): void => {
    for (const check of waiting) check();
  };
  const keep = (chunk: string): void => {
    text += chunk;
    notify();
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  child.on("error", (error) => keep(String(error)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void ended.then(notify);

  return {
    child,
    output: () => text,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = text.match(pattern);
          const over = child.exitCode !== null || child.signalCode !== null;
          if (!match && !over) return;
          waiting.delete(check);
          if (match) resolve(match);
          else reject(new Error(`VS Code's server ended before it printed ${pattern}:\n${text.slice(-4000)}`));
        };
        waiting.add(check);
        check();
      }),
    stop: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, "SIGTERM");
      const force = setTimeout(() => child.pid && tryKill(-child.pid), 5000);
      await ended;
      clearTimeout(force);
    },
  };
}

const running = new Set<ChildProcess>();
let armed = false;

/** A test run that is broken off (timeout, Ctrl+C, a failing hook) must not leave servers behind. */
function endWithUs(child: ChildProcess): void {
  if (!armed) {
    armed = true;
    process.on("exit", () => {
      for (const { pid } of running) if (pid !== undefined) tryKill(-pid);
    });
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  }
  running.add(child);
  child.once("close", () => running.delete(child));
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in the meantime.
  }
}
