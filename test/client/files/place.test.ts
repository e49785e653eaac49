import assert from "node:assert/strict";
import { fileNodes } from "../../../client/files/nodes.ts";
import { below, modeText, type Place, placeOf, placeParts } from "../../../client/files/place.ts";
import type { FileEntry } from "../../../engine/base/files-api.ts";

const place: Place = { kind: "container", id: "abc", path: "/etc" };
const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name,
  type: "file",
  size: 12,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtimeMs: 0,
  ...more,
});

describe("client/files", () => {
  it("makes addresses of places and places of addresses", () => {
    assert.deepEqual(placeParts(place), { authority: "container", path: "/abc/etc" });
    assert.deepEqual(placeOf(placeParts(place)), place);
    assert.deepEqual(placeOf({ authority: "volume", path: "/data" }), { kind: "volume", id: "data", path: "/" });
    assert.equal(placeOf({ authority: "other", path: "/a/b" }), undefined);
    assert.equal(placeOf({ authority: "image", path: "/" }), undefined);
    assert.equal(below({ ...place, path: "/" }, "a b").path, "/a b");
  });

  it("shows folders first, links with what they lead to, sizes and owners", () => {
    const entries = [
      entry("b"),
      entry("dir", { type: "folder", mode: 0o755 }),
      entry("link", { type: "link", linkTarget: "dir", targetType: "folder" }),
      entry("pipe", { type: "fifo" }),
    ];
    const nodes = fileNodes(place, { entry: entry("etc", { type: "folder" }), entries, writable: true }, async () => ({
      entry: entry(""),
      writable: false,
    }));
    assert.deepEqual(
      nodes.map(({ label, description, kind }) => [label, description, kind]),
      [
        ["dir", "", "folder.writable"],
        ["link", "→ dir", "folder.writable"],
        ["b", "12 B", "file.writable"],
        ["pipe", "12 B", "file.writable"],
      ],
    );
    assert.equal(nodes[0]?.resource, "drydock-files://container/abc/etc/dir");
    assert.match(nodes[2]?.tooltip ?? "", /-rw-r--r-- 0:0/);
    assert.equal(nodes[3]?.command, undefined);
  });

  it("writes modes as ls does", () => {
    assert.equal(modeText(entry("a", { type: "folder", mode: 0o751 })), "drwxr-x--x");
  });
});
