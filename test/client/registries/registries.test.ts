import assert from "node:assert/strict";
import { changeEntries, dockerHub } from "../../../client/registries/entries.ts";
import { compareTags } from "../../../client/registries/tag-order.ts";
import { type RegistryNode, registryNodes } from "../../../client/views/registries.ts";
import { formatMessage } from "../../../engine/base/message.ts";

describe("client/registries", () => {
  it("sorts tags by what a version means", () => {
    const sorted = [
      "latest",
      "24",
      "24.1.0",
      "24.1",
      "v20.9",
      "20.10.0",
      "20.10",
      "2.0",
      "2.0-rc1",
      "1.10",
      "1.9",
      "1.9-alpine",
      "alpine",
      "slim",
    ];
    for (const shuffled of [[...sorted].reverse(), [...sorted].sort()]) {
      assert.deepEqual(shuffled.sort(compareTags), [
        "latest",
        "24",
        "24.1",
        "24.1.0",
        "20.10",
        "20.10.0",
        "v20.9",
        "2.0",
        "2.0-rc1",
        "1.10",
        "1.9",
        "1.9-alpine",
        "alpine",
        "slim",
      ]);
    }
  });

  it("adds registries, namespaces and repositories, and takes them away", () => {
    const host = "localhost:5000";
    let entries = changeEntries([dockerHub], "add", { host });
    entries = changeEntries(entries, "add", { host: "docker.io", namespace: "team" });
    entries = changeEntries(entries, "add", { host, repository: `${host}/a/b` });
    entries = changeEntries(entries, "add", { host, repository: `${host}/a/b` });
    assert.deepEqual(entries, [
      { host: "docker.io", namespaces: ["library", "team"] },
      { host, repositories: [`${host}/a/b`] },
    ]);
    entries = changeEntries(entries, "remove", { host: "docker.io", namespace: "library" });
    entries = changeEntries(entries, "remove", { host });
    assert.deepEqual(entries, [{ host: "docker.io", namespaces: ["team"] }]);
    assert.deepEqual(changeEntries([], "add", { host: "docker.io" }), [dockerHub]);
  });

  const asked: string[] = [];
  const sources = {
    repositories: async (host: string, namespace?: string) => {
      asked.push(`${host} ${namespace}`);
      if (host === "closed.example") throw new Error("lists nothing");
      return namespace === undefined ? [`${host}/b`, `${host}/a`] : ["node", "alpine"];
    },
    tags: async (repository: string) => {
      asked.push(repository);
      return Array.from({ length: 250 }, (_, at) => `1.${at}`);
    },
    problem: (error: unknown) => (error as Error).message,
    translate: formatMessageOf,
  };
  function formatMessageOf(message: Parameters<typeof formatMessage>[0]) {
    return formatMessage(message);
  }
  const open = async (node: RegistryNode | undefined) => ((await node?.loadChildren?.()) ?? []) as RegistryNode[];

  it("asks a registry when its row is opened, and not before", async () => {
    asked.length = 0;
    const [hub, own] = registryNodes([dockerHub, { host: "localhost:5000" }], sources);
    assert.deepEqual(asked, []);
    const [library] = await open(hub);
    assert.deepEqual([library?.label, library?.description], ["library", "official images"]);
    assert.deepEqual(
      (await open(library)).map(({ label, repository }) => [label, repository]),
      [
        ["alpine", "alpine"],
        ["node", "node"],
      ],
    );
    const [first] = await open(own);
    assert.deepEqual([first?.label, first?.repository], ["a", "localhost:5000/a"]);
    assert.deepEqual(asked, ["docker.io library", "localhost:5000 undefined"]);
  });

  it("shows a hundred tags, the newest first, and the others when they are asked for", async () => {
    const [, own] = registryNodes([dockerHub, { host: "localhost:5000" }], sources);
    const tags = await open((await open(own))[0]);
    assert.equal(tags.length, 101);
    assert.deepEqual([tags[0]?.label, tags[0]?.reference], ["1.249", "localhost:5000/a:1.249"]);
    assert.equal(tags[100]?.label, "150 more");
    assert.equal((await open((await open(tags[100]))[100])).length, 50);
  });

  it("has what was named by hand where a registry lists nothing, and says why", async () => {
    const [closed] = registryNodes([{ host: "closed.example", repositories: ["closed.example/team/app"] }], sources);
    assert.deepEqual(
      (await open(closed)).map(({ kind, label }) => [kind, label]),
      [
        ["registry.problem", "lists nothing"],
        ["registry.again", "Try Again"],
        ["registry.repository.added", "team/app"],
      ],
    );
  });
});
