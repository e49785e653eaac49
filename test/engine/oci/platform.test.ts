import assert from "node:assert/strict";
import {
  formatPlatform,
  hostPlatform,
  parsePlatform,
  samePlatform,
  selectPlatform,
} from "../../../engine/oci/platform.ts";

const amd64 = { os: "linux", architecture: "amd64" };

describe("platform", () => {
  it("reads what people write and gives the normal form", () => {
    const read = (text: string) => {
      const platform = parsePlatform(text, amd64);
      return platform && formatPlatform(platform);
    };
    assert.deepEqual(
      ["linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/arm", "Linux/x86_64", "arm64", "linux", "aarch64"].map(
        read,
      ),
      [
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v6",
        "linux/arm/v7",
        "linux/amd64",
        "linux/arm64",
        "linux/amd64",
        "linux/arm64",
      ],
    );
    assert.deepEqual(["", "linux/", "a/b/c/d", "nonsense", "linux/am d64"].map(read), Array(5).fill(undefined));
  });

  it("knows the machine by Node's name for it", () => {
    assert.deepEqual(
      ["x64", "arm64", "arm"].map((name) => formatPlatform(hostPlatform(name))),
      ["linux/amd64", "linux/arm64", "linux/arm/v7"],
    );
  });

  it("takes the best entry of an index that the machine can run", () => {
    const entry = (text: string) => ({ platform: parsePlatform(text, amd64) ?? amd64, name: text });
    const all = ["linux/arm/v5", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64"].map(entry);
    const pick = (text: string) => selectPlatform(all, parsePlatform(text, amd64) ?? amd64)?.name;
    assert.equal(pick("linux/arm/v6"), "linux/arm/v6");
    assert.equal(pick("linux/arm"), "linux/arm/v7");
    assert.equal(pick("linux/arm64"), "linux/arm64/v8");
    assert.equal(pick("linux/amd64/v3"), "linux/amd64");
    assert.equal(pick("windows/amd64"), undefined);
    assert.equal(selectPlatform([{}, { platform: { os: "unknown", architecture: "unknown" } }], amd64), undefined);
  });

  it("sees through names for the same thing", () => {
    assert.ok(
      samePlatform({ os: "linux", architecture: "aarch64", variant: "v8" }, { os: "linux", architecture: "arm64" }),
    );
    assert.ok(!samePlatform(amd64, { os: "linux", architecture: "arm64" }));
  });
});
