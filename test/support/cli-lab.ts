// The `drydock` command as a person has it: bundled, beside the engine that it starts, in a home of its own.
import assert from "node:assert/strict";
import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { text as readAll } from "node:stream/consumers";
import { promisify } from "node:util";
import type { EngineSettings, EngineStatus } from "../../engine/base/drydock-api.ts";
import {
  type EngineLab,
  logOf,
  type Output,
  openEngineLab,
  ordinaryUser,
  type RunOptions,
  root,
  type User,
} from "./docker-lab.ts";

/** Root and the ordinary user; whoever we are when we are not root. */
export function everyUser(): readonly User[] {
  const { username, uid, gid } = userInfo();
  const ordinary = ordinaryUser();
  return ordinary ? [root, ordinary] : [{ name: username, uid, gid }];
}

export interface Programs {
  readonly dir: string;
  dispose(): void;
}

/** All programs and the translations, laid out as they are delivered. */
export async function bundlePrograms(): Promise<Programs> {
  const parent = mkdtempSync(path.join(tmpdir(), "drydock-dist-"));
  const dir = path.join(parent, "dist");
  await promisify(execFile)(process.execPath, ["esbuild.mjs", "--production", `--outdir=${dir}`]);
  cpSync("l10n", path.join(parent, "l10n"), { recursive: true });
  for (const folder of [parent, dir]) chmodSync(folder, 0o755);
  return { dir, dispose: () => rmSync(parent, { recursive: true, force: true }) };
}

export interface CliLab extends Omit<EngineLab, "ok"> {
  /** `drydock …` to its end. */
  drydock(args: readonly string[], options?: RunOptions): Promise<Output>;
  /** The same; fails the test unless it ends with 0. Returns standard output. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** `drydock …`, still running. */
  start(args: readonly string[], options?: RunOptions): ChildProcess;
}

export async function openCliLab(
  user: User,
  programs: Programs,
  settings: Partial<EngineSettings> = {},
): Promise<CliLab> {
  const lab = await openEngineLab(user, { dist: programs.dir, settings });
  const cli = path.join(programs.dir, "cli.js");
  const drydock = (args: readonly string[], options?: RunOptions) => lab.run(process.execPath, [cli, ...args], options);
  return {
    ...lab,
    drydock,
    start: (args, options) => lab.spawn(process.execPath, [cli, ...args], options),
    async ok(args, options) {
      const { code, stdout, stderr } = await drydock(args, options);
      assert.equal(code, 0, `drydock ${args.join(" ")}\n${stdout}${stderr}\n${logOf(lab.home)}`);
      return stdout;
    },
  };
}

/** What builds, pulls and starts work in; all empty when nothing goes on and no container is there. */
export function halfMade(home: string): readonly string[] {
  return ["runs", "steps", "views", "uploads", "ingest", "mounts", "containers"].flatMap((folder) =>
    (existsSync(path.join(home, folder)) ? readdirSync(path.join(home, folder)) : []).map(
      (name) => `${folder}/${name}`,
    ),
  );
}

/** Waits until the engine has cleaned up after a client that left (nobody is told of that). */
export async function untilIdle({ socket }: Pick<EngineLab, "socket">): Promise<void> {
  for (;;) {
    const { text } = await ask(socket, "GET", "/drydock/status");
    if ((JSON.parse(text) as EngineStatus).activeBuilds === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request to the engine's API. */
export async function ask(socketPath: string, method: string, url: string, body?: unknown): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const call = request({ socketPath, method, path: url, headers, agent: false });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await readAll(response) };
}

/** Pids of processes that have these words in their command line. */
export function processesWith(words: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.filter((pid) => commandLine(pid).includes(words)).map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
