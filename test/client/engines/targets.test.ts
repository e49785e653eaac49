import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";
import { automaticOrder, findTargets } from "../../../client/engines/targets.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("client/engines/targets", () => {
  const home = scratchFolder();
  const find = (env: Record<string, string> = {}, platform: NodeJS.Platform = "linux") =>
    findTargets({ env: { XDG_RUNTIME_DIR: path.join(home(), "run"), ...env }, homeDir: home(), platform, uid: 1001 });
  const context = (name: string, host: string, skip = false) => {
    const hash = createHash("sha256").update(name).digest("hex");
    writeFiles(home(), {
      [`.docker/contexts/meta/${hash}/meta.json`]: JSON.stringify({
        Name: name,
        Endpoints: { docker: { Host: host, SkipTLSVerify: skip } },
      }),
    });
    return hash;
  };

  it("always has the embedded engine", () => {
    assert.equal(find()[0]?.id, "embedded");
  });

  it("finds a rootless socket, and takes what DOCKER_HOST says before it", () => {
    writeFiles(home(), { "run/docker.sock": "" });
    // This machine may have a docker of its own: then its socket comes first.
    assert.equal(find().filter(({ id }) => id === "docker").length, 1);
    const [docker] = find({ DOCKER_HOST: "tcp://box:2375" }).filter(({ id }) => id === "docker");
    assert.deepEqual(docker?.address, { kind: "tcp", host: "box", port: 2375 });
    assert.equal(docker?.current, true);
  });

  it("knows docker's contexts with their certificates, and which one is the current", () => {
    const hash = context("box", "tcp://box:2376");
    context("far", "ssh://me@far");
    writeFiles(home(), {
      [`.docker/contexts/tls/${hash}/docker/ca.pem`]: "ca",
      ".docker/config.json": JSON.stringify({ currentContext: "far" }),
    });
    const targets = find();
    const box = targets.find(({ id }) => id === "context:box");
    assert.deepEqual(box?.address, {
      kind: "tcp",
      host: "box",
      port: 2376,
      tls: { skipVerify: false, ca: path.join(home(), ".docker/contexts/tls", hash, "docker/ca.pem") },
    });
    assert.deepEqual(
      targets.filter(({ current }) => current).map(({ id }) => id),
      ["context:far"],
    );
    assert.deepEqual(
      find({ DOCKER_CONTEXT: "box" })
        .filter(({ current }) => current)
        .map(({ id }) => id),
      ["context:box"],
    );
  });

  it("leaves out what is broken", () => {
    context("bad", "nonsense");
    writeFiles(home(), { ".docker/contexts/meta/x/meta.json": "{", ".docker/config.json": "[" });
    assert.ok(!find().some(({ id }) => id === "context:bad"));
  });

  it("knows podman's socket and connections", () => {
    writeFiles(home(), {
      "run/podman/podman.sock": "",
      ".config/containers/podman-connections.json": JSON.stringify({
        Connection: { Connections: { machine: { URI: "ssh://core@localhost:1/run/p.sock", Identity: "/key" } } },
      }),
    });
    const targets = find().filter(({ kind }) => kind === "podman");
    assert.deepEqual(
      targets.map(({ id }) => id),
      ["podman", "podman:machine"],
    );
    assert.deepEqual(targets[1]?.address, {
      kind: "ssh",
      host: "localhost",
      user: "core",
      port: 1,
      path: "/run/p.sock",
      program: "podman",
      identityFile: "/key",
    });
  });

  it("knows the pipes of Windows", () => {
    const [, docker] = find({}, "win32");
    assert.deepEqual(docker?.address, { kind: "socket", path: "//./pipe/docker_engine" });
  });

  it("tries by itself what docker would use, then Podman, then the embedded one, and no context that nobody chose", () => {
    context("far", "ssh://me@far");
    writeFiles(home(), { "run/podman/podman.sock": "" });
    const order = automaticOrder(find({ DOCKER_HOST: "unix:///d.sock" })).map(({ id }) => id);
    assert.deepEqual(order, ["docker", "podman", "embedded"]);
  });
});
