import assert from "node:assert/strict";
import { quoteWord, splitWords } from "../../../client/ui/shell-words.ts";
import {
  createOptions,
  noOptions,
  parseBytes,
  parseEnvFile,
  problemsOf,
  type RunOptions,
  runCommand,
  toRemember,
} from "../../../client/webviews/run-form/options.ts";

const options = (more: Partial<RunOptions>): RunOptions => ({ ...noOptions, image: "app:1", ...more });
const fields = (more: Partial<RunOptions>) => problemsOf(options(more)).map(({ field }) => field);

describe("client/webviews/run-form/options", () => {
  it("asks the engine for nothing that was not chosen", () => {
    const { HostConfig, ...rest } = createOptions(options({}));
    assert.deepEqual(rest, { Image: "app:1", Env: [], ExposedPorts: {} });
    assert.deepEqual(HostConfig, { PortBindings: {}, Binds: [] });
    assert.equal(runCommand(options({})), "docker run -d app:1");
  });

  it("asks for the same as the docker command that it shows", () => {
    const all = options({
      name: "web",
      ports: [
        { host: "3000", container: "80" },
        { host: "", container: "53/udp" },
        { host: "", container: "" },
      ],
      volumes: [
        { source: "data", target: "/data", readOnly: true },
        { source: "", target: "/cache", readOnly: true },
        { source: "", target: "", readOnly: false },
      ],
      env: [{ name: "MODE", value: "a b" }],
      envFile: ".env",
      command: "node 'a b.js'",
      entrypoint: "sh -c",
      network: "shop",
      restart: "on-failure:3",
      user: "7",
      workdir: "/app",
      memory: "512m",
      init: true,
    });
    assert.equal(
      runCommand(all),
      "docker run -d --name web -p 3000:80 -p 53/udp -v data:/data:ro -v /cache --env-file .env -e 'MODE=a b' --network shop " +
        "--restart on-failure:3 --init --memory 512m --user 7 --workdir /app --entrypoint sh app:1 -c node 'a b.js'",
    );
    assert.deepEqual(createOptions(all, ["FROM_FILE=1"]), {
      Image: "app:1",
      name: "web",
      Env: ["FROM_FILE=1", "MODE=a b"],
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      Entrypoint: ["sh"],
      Cmd: ["-c", "node", "a b.js"],
      User: "7",
      WorkingDir: "/app",
      HostConfig: {
        PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "3000" }], "53/udp": [{ HostIp: "", HostPort: "" }] },
        Binds: ["data:/data:ro", "/cache"],
        Init: true,
        NetworkMode: "shop",
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
        Memory: 512 * 1024 * 1024,
      },
    });
  });

  it("says of each field what is wrong with it", () => {
    assert.deepEqual(fields({}), []);
    assert.deepEqual(fields({ image: "" }), ["image"]);
    assert.deepEqual(fields({ image: "UPPER" }), ["image"]);
    assert.deepEqual(fields({ name: "a b" }), ["name"]);
    assert.deepEqual(fields({ ports: [{ host: "x", container: "80" }] }), ["ports.0"]);
    assert.deepEqual(fields({ ports: [{ host: "3000", container: "" }] }), ["ports.0"]);
    const twice = [
      { host: "3000", container: "80" },
      { host: "3000", container: "81" },
    ];
    assert.deepEqual(fields({ ports: twice }), ["ports.1"]);
    assert.deepEqual(fields({ ports: twice.map(({ host }, at) => ({ host, container: at ? "53/udp" : "53" })) }), []);
    assert.deepEqual(fields({ volumes: [{ source: "a", target: "b", readOnly: false }] }), ["volumes.0"]);
    assert.deepEqual(fields({ env: [{ name: "A=B", value: "" }] }), ["env.0"]);
    assert.deepEqual(fields({ command: "echo 'a" }), ["command"]);
    assert.deepEqual(fields({ memory: "much" }), ["memory"]);
    assert.deepEqual(fields({ memory: "1m" }), ["memory"]);
    assert.deepEqual(fields({ workdir: "app" }), ["workdir"]);
    assert.deepEqual(fields({ remove: true, restart: "always" }), ["restart"]);
  });

  it("keeps no name, which is taken, and no values of secrets", () => {
    const env = [
      { name: "DB_PASSWORD", value: "hunter2" },
      { name: "MODE", value: "dev" },
    ];
    const kept = toRemember(options({ name: "web", env }));
    assert.equal(kept.name, "");
    assert.deepEqual(kept.env, [
      { name: "DB_PASSWORD", value: "" },
      { name: "MODE", value: "dev" },
    ]);
  });

  it("reads env files as docker does", () => {
    const text = "\uFEFF# comment\nA=1 # not one\r\n\n  B=x=y\nHOME\nMISSING\n";
    assert.deepEqual(parseEnvFile(text, { HOME: "/h" }), ["A=1 # not one", "B=x=y", "HOME=/h"]);
  });

  it("reads sizes", () => {
    assert.deepEqual(["512m", "1.5G", "10", "1kb", "2GiB", "m"].map(parseBytes), [
      512 * 2 ** 20,
      1.5 * 2 ** 30,
      10,
      1024,
      2 * 2 ** 30,
      undefined,
    ]);
  });

  it("takes words apart as a shell does, and puts them together again", () => {
    assert.deepEqual(splitWords(`a 'b c' "d \\" \\n $e" f\\ g '' h'i'"j"`), [
      "a",
      "b c",
      'd " \\n $e',
      "f g",
      "",
      "hij",
    ]);
    assert.deepEqual(splitWords("  "), []);
    assert.equal(splitWords("'a"), undefined);
    for (const words of [["a", "b c", "", "it's", "$x", 'q"'], []]) {
      assert.deepEqual(splitWords(words.map(quoteWord).join(" ")), words);
    }
  });
});
