import assert from "node:assert/strict";
import { pack } from "tar-stream";
import type { BuildRequest } from "../../../engine/base/build-events.ts";
import { extractContext } from "../../../engine/context/extract.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

describe("what a build says of its RUN steps", () => {
  let engine: FakeEngine;
  let request: BuildRequest | undefined;
  beforeEach(async () => {
    engine = await fakeEngine();
    Object.assign(engine.services, { extractContext });
    request = undefined;
    engine.build = async (asked) => {
      request = asked;
      return undefined;
    };
  });
  afterEach(() => engine.close());

  async function context(): Promise<Buffer> {
    const tar = pack();
    tar.entry({ name: "Dockerfile" }, "FROM busybox\n");
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
  const classic = async (query: [string, string][]) =>
    engine.request("POST", `/build?${new URLSearchParams(query)}`, { body: await context() });
  const json = (fields: object) => engine.request("POST", "/drydock/build", { json: { contextPath: "/x", ...fields } });

  it("is read from the query that docker sends", async () => {
    await classic([
      ["extrahosts", "a:1.1.1.1"],
      ["extrahosts", "b:host-gateway"],
      ["networkmode", "none"],
      ["shmsize", "1048576"],
      ["ulimits", '[{"Name":"nofile","Hard":20,"Soft":10}]'],
    ]);
    assert.deepEqual(
      [request?.addHosts, request?.network, request?.shmSizeBytes, request?.ulimits],
      [["a:1.1.1.1", "b:host-gateway"], "none", 1048576, [{ name: "nofile", soft: 10, hard: 20 }]],
    );
  });

  it("is nothing when docker sends what means nothing", async () => {
    await classic([
      ["networkmode", "default"],
      ["shmsize", "0"],
      ["ulimits", "null"],
    ]);
    for (const name of ["addHosts", "network", "shmSizeBytes", "ulimits"]) assert.ok(!(name in (request ?? {})), name);
  });

  it("is refused when it cannot be", async () => {
    assert.equal((await classic([["ulimits", "x"]])).status, 400);
    assert.equal((await classic([["ulimits", '[{"Name":"nofile"}]']])).status, 400);
    const turned = await classic([["ulimits", '[{"Name":"nofile","Soft":5,"Hard":3}]']]);
    assert.equal(turned.status, 400);
    assert.match(JSON.stringify(turned.json()), /invalid ulimit: nofile=5:3/);
    assert.equal((await classic([["shmsize", "big"]])).status, 400);
    assert.ok((await classic([["networkmode", "container:x"]])).status >= 400);
    assert.equal(request, undefined);
  });

  it("is read from the body of a build of a folder", async () => {
    const fields = {
      secrets: { a: { kind: "file", path: "/s" }, b: { kind: "value", value: "eA==" } },
      ssh: { default: "/agent" },
      addHosts: ["a:1.1.1.1"],
      network: "host",
      shmSizeBytes: 5,
      ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
      allow: ["network.host"],
      noCacheFilter: ["a"],
    };
    await json(fields);
    assert.deepEqual(
      Object.fromEntries(Object.keys(fields).map((key) => [key, request?.[key as keyof BuildRequest]])),
      fields,
    );
  });

  it("is refused there, too, without a word of a secret", async () => {
    const value = "c2VjcmV0";
    for (const fields of [
      { network: "bridge" },
      { allow: ["everything"] },
      { shmSizeBytes: -1 },
      { ulimits: [{ name: "nofile" }] },
      { ulimits: [{ name: "nofile", soft: 5, hard: 3 }] },
      { secrets: { a: { kind: "file", path: "relative" } } },
      { secrets: { a: { kind: "text", value } } },
      { secrets: value },
      { ssh: { default: "relative" } },
    ]) {
      const answer = await json(fields);
      assert.equal(answer.status, 400, JSON.stringify(fields));
      assert.ok(!JSON.stringify(answer.json()).includes(value));
    }
    assert.equal(request, undefined);
  });
});
