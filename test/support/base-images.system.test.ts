// The ground the other tests stand on: the node image runs, and installs the example's packages without the internet.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { pushBaseImages } from "./base-images.ts";
import { type NpmRegistry, startNpmRegistry } from "./npm-registry.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const run = promisify(execFile);

describe("the base images of the tests", function () {
  this.timeout(120_000);
  let folder: string;
  let npm: NpmRegistry;
  let registry: TestRegistry;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "drydock-base-"));
    npm = await startNpmRegistry();
    registry = await startRegistry();
    await pushBaseImages(registry, { npmRegistry: npm.url });
  });
  after(async () => {
    await registry.stop();
    await npm.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("can be pulled by another engine's tools, and npm ci works inside", async () => {
    const layout = path.join(folder, "layout");
    const source = `docker://${registry.host}/library/node:24`;
    await run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, `oci:${layout}:node`]);
    const { stdout } = await run("skopeo", ["inspect", `oci:${layout}:node`]);
    const { Layers, Env } = JSON.parse(stdout) as { Layers: string[]; Env: string[] };
    assert.ok(Env.includes(`npm_config_registry=${npm.url}`));

    const root = path.join(folder, "root");
    mkdirSync(root);
    for (const digest of Layers) {
      await run("tar", ["-xzf", path.join(layout, "blobs/sha256", digest.slice("sha256:".length)), "-C", root]);
    }
    cpSync("examples/node-app", path.join(root, "app"), { recursive: true });
    const env = Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
    const inside = (command: string) => run("chroot", [root, "/bin/sh", "-c", command], { env });
    assert.match((await inside("docker-entrypoint.sh --version")).stdout, /^v24\./);
    await inside("cd /app && npm ci --omit=dev");
    assert.ok(readdirSync(path.join(root, "app/node_modules")).includes("express"));
    assert.ok(npm.requests.includes("express"));
  });
});
