import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { Analysis } from "../../server/analysis.ts";
import { imagePage } from "../../server/features/image-pages.ts";
import { links } from "../../server/features/links.ts";
import { Projects } from "../../server/lint/project.ts";
import { contextOf } from "../support/hover.ts";

function linked(text: string, folder?: string): string[] {
  const input = folder === undefined ? {} : { project: new Projects().viewOf(path.join(folder, "Dockerfile")) };
  const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text }, { input });
  return links(analysis).map(({ range, target = "" }) => `${analysis.textOf(range)} → ${target}`);
}

describe("links", () => {
  it("lead from images to their page, and not from stages", () => {
    assert.deepEqual(linked("ARG V=24\nFROM --platform=x node:$V AS a\nFROM a\nFROM scratch\nFROM nobody:$NOTHING\n"), [
      "node:$V → https://hub.docker.com/_/node",
    ]);
    assert.deepEqual(linked("FROM \\\n  grafana/grafana\n"), [
      "grafana/grafana → https://hub.docker.com/r/grafana/grafana",
    ]);
    assert.deepEqual(linked("# syntax=docker/dockerfile:1\nFROM scratch\n"), [
      "docker/dockerfile:1 → https://hub.docker.com/r/docker/dockerfile",
    ]);
    assert.deepEqual(
      linked(
        "FROM scratch\nCOPY --from=quay.io/a/b:1 x y\nRUN --mount=from=ghcr.io/a/b,target=/x true\nCOPY --from=stage x y\n",
      ),
      [
        "quay.io/a/b:1 → https://quay.io/repository/a/b?tab=tags&tag=1",
        "ghcr.io/a/b → https://github.com/a/b/pkgs/container/b",
      ],
    );
  });

  it("know the pages of registries, and have none for others", () => {
    assert.equal(imagePage("docker.io/library/node@sha256:abc"), "https://hub.docker.com/_/node");
    assert.equal(imagePage("mcr.microsoft.com/dotnet/sdk:10.0"), "https://mcr.microsoft.com/artifact/mar/dotnet/sdk");
    assert.equal(imagePage("localhost:5000/a"), undefined);
    assert.equal(imagePage("a/b/c"), undefined);
    assert.equal(imagePage('x"><script>'), undefined);
  });

  it("lead from addresses in arguments, scripts, heredocs, labels and comments to where they say", () => {
    const text = [
      "FROM scratch",
      "# see https://example.com/a.",
      "LABEL url=https://example.com/b",
      "ADD https://example.com/c.tgz /",
      "RUN curl -L 'https://example.com/d?x=1&y=2' && \\",
      "  wget https://example.com/$VERSION/e",
      "RUN <<E",
      "curl https://example.com/f",
      "E",
      "",
    ].join("\n");
    assert.deepEqual(
      linked(text).map((link) => link.split(" → ")[1]),
      ["a", "b", "c.tgz", "d?x=1&y=2", "f"].map((end) => `https://example.com/${end}`),
    );
  });

  it("lead from sources to files of the context that are there", () => {
    const folder = contextOf({ "a b.txt": "", "src/x": "" });
    try {
      const found = linked(
        'FROM scratch\nCOPY src src/x missing *.js /x\nCOPY ["a b.txt", "/"]\nCOPY --from=0 src /\n',
        folder,
      );
      assert.deepEqual(
        found.map((link) => link.replace(/file:.*\//, "")),
        ["src/x → x", '"a b.txt" → a%20b.txt'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("lead from what a bind mount takes from the context, too", () => {
    const folder = contextOf({ "package.json": "{}", "a.txt": "" });
    try {
      const mounts = ["type=bind,source=package.json,target=/p", "src=./a.txt,dst=/a", "from=x,source=a.txt,target=/b"];
      const run = `FROM scratch\nRUN ${[...mounts, "type=cache,source=a.txt"].map((one) => `--mount=${one}`).join(" ")} true\n`;
      assert.deepEqual(
        linked(run, folder).map((link) => link.replace(/file:.*\//, "")),
        ["package.json → package.json", "./a.txt → a.txt"],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("move with their lines", () => {
    const text = "FROM scratch\nADD https://example.com/ /\n";
    const analysis = new Analysis({ uri: "file:///Dockerfile", version: 1, getText: () => text });
    links(analysis);
    const next = new Analysis(
      { uri: "file:///Dockerfile", version: 2, getText: () => `\n\n${text}` },
      { previous: analysis.dockerfile },
    );
    assert.deepEqual(
      links(next).map(({ range }) => range.start.line),
      [3],
    );
  });
});
