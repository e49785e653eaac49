import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ReplayedCommit } from "../../base/replay.ts";
import { gitFailed, gitMissing, historyCutOff, noCommits, notInGit, notTrusted } from "./errors.ts";

/** A file as a commit leaves it and as it found it; `""`: not there. `mode` and blob in one text. */
export interface GitChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface GitCommit extends ReplayedCommit {
  readonly changes: readonly GitChange[];
}

const commitMark = "\x01";
const fieldMark = "\x02";
const endMark = "\x03";

/**
 * The last commits of the first-parent history, oldest first, with what each changed below `folder` (paths relative to it). Nothing is checked
 * out, and no file is read: git compares trees. @throws EngineError `not-found` (no repository, no commit), `unavailable` (no git)
 */
export async function* readGitLog(
  folder: string,
  commits: number,
  signal?: AbortSignal,
): AsyncGenerator<GitCommit, void, void> {
  const { prefix, cutOff } = await placeOf(folder, signal);
  const format = `%x01%H%x02%ct%x02%s%x03`;
  const args = ["log", "--first-parent", "-m", "--raw", "--no-renames", "--no-abbrev", "-z", `--format=${format}`];
  const child = git(folder, [...args, "--reverse", "-n", String(commits), "HEAD"], signal);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const ended = once(child, "close");
  ended.catch(() => {});
  // Subjects are in any encoding, names of files are bytes: what is no UTF-8 is not in a context either.
  child.stdout.setEncoding("utf8");
  let rest = "";
  let count = 0;
  const told = function* (part: string) {
    const commit = part === "" ? undefined : commitOf(part, prefix);
    // All of its files look new: what it changed is not here.
    if (!commit || cutOff.has(commit.id)) return;
    count += 1;
    yield commit;
  };
  for await (const chunk of child.stdout as AsyncIterable<string>) {
    const parts = (rest + chunk).split(commitMark);
    rest = parts.pop() ?? "";
    for (const part of parts) yield* told(part);
  }
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw /unknown revision/.test(said) ? noCommits(folder) : gitFailed(said);
  yield* told(rest);
  if (count === 0 && cutOff.size > 0) throw historyCutOff(folder);
}

/** `id, time, subject`, then `:mode mode blob blob status NUL path NUL` for each file. */
function commitOf(text: string, prefix: string): GitCommit {
  const end = text.indexOf(endMark);
  const [id = "", seconds = "0", subject = ""] = text.slice(0, end).split(fieldMark);
  const changes: GitChange[] = [];
  const parts = text.slice(end + 1).split("\0");
  for (let at = 0; at < parts.length; at += 1) {
    const found = /^\n?:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]/.exec(parts[at] ?? "");
    if (!found) continue;
    at += 1;
    const file = parts[at] ?? "";
    if (!file.startsWith(prefix)) continue;
    const [, modeBefore = "", modeAfter = "", blobBefore = "", blobAfter = ""] = found;
    changes.push({
      path: file.slice(prefix.length),
      before: modeBefore === "000000" ? "" : `${modeBefore} ${blobBefore}`,
      after: modeAfter === "000000" ? "" : `${modeAfter} ${blobAfter}`,
    });
  }
  return { id, at: Number(seconds) * 1000, subject, changes };
}

/** Where the folder stands in its repository (`apps/web/`, empty at the top), and at which commits a shallow clone ends. */
async function placeOf(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly prefix: string; readonly cutOff: ReadonlySet<string> }> {
  const child = git(folder, ["rev-parse", "--show-prefix", "--git-path", "shallow"], signal);
  let [text, said] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    said = (said + part).slice(0, 2000);
  });
  const [code] = (await Promise.race([
    once(child, "close"),
    once(child, "error").then(([error]) => {
      throw gitMissing(error as Error);
    }),
  ])) as [number | null];
  if (code !== 0) {
    const foreign = /dubious ownership in repository at '(.+)'/.exec(said)?.[1];
    throw foreign === undefined ? notInGit(folder) : notTrusted(foreign);
  }
  const [prefix = "", shallow = ""] = text.split("\n");
  const listed = await readFile(path.resolve(folder, shallow), "utf8").catch(() => "");
  return { prefix: prefix.trim(), cutOff: new Set(listed.split("\n").filter((id) => id !== "")) };
}

function git(folder: string, args: readonly string[], signal: AbortSignal | undefined) {
  return spawn("git", ["-C", folder, "-c", "core.quotePath=false", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // A repository's own configuration must not start programs.
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", GIT_EXTERNAL_DIFF: "", GIT_PAGER: "cat", LC_ALL: "C" },
    ...(signal ? { signal } : {}),
  });
}
