import assert from "node:assert/strict";
import { formatAddress, parseAddress } from "../../../client/engines/address.ts";
import { sshArguments } from "../../../client/engines/ssh-agent.ts";

describe("client/engines/address", () => {
  it("reads what DOCKER_HOST may hold", () => {
    assert.deepEqual(parseAddress("unix:///run/docker.sock"), { kind: "socket", path: "/run/docker.sock" });
    assert.deepEqual(parseAddress("/run/docker.sock"), { kind: "socket", path: "/run/docker.sock" });
    assert.deepEqual(parseAddress("npipe:////./pipe/docker_engine"), {
      kind: "socket",
      path: "//./pipe/docker_engine",
    });
    assert.deepEqual(parseAddress("tcp://host"), { kind: "tcp", host: "host", port: 2375 });
    assert.deepEqual(parseAddress("http://[::1]:99/"), { kind: "tcp", host: "::1", port: 99 });
    const tls = { skipVerify: false };
    assert.deepEqual(parseAddress("tcp://host", { tls }), { kind: "tcp", host: "host", port: 2376, tls });
    assert.deepEqual(parseAddress("https://host:1"), { kind: "tcp", host: "host", port: 1, tls });
  });

  it("reads addresses behind ssh, with a socket there", () => {
    assert.deepEqual(parseAddress("ssh://me@box:22/run/podman.sock", { program: "podman" }), {
      kind: "ssh",
      host: "box",
      user: "me",
      port: 22,
      path: "/run/podman.sock",
      program: "podman",
    });
  });

  it("says what an address looks like", () => {
    for (const text of [
      "",
      "docker",
      "ftp://host",
      "tcp://",
      "unix://",
      "ssh://-oProxyCommand=x",
      "ssh://a:secret@host",
    ]) {
      assert.throws(() => parseAddress(text), /not the address of an engine/, text);
    }
    assert.throws(
      () => parseAddress("ssh://a:secret@host"),
      (error: Error) => !error.message.includes("secret"),
    );
  });

  it("writes them as they were read", () => {
    for (const text of [
      "unix:///a",
      "npipe:////./pipe/x",
      "tcp://[::1]:99",
      "ssh://me@box:22/run/p.sock",
      "ssh://box",
    ]) {
      assert.equal(formatAddress(parseAddress(text)), text);
    }
  });

  it("asks ssh for no password, and lets nothing of the address be an option or a command", () => {
    const args = sshArguments({ kind: "ssh", host: "box", user: "me", path: "/a b;reboot", program: "docker" });
    assert.equal(args.at(args.indexOf("--") + 1), "box");
    assert.ok(args.includes("BatchMode=yes"));
    assert.deepEqual(args.slice(-5), ["docker", "--host", "'unix:///a b;reboot'", "system", "dial-stdio"]);
  });
});
