import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { askRegistry, type RegistryQuestion } from "../../../client/peer/registries.ts";
import { failure } from "../../support/engine-errors.ts";
import { imageBlobs, tarOf } from "../../support/image-blobs.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("client/peer/registries: a registry on this machine, without TLS and with a login", () => {
  const scratch = scratchFolder();
  const login = { username: "alice", password: " s3cret word" };
  let registry: TestRegistry;
  let before: string | undefined;
  const ask = (question: RegistryQuestion) => askRegistry(question, [], new AbortController().signal);

  beforeEach(async () => {
    before = process.env.DOCKER_CONFIG;
    process.env.DOCKER_CONFIG = scratch();
    registry = await startRegistry({ login });
    const image = imageBlobs({ layers: [await tarOf({ a: "a" })] });
    for (const name of ["team/app:1.9", "team/app:1.10", "tool:latest"]) await registry.push(name, image);
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    await registry.stop();
  });

  it("lists repositories and tags once somebody has logged in, and no more when logged out", async () => {
    const { host } = registry;
    const repositories = { what: "repositories", registry: host } as const;
    await failure("registry-denied", ask(repositories));
    await failure("unauthorized", ask({ what: "login", registry: host, ...login, password: "wrong" }));
    assert.ok(!existsSync(path.join(scratch(), "config.json")));

    await ask({ what: "login", registry: host, ...login });
    assert.ok(!readFileSync(path.join(scratch(), "config.json"), "utf8").includes(login.password));
    assert.deepEqual(await ask(repositories), { repositories: [`${host}/team/app`, `${host}/tool`] });
    assert.deepEqual(await ask({ what: "tags", repository: `${host}/team/app` }), { tags: ["1.10", "1.9"] });

    assert.deepEqual(await ask({ what: "logout", registry: host }), { logout: true });
    await failure("registry-denied", ask(repositories));
  });

  it("says in words that nobody is there", async () => {
    const { host } = registry;
    await registry.stop();
    await failure("registry-unreachable", ask({ what: "repositories", registry: host }));
  });
});
