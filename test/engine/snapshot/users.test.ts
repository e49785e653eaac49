import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { resolveInRoot } from "../../../engine/snapshot/root-path.ts";
import { resolveUser } from "../../../engine/snapshot/users.ts";

describe("looking things up in a root file system", () => {
  let root: string;

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), "drydock-root-"));
    mkdirSync(`${root}/etc`);
    mkdirSync(`${root}/real/deep`, { recursive: true });
    writeFileSync(
      `${root}/etc/passwd`,
      "root:x:0:0:root:/root:/bin/sh\n# note\nmail:x:8:12:mail:/var/mail:/bin/false\nbad:x:one:1::/:\n1000:x:77:77::/n:/bin/sh\n",
    );
    writeFileSync(`${root}/etc/group`, "root:x:0:root\nmail:x:12:\nwheel:x:10:root, mail\naudio:x:29:mail\n");
    symlinkSync("/real", `${root}/absolute`);
    symlinkSync("../../../../../../real", `${root}/climbing`);
    symlinkSync("/etc/passwd/../../real/deep", `${root}/winding`);
    symlinkSync("missing/target", `${root}/dangling`);
    symlinkSync("loop", `${root}/loop`);
  });
  after(() => rmSync(root, { recursive: true }));

  it("follows links only inside the root", () => {
    assert.equal(resolveInRoot(root, "/absolute/deep"), `${root}/real/deep`);
    assert.equal(resolveInRoot(root, "climbing/deep"), `${root}/real/deep`);
    assert.equal(resolveInRoot(root, "../../etc/passwd"), `${root}/etc/passwd`);
    assert.equal(resolveInRoot(root, "/winding"), `${root}/real/deep`);
    assert.equal(resolveInRoot(root, "/"), root);
    assert.equal(resolveInRoot(root, "/dangling"), `${root}/missing/target`);
    assert.equal(resolveInRoot(root, "/new/place"), `${root}/new/place`);
  });

  it("leaves the last link alone when asked", () => {
    assert.equal(resolveInRoot(root, "/absolute", { followLast: false }), `${root}/absolute`);
    assert.equal(resolveInRoot(root, "/absolute/", { followLast: false }), `${root}/absolute`);
    assert.equal(resolveInRoot(root, "/absolute/deep", { followLast: false }), `${root}/real/deep`);
  });

  it("refuses a loop of links", () => {
    assert.throws(() => resolveInRoot(root, "/loop/x"), /too many levels of symbolic links/);
  });

  it("finds users by name and number, with their groups", () => {
    assert.deepEqual(resolveUser(root, ""), { uid: 0, gid: 0, additionalGids: [0, 10], home: "/root" });
    assert.deepEqual(resolveUser(root, "mail"), { uid: 8, gid: 12, additionalGids: [10, 29], home: "/var/mail" });
    assert.deepEqual(resolveUser(root, "8"), { uid: 8, gid: 12, additionalGids: [10, 29], home: "/var/mail" });
    assert.deepEqual(resolveUser(root, "mail:wheel"), { uid: 8, gid: 10, additionalGids: [], home: "/var/mail" });
    assert.deepEqual(resolveUser(root, "4:5"), { uid: 4, gid: 5, additionalGids: [], home: "/" });
    assert.deepEqual(resolveUser(root, "1000"), { uid: 1000, gid: 0, additionalGids: [], home: "/" });
  });

  it("says which name is unknown", () => {
    assert.throws(() => resolveUser(root, "nobody"), /unable to find user nobody/);
    assert.throws(() => resolveUser(root, "mail:nobody"), /unable to find group nobody/);
    assert.throws(() => resolveUser(root, "99999999999"), /range/);
    assert.throws(() => resolveUser(root, "bad"), /unable to find user bad/);
  });

  it("knows only numbers where the image has no passwd", () => {
    const empty = mkdtempSync(path.join(tmpdir(), "drydock-root-"));
    assert.deepEqual(resolveUser(empty, "7:8"), { uid: 7, gid: 8, additionalGids: [], home: "/" });
    assert.deepEqual(resolveUser(empty, ""), { uid: 0, gid: 0, additionalGids: [], home: "/" });
    rmSync(empty, { recursive: true });
  });
});
