// What a person meets when something goes wrong: one message that says what happened and what to do, nothing half-made left,
// and the next build works.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BuildEvent } from "../engine/base/build-events.ts";
import type { ErrorBody, ErrorCode } from "../engine/base/errors.ts";
import { busyboxImage } from "./support/base-images.ts";
import {
  ask,
  bundlePrograms,
  type CliLab,
  everyUser,
  halfMade,
  openCliLab,
  type Programs,
  processesWith,
} from "./support/cli-lab.ts";
import { gone, logOf, type Output, outputOf, root, said } from "./support/docker-lab.ts";
import { type FakeRegistry, startFakeRegistry } from "./support/faulty-registry.ts";
import { imageBlobs, tarOf } from "./support/image-blobs.ts";
import { startRegistry, type TestRegistry } from "./support/registry.ts";

interface Fault {
  readonly files: Readonly<Record<string, string>>;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly hint: RegExp;
  /** Of the Dockerfile, from 1. */
  readonly line?: number;
  readonly exitCode?: number;
}

const dockerfile = (...lines: readonly string[]) => ({ Dockerfile: `${lines.join("\n")}\n` });

describe("when something goes wrong", () => {
  let registry: TestRegistry;
  let locked: TestRegistry;
  let broken: FakeRegistry;
  let programs: Programs;
  before(async function () {
    this.timeout(120_000);
    registry = await startRegistry();
    await registry.push("library/busybox:latest", await busyboxImage());
    locked = await startRegistry({ login: { username: "somebody", password: "secret" } });
    broken = await startFakeRegistry();
    programs = await bundlePrograms();
  });
  after(async () => {
    programs?.dispose();
    await Promise.all([registry, locked, broken].map((one) => one?.stop()));
  });

  const faults: Readonly<Record<string, () => Fault>> = {
    "a base image that nobody knows": () => ({
      files: dockerfile(`FROM ${registry.host}/library/busybxo`),
      code: "image-not-found",
      message: /^no such image: 127\.0\.0\.1:\d+\/library\/busybxo/i,
      hint: /^Check the spelling/,
      line: 1,
    }),
    "a registry that is down": () => ({
      files: dockerfile("FROM busybox", "COPY --from=127.0.0.1:1/tools /x /x"),
      code: "registry-unreachable",
      message: /^the registry 127\.0\.0\.1:1 cannot be reached: nothing listens there\.?$/i,
      hint: /^Is the registry running/,
      line: 2,
    }),
    "a registry that wants a login": () => ({
      files: dockerfile("ARG BASE=tools", `FROM ${locked.host}/$BASE`),
      code: "registry-denied",
      message: /^127\.0\.0\.1:\d+ wants a login\.?$/i,
      hint: /docker login 127\.0\.0\.1:\d+/,
      line: 2,
    }),
    "a command that fails": () => ({
      files: dockerfile("FROM busybox", "WORKDIR /srv", "RUN echo one && \\", "    echo two >&2 && exit 3"),
      code: "build-step-failed",
      message: /echo one .* returned a non-zero code: 3\.?$/i,
      hint: /^Last output:\none\ntwo$/,
      line: 3,
      exitCode: 3,
    }),
    "a command that does not exist": () => ({
      files: dockerfile("FROM busybox", "RUN apt-get update"),
      code: "build-step-failed",
      message: /'\/bin\/sh -c apt-get update' returned a non-zero code: 127\.?$/i,
      hint: /^A command was not found: install it .*\n.*apt-get: not found$/,
      line: 2,
      exitCode: 127,
    }),
    "a Dockerfile with mistakes": () => ({
      files: dockerfile("FROM busybox", "", "COPPY a b", "WORKDIR"),
      code: "dockerfile-syntax",
      message: /^Unknown instruction "COPPY"\. Did you mean COPY\?$/i,
      hint: /^See line 3 of the Dockerfile\. There is more:\n4: /,
      line: 3,
    }),
    "a file that is not there": () => ({
      files: dockerfile("FROM busybox", "RUN true", "COPY Package.json /"),
      code: "copy-source-not-found",
      message: /^"Package\.json" was not found in the build context\.?$/i,
      hint: /Check the spelling and upper and lower case/,
      line: 3,
    }),
    "a file that .dockerignore hides": () => ({
      files: { ...dockerfile("FROM busybox", "COPY dist/app.js /"), "dist/app.js": "", ".dockerignore": "dist\n" },
      code: "copy-source-not-found",
      message: /^"dist\/app\.js" is hidden from the build by \.dockerignore\.?$/i,
      hint: /Take it back with a line !dist\/app\.js/,
      line: 2,
    }),
    "a folder without a Dockerfile": () => ({
      files: { "README.md": "" },
      code: "not-found",
      message: /^the Dockerfile \/.*\/Dockerfile does not exist\.?$/i,
      hint: /^Create it, or say where it is/,
    }),
  };

  for (const user of everyUser()) {
    describe(`as ${user.name}`, function () {
      this.timeout(180_000);
      let lab: CliLab;
      before(async () => {
        lab = await openCliLab(user, programs, { registryMirrors: [registry.url] });
        lab.write({ "good/Dockerfile": "FROM busybox\nRUN echo good > /good\n" });
        await lab.ok(["build", "-t", "good", "good"]);
      });
      after(() => lab?.dispose());
      /** A fault, after which nothing half-made is left and the next build works. */
      const scenario = (title: string, body: () => Promise<void>) =>
        it(title, async () => {
          await body();
          assert.equal((await buildByApi(lab, "good")).at(-1)?.type, "done");
          assert.deepEqual(halfMade(lab.home), []);
          assert.deepEqual(await images(lab), ["busybox:latest", "good:latest"]);
        });

      for (const [what, fault] of Object.entries(faults)) {
        scenario(`says what to do about ${what}`, async () => {
          const { files, code, message, hint, line, exitCode } = fault();
          lab.write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`bad/${name}`, text])));
          try {
            const event = (await buildByApi(lab, "bad")).at(-1);
            assert.ok(event?.type === "failed", JSON.stringify(event));
            const error = event.error.drydock ?? assert.fail(event.error.message);
            assert.deepEqual([error.code, error.exitCode], [code, exitCode], event.error.message);
            assert.equal((error.range?.start.line ?? -1) + 1, line ?? 0);

            const output = await lab.drydock(["build", "-t", "never", "bad"]);
            const said = clear(output, 1);
            const withPlace = event.step !== undefined;
            if (withPlace) assert.match(said[0] ?? "", new RegExp(`^\\[\\d/\\d\\] .* \\(line ${line}\\)$`));
            const [first = "", ...rest] = said.slice(withPlace ? 1 : 0);
            // What is wrong before the first step, but for the text itself, says its line behind its words.
            const place = withPlace || line === undefined || code === "dockerfile-syntax" ? "" : ` (line ${line})`;
            assert.ok(first.endsWith(place), first);
            assert.match(first.slice(0, first.length - place.length), message);
            assert.match(rest.join("\n"), hint);
          } finally {
            rmSync(path.join(lab.folder, "bad"), { recursive: true });
          }
        });
      }

      scenario("says that a context is not there", async () => {
        const said = clear(await lab.drydock(["build", "nowhere"]), 1);
        assert.match(said.join("\n"), /^drydock: The context \/.*\/nowhere does not exist\.\nGive the folder/);
      });

      scenario("says which port is taken, by whom, and which one is free", async () => {
        const other = createServer().listen(0, "127.0.0.1");
        await once(other, "listening");
        const { port } = other.address() as AddressInfo;
        const words = clear(await lab.drydock(["run", "-d", "-p", `127.0.0.1:${port}:80`, "good", "sleep", "600"]), 1);
        assert.match(
          words.join("\n"),
          new RegExp(`^drydock: [Pp]ort 127\\.0\\.0\\.1:${port} is already in use by another`),
        );
        assert.match(words.join("\n"), /\nStop that program, or publish on \d+, which is free\.$/);
        assert.equal(await lab.ok(["ps", "-aq"]), "", "what could not start takes no name away");

        const HostConfig = { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] } };
        const body = { Image: "good", Cmd: ["sleep", "600"], HostConfig };
        const created = await ask(lab.socket, "POST", "/containers/create?name=second", body);
        const refused = await ask(lab.socket, "POST", "/containers/second/start");
        assert.deepEqual([created.status, refused.status, codeOf(refused.text)], [201, 500, "port-in-use"]);
        other.close();
        await once(other, "close");
        assert.equal((await ask(lab.socket, "POST", "/containers/second/start")).status, 204);

        const taken = clear(await lab.drydock(["run", "-d", "-p", `127.0.0.1:${port}:80`, "good", "sleep", "600"]), 1);
        assert.match(taken.join("\n"), /is already in use by container second\.\nStop second, or publish on \d+/);
        assert.equal((await ask(lab.socket, "DELETE", "/containers/second?force=1")).status, 204);
      });

      const firstFree = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
      if (user.uid !== 0 && firstFree > 0) {
        scenario("says that low ports are root's", async () => {
          const words = clear(await lab.drydock(["run", "-d", "-p", `${firstFree - 1}:80`, "good", "sleep", "600"]), 1);
          assert.match(
            words.join("\n"),
            new RegExp(`^drydock: [Pp]ort 0\\.0\\.0\\.0:${firstFree - 1} needs more rights`),
          );
          assert.match(words.join("\n"), /\nPublish on a higher port/);
          assert.equal(await lab.ok(["ps", "-aq"]), "");
        });
      }

      scenario("says which command is not in the image", async () => {
        const words = clear(await lab.drydock(["run", "-d", "good", "nod", "server.js"]), 127);
        assert.match(
          words.join("\n"),
          /^drydock: exec: "nod": executable file not found in \$PATH\.?\nInstall the package/,
        );
        const noFile = clear(await lab.drydock(["run", "--rm", "good", "/app/start.sh"]), 127);
        assert.match(
          noFile.join("\n"),
          /^drydock: exec: "\/app\/start\.sh": no such file .*\nThe file is not in the image/,
        );
        assert.equal(await lab.ok(["ps", "-aq"]), "");
      });

      scenario("says which container keeps an image", async () => {
        await lab.ok(["run", "-d", "--name", "keeper", "good", "sleep", "600"]);
        const running = clear(await lab.drydock(["rmi", "good"]), 1);
        assert.match(running.join("\n"), /container keeper is using it\.?\nStop and remove what runs first/);
        await lab.ok(["stop", "-t", "0", "keeper"]);
        const stopped = clear(await lab.drydock(["rmi", "good"]), 1);
        assert.match(stopped.join("\n"), /container keeper is using it\.?\nRemove the container keeper first/);
        await lab.ok(["rm", "keeper"]);
      });

      scenario("starts the engine again that was killed in the middle of a RUN, and goes on from there", async () => {
        const mark = `4343.${process.pid}`;
        const begin = ["FROM busybox", "RUN echo once > /once"];
        const write = (last: string) => lab.write({ "killed/Dockerfile": `${[...begin, last].join("\n")}\n` });
        write(`RUN echo begun && sleep ${mark}`);
        const building = lab.start(["build", "-t", "never", "killed"]);
        const output = outputOf(building);
        await said(building, /│ begun/);
        await killEngine(lab);
        const words = clear(await output, 1);
        assert.match(words.join("\n"), /^drydock: The engine ended in the middle of the work\.\nDo the same again/);

        write("RUN cat /once");
        const again = await lab.ok(["build", "killed"]);
        assert.match(again, /^\[2\/3\] RUN echo once > \/once reused$/m);
        assert.match(again, /^3 │ once$/m);
        assert.deepEqual(processesWith(mark), []);
        await ask(lab.socket, "POST", "/images/prune");
      });

      scenario("pulls only what is missing after the engine was killed in the middle of a pull", async () => {
        const layers = [await tarOf({ "small.txt": "small" }), await tarOf({ "large.txt": "large ".repeat(50_000) })];
        const image = imageBlobs({ layers, architecture: process.arch === "x64" ? "amd64" : process.arch });
        broken.serve("tools:1", image);
        const [small, large] = image.layers.map(({ digest }) => `/v2/tools/blobs/${digest}`);
        let stalled: () => void = () => undefined;
        const isStalled = new Promise<void>((resolve) => {
          stalled = resolve;
        });
        broken.fault = ({ path: asked, response }) => {
          if (asked !== large) return false;
          const data = broken.content.get(asked)?.data ?? Buffer.alloc(0);
          response.writeHead(200, { "content-length": data.length }).write(data.subarray(0, data.length / 2), stalled);
          return true;
        };
        const name = `${broken.host}/tools:1`;
        const pulling = outputOf(lab.start(["pull", name]));
        await isStalled;
        await untilStored(lab, image.layers[0]?.digest ?? "");
        await killEngine(lab);
        const words = clear(await pulling, 1);
        assert.match(words.join("\n"), /^drydock: The engine ended in the middle of the work\.\nDo the same again/);
        assert.doesNotMatch(await lab.ok(["images"]), /tools/);
        assert.deepEqual(halfMade(lab.home), []);

        broken.fault = () => false;
        const before = broken.requests.length;
        assert.equal(await lab.ok(["pull", name]), `${name}\n`);
        const after = broken.requests.slice(before).map((line) => line.split(" ")[1]);
        assert.deepEqual([after.includes(small), after.includes(large)], [false, true]);
        await lab.ok(["rmi", name]);
      });

      scenario("keeps containers and their logs when the engine is killed", async () => {
        const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";
        await lab.ok(["run", "-d", "--name", "survivor", "good", "sh", "-c", script]);
        const watching = lab.start(["logs", "-f", "survivor"]);
        await said(watching, /1/);
        watching.kill();
        await killEngine(lab);
        assert.match(await lab.ok(["ps"]), /Up .*survivor/);
        const lines = (await lab.ok(["logs", "survivor"])).trim().split("\n");
        assert.deepEqual(
          lines,
          lines.map((_, index) => String(index + 1)),
        );

        const following = lab.start(["logs", "-f", "survivor"]);
        const attached = lab.start(["run", "--name", "attached", "good", "sh", "-c", "echo up; exec sleep 600"]);
        const outputs = [following, attached].map(outputOf);
        await Promise.all([said(following, /1/), said(attached, /up/)]);
        await killEngine(lab);
        const [followed, ran] = (await Promise.all(outputs)).map((output) => clear(output, 1).join("\n"));
        assert.match(followed ?? "", /^drydock: The engine ended in the middle of the work\.\nDo the same again: /);
        assert.match(ran ?? "", /^drydock: The engine ended while container [0-9a-f]{12} ran; .*\nFollow it with /);
        await lab.ok(["rm", "-f", "attached"]);
        assert.equal(await lab.ok(["stop", "-t", "0", "survivor"]), "survivor\n");
        assert.match(await lab.ok(["ps", "-a"]), /Exited \(137\).*survivor/);
        await lab.ok(["rm", "survivor"]);
      });

      scenario("keeps a broken list of images aside and goes on", async () => {
        await killEngine(lab);
        writeFileSync(path.join(lab.home, "index.json"), '{"manifests":[{"med');
        assert.equal(await lab.ok(["images", "-q"]), "");
        assert.match(
          logOf(lab.home),
          /the list of images could not be read and was kept aside as .*index\.json\.broken-/,
        );
        assert.match(await lab.ok(["build", "-t", "good", "good"]), /RUN echo good > \/good reused/);
      });

      scenario("says what is in the way of its socket", async () => {
        const { pid } = JSON.parse((await ask(lab.socket, "GET", "/drydock/status")).text) as { pid: number };
        await lab.ok(["engine", "stop"]);
        await gone(pid);
        lab.write({ "run/drydock/engine.sock": "not a socket" });
        const words = clear(await lab.drydock(["ps"]), 1);
        assert.match(
          words.join("\n"),
          /^drydock: The engine cannot listen on .*engine\.sock: not a socket\.\nRemove what is/,
        );
        assert.ok(
          !existsSync(path.join(path.dirname(lab.socket), "holder.json")),
          "a start that failed left its holder",
        );
        rmSync(lab.socket);
        await lab.ok(["ps"]);
      });

      scenario("says what is in the way of its home", async () => {
        lab.write({ file: "" });
        const env = { DRYDOCK_HOME: path.join(lab.folder, "file"), DRYDOCK_HOST: `unix://${lab.folder}/other/e.sock` };
        const words = clear(await lab.drydock(["ps"], { env }), 1);
        assert.match(
          words.join("\n"),
          /^drydock: .*\/file cannot be made: .* a file is in the way\.\nSet DRYDOCK_HOME/,
        );
      });
    });
  }

  if (process.getuid?.() === 0) {
    describe("when the disk is full", function () {
      this.timeout(180_000);
      let lab: CliLab;
      let disk: string;
      const drydock = (...args: readonly string[]) => lab.drydock(args, { env: { DRYDOCK_HOME: disk } });
      before(async () => {
        lab = await openCliLab(root, programs);
        disk = mkdtempSync(path.join(tmpdir(), "drydock-disk-"));
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", disk]);
        writeFileSync(path.join(disk, "settings.json"), JSON.stringify({ registryMirrors: [registry.url] }));
      });
      after(async () => {
        const { code } = await drydock("engine", "stop");
        assert.equal(code, 0);
        await lab.dispose();
        execFileSync("umount", ["--lazy", disk]);
        rmSync(disk, { recursive: true });
      });

      it("says so, and goes on with what has room", async () => {
        lab.write({
          "large/Dockerfile": "FROM busybox\nRUN dd if=/dev/zero of=/large bs=1M count=30\n",
          "copied/Dockerfile": "FROM busybox\nCOPY large /\n",
          "copied/large": "no hole ".repeat(4_000_000),
          "small/Dockerfile": "FROM busybox\nRUN echo small > /small\n",
        });
        const ran = clear(await drydock("build", "large"), 1);
        assert.match(ran.join("\n"), /No space left on device/);
        const copied = clear(await drydock("build", "copied"), 1);
        assert.match(copied.join("\n"), /\nno space left .*\nRemove (unused )?images/i);
        assert.deepEqual(halfMade(disk), []);
        const small = await drydock("build", "small");
        assert.equal(small.code, 0, small.stderr);
      });
    });
  }
});

