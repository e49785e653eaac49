import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { Readable } from "node:stream";
import { digestOf } from "../../../engine/base/digest.ts";
import { EngineError } from "../../../engine/base/errors.ts";
import { parseReference } from "../../../engine/oci/reference.ts";
import { type Descriptor, type Manifest, mediaTypes } from "../../../engine/oci/types.ts";
import { tarOfFolder, writeFileAside, writeFolder } from "../../../engine/solver/output-files.ts";
import { type Output, readOutputs } from "../../../engine/solver/output-options.ts";
import { createExporter } from "../../../engine/solver/outputs.ts";
import { readArchive } from "../../../engine/store/archive-images.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openImageStore } from "../../../engine/store/image-store.ts";
import { openPackedLayers } from "../../../engine/store/packed-layers.ts";
import { processesWith } from "../../support/cli-lab.ts";
import { failure } from "../../support/engine-errors.ts";
import { imageBlobs, storeImage, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

const tag = parseReference("ghcr.io/me/app:1");

describe("the output option", () => {
  const read = (text: string) => readOutputs([text], [tag])[0] as Output;

  it("is a folder, a tar, or a list of fields", () => {
    assert.deepEqual(read("/out"), { kind: "files", format: "local", dest: "/out" });
    assert.deepEqual(read("type=tar,dest=/a.tar"), { kind: "files", format: "tar", dest: "/a.tar" });
    assert.deepEqual(read('type=local,"dest=/a,b"'), { kind: "files", format: "local", dest: "/a,b" });
    assert.deepEqual(read("type=cacheonly"), { kind: "nothing" });
  });

  it("names the image like the build, or otherwise", () => {
    const names = (text: string) => (read(text) as Extract<Output, { kind: "image" }>).names;
    assert.deepEqual(names("type=image"), [tag]);
    assert.deepEqual(names('type=image,"name=a:1,b:2"'), [parseReference("a:1"), parseReference("b:2")]);
    assert.deepEqual(names("type=docker,oci-mediatypes=true"), [tag]);
    assert.deepEqual(names("type=oci,dest=/x"), [tag]);
  });

  it("says what is pushed, and in which form", () => {
    const image = (text: string) => read(text) as Extract<Output, { kind: "image" }>;
    assert.equal(image("type=registry").push, true);
    assert.equal(image("type=image").push, false);
    assert.deepEqual(image("type=image,push=true,oci-mediatypes=false,compression=zstd,compression-level=7").form, {
      compression: "zstd",
      level: 7,
      types: "docker",
    });
    assert.deepEqual(image("type=image,annotation.a.b=c=d").annotations, { "a.b": "c=d" });
  });

  it("names the types when it has none of them", () => {
    assert.throws(() => read("dest=/x"), /"dest=\/x": type= is missing/);
    assert.throws(
      () => read("type=foo,dest=/x"),
      /there is no type foo, only image, registry, oci, docker, local, tar/,
    );
  });

  it("is refused when it cannot be understood", () => {
    for (const text of [
      "type=rocket",
      "type=oci",
      "type=tar",
      "type=oci,dest=relative",
      'type=oci,"dest=/x',
      "type=oci,dest=/x,compression=lzma",
      "type=oci,dest=/x,compression=gzip,compression-level=12",
      "type=oci,dest=/x,tar=maybe",
      "type=image,psuh=true",
      "type=image,name=A:1",
      "type=image,=x",
    ]) {
      assert.throws(
        () => read(text),
        (error) => error instanceof EngineError && error.code === "invalid-argument",
        text,
      );
    }
  });
});

describe("outputs", () => {
  const scratch = scratchFolder();
  const { signal } = new AbortController();

  async function open() {
    const home = path.join(scratch(), "home");
    const content = await openContentStore(home);
    const image = imageBlobs({ layers: [await tarOf({ a: "a".repeat(100_000) })], gzip: false });
    const manifest = await storeImage(content, image);
    const pushes: { to: string; manifest: Descriptor; options: unknown }[] = [];
    const images = await openImageStore({ home, content, cache: await openCacheStore(home, content) });
    const root = path.join(scratch(), "root");
    mkdirSync(path.join(root, "etc"), { recursive: true });
    writeFileSync(path.join(root, "etc", "conf"), "new");
    symlinkSync("conf", path.join(root, "etc", "link"));
    const exporter = createExporter({
      content,
      images,
      packed: openPackedLayers(home, content),
      registry: {
        push: async (reference, pushed, { onProgress: _, signal: __, ...options } = {}) => {
          pushes.push({
            to: `${reference.registry}/${reference.repository}:${reference.tag}`,
            manifest: pushed,
            options,
          });
          return { ...pushed, digest: digestOf("pushed") };
        },
      },
      snapshots: {
        mountView: async () => ({ path: root, release: async () => {}, commit: () => Promise.reject(new Error("no")) }),
      },
      tar: "/usr/bin/tar",
    });
    const said: string[] = [];
    const layers = image.layers.map((descriptor) => ({ descriptor, diffId: descriptor.digest }));
    return {
      content,
      images,
      image,
      pushes,
      said,
      root,
      async deliver(...texts: string[]) {
        const outputs = readOutputs(texts, [tag]);
        await exporter.check(outputs);
        const tell = ({ template }: { template: string }) => void said.push(template);
        await exporter.deliver(outputs, { manifest, layers }, { signal, credentials: {}, tell });
      },
    };
  }
  const amd64 = { os: "linux", architecture: "amd64" };

  it("push, and remember under which digest the image is there", async () => {
    const { deliver, pushes, images, said } = await open();
    await deliver("type=registry,oci-mediatypes=false");
    assert.deepEqual(
      pushes.map(({ to, options }) => [to, options]),
      [["ghcr.io/me/app:1", { form: { types: "docker" }, annotations: {} }]],
    );
    const found = await images.find("ghcr.io/me/app:1");
    assert.deepEqual(found?.repoDigests, [`ghcr.io/me/app@${digestOf("pushed")}`]);
    assert.deepEqual(said, ["Pushing {name}", "Pushed {name}: {digest}"]);
    await deliver("type=image,push=true,store=false,name=ghcr.io/me/other:1,push-by-digest=true");
    assert.equal(pushes[1]?.to, "ghcr.io/me/other:undefined");
    assert.equal(await images.find("ghcr.io/me/other:1"), undefined);
  });

  it("are archives that can be loaded, compressed or not, with the name of the build", async () => {
    const { deliver, image } = await open();
    const at = (name: string) => path.join(scratch(), name);
    await deliver(`type=oci,dest=${at("a.oci.tar")}`, `type=docker,dest=${at("a.docker.tar")}`);
    for (const [file, type] of [
      ["a.oci.tar", mediaTypes.layerGzip],
      ["a.docker.tar", "application/vnd.docker.image.rootfs.diff.tar"],
    ] as const) {
      const other = await openContentStore(path.join(scratch(), file, "..", `${file}.home`));
      const [loaded] = await readArchive(other, Readable.from([readFileSync(at(file))]), { platform: amd64 });
      assert.deepEqual(loaded?.names, [tag]);
      const manifest = await other.readJson<Manifest>(loaded?.descriptor.digest ?? image.id);
      assert.equal(manifest.layers[0]?.mediaType, type);
      assert.equal(manifest.config.digest, image.id);
    }
    assert.equal(execFileSync("tar", ["-tf", at("a.oci.tar")]).includes("manifest.json"), false);
    assert.deepEqual(
      readdirSync(scratch()).filter((name) => /tar\./.test(name) && !name.endsWith("home")),
      [],
    );
  });

  it("are layouts in a folder, in which a name moves and others stay", async () => {
    const { deliver } = await open();
    const dest = path.join(scratch(), "layout");
    await deliver(`type=oci,dest=${dest},tar=false`);
    await deliver(`type=oci,dest=${dest},tar=false,name=other:2`);
    await deliver(`type=oci,dest=${dest},tar=false`);
    const { manifests } = JSON.parse(readFileSync(path.join(dest, "index.json"), "utf8"));
    assert.equal(manifests.length, 2);
    assert.deepEqual(readdirSync(dest).sort(), ["blobs", "index.json", "oci-layout"]);
  });

  it("are files in a folder, among what is there", async () => {
    const { deliver } = await open();
    const dest = path.join(scratch(), "out");
    mkdirSync(path.join(dest, "etc"), { recursive: true });
    writeFileSync(path.join(dest, "etc", "conf"), "old");
    writeFileSync(path.join(dest, "etc", "mine"), "mine");
    await deliver(dest);
    assert.equal(readFileSync(path.join(dest, "etc", "conf"), "utf8"), "new");
    assert.equal(readFileSync(path.join(dest, "etc", "mine"), "utf8"), "mine");
    assert.ok(lstatSync(path.join(dest, "etc", "link")).isSymbolicLink());
    assert.deepEqual(readdirSync(dest), ["etc"]);
  });

  it("never write through a symlink that lies in the folder", async () => {
    const { deliver } = await open();
    const dest = path.join(scratch(), "out");
    const elsewhere = path.join(scratch(), "elsewhere");
    mkdirSync(dest);
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, path.join(dest, "etc"));
    await deliver(dest);
    assert.deepEqual(readdirSync(elsewhere), []);
    assert.ok(lstatSync(path.join(dest, "etc")).isDirectory());
  });

  it("are tars of the files, also for whoever reads a socket", async () => {
    const { deliver } = await open();
    const file = path.join(scratch(), "root.tar");
    await deliver(`type=tar,dest=${file}`);
    assert.equal(execFileSync("tar", ["-tf", file], { encoding: "utf8" }), "etc/\netc/conf\netc/link\n");
    const socket = path.join(scratch(), "sock");
    const received = new Promise<Buffer>((resolve) => {
      const server = createServer(async (client) => {
        resolve(Buffer.concat(await client.toArray()));
        server.close();
      }).listen(socket);
    });
    await deliver(`type=tar,dest=unix:${socket}`);
    assert.ok((await received).equals(readFileSync(file)));
  });

  it("fail before the build when the place is wrong, and name it", async () => {
    const { deliver } = await open();
    mkdirSync(path.join(scratch(), "folder"));
    const folder = await failure("invalid-argument", deliver(`type=oci,dest=${scratch()}/folder`));
    assert.match(folder.message, /folder is a folder/);
    writeFileSync(path.join(scratch(), "file"), "");
    const file = await failure("forbidden", deliver(`${scratch()}/file`));
    assert.match(file.message, /file cannot be written \(ENOTDIR\)/);
    const nowhere = await failure("forbidden", deliver(`type=tar,dest=${scratch()}/file/below/x.tar`));
    assert.match(nowhere.message, /below\/x\.tar cannot be written/);
  });

  it("leave what was there when the writing fails", async () => {
    const dest = path.join(scratch(), "kept.tar");
    writeFileSync(dest, "kept");
    const broken = async function* () {
      yield Buffer.from("half");
      throw Object.assign(new Error("full"), { code: "ENOSPC", syscall: "write" });
    };
    const error = await failure("disk-full", writeFileAside(dest, broken(), signal));
    assert.match(error.message, /no space left for the output .*kept\.tar/);
    assert.equal(readFileSync(dest, "utf8"), "kept");
    assert.deepEqual(
      readdirSync(scratch()).filter((name) => name.startsWith("kept")),
      ["kept.tar"],
    );
    const folder = path.join(scratch(), "new");
    await failure("forbidden", writeFolder("/usr/bin/false", path.dirname(dest), folder, signal));
    assert.equal(existsSync(folder), false);
  });

  it("end tar quietly when the writing fails, or is cancelled, in the middle", async () => {
    const { root } = await open();
    writeFileSync(path.join(root, "large"), Buffer.alloc(8 * 1024 * 1024));
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", hear);
    try {
      await failure("disk-full", writeFileAside("/dev/full", tarOfFolder("/usr/bin/tar", root, signal), signal));
      const stop = new AbortController();
      const cancelledSoon = async function* () {
        for await (const chunk of tarOfFolder("/usr/bin/tar", root, stop.signal)) {
          yield chunk;
          stop.abort();
        }
      };
      await failure("cancelled", writeFileAside(path.join(scratch(), "x.tar"), cancelledSoon(), stop.signal));
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(unheard, []);
    } finally {
      process.removeListener("unhandledRejection", hear);
      for (const other of others) process.on("unhandledRejection", other);
    }
  });

  it("leave no tar behind that nobody reads any more", async () => {
    const { root } = await open();
    writeFileSync(path.join(root, "large"), Buffer.alloc(8 * 1024 * 1024));
    const tar = path.join(scratch(), "tar");
    const full = 'case "$*" in *-xpf*) echo "tar: No space left on device" >&2; exit 2;; esac';
    writeFileSync(tar, `#!/bin/sh\n${full}\nexec /usr/bin/tar "$@"\n`, { mode: 0o755 });
    await failure("disk-full", writeFolder(tar, root, path.join(scratch(), "small"), signal));
    assert.deepEqual(processesWith(`-C ${root}`), []);
  });

  it("belong to whoever builds", async () => {
    const { deliver, root } = await open();
    const dest = path.join(scratch(), "owned");
    writeFileSync(path.join(root, "tool"), "", { mode: 0o755 });
    await deliver(dest);
    assert.equal(statSync(path.join(dest, "tool")).uid, process.getuid?.());
    assert.equal(statSync(path.join(dest, "tool")).mode & 0o777, 0o755);
  });
});
