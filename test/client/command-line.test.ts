import assert from "node:assert/strict";
import type { ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import { runCommandLine } from "../../client/commands/containers/command-line.ts";

const id = "abcdef0123456789".repeat(4);

describe("client/commands/containers/command-line", () => {
  const line = (config: object, host: object) =>
    runCommandLine(
      {
        Id: id,
        Name: "/web",
        Config: { Image: "app:1", Hostname: id.slice(0, 12), Env: ["PATH=/bin"], Cmd: ["node", "."], ...config },
        HostConfig: host,
        NetworkSettings: { Networks: {} },
      } as unknown as ContainerInspectInfo,
      { Env: ["PATH=/bin"], Cmd: ["node", "."] } as unknown as ImageInspectInfo["Config"],
    );

  it("says what was chosen and nothing that the image says", () => {
    assert.equal(line({}, {}), "docker run -d --name web app:1");
    const more = line(
      { Env: ["PATH=/bin", "MODE=a b"], Cmd: ["sh", "-c", "it's"], User: "7", Tty: true, OpenStdin: true },
      {
        AutoRemove: true,
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "3000" }], "53/udp": [{ HostPort: "" }] },
        Binds: ["data:/d:ro"],
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
        Init: true,
        NetworkMode: "shop",
        NanoCpus: 5e8,
      },
    );
    assert.equal(
      more,
      "docker run -it --rm --name web -p 127.0.0.1:3000:80 -p 53/udp -v data:/d:ro -e 'MODE=a b' --network shop " +
        "--restart on-failure:3 --init --cpus 0.5 --user 7 app:1 sh -c 'it'\\''s'",
    );
  });
});