/** The lines of a failure. Nothing in them is meant for programmers. */
function clear({ code, stderr }: Output, expectedCode: number): string[] {
  assert.equal(code, expectedCode, stderr);
  assert.doesNotMatch(stderr, /^ +at |\bE[A-Z]{4,}\b|\(HTTP code|errno|undefined|\[object/m);
  const lines = stderr.trimEnd().split("\n");
  assert.equal(new Set(lines).size, lines.length, `said twice:\n${stderr}`);
  return lines;
}

async function buildByApi(lab: CliLab, folder: string): Promise<BuildEvent[]> {
  const request = { contextPath: path.join(lab.folder, folder), tags: folder === "bad" ? ["never"] : [] };
  const { status, text } = await ask(lab.socket, "POST", "/drydock/build", request);
  assert.equal(status, 200, text);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BuildEvent);
}

function codeOf(text: string): string | undefined {
  return (JSON.parse(text) as ErrorBody).drydock?.code;
}

async function images(lab: CliLab): Promise<readonly string[]> {
  const { text } = await ask(lab.socket, "GET", "/images/json");
  return (JSON.parse(text) as { RepoTags: string[] }[]).map(({ RepoTags }) => RepoTags.join()).sort();
}

/** The store has no events. */
async function untilStored({ home }: CliLab, digest: string): Promise<void> {
  while (!existsSync(path.join(home, "blobs", digest.replace(":", "/")))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function killEngine(lab: CliLab): Promise<void> {
  const { pid } = JSON.parse((await ask(lab.socket, "GET", "/drydock/status")).text) as { pid: number };
  process.kill(pid, "SIGKILL");
  await gone(pid);
}
