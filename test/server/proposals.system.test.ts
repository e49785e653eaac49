// Proposed Dockerfiles, really built, of the kinds whose base image can be made here; and run.
import assert from "node:assert/strict";
import { formatMessage } from "../../engine/base/message.ts";
import { proposals } from "../../server/features/proposals.ts";
import { nodeImage } from "../support/base-images.ts";
import { bundlePrograms, type CliLab, everyUser, openCliLab, type Programs } from "../support/cli-lab.ts";
import { said } from "../support/docker-lab.ts";
import { memoryProject } from "../support/memory-project.ts";
import { startNpmRegistry } from "../support/npm-registry.ts";
import { startRegistry } from "../support/registry.ts";

const answers =
  'require("node:http").createServer((_, answer) => answer.end("hi")).listen(8123, () => console.log("up"));\n';
const projects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "without a lock": {
    "package.json": '{"scripts":{"start":"node server.js"},"dependencies":{"ms":"2.1.3"}}',
    "server.js": `require("ms");\n${answers}`,
  },
  "whose build makes all that runs": {
    "package.json": '{"scripts":{"build":"node make.js","start":"node dist/main.js"}}',
    "make.js": `require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/main.js", ${JSON.stringify(answers)});\n`,
  },
  "whose build makes a part of it": {
    "package.json": '{"scripts":{"build":"node make.js","start":"node server.js"}}',
    "make.js": 'require("node:fs").mkdirSync("public"); require("node:fs").writeFileSync("public/a", "");\n',
    "server.js": `require("node:fs").statSync("public/a");\n${answers}`,
  },
  "of several packages": {
    "package.json": '{"private":true,"workspaces":["packages/*"]}',
    "packages/api/package.json":
      '{"name":"api","version":"1.0.0","scripts":{"start":"node server.js"},"dependencies":{"lib":"*","ms":"2.1.3"}}',
    "packages/api/server.js": `require("ms");\nrequire("lib");\n${answers}`,
    "packages/lib/package.json": '{"name":"lib","version":"1.0.0","scripts":{"build":"node make.js"}}',
    "packages/lib/make.js": 'require("node:fs").writeFileSync("index.js", "");\n',
  },
  "with hooks of git": {
    "package.json": '{"main":"server.js","scripts":{"prepare":"husky"},"dependencies":{"ms":"2.1.3"}}',
    "server.js": `require("ms");\n${answers}`,
  },
  "whose install runs a script of it": {
    "package.json": '{"main":"server.js","scripts":{"postinstall":"node make.js"},"dependencies":{"ms":"2.1.3"}}',
    "make.js": 'require("node:fs").writeFileSync("made", "");\n',
    "server.js": `require("ms");\nrequire("node:fs").statSync("made");\n${answers}`,
  },
};

describe("a proposed Dockerfile", () => {
  const undo: (() => unknown)[] = [];
  let programs: Programs;
  let mirror: string;
  before(async function () {
    this.timeout(120_000);
    const npm = await startNpmRegistry();
    const registry = await startRegistry();
    programs = await bundlePrograms();
    undo.push(
      () => npm.close(),
      () => registry.stop(),
      () => programs.dispose(),
    );
    await registry.push("library/node:24-slim", await nodeImage({ npmRegistry: npm.url }));
    mirror = registry.url;
  });
  after(async () => {
    for (const one of undo.reverse()) await one();
  });

  for (const user of everyUser()) {
    describe(`as ${user.name}`, function () {
      this.timeout(240_000);
      let lab: CliLab;
      before(async () => {
        lab = await openCliLab(user, programs, { registryMirrors: [mirror] });
      });
      after(() => lab?.dispose());

      for (const [name, files] of Object.entries(projects)) {
        it(`builds and runs a Node project ${name}, not as root`, async () => {
          const [proposed] = proposals(memoryProject(files), formatMessage).fitting;
          const folder = name.replaceAll(" ", "-");
          const all = {
            ...files,
            Dockerfile: proposed?.dockerfile ?? "",
            ".dockerignore": proposed?.dockerignore ?? "",
          };
          lab.write(Object.fromEntries(Object.entries(all).map(([file, text]) => [`${folder}/${file}`, text])));
          const tag = `${folder}:1`;
          await lab.ok(["build", "--progress", "plain", "-t", tag, folder]);
          const who = await lab.docker(["run", "--rm", "--entrypoint", "id", tag, "-u"]);
          assert.equal(who.stdout.trim(), "1000", who.stderr);
          const check = "require('node:http').get('http://127.0.0.1:8123', (a) => a.pipe(process.stdout))";
          const id = (await lab.docker(["run", "-d", "--init", tag])).stdout.trim();
          await said(lab.spawn("docker", ["logs", "--follow", id]), /^up$/m);
          assert.equal((await lab.docker(["exec", id, "node", "-e", check])).stdout, "hi");
          await lab.docker(["rm", "-f", id]);
        });
      }
    });
  }
});
