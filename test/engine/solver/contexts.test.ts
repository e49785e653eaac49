import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { BuildRequest } from "../../../engine/base/build-events.ts";
import { FileTree } from "../../../engine/context/tree.ts";
import { checkRunnable } from "../../../engine/solver/emulation.ts";
import { tarHeader } from "../../../engine/solver/tar-header.ts";
import { layerListing, layersOf, makeEngine, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

describe("where the files of a build come from", () => {
  let engine: TestEngine;
  let place: ReturnType<typeof makeFolder>;
  beforeEach(async () => {
    engine = await makeEngine();
    place = makeFolder({
      "app/Dockerfile": "FROM scratch\nCOPY a /\n",
      "app/a": "from the folder",
      "app/.dockerignore": "hidden\n",
      "app/hidden": "h",
      "lib/x": "lib",
      "lib/skip": "s",
      "lib/.dockerignore": "skip\n",
    });
  });
  afterEach(() => {
    place.dispose();
    return engine.dispose();
  });

  const at = (name: string) => path.join(place.path, name);
  const lastLayer = async (request: Partial<BuildRequest> & { contextPath: string }): Promise<string[]> => {
    const { contextPath, ...rest } = request;
    const built = await engine.build(contextPath, rest);
    assert.equal(built.failure, undefined, built.failure?.error.message);
    return layerListing(engine.content, (await layersOf(engine, built.id)).at(-1) ?? ("" as never));
  };
  const names = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);

  it("says of an unpacked one which Dockerfile is missing, and not where it was unpacked", async () => {
    execFileSync("tar", ["-C", at("app"), "-cf", at("ctx.tar"), "a"]);
    for (const [asked, told] of [[{}, "Dockerfile"] as const, [{ dockerfile: "b/other" }, "b/other"] as const]) {
      const { failure } = await engine.build(at("ctx.tar"), asked);
      assert.equal(failure?.error.message, `the Dockerfile ${told} does not exist. Create it, or say where it is.`);
    }
  });

  it("a tar file, also compressed, or a Dockerfile alone", async () => {
    execFileSync("tar", ["-C", at("app"), "-cf", at("ctx.tar"), "."]);
    writeFileSync(at("ctx.tar.gz"), gzipSync(readFileSync(at("ctx.tar"))));
    for (const name of ["ctx.tar", "ctx.tar.gz"]) {
      assert.deepEqual(await lastLayer({ contextPath: at(name) }), ['a 644 0:0 "from the folder"']);
    }
    assert.deepEqual(
      await lastLayer({ contextPath: at("app/Dockerfile"), dockerfileText: "FROM scratch\nWORKDIR /w\n" }),
      ["w/ 755 0:0"],
    );
    writeFileSync(at("alone"), "FROM scratch\nWORKDIR /alone\n");
    assert.deepEqual(await lastLayer({ contextPath: at("alone") }), ["alone/ 755 0:0"]);
    writeFileSync(at("junk"), Buffer.from([1, 0, 2]));
    assert.match((await engine.build(at("junk"))).failure?.error.message ?? "", /neither a folder nor a tar/);
    assert.deepEqual(readdirSync(path.join(engine.home, "runs")), []);
  });

  it("a Dockerfile outside the context, and one that is no file", async () => {
    writeFileSync(at("Elsewhere"), "FROM scratch\nCOPY . /\n");
    writeFileSync(at("Elsewhere.dockerignore"), "*\n!a\n");
    assert.deepEqual(names(await lastLayer({ contextPath: at("app"), dockerfile: at("Elsewhere") })), ["a"]);
    assert.deepEqual(names(await lastLayer({ contextPath: at("app"), dockerfileText: "FROM scratch\nCOPY . /\n" })), [
      ".dockerignore",
      "Dockerfile",
      "a",
    ]);
  });

  describe("named contexts", () => {
    const build = (dockerfileText: string, buildContexts: Record<string, string>, more: Partial<BuildRequest> = {}) =>
      lastLayer({ contextPath: at("app"), dockerfileText, buildContexts, ...more });

    it("are folders with ignore files of their own", async () => {
      const text = "FROM scratch\nCOPY --from=lib . /\n";
      assert.deepEqual(names(await build(text, { lib: at("lib") })), [".dockerignore", "x"]);
      const built = await engine.build(at("app"), { dockerfileText: text, buildContexts: { lib: at("lib") } });
      assert.ok(
        built.steps.slice(1).every((step) => step.endsWith("cached")),
        built.steps.join("\n"),
      );
      writeFileSync(at("lib/x"), "other");
      assert.ok((await build(text, { lib: at("lib") })).includes('x 644 0:0 "other"'));
    });

    it("win over images and stages of their names, not over scratch", async () => {
      await engine.addImage("other", { mark: "other" });
      const stages = "FROM scratch AS built\nWORKDIR /never\nFROM scratch\nCOPY --from=built /mark /\n";
      writeFileSync(at("lib/mark"), "lib");
      assert.deepEqual(await build(stages, { built: at("lib") }), ['mark 644 0:0 "lib"']);
      assert.deepEqual(await build(stages, { BUILT: "docker-image://other" }), ['mark 644 0:0 "other"']);
      const image = "FROM alpine:latest\nCOPY a /\n";
      assert.deepEqual(names(await build(image, { "docker.io/library/alpine": "docker-image://other" })), ["a"]);
      assert.deepEqual(names(await build("FROM lib\nWORKDIR /w\n", { lib: at("lib") })), ["w/"]);
      const from = await engine.build(at("app"), { dockerfileText: "FROM lib\n", buildContexts: { lib: at("lib") } });
      const [first] = await layersOf(engine, from.id);
      assert.deepEqual(names(await layerListing(engine.content, first ?? ("" as never))), [
        ".dockerignore",
        "mark",
        "x",
      ]);
      assert.deepEqual(engine.pulls, []);
    });

    it("are image layouts", async () => {
      await engine.addImage("other", { mark: "layout" });
      const record = await engine.images.find("other");
      assert.ok(record);
      const layout = at("layout");
      mkdirSync(path.join(layout, "blobs"), { recursive: true });
      execFileSync("cp", ["-r", path.join(engine.home, "blobs/sha256"), path.join(layout, "blobs/sha256")]);
      const descriptor = { ...record.manifestDescriptor, annotations: { "org.opencontainers.image.ref.name": "v1" } };
      writeFileSync(path.join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
      const fresh = await makeEngine();
      try {
        for (const ref of ["", ":v1", `@${descriptor.digest}`]) {
          const built = await fresh.build(at("app"), {
            dockerfileText: "FROM base\nCOPY a /\n",
            buildContexts: { base: `oci-layout://${layout}${ref}` },
          });
          assert.equal(built.failure, undefined, built.failure?.error.message);
          assert.equal((await layersOf(fresh, built.id))[0], record.manifest.layers[0]?.digest);
        }
        const bad = await fresh.build(at("app"), {
          dockerfileText: "FROM base\n",
          buildContexts: { base: `oci-layout://${layout}:v2` },
        });
        assert.match(bad.failure?.error.message ?? "", /has no image "v2"/);
      } finally {
        await fresh.dispose();
      }
    });

    it("that nobody uses are not even looked at", async () => {
      assert.deepEqual(names(await build("FROM scratch\nCOPY a /\n", { unused: at("missing") })), ["a"]);
      const built = await engine.build(at("app"), {
        dockerfileText: "FROM scratch\nCOPY --from=used a /\n",
        buildContexts: { used: at("missing") },
      });
      assert.match(built.failure?.error.message ?? "", /does not exist/);
    });
  });

  it("pipes and devices come from stages, and never from a context", async () => {
    execFileSync("tar", ["-xf", "-", "-C", at("app")], { input: fifoTar() });
    const names = async (tree: FileTree) =>
      (await tree.list("")).map(({ path: name, entry }) => `${name} ${entry.type}`);
    assert.ok((await names(new FileTree(at("app"), { owners: true }))).includes("pipe fifo"));
    assert.ok(!(await names(new FileTree(at("app")))).some((line) => line.startsWith("pipe")));
    const nothing = await new FileTree("/dev", { owners: true }).find("null");
    assert.deepEqual([nothing?.entry.type, nothing?.entry.device], ["character-device", { major: 1, minor: 3 }]);
  });

  describe("SOURCE_DATE_EPOCH", () => {
    const dockerfileText =
      'FROM base\nARG SOURCE_DATE_EPOCH\nWORKDIR /w\nCOPY <<EOF a b/\nx\nEOF\nRUN echo $SOURCE_DATE_EPOCH > made\nCMD ["x"]\n';
    const buildArgs = { SOURCE_DATE_EPOCH: "1600000000" };

    it("makes the same image from the same inputs on another machine at another time", async () => {
      const ids = [];
      for (const now of [1_700_000_000_000, 1_800_000_000_000]) {
        let clock = now;
        const other = await makeEngine({
          now: () => {
            clock += 1000;
            return clock;
          },
        });
        await other.addImage("base", { "etc/passwd": "" });
        const built = await other.build(at("app"), { dockerfileText, buildArgs });
        assert.equal(built.failure, undefined, built.failure?.error.message);
        const record = await other.images.find(built.id ?? "");
        assert.equal(record?.config.created, "2020-09-13T12:26:40.000Z");
        assert.deepEqual(
          [...new Set(record?.config.history?.map(({ created }) => created))],
          ["2024-01-01T00:00:00Z", "2020-09-13T12:26:40.000Z"],
        );
        ids.push(record?.manifestDescriptor.digest);
        await other.dispose();
      }
      assert.equal(ids[0], ids[1]);
    });

    it("counts for the cache, and must be a number", async () => {
      await engine.addImage("base", { "etc/passwd": "" });
      const first = await engine.build(at("app"), { dockerfileText, buildArgs });
      assert.equal((await engine.build(at("app"), { dockerfileText, buildArgs })).id, first.id);
      assert.notEqual(
        (await engine.build(at("app"), { dockerfileText, buildArgs: { SOURCE_DATE_EPOCH: "1" } })).id,
        first.id,
      );
      const bad = await engine.build(at("app"), { dockerfileText, buildArgs: { SOURCE_DATE_EPOCH: "yesterday" } });
      assert.match(bad.failure?.error.message ?? "", /not a number of seconds/);
    });
  });

  describe("other platforms", () => {
    it("build without RUN, and say at a RUN which emulator is missing", async () => {
      await engine.addImage("base", { mark: "m" });
      engine.publish("docker.io/library/base:latest", { mark: "arm" });
      const from = await engine.build(at("app"), {
        dockerfileText: "FROM scratch\nCOPY a /\n",
        platform: "linux/s390x",
      });
      assert.equal((await engine.images.find(from.id ?? ""))?.config.architecture, "s390x");
      const arguments_ =
        "FROM --platform=$BUILDPLATFORM base\nARG TARGETPLATFORM TARGETARCH TARGETSTAGE BUILDARCH\nRUN echo $TARGETPLATFORM $TARGETARCH $TARGETSTAGE $BUILDARCH\n";
      const built = await engine.build(at("app"), { dockerfileText: arguments_, platform: "linux/arm/v7" });
      assert.deepEqual(built.log, ["linux/arm/v7 arm default amd64"]);
      const foreign = await engine.build(at("app"), {
        dockerfileText: 'FROM scratch\nCOPY a /\nRUN ["a"]\n',
        platform: "linux/riscv64",
      });
      assert.equal(foreign.failure?.error.drydock?.code, "runtime-unavailable");
      assert.equal(foreign.failure?.error.drydock?.range?.start.line, 2);
      assert.match(foreign.failure?.error.message ?? "", /cannot run programs for linux\/riscv64.*qemu-user-static/s);
    });

    it("run where the kernel knows an emulator that works in a container", () => {
      const amd64 = { os: "linux", architecture: "amd64" };
      const magic = `7f454c460201010000000000000000000200b700`;
      const entry = (flags: string) =>
        `enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ffffffffffffff00\n`;
      const arm64 = { os: "linux", architecture: "arm64" };
      const registered = makeFolder({ status: "enabled\n", register: "", "qemu-aarch64": entry("OCF") });
      const unusable = makeFolder({
        "qemu-aarch64": entry("OC"),
        "qemu-arm": entry("F").replace("enabled", "disabled"),
      });
      try {
        checkRunnable(arm64, amd64, registered.path);
        checkRunnable({ os: "linux", architecture: "386" }, amd64, "/nonexistent");
        assert.throws(() => checkRunnable({ os: "linux", architecture: "s390x" }, amd64, registered.path), /s390x/);
        assert.throws(() => checkRunnable(arm64, amd64, unusable.path), /linux\/arm64/);
      } finally {
        registered.dispose();
        unusable.dispose();
      }
    });
  });
});

/** A tar with one pipe, called `pipe`. */
function fifoTar(): Buffer {
  const header = tarHeader({ name: "pipe", type: "fifo", mode: 0o644, uid: 0, gid: 0, mtimeMs: 0, sizeBytes: 0 });
  return Buffer.concat([header, Buffer.alloc(1024)]);
}
