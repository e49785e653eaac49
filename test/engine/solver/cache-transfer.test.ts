import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { BuildRequest } from "../../../engine/base/build-events.ts";
import { formatMessage } from "../../../engine/base/message.ts";
import { layersOf, makeEngine, type TestBuild, type TestEngine } from "../../support/build-engine.ts";
import { makeFolder } from "../../support/files.ts";

const files = {
  Dockerfile: `FROM scratch AS tools
COPY tool /bin/tool
FROM scratch
COPY --from=tools /bin/tool /tool
COPY app /app
RUN echo made > made
`,
  tool: "tool",
  app: "app",
};

describe("a build cache that is carried to another engine", () => {
  const engines: TestEngine[] = [];
  let folder: ReturnType<typeof makeFolder>;
  const engine = async () => {
    const made = await makeEngine();
    engines.push(made);
    return made;
  };
  const build = (on: TestEngine, request: Partial<BuildRequest>): Promise<TestBuild> =>
    on.build(files, { dockerfile: "Dockerfile", ...request });
  const warnings = ({ events }: TestBuild) =>
    events.flatMap((event) => (event.type === "warning" ? [formatMessage(event.message)] : []));
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => {
    for (const made of engines.splice(0)) made.dispose();
    folder.dispose();
  });

  it("in a folder, with all steps: nothing is built again, and the image is the same", async () => {
    const [one, other] = [await engine(), await engine()];
    const first = await build(one, { cacheTo: [`type=local,dest=${folder.path},mode=max`] });
    assert.ok(first.id, first.failure?.error.message);
    const second = await build(other, { cacheFrom: [`type=local,src=${folder.path}`] });
    assert.deepEqual(
      second.steps.map((step) => step.replace(/.*: /, "")),
      second.steps.map(() => "cached"),
    );
    assert.deepEqual(other.runs, []);
    assert.equal(second.id, first.id);
    assert.deepEqual(await layersOf(other, second.id), await layersOf(one, first.id));
  });

  it("is BuildKit's document in an OCI layout", async () => {
    await build(await engine(), { cacheTo: [`type=local,dest=${folder.path},mode=max`] });
    const read = (file: string) => JSON.parse(readFileSync(path.join(folder.path, file), "utf8"));
    const blob = (digest: string) => read(`blobs/sha256/${digest.slice(7)}`);
    assert.deepEqual(read("oci-layout"), { imageLayoutVersion: "1.0.0" });
    const [entry] = read("index.json").manifests;
    assert.equal(entry.annotations["org.opencontainers.image.ref.name"], "latest");
    const manifest = blob(entry.digest);
    assert.equal(manifest.config.mediaType, "application/vnd.buildkit.cacheconfig.v0");
    const config = blob(manifest.config.digest);
    assert.deepEqual(
      config.layers.map(({ blob: digest }: { blob: string }) => digest),
      manifest.layers.map(({ digest }: { digest: string }) => digest),
    );
    assert.equal(config.records.length, 4);
    for (const [at, { parent }] of config.layers.entries()) assert.ok(parent < config.layers.length && parent !== at);
    for (const { inputs = [], layers } of config.records) {
      assert.ok(layers[0].layer < config.layers.length);
      for (const [{ link }] of inputs) assert.ok(link < config.records.length);
    }
  });

  it("with mode=min has only the steps of the image", async () => {
    const [one, other] = [await engine(), await engine()];
    await build(one, { cacheTo: [`type=local,dest=${folder.path}`] });
    const { steps, id } = await build(other, { cacheFrom: [`type=local,src=${folder.path}`] });
    assert.ok(id);
    assert.deepEqual(
      steps.filter((step) => step.endsWith(": done")),
      ["COPY tool /bin/tool: done"],
    );
  });

  it("keeps what others wrote there under another tag", async () => {
    const one = await engine();
    await build(one, { cacheTo: [`type=local,dest=${folder.path},tag=a`] });
    await build(one, { cacheTo: [`type=local,dest=${folder.path},tag=b`, `type=local,dest=${folder.path},tag=a`] });
    const { manifests } = JSON.parse(readFileSync(path.join(folder.path, "index.json"), "utf8"));
    assert.equal(manifests.length, 2);
  });

  it("that was tampered with is told and not used", async () => {
    const [one, other] = [await engine(), await engine()];
    await build(one, { cacheTo: [`type=local,dest=${folder.path},mode=max`] });
    const blobs = path.join(folder.path, "blobs/sha256");
    for (const name of readdirSync(blobs)) {
      const text = readFileSync(path.join(blobs, name), "utf8");
      // Only layers: the documents are looked through first.
      if (!text.startsWith("{")) writeFileSync(path.join(blobs, name), text.replace("app", "evi"));
    }
    const second = await build(other, { cacheFrom: [`type=local,src=${folder.path}`] });
    assert.ok(second.id);
    assert.ok(second.steps.includes("COPY app /app: done"));
    assert.match(warnings(second).join(), /build cache/);
  });

  it("that is not there is told, and the build goes on", async () => {
    const done = await build(await engine(), { cacheFrom: [`type=local,src=${folder.path}/none`, "no/such:1"] });
    assert.ok(done.id);
    assert.equal(warnings(done).length, 2);
    const [missing = ""] = warnings(done).filter((warning) => warning.includes("/none"));
    assert.match(missing, /holds no build cache that can be read: index\.json does not exist$/);
  });

  it("inside the image names its steps in both forms", async () => {
    const one = await engine();
    const { id } = await build(one, { cacheTo: ["type=inline"] });
    assert.ok(id);
    const config = await one.content.readJson<Record<string, string>>(id);
    const inner = JSON.parse(Buffer.from(config["moby.buildkit.cache.v0"] ?? "", "base64").toString());
    assert.equal(inner.records.length, 3);
    assert.equal(inner.layers.length, 3);
    assert.ok("drydock.cache.v0" in config);
    assert.equal((await build(one, { buildArgs: { BUILDKIT_INLINE_CACHE: "1" } })).id, id);
    assert.notEqual((await build(one, {})).id, id);
  });

  for (const place of ["type=local", "type=gha", "type=local,dest=relative", "type=s3,bucket=x", 'type=local,dest="']) {
    it(`cannot be kept in ${place}`, async () => {
      const { failure, steps } = await build(await engine(), { cacheTo: [place] });
      assert.ok(failure);
      assert.ok(["invalid-argument", "unsupported"].includes(failure.error.drydock?.code ?? ""));
      assert.deepEqual(steps, []);
    });
  }

  it("that cannot be written fails the build, unless errors are to be ignored", async () => {
    const file = path.join(folder.path, "file");
    writeFileSync(file, "");
    const failed = await build(await engine(), { cacheTo: [`type=local,dest=${file}/x`] });
    assert.ok(failed.failure);
    const ignored = await build(await engine(), { cacheTo: [`type=local,dest=${file}/x,ignore-error=true`] });
    assert.ok(ignored.id);
    assert.equal(warnings(ignored).length, 1);
    assert.ok(!existsSync(`${file}/x`));
  });
});
