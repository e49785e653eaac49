import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, rmSync } from "node:fs";
import path from "node:path";
import type { ReplayRequest } from "../../../../engine/base/replay.ts";
import { readGitLog } from "../../../../engine/forecast/replay/git-log.ts";
import { openForecaster } from "../../../../engine/forecast.ts";
import { writeFiles } from "../../../support/files.ts";
import { scratchFolder } from "../../../support/scratch.ts";

const bad = "FROM scratch\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\n";
const good = "FROM scratch\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n";

describe("engine/forecast/replay", function () {
  this.timeout(60_000);
  const scratch = scratchFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", scratch(), "-c", "user.name=a", "-c", "user.email=a@b", ...args], { stdio: "pipe" });
  let count = 0;
  const commit = (files: Record<string, string | null>, subject = `change ${++count}`) => {
    for (const [name, text] of Object.entries(files)) {
      if (text === null) rmSync(path.join(scratch(), name), { recursive: true });
      else writeFiles(scratch(), { [name]: text });
    }
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", subject);
  };
  const play = (more: Partial<ReplayRequest> = {}) =>
    openForecaster({ home: path.join(scratch(), ".home") }).replay({
      contextDir: scratch(),
      dockerfilePath: path.join(scratch(), "Dockerfile"),
      commits: 100,
      variants: [
        { id: "now", text: bad },
        { id: "proposed", text: good },
      ],
      ...more,
    });
  const rebuilt = async (id: string, more?: Partial<ReplayRequest>) =>
    Object.fromEntries(
      ((await play(more)).variants.find((variant) => variant.id === id)?.steps ?? []).map((step) => [
        step.instruction,
        step.rebuilt,
      ]),
    );
  beforeEach(() => {
    git("init", "-q", "-b", "main");
    commit({ "package.json": "{}", "src/a.js": "1", "README.md": "x", ".dockerignore": "README.md\n.home\n" }, "first");
  });

  it("counts how often each step would have been done again, in both orders", async () => {
    // Of other sizes: git may take files of one time and one size for unchanged.
    commit({ "src/a.js": "22" });
    commit({ "src/a.js": "333" });
    commit({ "package.json": '{"a":1}' });
    commit({ "README.md": "ignored" });
    const now = await rebuilt("now", { commits: 4 });
    assert.deepEqual([now["RUN npm ci"], now["RUN npm run build"], now["WORKDIR /app"]], [3, 3, 0]);
    const proposed = await rebuilt("proposed", { commits: 4 });
    assert.deepEqual([proposed["RUN npm ci"], proposed["RUN npm run build"]], [1, 3]);
  });

  it("finds old results again when a change is taken back", async () => {
    commit({ "src/a.js": "22" });
    commit({ "src/a.js": "1" });
    assert.equal((await rebuilt("now", { commits: 2 }))["RUN npm ci"], 1);
  });

  it("sees files that come, go, change their mode, and names with blanks and umlauts", async () => {
    commit({ "src/ä b.js": "1" });
    commit({ "src/ä b.js": null });
    git("update-index", "--chmod=+x", "src/a.js");
    git("commit", "-q", "-m", "mode");
    // The second takes the first back.
    assert.equal((await rebuilt("now", { commits: 3 }))["COPY . ."], 2);
  });

  it("knows the commits, merges as one, and counts the first commit of all as the start", async () => {
    git("checkout", "-q", "-b", "side");
    commit({ "src/b.js": "1" }, "on the side");
    commit({ "src/b.js": "22" }, "on the side again");
    git("checkout", "-q", "main");
    git("merge", "-q", "--no-ff", "-m", "merged", "side");
    const { commits, variants } = await play();
    assert.deepEqual(
      commits.map(({ subject }) => subject),
      ["first", "merged"],
    );
    assert.equal(variants[0]?.steps.find(({ instruction }) => instruction === "COPY . .")?.rebuilt, 2);
    assert.equal(variants[0]?.costMs.length, 2);
  });

  it("reads a context below the top of its repository", async () => {
    commit({ "apps/web/package.json": "{}", "other/x": "1" });
    commit({ "other/x": "22" });
    commit({ "apps/web/package.json": "{ }" });
    const contextDir = path.join(scratch(), "apps/web");
    const now = await rebuilt("now", { contextDir, dockerfilePath: path.join(contextDir, "Dockerfile"), commits: 2 });
    assert.equal(now["COPY . ."], 1);
  });

  it("says that there is no history", async () => {
    rmSync(path.join(scratch(), ".git"), { recursive: true });
    await assert.rejects(play(), /in no git repository/);
    git("init", "-q");
    await assert.rejects(play(), /has no commits yet/);
  });

  it("counts nothing where a shallow clone ends, and says when that is all of it", async () => {
    commit({ "src/a.js": "22" });
    commit({ "src/a.js": "333" });
    const clone = (depth: number) => {
      const contextDir = path.join(scratch(), `clone-${depth}`);
      execFileSync("git", ["clone", "-q", `--depth=${depth}`, `file://${scratch()}`, contextDir], { stdio: "pipe" });
      return { contextDir, dockerfilePath: path.join(contextDir, "Dockerfile") };
    };
    const two = await play(clone(2));
    assert.deepEqual(
      two.commits.map(({ subject }) => subject),
      [`change ${count}`],
    );
    const proposed = await rebuilt("proposed", clone(3));
    assert.deepEqual([proposed["RUN npm ci"], proposed["COPY . ."]], [0, 2]);
    await assert.rejects(play(clone(1)), /is in a shallow clone, which has no history/);
  });

  it("says when git does not trust the repository", async function () {
    if (process.getuid?.() !== 0) return this.skip();
    chownSync(scratch(), 12345, 12345);
    chownSync(path.join(scratch(), ".git"), 12345, 12345);
    await assert.rejects(play(), /git does not read .*: it belongs to another user/);
  });

  it("says what is wrong with a Dockerfile", async () => {
    await assert.rejects(play({ variants: [{ id: "now", text: "RUN x\n" }] }), /FROM/);
  });

  it("reads 1,000 commits of a repository with 20,000 files in seconds, without reading a file", async () => {
    const stream: string[] = ["blob\nmark :1\ndata 1\nx\n"];
    for (let n = 0; n < 1000; n += 1) {
      stream.push(`commit refs/heads/big\ncommitter a <a@b> ${1_700_000_000 + n} +0000\ndata 1\nc\n`);
      if (n === 0) for (let f = 0; f < 20_000; f += 1) stream.push(`M 100644 :1 d${f % 200}/f${f}\n`);
      stream.push(`M 100644 inline src/changing\ndata ${String(n).length}\n${n}\n`);
    }
    execFileSync("git", ["-C", scratch(), "fast-import", "--quiet"], { input: stream.join("") });
    git("symbolic-ref", "HEAD", "refs/heads/big");
    const before = performance.now();
    assert.equal((await rebuilt("now", { commits: 999 }))["COPY . ."], 999);
    assert.ok(performance.now() - before < 20_000);
    let changes = 0;
    for await (const one of readGitLog(scratch(), 999)) changes += one.changes.length;
    assert.equal(changes, 999);
  });
});
