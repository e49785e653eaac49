// The real engine, as bundled programs, for a real user; and the real docker client in front of it.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import type { EngineSettings, EngineStatus } from "../../engine/base/drydock-api.ts";
import { untilGone } from "./engine-lab.ts";

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export const root: User = { name: "root", uid: 0, gid: 0 };

/** The ordinary user of the tests, with subordinate ids; made when missing. Undefined when we may not make users. */
export function ordinaryUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const find = () =>
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((line) => line.startsWith("dev:"));
  if (!find()) execFileSync("useradd", ["-m", "dev"]);
  const [, , uid, gid] = (find() ?? "").split(":");
  return { name: "dev", uid: Number(uid), gid: Number(gid) };
}

/** engine.js, monitor.js and `more` programs in a folder `dist` that every user can read. */
export async function bundleEngine(
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly dir: string; dispose(): void }> {
  const parent = mkdtempSync(path.join(tmpdir(), "drydock-dist-"));
  const dir = path.join(parent, "dist");
  await build({
    entryPoints: { engine: "engine/main.ts", monitor: "engine/containers/monitor.ts", ...more },
    outdir: dir,
    external: ["cpu-features", "*.node"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
    // Comments would be in memory; names stay, for stacks in logs.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "warning",
  });
  for (const folder of [parent, dir]) chmodSync(folder, 0o755);
  return { dir, dispose: () => rmSync(parent, { recursive: true, force: true }) };
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface EngineLab {
  /** A folder of the user's. */
  readonly folder: string;
  readonly home: string;
  readonly socket: string;
  /** Starts the engine, or finds it. */
  launch(env?: Readonly<Record<string, string>>): Promise<Output>;
  status(): Promise<EngineStatus>;
  /** The real docker client, with its own configuration folder. */
  docker(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** The same; fails the test unless it ends with 0. Returns standard output. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Any program as this user, still running. */
  spawn(command: string, args: readonly string[], options?: RunOptions): ChildProcess;
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Output>;
  /** Files for the user, below `folder`. */
  write(files: Readonly<Record<string, string>>): void;
  /** Ends the engine, its containers and its namespaces, and removes everything. */
  dispose(): Promise<void>;
}

export async function openEngineLab(
  user: User,
  { dist, settings }: { readonly dist: string; readonly settings?: Partial<EngineSettings> },
): Promise<EngineLab> {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-lab-"));
  const home = path.join(folder, "home");
  const socket = path.join(folder, "run", "drydock", "engine.sock");
  for (const dir of [folder, home, path.join(folder, "run")]) {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o700);
    chownSync(dir, user.uid, user.gid);
  }
  const lab: EngineLab = {
    folder,
    home,
    socket,
    launch: (env = {}) => lab.run(process.execPath, [path.join(dist, "engine.js")], { env }),
    async status() {
      const { stdout } = await lab.launch();
      return JSON.parse(stdout) as EngineStatus;
    },
    docker: (args, options) => lab.run("docker", args, options),
    async ok(args, options) {
      const { code, stdout, stderr } = await lab.docker(args, options);
      assert.equal(code, 0, `docker ${args.join(" ")}\n${stdout}${stderr}\n${logOf(home)}`);
      return stdout;
    },
    spawn(command, args, { env = {}, cwd = folder } = {}) {
      const child = spawn(command, args, {
        uid: user.uid,
        gid: user.gid,
        cwd,
        env: {
          PATH: process.env.PATH ?? "",
          HOME: folder,
          DRYDOCK_HOME: home,
          XDG_RUNTIME_DIR: path.join(folder, "run"),
          DOCKER_HOST: `unix://${socket}`,
          DOCKER_CONFIG: path.join(folder, ".docker"),
          DOCKER_BUILDKIT: "0",
          ...env,
        },
      });
      child.on("error", () => {});
      return child;
    },
    run(command, args, options = {}) {
      const child = lab.spawn(command, args, options);
      child.stdin?.on("error", () => {}).end(options.input ?? "");
      return outputOf(child);
    },
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(folder, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
        for (let at = file; at !== folder; at = path.dirname(at)) chownSync(at, user.uid, user.gid);
      }
    },
    async dispose() {
      try {
        const { pid } = await lab.status();
        const ids = (await lab.docker(["ps", "-aq"])).stdout.split("\n").filter(Boolean);
        if (ids.length > 0) await lab.docker(["rm", "-f", ...ids]);
        await untilGone(folder);
        await gone(pid);
      } finally {
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
  if (settings) lab.write({ "home/settings.json": JSON.stringify(settings) });
  return lab;
}

export async function outputOf(child: ChildProcess): Promise<Output> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 255)));
  return { code, stdout, stderr };
}

/** Waits until what a growing stream has said fits. */
export function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const look = (more: string) => {
      text += more;
      if (pattern.test(text)) resolve(text);
    };
    child.stdout?.setEncoding("utf8").on("data", look);
    child.stderr?.setEncoding("utf8").on("data", look);
    child.on("close", () => reject(new Error(`It ended without ${pattern}: ${text}`)));
  });
}

export function logOf(home: string): string {
  try {
    return readFileSync(path.join(home, "engine.log"), "utf8").slice(-3000);
  } catch {
    return "";
  }
}

/** Resolves when the process has ended (it is not our child, so there is nothing to wait on). */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
