import assert from "node:assert/strict";
import { buildxArguments } from "../../../client/peer/buildx.ts";

describe("client/peer/buildx", () => {
  it("passes everything on, and no secret's value among the arguments", () => {
    const secretEnv: Record<string, string> = {};
    const args = buildxArguments(
      {
        contextPath: "/app",
        tags: ["a", "b"],
        target: "t",
        buildArgs: { A: "1" },
        secrets: {
          file: { kind: "file", path: "/s" },
          value: { kind: "value", value: Buffer.from("hush").toString("base64") },
        },
        platform: "linux/arm64",
        noCache: true,
        buildContexts: { more: "/m" },
      },
      { file: "/app/Dockerfile", idFile: "/id", builder: "k8s", secretEnv },
    );
    const line = args.join(" ");
    assert.match(
      line,
      /^buildx build --progress=rawjson --iidfile \/id --load --builder k8s --file \/app\/Dockerfile /,
    );
    assert.match(line, / --tag a --tag b --target t --build-arg A=1 --no-cache --platform linux\/arm64 /);
    assert.match(
      line,
      / --secret id=file,src=\/s --secret id=value,env=DRYDOCK_SECRET_1 --build-context more=\/m -- \/app$/,
    );
    assert.deepEqual(secretEnv, { DRYDOCK_SECRET_1: "hush" });
    assert.ok(!line.includes("hush"));
  });

  it("loads the image unless it is to go elsewhere", () => {
    const args = buildxArguments(
      { contextPath: ".", outputs: ["type=local,dest=out"] },
      { file: undefined, idFile: "/id", secretEnv: {} },
    );
    assert.ok(!args.includes("--load"));
    assert.ok(args.includes("type=local,dest=out"));
  });
});
