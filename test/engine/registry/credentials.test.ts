import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatMessage } from "../../../engine/base/message.ts";
import { credentialsFor } from "../../../engine/registry/credentials.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("credentials", () => {
  const scratch = scratchFolder();
  let problems: string[];
  const configFile = () => path.join(scratch(), "config.json");
  const write = (config: unknown) => writeFileSync(configFile(), JSON.stringify(config));
  const ask = (host: string) =>
    credentialsFor(host, { configFile: configFile(), onProblem: (problem) => problems.push(formatMessage(problem)) });
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  let savedPath: string | undefined;
  beforeEach(() => {
    problems = [];
    savedPath = process.env.PATH;
    mkdirSync(path.join(scratch(), "bin"));
    process.env.PATH = `${path.join(scratch(), "bin")}:${savedPath}`;
  });
  afterEach(() => {
    process.env.PATH = savedPath;
  });

  /** A helper that notes its arguments and its input, then runs the script. */
  function helper(name: string, script: string): () => string {
    const file = path.join(scratch(), "bin", `docker-credential-${name}`);
    const notes = path.join(scratch(), "notes");
    writeFileSync(file, `#!/bin/sh\n{ echo "$@"; cat; } > ${notes}\n${script}\n`);
    chmodSync(file, 0o755);
    return () => readFileSync(notes, "utf8");
  }
  const answer = (value: unknown) => `printf '%s' '${JSON.stringify(value)}'`;

  it("are none without a file", async () => {
    assert.equal(await ask("ghcr.io"), undefined);
    assert.deepEqual(problems, []);
  });

  for (const key of ["ghcr.io", "https://ghcr.io", "http://ghcr.io/v2/"]) {
    it(`are found under ${key}`, async () => {
      write({ auths: { "other.io": { auth: base64("x:y") }, [key]: { auth: base64("alice:pass:word") } } });
      assert.deepEqual(await ask("ghcr.io"), { username: "alice", password: "pass:word" });
      assert.equal(await ask("io"), undefined);
    });
  }

  for (const key of ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"]) {
    it(`for docker.io are found under ${key}`, async () => {
      write({ auths: { [key]: { auth: base64("alice:word\0\0") } } });
      assert.deepEqual(await ask("docker.io"), { username: "alice", password: "word" });
    });
  }

  it("may be an identity token, or stand in the open", async () => {
    write({ auths: { a: { auth: base64("u:"), identitytoken: "idt" }, b: { username: "u", password: "p" }, c: {} } });
    assert.deepEqual(await ask("a"), { username: "u", password: "", identityToken: "idt" });
    assert.deepEqual(await ask("b"), { username: "u", password: "p" });
    assert.equal(await ask("c"), undefined);
  });

  it("come from the host's helper before the store", async () => {
    write({ credsStore: "store", credHelpers: { "ghcr.io": "own" } });
    const notes = helper("own", answer({ ServerURL: "ghcr.io", Username: "alice", Secret: "word" }));
    helper("store", "exit 1");
    assert.deepEqual(await ask("ghcr.io"), { username: "alice", password: "word" });
    assert.equal(notes(), "get\nghcr.io\n");
  });

  it("come from the store, under docker.io's old address", async () => {
    write({ credsStore: "store" });
    const notes = helper("store", answer({ Username: "<token>", Secret: "idt" }));
    assert.deepEqual(await ask("docker.io"), { username: "", password: "", identityToken: "idt" });
    assert.equal(notes(), "get\nhttps://index.docker.io/v1/\n");
  });

  it("are none when the helper has none", async () => {
    write({ credsStore: "store" });
    helper("store", "echo credentials not found in native keychain; exit 1");
    assert.equal(await ask("ghcr.io"), undefined);
    assert.deepEqual(problems, []);
  });

  const broken: [string, string | undefined, string, RegExp][] = [
    ["is missing", undefined, "desktop.exe", /docker-credential-desktop\.exe failed \(ENOENT\)/],
    ["fails", "echo locked, s3cret; exit 3", "store", /docker-credential-store failed \(exit 3\)/],
    ["talks nonsense", "echo s3cret", "store", /docker-credential-store failed \(no JSON\)/],
    ["is a path", undefined, "../../bin/sh", /not the name of a credential helper/],
  ];
  for (const [what, script, name, message] of broken) {
    it(`are none when the helper ${what}; that is told without its words`, async () => {
      write({ credsStore: name });
      if (script) helper(name, script);
      assert.equal(await ask("ghcr.io"), undefined);
      assert.match(problems.join(), message);
      assert.doesNotMatch(problems.join(), /s3cret/);
    });
  }

  it("are none when the file is damaged; that is told without its words", async () => {
    writeFileSync(configFile(), '{"auths":{"ghcr.io":{"auth":"s3cret"');
    assert.equal(await ask("ghcr.io"), undefined);
    assert.match(problems.join(), /config\.json cannot be read/);
    assert.doesNotMatch(problems.join(), /s3cret/);
  });

  it("are looked for where DOCKER_CONFIG says", async () => {
    write({ auths: { "ghcr.io": { auth: base64("alice:word") } } });
    const saved = process.env.DOCKER_CONFIG;
    process.env.DOCKER_CONFIG = scratch();
    try {
      assert.equal((await credentialsFor("ghcr.io"))?.username, "alice");
    } finally {
      if (saved === undefined) delete process.env.DOCKER_CONFIG;
      else process.env.DOCKER_CONFIG = saved;
    }
  });
});
