import assert from "node:assert/strict";
import type { Container, ContainerMount } from "../../../../engine/containers/types.ts";
import { checkWish, mountArguments } from "../../../../engine/containers/volumes/driver-options.ts";
import { settleMounts } from "../../../../engine/containers/volumes/settle-mounts.ts";

const volume = (source: string, target: string, more = {}): ContainerMount => ({
  type: "volume",
  source,
  target,
  readOnly: false,
  ...more,
});
const nobody = (name: string): Container => {
  throw new Error(`nobody is ${name}`);
};
const targets = (mounts: readonly ContainerMount[]) => mounts.map(({ target }) => target);

describe("mounts of a new container", () => {
  it("come outer ones first, each target once", () => {
    const mounts = settleMounts(
      { mounts: [volume("a1", "/x/y/"), volume("b1", "/x"), volume("", "/z")] },
      ["/x", "/v", "w"],
      nobody,
    );
    assert.deepEqual(targets(mounts), ["/x", "/z", "/v", "/w", "/x/y"]);
    assert.deepEqual(mounts[1], volume("", "/z", { anonymous: true }));
    assert.deepEqual(mounts[2], volume("", "/v", { anonymous: true }));
  });

  it("take those of other containers, read only if they are asked for like this", () => {
    const other = {
      mounts: [volume("s1", "/s"), { type: "tmpfs", target: "/t", options: "" }, volume("o1", "/o")],
    } as unknown as Container;
    const mounts = settleMounts({ volumesFrom: ["other:ro"], mounts: [volume("mine", "/o")] }, ["/s"], () => other);
    assert.deepEqual(mounts, [volume("s1", "/s", { readOnly: true }), volume("mine", "/o")]);
    assert.throws(() => settleMounts({ volumesFrom: ["a:b:c"] }, [], nobody), { code: "invalid-argument" });
    assert.throws(() => settleMounts({ volumesFrom: ["a:odd"] }, [], nobody), { code: "invalid-argument" });
  });

  it("are refused twice at one target, at the root, and relative", () => {
    const refused = (...mounts: ContainerMount[]) =>
      assert.throws(() => settleMounts({ mounts }, [], nobody), { code: "invalid-argument" });
    refused(volume("a1", "/x"), volume("b1", "/x/"));
    refused(volume("a1", "/x/.."));
    refused(volume("a1", "x"));
    refused({ type: "bind", source: "/no/such/folder", target: "/x", readOnly: false, makeSource: false });
    const bind = { type: "bind", source: "/", target: "/x", readOnly: false, makeSource: false } as const;
    refused({ ...bind, propagation: "odd" });
    assert.throws(() => settleMounts({ mounts: [{ ...bind, propagation: "rshared" }] }, [], nobody), {
      code: "unsupported",
    });
    assert.equal(settleMounts({ mounts: [{ ...bind, propagation: "rslave" }] }, [], nobody).length, 1);
  });
});

describe("a wish for a volume", () => {
  it("has a name, a driver and options that there are", () => {
    for (const name of ["a", "-a", "a/b", "", "a".repeat(256)]) {
      assert.throws(() => checkWish({ name }), { code: "invalid-argument" });
    }
    checkWish({ name: "a_B.-1", driver: "local", options: { type: "tmpfs", device: "tmpfs" } });
    assert.throws(() => checkWish({ driver: "nfs" }), { code: "not-found" });
    assert.throws(() => checkWish({ options: { type: "tmpfs" } }), /"device"/);
    assert.throws(() => checkWish({ options: { o: "bind" } }), /"type"/);
    assert.throws(() => checkWish({ options: { size: "1g" } }), { code: "unsupported" });
    assert.throws(() => checkWish({ options: { odd: "1" } }), /"odd"/);
  });

  it("never has a device that mount(8) takes for an option", () => {
    assert.deepEqual(mountArguments({ type: "none", device: "--bind", o: "bind" }, "/t"), [
      "-n",
      "-t",
      "none",
      "-o",
      "bind",
      "--",
      "--bind",
      "/t",
    ]);
  });
});
