import assert from "node:assert/strict";
import { extract, type Header } from "tar-stream";
import { EngineError } from "../../../engine/base/errors.ts";
import { TarRewriter } from "../../../engine/snapshot/tar-rewriter.ts";
import { fromOverlay, toOverlay } from "../../../engine/snapshot/whiteouts.ts";
import { type Entry, tarOf } from "../../support/layer-tar.ts";

const userForm = { attributes: "user", devices: false } as const;

async function read(tar: Buffer): Promise<(Header & { content: string })[]> {
  const archive = extract();
  archive.end(tar);
  const entries: (Header & { content: string })[] = [];
  for await (const entry of archive) {
    let content = "";
    for await (const part of entry) content += String(part);
    entries.push({ ...entry.header, content });
  }
  return entries;
}

async function rewrite(
  visitor: ReturnType<typeof toOverlay>,
  entries: readonly Entry[],
  pieceBytes = 1 << 20,
): Promise<Buffer> {
  const tar = await tarOf(entries);
  const rewriter = new TarRewriter(visitor);
  const output: Buffer[] = [];
  for (let at = 0; at < tar.length; at += pieceBytes) output.push(...rewriter.push(tar.subarray(at, at + pieceBytes)));
  return Buffer.concat([...output, ...rewriter.end()]);
}

const shape = (entries: readonly (Header & { content: string })[]) =>
  entries.map(({ name, type, linkname, pax }) =>
    [name, type, linkname ?? "", (pax as Record<string, string> | null)?.["SCHILY.xattr.user.overlay.opaque"] ?? ""]
      .join(" ")
      .trim(),
  );
const unpacked = async (entries: readonly Entry[]) => shape(await read(await rewrite(toOverlay(userForm), entries)));

describe("layer whiteouts", () => {
  it("leaves an ordinary archive as it is, byte for byte, in pieces of any size", async () => {
    const entries: Entry[] = [
      { name: "a/" },
      { name: "a/b", content: "x".repeat(3000) },
      { name: `a/${"long".repeat(60)}`, content: "y" },
      { name: "a/link", type: "symlink", linkname: "b" },
      { name: "a/hard", type: "link", linkname: "a/b" },
    ];
    const tar = await tarOf(entries);
    for (const bytes of [1, 100, 511, 513, 1 << 20])
      assert.deepEqual(await rewrite(toOverlay(userForm), entries, bytes), tar);
  });

  it("turns a deletion into a device and an opaque folder into an attribute", async () => {
    assert.deepEqual(
      await unpacked([
        { name: "d/" },
        { name: "d/.wh.gone" },
        { name: ".wh.top" },
        { name: "o/", mode: 0o700 },
        { name: "o/.wh..wh..opq" },
      ]),
      ["d/ directory", "d/gone character-device", "top character-device", "o/ directory", "o/ directory  y"],
    );
  });

  it("keeps what the same layer has under a deleted name", async () => {
    assert.deepEqual(
      await unpacked([
        { name: "f", content: "1" },
        { name: ".wh.f" },
        { name: ".wh.d" },
        { name: "d/" },
        { name: "e/" },
        { name: ".wh.e" },
      ]),
      ["f file", "d character-device", "d/ directory  y", "e/ directory", "e/ directory  y"],
    );
  });

  it("never writes through a link", async () => {
    assert.deepEqual(
      await unpacked([
        { name: "out", type: "symlink", linkname: "/etc" },
        { name: "out/passwd", content: "x" },
        { name: "up", type: "symlink", linkname: "../../.." },
        { name: "up/x", content: "x" },
        { name: "hard", type: "link", linkname: "out/passwd" },
      ]),
      ["out symlink /etc", "etc/passwd file", "up symlink ../../..", "x file", "hard link etc/passwd"],
    );
  });

  it("takes absolute names for names in the image", async () => {
    assert.deepEqual(
      await unpacked([
        { name: "/layers/x", content: "1" },
        { name: "./y", content: "" },
      ]),
      ["layers/x file", "y file"],
    );
  });

  it("drops devices, other people's attributes and overlayfs's own", async () => {
    const entries = await read(
      await rewrite(toOverlay(userForm), [
        { name: "dev", type: "block-device", devmajor: 8, devminor: 0 },
        { name: ".wh..wh.plnk", content: "" },
        {
          name: "f",
          content: "1",
          pax: {
            "SCHILY.xattr.user.overlay.redirect": "/etc",
            "SCHILY.xattr.trusted.x": "1",
            "SCHILY.xattr.user.mine": "1",
            "SCHILY.xattr.security.capability": "c",
          },
        },
      ]),
    );
    assert.deepEqual(
      entries.map(({ name, pax }) => [
        name,
        Object.keys(pax ?? {})
          .filter((key) => key.startsWith("SCHILY"))
          .toSorted(),
      ]),
      [["f", ["SCHILY.xattr.security.capability", "SCHILY.xattr.user.mine"]]],
    );
  });

  it("refuses what leads out, what is cut off and what is no archive", async () => {
    const corrupt = (error: unknown) =>
      error instanceof EngineError && error.code === "content-corrupt" && error.details.hint !== undefined;
    for (const entry of [
      { name: "a/../../b" },
      { name: ".wh..." },
      { name: ".wh." },
      { name: "x", type: "link", linkname: "../x" },
    ] as const) {
      await assert.rejects(unpacked([entry]), corrupt, entry.name);
    }
    await assert.rejects(unpacked([{ name: "a", type: "symlink", linkname: "a" }, { name: "a/b" }]), corrupt);
    const tar = await tarOf([{ name: "f", content: "x".repeat(5000) }]);
    for (const cut of [100, 1000]) {
      const rewriter = new TarRewriter(toOverlay(userForm));
      assert.throws(() => [rewriter.push(tar.subarray(0, cut)), rewriter.end()], corrupt);
    }
    assert.throws(() => new TarRewriter(toOverlay(userForm)).push(Buffer.alloc(1024, "x")), corrupt);
  });

  it("writes a writable layer as OCI wants it", async () => {
    const output = await read(
      await rewrite(fromOverlay(userForm), [
        { name: "./" },
        { name: "./d/", pax: { "SCHILY.xattr.user.overlay.opaque": "y", "SCHILY.xattr.user.overlay.impure": "y" } },
        { name: "./d/gone", type: "character-device", devmajor: 0, devminor: 0 },
        { name: "./f", content: "text", pax: { "SCHILY.xattr.user.overlay.origin": "z" } },
        { name: "./g", type: "link", linkname: "./f" },
      ]),
    );
    assert.deepEqual(shape(output), ["d/ directory", "d/.wh..wh..opq file", "d/.wh.gone file", "f file", "g link f"]);
    assert.equal(
      output.some(({ pax }) => pax && Object.keys(pax).some((key) => key.includes("overlay"))),
      false,
    );
    assert.equal(output[3]?.content, "text");
  });
});
