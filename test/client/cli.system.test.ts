import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BuildEvent } from "../../engine/base/build-events.ts";
import { pushBaseImages } from "../support/base-images.ts";
import {
  bundlePrograms,
  type CliLab,
  everyUser,
  halfMade,
  openCliLab,
  type Programs,
  processesWith,
  untilIdle,
} from "../support/cli-lab.ts";
import { gone, outputOf, said } from "../support/docker-lab.ts";
import { freePort } from "../support/free-port.ts";
import { type NpmRegistry, startNpmRegistry } from "../support/npm-registry.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

describe("the drydock command", () => {
  let npm: NpmRegistry;
  let registry: TestRegistry;
  let programs: Programs;
  before(async function () {
    this.timeout(120_000);
    npm = await startNpmRegistry();
    registry = await startRegistry();
    await pushBaseImages(registry, { npmRegistry: npm.url });
    programs = await bundlePrograms();
  });
  after(async () => {
    programs?.dispose();
    await registry?.stop();
    await npm?.close();
  });

  for (const user of everyUser()) {
    describe(`as ${user.name}`, function () {
      this.timeout(180_000);
      let lab: CliLab;
      before(async () => {
        lab = await openCliLab(user, programs, { registryMirrors: [registry.url] });
        cpSync("examples/node-app", path.join(lab.folder, "app"), { recursive: true });
      });
      after(() => lab?.dispose());

      it("starts the engine, says how it is, and stops it", async () => {
        const off = await lab.drydock(["engine", "status"]);
        assert.deepEqual([off.code, off.stdout], [1, "The engine is not running.\n"]);
        assert.equal(await lab.ok(["engine", "stop"]), "The engine is not running.\n");

        for (let times = 0; times < 2; times++) {
          assert.equal(await lab.ok(["engine", "start"]), `DOCKER_HOST=unix://${lab.socket}\n`);
        }
        assert.equal(statSync(lab.socket).mode & 0o777, 0o600);
        assert.equal(statSync(path.dirname(lab.socket)).mode & 0o777, 0o700);
        assert.equal(statSync(lab.socket).uid, user.uid);
        const status = await lab.ok(["engine", "status"]);
        assert.match(status, new RegExp(`^home +${lab.home}$`, "m"));
        assert.match(status, user.uid === 0 ? /^isolation +root$/m : /^isolation +user-namespace$/m);

        const pid = Number(/^pid +(\d+)$/m.exec(status)?.[1]);
        const holder = JSON.parse(readFileSync(path.join(path.dirname(lab.socket), "holder.json"), "utf8"));
        assert.equal(await lab.ok(["engine", "stop"]), "");
        await gone(pid);
        // With nothing running, nothing of the engine is left: not even what holds its namespaces.
        await gone(holder.pid);
        assert.equal((await lab.drydock(["engine", "status"])).code, 1);
      });

      it("checks Dockerfiles without an engine", async () => {
        const first = path.resolve("examples/first-dockerfile/Dockerfile");
        const found = await lab.drydock(["lint", "--format", "json", first]);
        assert.equal(found.code, 1);
        const findings = JSON.parse(found.stdout) as Record<string, unknown>[];
        assert.ok(findings.length > 3);
        assert.deepEqual(findings[0] && Object.keys(findings[0]), [
          ...["file", "line", "column", "level", "code", "message", "endLine", "endColumn", "sameAs", "fixable"],
        ]);
        const lines = await lab.drydock(["lint", first]);
        assert.equal(lines.code, 1);
        assert.match(lines.stdout, /Dockerfile:1:\d+ error .* \(syntax\/inline-comment\)\n {4}\S/);

        assert.match(
          await lab.ok(["lint", "--format", "tty", "app/Dockerfile"]),
          /^app\/Dockerfile:6:5 hint .*\n {4}\S.*\n$/,
        );
        const without = ["--ignore", "cache/cache-mount", "app/Dockerfile"];
        assert.equal(await lab.ok(["lint", "--format", "tty", ...without]), "");
        assert.equal(await lab.ok(["lint", "--format", "json", ...without]), "[]\n");

        const input = readFileSync(first, "utf8");
        const typed = await lab.drydock(["lint", "-"], { input });
        assert.deepEqual([typed.code, /^-:1:\d+ error /m.test(typed.stdout)], [1, true]);

        const missing = await lab.drydock(["lint", "nothing", "app", "app/Dockerfile"]);
        assert.deepEqual([missing.code, missing.stderr], [2, "drydock: nothing does not exist\n"]);

        lab.write({ "many/clean/Dockerfile": "FROM scratch\n" });
        for (let at = 0; at < 300; at += 1) lab.write({ [`many/${at}/Dockerfile`]: "FROM node:24 # one\n" });
        const inThreads = await lab.drydock(["lint", "--format", "gnu", "many"]);
        const places = inThreads.stdout.match(/^many\/\d+\/Dockerfile:1\./gm) ?? [];
        assert.deepEqual([inThreads.code, places.length, places.join() === [...places].sort().join()], [1, 300, true]);

        const fixedInput = await lab.drydock(["lint", "--fix", "-"], { input: "FROM node:24 # one\n" });
        assert.deepEqual([fixedInput.code, fixedInput.stdout], [0, "# one\nFROM node:24\n"]);
        assert.equal((await lab.drydock(["engine", "status"])).code, 1, "no engine was started");
      });

      it("builds an app, reuses what is the same and copies what has changed", async () => {
        const build = ["build", "-t", "app:1", "--progress", "plain", "app"];
        const first = await lab.ok(build);
        assert.match(first, /^4 │ added \d+ packages/m);
        assert.match(first, /^Built app:1 in .* s \(0 of 5 steps reused\)\n$/m);
        const requests = npm.requests.length;

        const second = await lab.ok(build);
        assert.match(second, /^(\[\d\/5\] .* reused\n){5}Built app:1 in .* \(5 of 5 steps reused\)\n$/);

        writeFileSync(path.join(lab.folder, "app/page.js"), `${readFileSync("examples/node-app/page.js", "utf8")}\n`);
        const third = await lab.ok(build);
        assert.match(third, /\[4\/5\] RUN npm ci --omit=dev reused\n\[5\/5\] COPY \. \.\n5 └ done/);
        assert.match(third, /\(4 of 5 steps reused\)/);
        // Here, where no other step can make it older.
        assert.match(await lab.ok(["images"]), /^app +1 +[0-9a-f]{12} +just now +\d+(\.\d+)? MB$/m);
        assert.equal(npm.requests.length, requests);
      });

      it("builds with another file, arguments, labels, a target and without the cache", async () => {
        lab.write({
          "args/app.Dockerfile": [
            "FROM busybox AS first",
            "ARG WHO=nobody",
            "ARG HOSTED",
            'RUN echo "hello $WHO $HOSTED" > /words',
            "FROM first",
            "RUN exit 9",
            "",
          ].join("\n"),
        });
        const build = [
          ...["build", "-t", "args", "-f", "args/app.Dockerfile", "--target", "first", "--label", "who=me"],
          ...["--build-arg", "WHO=world", "--build-arg", "HOSTED", "--progress", "rawjson", "args"],
        ];
        const env = { HOSTED: "here" };
        const first = eventsOf(await lab.ok(build, { env }));
        assert.equal(first[0]?.type, "started");
        const done = first.at(-1);
        assert.ok(done?.type === "done" && done.tags[0] === "args:latest", JSON.stringify(done));
        assert.equal(await lab.ok(["run", "--rm", "args", "cat", "/words"]), "hello world here\n");

        const again = eventsOf(await lab.ok(build, { env })).at(-1);
        assert.ok(again?.type === "done" && again.cachedSteps === again.totalSteps);
        const anew = eventsOf(await lab.ok([...build, "--no-cache"], { env })).at(-1);
        assert.ok(anew?.type === "done" && anew.cachedSteps < anew.totalSteps);
        assert.match(await lab.ok(["rmi", "-f", "args"]), /^Untagged: args:latest$/m);
      });

      it("runs the app in the background, shows it and ends it", async () => {
        const port = await freePort();
        const id = (await lab.ok(["run", "-d", "--name", "web", "-p", `127.0.0.1:${port}:80`, "app:1"])).trim();
        assert.match(id, /^[0-9a-f]{64}$/);
        const following = lab.start(["logs", "-f", "web"]);
        const followed = outputOf(following);
        await said(following, /open on port 80/);
        const answer = await fetch(`http://127.0.0.1:${port}/health`);
        assert.deepEqual(await answer.json(), { status: "ok", entries: 0 });

        const row = `^${id.slice(0, 12)}   app:1   docker-entrypoint.sh node ser…   just now   Up .*   ${port}→80   web$`;
        assert.match(await lab.ok(["ps"]), new RegExp(row, "m"));
        assert.equal(await lab.ok(["ps", "-a", "-q"]), `${id.slice(0, 12)}\n`);
        assert.match(await lab.ok(["engine", "status"]), /^running containers +1$/m);

        assert.equal(await lab.ok(["stop", "web"]), "web\n");
        const { code, stdout } = await followed;
        assert.deepEqual([code, stdout], [0, "The guest book is open on port 80\nSIGTERM: closing\n"]);
        assert.equal(await lab.ok(["logs", "-n", "1", "web"]), "SIGTERM: closing\n");
        assert.equal(await lab.ok(["ps", "-q"]), "");
        assert.match(await lab.ok(["ps", "-a"]), /Exited \(0\)/);
        assert.equal(await lab.ok(["rm", "web"]), "web\n");
        assert.equal(await lab.ok(["ps", "-aq"]), "");
      });

      it("lists, pulls and removes images", async () => {
        assert.match(await lab.ok(["images"]), /^app +1 +[0-9a-f]{12} +\S.* +\d+(\.\d+)? MB$/m);
        assert.match(await lab.ok(["rmi", "app:1"]), /^Untagged: app:1\nDeleted: sha256:[0-9a-f]{64}\n/);
        assert.equal(await lab.ok(["pull", "busybox"]), "busybox\n");
        assert.match(await lab.ok(["images"]), /^busybox +latest /m);
        // The builds before have left images whose names went to newer ones.
        const ids = (await lab.ok(["images", "-q"])).trim().split("\n");
        assert.match(await lab.ok(["rmi", ...ids]), /^Deleted: /m);
        assert.equal(await lab.ok(["images", "-q"]), "");
      });

      it("runs a command in the foreground, with its output and its exit code", async () => {
        const pulled = await lab.drydock(["run", "--rm", "busybox", "echo", "hi"]);
        assert.deepEqual(pulled, { code: 0, stdout: "hi\n", stderr: "busybox is not here yet: pulling it.\n" });
        const failed = await lab.drydock(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"]);
        assert.deepEqual(failed, { code: 7, stdout: "out\n", stderr: "err\n" });
        const input = "typed\n".repeat(20_000);
        assert.equal(
          await lab.ok(["run", "--rm", "-i", "busybox", "tr", "a-z", "A-Z"], { input }),
          input.toUpperCase(),
        );
        assert.equal(
          await lab.ok(["run", "--rm", "-e", "A=b", "-w", "/tmp", "busybox", "sh", "-c", "echo $A $PWD"]),
          "b /tmp\n",
        );
        assert.match((await lab.drydock(["run", "--rm", "busybox", "df", "--help"])).stderr, /^BusyBox/);
        const unknown = await lab.drydock(["run", "--rm", "busybox", "no-such-command"]);
        assert.equal(unknown.code, 127);
        assert.match(unknown.stderr, /^drydock: exec: "no-such-command": .* not found in \$PATH\nInstall .*\n$/);
        assert.equal(await lab.ok(["ps", "-aq"]), "");
      });

      it("passes Ctrl+C on to what it runs", async () => {
        const running = lab.start([
          "run",
          "--rm",
          "busybox",
          "sh",
          "-c",
          "trap 'exit 5' INT; echo up; while :; do sleep 0.1; done",
        ]);
        const output = outputOf(running);
        await said(running, /up/);
        running.kill("SIGINT");
        assert.equal((await output).code, 5);

        const deaf = lab.start(["run", "--rm", "busybox", "sh", "-c", "echo up; exec sleep 600"]);
        const forced = outputOf(deaf);
        await said(deaf, /up/);
        deaf.kill("SIGINT");
        await said(deaf, /Once more to end it by force/);
        deaf.kill("SIGINT");
        assert.equal((await forced).code, 137);
        assert.equal(await lab.ok(["ps", "-aq"]), "");
      });

      it("cancels a build with Ctrl+C and leaves nothing of it", async () => {
        const mark = `4242.${process.pid}`;
        const imagesBefore = await lab.ok(["images"]);
        lab.write({ "slow/Dockerfile": `FROM busybox\nRUN echo begun && sleep ${mark}\n` });
        const building = lab.start(["build", "-t", "slow", "slow"]);
        const output = outputOf(building);
        await said(building, /│ begun/);
        assert.notDeepEqual(processesWith(mark), []);
        building.kill("SIGINT");
        const { code, stderr } = await output;
        assert.deepEqual(
          [code, stderr],
          [130, "The build was cancelled. What was finished is kept for the next one.\n"],
        );
        await untilIdle(lab);
        assert.deepEqual(processesWith(mark), []);
        assert.deepEqual(halfMade(lab.home), []);
        assert.equal(await lab.ok(["images"]), imagesBefore);
      });

      it("cancels a build when it is asked to end, and keeps nothing of what came from standard input", async () => {
        lab.write({ "tmp/.keep": "" });
        const env = { TMPDIR: path.join(lab.folder, "tmp") };
        const building = lab.start(["build", "-"], { env });
        building.stdin?.end(`FROM busybox\nRUN echo begun && sleep 4343.${process.pid}\n`);
        const output = outputOf(building);
        await said(building, /│ begun/);
        assert.equal(readdirSync(env.TMPDIR).length, 2);
        building.kill("SIGTERM");
        assert.equal((await output).code, 143);
        assert.deepEqual(readdirSync(env.TMPDIR), [".keep"]);
        await untilIdle(lab);
      });

      it("says how it is used when it was not understood", async () => {
        const wrong: readonly (readonly [readonly string[], RegExp])[] = [
          [[], /^Dockerfiles and containers, with nothing else installed\.\n\n {2}drydock engine /],
          [["nonsense"], /^drydock: there is no command "nonsense"/],
          [["build"], /^drydock build: one context is needed: a folder like \. or an address\n\S+ build --help .*\n$/],
          [
            ["build", "--nope", "."],
            /^drydock build: there is no option --nope\ndrydock build --help shows all options\.\n$/,
          ],
          [["build", ".", "-t"], /^drydock build: -t, --tag needs a value\ndrydock build --help /],
          [["build", "--no-cache=yes", "."], /^drydock build: --no-cache takes no value\ndrydock build --help /],
          [["ps", "web"], /^drydock ps: web is one argument too many\nusage: /],
          [["run"], /^drydock run: which image\?\nusage: /],
          [["run", "-p", "80:x", "busybox"], /^drydock run: "80:x" is not a port mapping\. Write .*\nusage: /],
          [["lint", "--format", "xml", "a"], /^drydock lint: --format is one of: tty, json, .*\nusage: /],
          [["engine", "restart"], /^drydock engine: start, stop or status\?\nusage: /],
        ];
        const outputs = await Promise.all(wrong.map(([args]) => lab.drydock(args)));
        for (const [index, [args, words]] of wrong.entries()) {
          const { code, stdout, stderr } = outputs[index] ?? assert.fail();
          assert.equal(code, 2, args.join(" "));
          assert.match(stdout + stderr, words);
        }
        assert.match(await lab.ok(["run", "--help"]), /^usage: drydock run /);
        assert.match(await lab.ok(["--version"]), /^drydock \d+\.\d+\.\d+\n$/);
      });

      it("speaks Korean to those whose terminal does", async () => {
        const env = { LANG: "ko_KR.UTF-8" };
        const missing = await lab.drydock(["stop", "nothing"], { env });
        assert.match(missing.stderr, /^drydock: .*\p{Script=Hangul}/u);
        lab.write({ "korean/Dockerfile": "FROM busybox\nRUN exit 3\n" });
        const { stdout, stderr } = await lab.drydock(["build", "korean"], { env });
        assert.match(stdout, /^\[1\/2\] FROM busybox 재사용$/m);
        assert.match(stderr, /^\[2\/2\] RUN exit 3 .*\n.*\p{Script=Hangul}/u);
      });
    });
  }
});

function eventsOf(text: string): BuildEvent[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
}
