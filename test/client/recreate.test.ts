import assert from "node:assert/strict";
import type { ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import { recreateOptions } from "../../client/commands/containers/recreate.ts";

const id = "abcdef0123456789".repeat(4);
const container = (config: object, more: object = {}) =>
  ({
    Id: id,
    Name: "/web",
    Config: { Hostname: id.slice(0, 12), Env: [], Labels: {}, Tty: false, ...config },
    HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "3000" }] }, Binds: ["data:/d"] },
    NetworkSettings: { Networks: {} },
    ...more,
  }) as unknown as ContainerInspectInfo;
const image = (config: object) => config as unknown as ImageInspectInfo["Config"];

describe("client/commands/containers/recreate", () => {
  it("keeps what somebody chose and takes the rest from the new image", () => {
    const options = recreateOptions(
      container({
        Env: ["PATH=/bin", "VERSION=1", "MODE=dev"],
        Cmd: ["node", "server.js"],
        Entrypoint: ["/custom"],
        Labels: { from: "image", mine: "1" },
        ExposedPorts: { "80/tcp": {}, "9229/tcp": {} },
        WorkingDir: "/app",
        User: "7",
      }),
      image({
        Env: ["PATH=/bin", "VERSION=1"],
        Cmd: ["node", "server.js"],
        Labels: { from: "image" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/app",
        User: "",
      }),
      "app:latest",
    );
    assert.deepEqual(options.Env, ["MODE=dev"]);
    assert.equal(options.Cmd, undefined);
    assert.deepEqual(options.Entrypoint, ["/custom"]);
    assert.deepEqual(options.Labels, { mine: "1" });
    assert.deepEqual(options.ExposedPorts, { "9229/tcp": {} });
    assert.equal(options.WorkingDir, undefined);
    assert.equal(options.User, "7");
    assert.equal(options.name, "web");
    assert.equal(options.Image, "app:latest");
    assert.deepEqual(options.HostConfig?.Binds, ["data:/d"]);
  });

  it("keeps a name of its own on the network, not the one that was the id", () => {
    const networks = {
      NetworkSettings: { Networks: { shop: { Aliases: ["db", id.slice(0, 12)], IPAMConfig: null } } },
    };
    const options = recreateOptions(container({}, networks), undefined, "app");
    assert.equal(options.Hostname, undefined);
    assert.deepEqual(options.NetworkingConfig?.EndpointsConfig?.shop, { Aliases: ["db"] });
    assert.equal(recreateOptions(container({ Hostname: "box" }), undefined, "app").Hostname, "box");
  });
});
