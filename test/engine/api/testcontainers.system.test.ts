import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { buildSync } from "esbuild";
import { outputOf } from "../../support/docker-lab.ts";
import { describeWithDocker } from "../../support/docker-users.ts";

// The library keeps one engine a process, so each user's run is a process of its own.
const program = "out/tests/testcontainers-child/program.js";

describeWithDocker("a program that uses testcontainers", (lab) => {
  before(() => {
    buildSync({
      ...{ entryPoints: ["test/support/testcontainers-child.ts"], outfile: program, bundle: true },
      ...{ platform: "node", format: "cjs", packages: "external" },
    });
  });

  it("starts a database and what it builds beside it, waits in every way, copies both ways, restarts and stops", async () => {
    lab().write({
      "context/Dockerfile":
        'FROM busybox\nARG WORD\nRUN echo "$WORD" >/word\nCMD ["sh", "-c", "sleep 0.4; touch /ready; exec sleep 600"]\n',
    });
    const child = spawn(process.execPath, [program, `${lab().folder}/context`], {
      env: {
        ...process.env,
        DOCKER_HOST: `unix://${lab().socket}`,
        // Its reaper is an image of Docker Hub; in a container it would look for the engine's ports at the gateway.
        ...{ TESTCONTAINERS_RYUK_DISABLED: "true", TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1" },
      },
    });
    const { code, stdout, stderr } = await outputOf(child);
    assert.equal(code, 0, stderr);
    const { failure, ...seen } = JSON.parse(stdout) as { failure: string };
    assert.deepEqual(seen, {
      commands: { exitCode: 3, output: "hello b\n/data\nwrong\n", stdout: "hello b\n/data\n", stderr: "wrong\n" },
      early: "before the start\n",
      late: "afterwards\n",
      running: ["late", "afterwards\n"],
      afterEnd: ["early", "before the start\n"],
      neighbour: { exitCode: 0, output: "built\nafterwards\n", stdout: "built\nafterwards\n", stderr: "" },
      again: "afterwards\n",
      log: ["ready to accept connections", "closed", "ready to accept connections", "closed"],
    });
    assert.match(failure, /not received after 700ms/);
    const left = await lab().ok(["ps", "-a", "--format", "{{.ID}} {{.Status}}"]);
    assert.match(left, /^\w+ Exited \(0\) [^\n]*\n$/, "the one that was to stay");
    assert.equal(await lab().ok(["network", "ls", "-q", "--filter", "type=custom"]), "");
  });
});
