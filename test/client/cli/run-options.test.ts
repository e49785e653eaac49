import assert from "node:assert/strict";
import { runRequest } from "../../../client/cli/build-options.ts";
import { UsageError } from "../../../client/cli/command.ts";

describe("flags of drydock build about RUN", () => {
  const env = { TOKEN: "from env", both: "b", SSH_AUTH_SOCK: "/agent" };
  const value = (text: string) => ({ kind: "value", value: Buffer.from(text).toString("base64") });

  it("name secrets as buildx does", () => {
    const secret = ["id=a,src=/f", "id=b,env=TOKEN", "type=env,id=c,source=TOKEN", "id=both", "id=plain,type=file"];
    assert.deepEqual(runRequest({ secret }, env).secrets, {
      a: { kind: "file", path: "/f" },
      b: value("from env"),
      c: value("from env"),
      both: value("b"),
      plain: { kind: "file", path: `${process.cwd()}/plain` },
    });
    for (const bad of ["src=/f", "id=a,env=MISSING", "id=a,colour=red", "id=a,type=vault"]) {
      assert.throws(() => runRequest({ secret: [bad] }, env), UsageError, bad);
    }
  });

  it("name agents", () => {
    const ssh = ["default", "mine=/other"];
    assert.deepEqual(runRequest({ ssh }, env).ssh, { default: "/agent", mine: "/other" });
    assert.throws(() => runRequest({ ssh: ["default"] }, {}), /SSH_AUTH_SOCK/);
  });

  it("describe the sandbox", () => {
    const asked = runRequest(
      {
        "add-host": ["a:1.1.1.1", "b=host-gateway"],
        network: "none",
        "shm-size": "2m",
        ulimit: ["nofile=10:20", "core=0", "memlock=-1:-1"],
        allow: ["network.host,security.insecure"],
        "no-cache-filter": ["a,b", "c"],
      },
      env,
    );
    assert.deepEqual(asked, {
      addHosts: ["a:1.1.1.1", "b=host-gateway"],
      network: "none",
      shmSizeBytes: 2 ** 21,
      ulimits: [
        { name: "nofile", soft: 10, hard: 20 },
        { name: "core", soft: 0, hard: 0 },
        { name: "memlock", soft: -1, hard: -1 },
      ],
      allow: ["network.host", "security.insecure"],
      noCacheFilter: ["a", "b", "c"],
    });
    assert.deepEqual(runRequest({}, env), {});
  });

  it("are refused when they cannot be read", () => {
    const bad = [
      { "add-host": ["nothing"] },
      { network: "moon" },
      { "shm-size": "big" },
      { ulimit: ["nofile"] },
      { ulimit: ["nofile=5:3"] },
      { ulimit: ["nofile=-1:3"] },
      { allow: ["all"] },
    ];
    for (const values of bad) assert.throws(() => runRequest(values, env), UsageError, JSON.stringify(values));
  });
});
