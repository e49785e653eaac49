import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ContainerInspectInfo } from "dockerode";
import { attachConfiguration, hook, inspectorAnswers, nodeDebugOptions } from "../../../client/debug/node-app.ts";

describe("a Node app under the debugger", () => {
  const container = {
    Id: "abcdef",
    Name: "/web",
    Image: "sha256:1",
    Config: {
      Env: ["PATH=/bin", "NODE_OPTIONS=--enable-source-maps", "A=b"],
      WorkingDir: "/app",
      Cmd: ["npm", "start"],
    },
    HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "3000" }] }, RestartPolicy: { Name: "always" } },
    NetworkSettings: {},
  } as unknown as ContainerInspectInfo;

  it("runs in a container like its own, with an inspector that only this machine reaches", () => {
    const image = { Env: ["PATH=/bin"], WorkingDir: "/app", Cmd: ["npm", "start"] };
    const options = nodeDebugOptions(container, image as never, "web-debug");
    assert.equal(options.name, "web-debug");
    assert.deepEqual(options.Env, ["A=b", "NODE_OPTIONS=--enable-source-maps --require /.drydock-inspect.cjs"]);
    assert.deepEqual(options.HostConfig?.PortBindings, {
      "80/tcp": [{ HostPort: "3000" }],
      "9229/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }],
    });
    assert.equal(options.HostConfig?.RestartPolicy?.Name, "");
    assert.deepEqual(options.Labels, { "drydock.debug.app": "web" });
    const { Config } = container;
    const plain = { ...container, Config: { ...Config, Env: [] } };
    assert.deepEqual(nodeDebugOptions(plain, undefined, "x").Env, ["NODE_OPTIONS=--require /.drydock-inspect.cjs"]);
  });

  it("is attached to with the folder that the image was built from", () => {
    const { localRoot, remoteRoot, address, port } = attachConfiguration({
      name: "web",
      port: 40_000,
      localRoot: "/w",
      workingDir: "/app",
    });
    assert.deepEqual([localRoot, remoteRoot, address, port], ["/w", "/app", "127.0.0.1", 40_000]);
  });

  it("waits for the debugger itself; what starts it does not", async function () {
    this.timeout(60_000);
    const folder = mkdtempSync(path.join(tmpdir(), "drydock-hook-"));
    const file = path.join(folder, "hook.cjs");
    // Any free port: this machine may have another inspector.
    writeFileSync(file, hook.replace("inspector.open(9229", "inspector.open(0"));
    for (const name of ["app.js", "npm-cli.js"]) writeFileSync(path.join(folder, name), "console.log('ran')");
    const run = (name: string) => spawn(process.execPath, ["--require", file, path.join(folder, name)]);
    try {
      const npm = run("npm-cli.js");
      const [code] = await once(npm, "exit");
      assert.equal(code, 0);
      const app = run("app.js");
      let printed = "";
      app.stdout.on("data", (data) => {
        printed += data;
      });
      let said = "";
      for await (const data of app.stderr) {
        said += data;
        if (said.includes("ws://")) break;
      }
      const port = Number(/ws:\/\/0\.0\.0\.0:(\d+)/.exec(said)?.[1]);
      assert.ok(await inspectorAnswers(port, async () => true));
      assert.equal(printed, "");
      app.kill();
      await once(app, "exit");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is given up when its container ends, or does not speak as an inspector", async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    let asked = 0;
    assert.equal(await inspectorAnswers(port, async () => ++asked < 2), false);
    assert.equal(asked, 2);
    server.close();
  });
});
