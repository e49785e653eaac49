import assert from "node:assert/strict";
import { containerResolver } from "../../../engine/runtime/resolv-conf.ts";

const reader = (main: string, systemd?: string) => (file: string) => (file === "/etc/resolv.conf" ? main : systemd);

describe("a container's resolv.conf", () => {
  it("has the host's name servers", () => {
    const text =
      "# made by hand\nnameserver 10.0.0.1\nnameserver 127.0.0.1\nnameserver fd00::1\nsearch a.b\noptions ndots:2\n";
    assert.deepEqual(containerResolver("pasta", "10.0.2.3", reader(text)), {
      text: "nameserver 10.0.0.1\nnameserver fd00::1\nsearch a.b\noptions ndots:2\n",
      forward: false,
    });
  });
  it("has systemd's real ones instead of its stub", () => {
    const { text, forward } = containerResolver(
      "pasta",
      "10.0.2.3",
      reader("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n"),
    );
    assert.deepEqual([text, forward], ["nameserver 192.0.2.1\n", false]);
  });
  it("lets pasta forward when the host has only a loopback one", () => {
    const { text, forward } = containerResolver("pasta", "10.0.2.3", reader("nameserver 127.0.0.1\nsearch x\n"));
    assert.deepEqual([text, forward], ["nameserver 169.254.1.53\nsearch x\n", true]);
  });
  it("asks slirp4netns", () => {
    assert.equal(
      containerResolver("slirp4netns", "10.0.2.3", reader("nameserver 10.0.0.1\n")).text,
      "nameserver 10.0.2.3\n",
    );
  });
});
