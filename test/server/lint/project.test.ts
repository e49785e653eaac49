import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Projects } from "../../../server/lint/project.ts";
import { writeFiles } from "../../support/files.ts";
import { scratchFolder } from "../../support/scratch.ts";

describe("the project around a Dockerfile", () => {
  const folder = scratchFolder();
  const dockerfile = () => path.join(folder(), "Dockerfile");

  it("tells names, files and texts below the context, and nothing above it", () => {
    writeFiles(folder(), {
      "app/package.json": "{}",
      "app/src/a.js": "",
      "app/bin": "a\0b",
      "app/big": "x".repeat(300_000),
      secret: "s",
    });
    const view = new Projects().viewOf(path.join(folder(), "app/Dockerfile"));
    assert.deepEqual([view.known, view.names], [true, ["big", "bin", "package.json", "src"]]);
    assert.deepEqual(
      ["package.json", "./src/a.js", "src/", "nothing", "../secret", "/package.json", "a\0b"].map((name) =>
        view.exists(name),
      ),
      [true, true, true, false, false, true, false],
    );
    assert.deepEqual(
      ["package.json", "src", "big", "bin", "nothing", "../secret"].map((name) => view.text(name)),
      ["{}", undefined, undefined, undefined, undefined, undefined],
    );
  });

  it("may have another folder than the Dockerfile's as context", () => {
    writeFiles(folder(), { "docker/Dockerfile": "", "docker/Dockerfile.dockerignore": "dist", "a.js": "" });
    const view = new Projects().viewOf(path.join(folder(), "docker/Dockerfile"), folder());
    assert.deepEqual([view.exists("a.js"), view.ignore?.name], [true, "docker/Dockerfile.dockerignore"]);
    assert.equal(view.ignores("dist/x"), true);
  });

  it("knows what the ignore file takes out", () => {
    writeFiles(folder(), { ".dockerignore": "node_modules\n*.log\n!keep.log\n" });
    const view = new Projects().viewOf(dockerfile());
    assert.deepEqual(
      ["node_modules", "./node_modules/a", "/x.log", "keep.log", "src", "."].map((name) => view.ignores(name)),
      [true, true, true, false, false, false],
    );
    writeFiles(folder(), { "Dockerfile.dockerignore": "src\n" });
    assert.deepEqual(
      ["node_modules", "src"].map((name) => new Projects().viewOf(dockerfile()).ignores(name)),
      [false, true],
    );
    writeFiles(folder(), { "Dockerfile.dockerignore": "[\n" });
    assert.equal(new Projects().viewOf(dockerfile()).ignores("src"), false);
  });

  it("is the same object until something changes that was asked for", () => {
    writeFiles(folder(), { "package.json": "{}", other: "" });
    // Long ago: what comes now comes at another time, however seldom the file system's clock ticks.
    utimesSync(folder(), 1, 1);
    const projects = new Projects();
    const first = projects.viewOf(dockerfile());
    assert.equal(first.text("package.json"), "{}");
    assert.equal(first.exists("src/a"), false);
    assert.equal(projects.viewOf(dockerfile()), first);
    writeFileSync(path.join(folder(), "other"), "more");
    assert.equal(projects.viewOf(dockerfile()), first);
    writeFileSync(path.join(folder(), "package.json"), '{"a":1}');
    const second = projects.viewOf(dockerfile());
    assert.notEqual(second, first);
    assert.equal(second.text("package.json"), '{"a":1}');
    mkdirSync(path.join(folder(), "src"));
    assert.deepEqual(projects.viewOf(dockerfile()).names, ["other", "package.json", "src"]);
    projects.forget();
    assert.notEqual(projects.viewOf(dockerfile()), second);
  });

  it("is unknown where there is no folder", () => {
    rmSync(folder(), { recursive: true });
    const view = new Projects().viewOf(dockerfile());
    assert.deepEqual(
      [view.known, view.names, view.exists("a"), view.text("a"), view.ignores("a")],
      [false, [], undefined, undefined, false],
    );
  });
});
