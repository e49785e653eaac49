import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { type Digest, digestOf, hexOf } from "../../../engine/base/digest.ts";
import { formatReference, parseReference } from "../../../engine/oci/reference.ts";
import { mediaTypes } from "../../../engine/oci/types.ts";
import { readArchive } from "../../../engine/store/archive-images.ts";
import { type ArchivedImage, writeArchive } from "../../../engine/store/archive-write.ts";
import { openCacheStore } from "../../../engine/store/cache-store.ts";
import { openContentStore } from "../../../engine/store/content-store.ts";
import { openImageStore } from "../../../engine/store/image-store.ts";
import type { ContentStore } from "../../../engine/store/types.ts";
import { failure } from "../../support/engine-errors.ts";
import { type ImageBlobs, imageBlobs, json, storeImage, tarOf } from "../../support/image-blobs.ts";
import { scratchFolder } from "../../support/scratch.ts";

type File = Partial<Header> & { readonly name: string; readonly data?: Buffer | string };

async function archiveOf(files: readonly File[]): Promise<Buffer> {
  const tar = pack();
  for (const { data = "", ...header } of files) tar.entry(header, data);
  tar.finalize();
  return Buffer.concat(await Readable.from(tar).toArray());
}

describe("an archive of images", () => {
  const scratch = scratchFolder();
  const amd64 = { os: "linux", architecture: "amd64" };
  let content: ContentStore;
  let plain: ImageBlobs;
  let layerTar: Buffer;
  before(async () => {
    layerTar = await tarOf({ a: "a".repeat(5000) });
    plain = imageBlobs({ layers: [layerTar], gzip: false });
  });
  beforeEach(async () => {
    content = await openContentStore(path.join(scratch(), "home"));
  });

  const load = async (archive: Buffer, into = content) =>
    (await readArchive(into, Readable.from([archive]), { platform: amd64 })).map((image) => ({
      ...image,
      names: image.names.map(formatReference),
    }));
  const save = async (images: readonly ArchivedImage[]) =>
    Buffer.concat(await Readable.from(writeArchive(content, images, { kind: "docker" })).toArray());
  const configOf = (image: ImageBlobs) => image.blobs.get(image.id) ?? Buffer.alloc(0);
  const other = () => openContentStore(path.join(scratch(), "other"));

  it("holds everything, so that another engine has the same images with the same digests", async () => {
    const images = [plain, imageBlobs({ layers: [layerTar, await tarOf({ b: "b" })] })];
    for (const image of images) await storeImage(content, image);
    const names = [[parseReference("app:1"), parseReference("ghcr.io/me/app")], []];
    const archive = await save(images.map((image, at) => ({ descriptor: image.manifest, names: names[at] ?? [] })));
    const target = await other();
    assert.deepEqual(await load(archive, target), [
      { descriptor: plain.manifest, names: ["docker.io/library/app:1", "ghcr.io/me/app:latest"] },
      { descriptor: images[1]?.manifest, names: [] },
    ]);
    for (const image of images) for (const digest of image.blobs.keys()) assert.ok(target.has(digest));
  });

  it("is the same bytes each time", async () => {
    await storeImage(content, plain);
    const image = { descriptor: plain.manifest, names: [parseReference("app:1")] };
    assert.ok((await save([image])).equals(await save([image])));
  });

  it("is not begun when a part of the image is missing", async () => {
    await storeImage(content, plain);
    await content.remove(plain.layers[0]?.digest as Digest);
    await failure("content-corrupt", save([{ descriptor: plain.manifest, names: [] }]));
  });

  for (const [program, compress] of [
    ["gzip", (data: Buffer) => gzipSync(data)],
    ["xz", (data: Buffer) => execFileSync("xz", ["-c"], { input: data })],
    ["bzip2", (data: Buffer) => execFileSync("bzip2", ["-c"], { input: data })],
    ["zstd", (data: Buffer) => execFileSync("zstd", ["-qc"], { input: data })],
  ] as const) {
    it(`may be compressed with ${program}`, async () => {
      await storeImage(content, plain);
      const archive = await save([{ descriptor: plain.manifest, names: [parseReference("app:1")] }]);
      const [image] = await load(compress(archive), await other());
      assert.deepEqual(image?.descriptor, plain.manifest);
    });
  }

  it("of the first Docker engines is read: layers in folders, a link where one comes twice", async () => {
    const twice = imageBlobs({ layers: [layerTar, layerTar], gzip: false });
    const archive = await archiveOf([
      { name: "one/", type: "directory" },
      { name: "one/VERSION", data: "1.0" },
      { name: "one/json", data: "{}" },
      { name: "one/layer.tar", data: layerTar },
      { name: "two/layer.tar", type: "symlink", linkname: "../one/layer.tar" },
      { name: `${hexOf(twice.id)}.json`, data: configOf(twice) },
      { name: "repositories", data: "{}" },
      {
        name: "manifest.json",
        data: json([
          { Config: `${hexOf(twice.id)}.json`, RepoTags: ["app:1"], Layers: ["one/layer.tar", "two/layer.tar"] },
        ]),
      },
    ]);
    const [image] = await load(archive);
    assert.deepEqual(image?.names, ["docker.io/library/app:1"]);
    const images = await openImageStore({
      home: path.join(scratch(), "home"),
      content,
      cache: await openCacheStore(path.join(scratch(), "home"), content),
    });
    assert.equal((await images.add(image?.descriptor ?? plain.manifest, [])).id, twice.id);
  });

  it("keeps the images for other machines of an index that is complete, also through a collection", async () => {
    const arm = imageBlobs({ layers: [await tarOf({ arm: "arm" })], architecture: "arm64" });
    const index = json({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        { ...plain.manifest, platform: amd64 },
        { ...arm.manifest, platform: { os: "linux", architecture: "arm64" } },
      ],
    });
    const root = { mediaType: mediaTypes.index, digest: digestOf(index), size: index.byteLength };
    const annotations = { "org.opencontainers.image.ref.name": "ghcr.io/me/app:1" };
    const blobs = [...plain.blobs, ...arm.blobs, [root.digest, index] as const];
    const archive = await archiveOf([
      { name: "oci-layout", data: json({ imageLayoutVersion: "1.0.0" }) },
      { name: "index.json", data: json({ schemaVersion: 2, manifests: [{ ...root, annotations }] }) },
      ...blobs.map(([digest, data]) => ({ name: `blobs/sha256/${hexOf(digest)}`, data })),
    ]);
    const [image] = await readArchive(content, Readable.from([archive]), { platform: amd64 });
    assert.equal(image?.descriptor.digest, plain.manifest.digest);
    const home = path.join(scratch(), "home");
    const images = await openImageStore({ home, content, cache: await openCacheStore(home, content) });
    await images.add(image?.descriptor ?? plain.manifest, image?.names ?? []);
    await images.collect();
    assert.ok(content.has(arm.layers[0]?.digest as Digest));
    await images.remove("ghcr.io/me/app:1", { force: true });
    await images.collect();
    assert.deepEqual(await content.list(), []);
  });

  describe("that is hostile or damaged is refused:", () => {
    const good = () => [
      { name: "layer.tar", data: layerTar },
      { name: "config.json", data: configOf(plain) },
      { name: "manifest.json", data: json([{ Config: "config.json", RepoTags: ["a:1"], Layers: ["layer.tar"] }]) },
    ];
    const cases: Record<string, () => Promise<Buffer> | Buffer> = {
      "a name that climbs": () => archiveOf([{ name: "../evil", data: "x" }, ...good()]),
      "a name from the root": () => archiveOf([{ name: "/etc/passwd", data: "x" }, ...good()]),
      "a link that climbs": () => archiveOf([{ name: "l", type: "symlink", linkname: "../../etc/shadow" }, ...good()]),
      "a hard link to the root": () => archiveOf([{ name: "l", type: "link", linkname: "/etc/shadow" }, ...good()]),
      "a device": () => archiveOf([{ name: "d", type: "character-device" }, ...good()]),
      "a blob that is not what its name says": () =>
        archiveOf([{ name: `blobs/sha256/${"0".repeat(64)}`, data: "x" }, ...good()]),
      "a layer that is not what the configuration says": () =>
        archiveOf(good().map((file) => (file.name === "layer.tar" ? { ...file, data: Buffer.alloc(1024) } : file))),
      "a layer that only a loop of links leads to": () =>
        archiveOf([
          { name: "a", type: "symlink", linkname: "b" },
          { name: "b", type: "symlink", linkname: "a" },
          ...good().map((file) =>
            file.name === "manifest.json" ? { ...file, data: json([{ Config: "config.json", Layers: ["a"] }]) } : file,
          ),
        ]),
      "a manifest that climbs": () =>
        archiveOf([{ name: "manifest.json", data: json([{ Config: "../../etc/shadow", Layers: [] }]) }]),
      "a huge document": () => archiveOf([{ name: "manifest.json", data: Buffer.alloc(9 * 1024 * 1024, " ") }]),
      "a document that is none": () => archiveOf([{ name: "manifest.json", data: "{" }]),
      "no image": () => archiveOf([{ name: "readme", data: "hello" }]),
      "no tar": () => Buffer.alloc(2048, "x"),
      "a tar that ends early": async () => (await archiveOf(good())).subarray(0, 3000),
      "a gzip that ends early": async () => gzipSync(await archiveOf(good())).subarray(0, 100),
      "fewer layers than the configuration names": () =>
        archiveOf([
          { name: "config.json", data: configOf(plain) },
          { name: "manifest.json", data: json([{ Config: "config.json", Layers: [] }]) },
        ]),
      "nothing at all": () => Buffer.alloc(0),
    };
    for (const [name, make] of Object.entries(cases)) {
      it(name, async () => {
        await failure("invalid-argument", load(await make()));
      });
    }

    it("and the good one beside them is read", async () => {
      assert.deepEqual((await load(await archiveOf(good())))[0]?.names, ["docker.io/library/a:1"]);
    });
  });
});
