import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import type { BuildEvent, BuildRequest } from "../../../engine/base/build-events.ts";
import {
  bundleEngine,
  type EngineLab,
  gone,
  openEngineLab,
  ordinaryUser,
  root,
  type User,
} from "../../support/docker-lab.ts";

const users = [root, ordinaryUser()].filter((user) => user !== undefined);

describe("a RUN whose engine is killed", () => {
  let dist: Awaited<ReturnType<typeof bundleEngine>>;
  before(async () => {
    dist = await bundleEngine();
  });
  after(() => dist.dispose());
  for (const user of users) {
    it(`as ${user.name}: ends, keeps its caches, and leaves no secret`, () => test(user, dist.dir)).timeout(60_000);
  }
});

async function test(user: User, dist: string): Promise<void> {
  const lab = await openEngineLab(user, { dist });
  try {
    const dockerfile = (script: string) =>
      `FROM scratch\nCOPY busybox /bin/busybox\nSHELL ["/bin/busybox", "sh", "-c"]\nRUN --mount=type=cache,target=/c --mount=type=secret,id=s ${script}\n`;
    // Its own: other engines of this machine may run the same.
    const word = path.basename(lab.folder);
    lab.write({
      "app/busybox": "",
      "app/first": dockerfile(`echo ${word} > /c/file; echo up; while :; do /bin/busybox sleep 60; done`),
      "app/second": dockerfile("/bin/busybox cat /c/file"),
    });
    copyFileSync("/bin/busybox", path.join(lab.folder, "app/busybox"));
    const { pid } = await lab.status();
    let command = 0;
    await build(lab, "first", (event) => {
      if (event.type !== "log" || event.text !== "up") return;
      command = findProcess(`/bin/busybox\0sh\0-c\0echo ${word}`);
      process.kill(pid, "SIGKILL");
    });
    assert.ok(command > 0);
    await gone(pid);
    const { pid: next } = await lab.status();
    assert.notEqual(next, pid);
    await gone(command);
    const mounts = readFileSync(`/proc/${next}/mountinfo`, "utf8").split("\n");
    assert.deepEqual(
      mounts.filter((line) => line.includes(lab.home)),
      [],
    );
    assert.deepEqual(readdirSync(path.join(lab.home, "runs")), []);
    const events = await build(lab, "second");
    const said = events.flatMap((event) => (event.type === "log" ? [event.text] : []));
    assert.deepEqual(said, [word], JSON.stringify(events.at(-1)));
  } finally {
    await lab.dispose();
  }
}

function build(lab: EngineLab, file: string, onEvent?: (event: BuildEvent) => void): Promise<BuildEvent[]> {
  const request: BuildRequest = {
    contextPath: path.join(lab.folder, "app"),
    dockerfile: file,
    secrets: { s: { kind: "value", value: Buffer.from("a secret").toString("base64") } },
  };
  return new Promise((resolve, reject) => {
    const events: BuildEvent[] = [];
    const headers = { "content-type": "application/json" };
    const asked = http.request(
      { socketPath: lab.socket, path: "/drydock/build", method: "POST", headers },
      (answer) => {
        let rest = "";
        answer.setEncoding("utf8").on("data", (text: string) => {
          const lines = (rest + text).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            const event = JSON.parse(line) as BuildEvent;
            events.push(event);
            onEvent?.(event);
          }
        });
        // An engine that is killed breaks off in the middle.
        answer.on("error", () => resolve(events));
        answer.on("close", () => resolve(events));
      },
    );
    asked.on("error", reject);
    asked.end(JSON.stringify(request));
  });
}

function findProcess(commandLine: string): number {
  const found = readdirSync("/proc").find((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").startsWith(commandLine);
    } catch {
      return false;
    }
  });
  return Number(found ?? 0);
}
