import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, lstatSync, lutimesSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { withoutCredentials } from "../graph/add.ts";
import type { RemoteSource } from "../graph/graph.ts";
import { resolveInRoot } from "../snapshot/root-path.ts";
import { cancelled } from "./errors.ts";
import { checksumDiffers, gitFailed, gitFolderMissing, gitMissing, gitRefMissing } from "./fetch-errors.ts";

type GitSource = RemoteSource & { readonly kind: "git" };

export interface GitAccess {
  /** The secrets GIT_AUTH_TOKEN or GIT_AUTH_HEADER of the build; they reach git in its environment only. */
  readonly authorization?: string;
  /** Socket of an ssh agent. */
  readonly agent?: string;
}

export interface GitOptions extends GitAccess {
  readonly signal: AbortSignal;
}

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit that a source means now. */
export async function resolveCommit(source: GitSource, options: GitOptions): Promise<string> {
  const { ref = "HEAD", checksum } = source;
  const commit = commitPattern.test(ref) ? ref : await askForCommit(source, ref, options);
  if (checksum !== undefined && !commit.startsWith(checksum)) {
    throw checksumDiffers(checksum, commit, withoutCredentials(source.url));
  }
  return commit;
}

async function askForCommit(source: GitSource, ref: string, options: GitOptions): Promise<string> {
  // Peeled tags (`^{}`) stand in lines of their own.
  const lines = await git(source, ["ls-remote", "origin", ref, `${ref}^{}`], options);
  const commits = new Map(
    lines
      .split("\n")
      .map((line) => line.split("\t"))
      .map(([commit = "", name = ""]) => [name, commit]),
  );
  for (const name of [`${ref}^{}`, ref, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`]) {
    const commit = commits.get(name);
    if (commit !== undefined && commitPattern.test(commit)) return commit;
  }
  throw gitRefMissing(withoutCredentials(source.url), ref);
}

/** Name of what `checkOut` makes: the same files always have the same. */
export function checkoutName({ url, keepGitDir }: GitSource, commit: string): string {
  return createHash("sha256")
    .update(JSON.stringify([url, commit, keepGitDir]))
    .digest("hex");
}

/**
 * The files of a commit in `folder`/`checkoutName`, with submodules; made once. Modes are 0644 and 0755, times those of the
 * commit, so that the same commit makes the same layer.
 */
export async function checkOut(
  source: GitSource,
  commit: string,
  folder: string,
  options: GitOptions,
): Promise<string> {
  const target = path.join(folder, checkoutName(source, commit));
  if (existsSync(target)) {
    utimesSync(target, new Date(), lstatSync(target).mtime);
    return target;
  }
  const aside = path.join(folder, `${randomBytes(8).toString("hex")}.part`);
  await mkdir(aside, { recursive: true, mode: 0o755 });
  const run = (...args: string[]) => git(source, args, { ...options, cwd: aside });
  try {
    await run("init", "-q", "--template=");
    await run("fetch", "-q", "--depth=1", "--no-tags", "origin", commit).catch(async (error) => {
      if (options.signal.aborted) throw error;
      // Old servers give out branches and tags only, not any commit.
      await run("fetch", "-q", "--tags", "--force", "origin", "+refs/heads/*:refs/remotes/origin/*");
    });
    await run("checkout", "-q", "--detach", commit).catch(() => {
      throw gitRefMissing(withoutCredentials(source.url), commit);
    });
    if (existsSync(path.join(aside, ".gitmodules"))) {
      await run("submodule", "-q", "update", "--init", "--recursive", "--depth=1").catch(async (error) => {
        if (options.signal.aborted) throw error;
        await run("submodule", "-q", "update", "--init", "--recursive");
      });
    }
    const seconds = Number(await run("log", "-1", "--format=%ct"));
    if (source.keepGitDir) await run("remote", "add", "origin", withoutCredentials(source.url)).catch(() => undefined);
    settle(aside, Number.isFinite(seconds) ? seconds : 0, source.keepGitDir);
    await rename(aside, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
    return target;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** A folder of a checkout; a link in the repository cannot lead out of it. */
export function folderIn(checkout: string, { url, subdir }: GitSource): string {
  if (subdir === undefined) return checkout;
  const place = resolveInRoot(checkout, subdir);
  if (!lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) {
    throw gitFolderMissing(withoutCredentials(url), subdir);
  }
  return place;
}

function settle(folder: string, seconds: number, keepGitDir: boolean): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.name === ".git") {
      if (!keepGitDir) rmSync(file, { recursive: true, force: true });
      continue;
    }
    if (entry.isDirectory()) settle(file, seconds, keepGitDir);
    lutimesSync(file, seconds, seconds);
  }
}

/**
 * Runs git; resolves to what it prints. The address is no argument but a setting in the environment: it may hold a password,
 * and no word of it can become an option. Only transports that fetch over a network are allowed, also for submodules.
 */
function git(
  { url }: GitSource,
  args: readonly string[],
  { signal, authorization, agent, cwd = "/" }: GitOptions & { readonly cwd?: string },
): Promise<string> {
  const settings: [string, string][] = [
    ["remote.origin.url", url],
    ["core.autocrlf", "false"],
    ["core.symlinks", "true"],
    ["advice.detachedHead", "false"],
    ["http.lowSpeedLimit", "100"],
    ["http.lowSpeedTime", "30"],
    ...(authorization === undefined || !/^https?:/.test(url)
      ? []
      : [[`http.${new URL(url).origin}/.extraHeader`, `Authorization: ${authorization}`] as [string, string]]),
  ];
  const configured = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const kept = ["PATH", "HOME", "SSH_AUTH_SOCK", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
  const inherited = [...kept, ...kept.map((name) => name.toLowerCase())].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const env: Record<string, string> = {
    ...Object.fromEntries(inherited),
    ...Object.fromEntries(configured),
    ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }),
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_ALLOW_PROTOCOL: "http:https:git:ssh",
    GIT_TERMINAL_PROMPT: "0",
    GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ConnectTimeout=10",
    LC_ALL: "C",
  };
  // Checked out files have the modes of a umask of 022, whatever the engine's own is.
  const child = spawn("/bin/sh", ["-c", 'umask 022; exec git "$@"', "git", ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  // git's helpers are processes of its own: the whole group goes.
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has just ended.
      }
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let output = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output.length < 16 * 1024 * 1024) output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < 10_000) said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(gitFailed(withoutCredentials(url), error.message, error)));
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(cancelled());
      else if (code === 0) resolve(output);
      else if (code === 127) reject(gitMissing());
      else reject(gitFailed(withoutCredentials(url), reasonIn(said)));
    });
  });
}

/** What git says last in earnest, without passwords. */
function reasonIn(said: string): string {
  const lines = said
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const telling = lines.find((line) => /^(?:fatal|error|ERROR):/.test(line)) ?? lines.at(-1) ?? "git failed";
  return telling.replace(/^(?:fatal|error|ERROR):\s*/, "").replace(/([a-z]+:\/\/)[^/@\s]*@/gi, "$1");
}
