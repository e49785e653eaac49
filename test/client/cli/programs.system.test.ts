// The commands that are programs of their own beside `cli.js`, as they are delivered.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { bundlePrograms, type Programs } from "../../support/cli-lab.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("commands that are programs of their own", function () {
  this.timeout(120_000);
  const scratch = scratchFolder();
  let programs: Programs;
  before(async () => {
    programs = await bundlePrograms();
  });
  after(() => programs?.dispose());

  const drydock = (args: readonly string[], locale: string) =>
    spawnSync(process.execPath, [path.join(programs.dir, "cli.js"), ...args], {
      cwd: scratch(),
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: scratch(), LC_ALL: locale },
    });

  it("say what to do, and in the reader's language", () => {
    writeFiles(scratch(), { Dockerfile: "FROM scratch\n" });
    for (const command of ["forecast", "replay"]) {
      const english = drydock([command, "nowhere"], "C");
      assert.equal(english.status, 1);
      assert.match(english.stderr, /nowhere does not exist\.\nGive the folder that holds the files of your app\.\n$/);
      assert.match(drydock([command, "nowhere"], "ko_KR.UTF-8").stderr, /nowhere이\(가\) 없습니다\.\n앱의 파일이/);
      assert.match(drydock([command, "Dockerfile"], "C").stderr, /Dockerfile is not a folder\n.* name the Dockerfile/);
    }
    assert.match(drydock(["replay", "."], "C").stderr, /is in no git repository\.\nHistory can be replayed/);
  });
});
