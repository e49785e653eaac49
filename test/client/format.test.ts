import assert from "node:assert/strict";
import { formatAge, formatBytes, formatDuration } from "../../client/ui/format.ts";
import { containerNameFor, imageNameFor } from "../../client/ui/names.ts";
import { parsePorts, portOptions, publishedPorts, suggestPorts } from "../../client/ui/ports.ts";
import { formatMessage } from "../../engine/base/message.ts";
import { tryParseReference } from "../../engine/oci/reference.ts";

describe("what is shown", () => {
  it("gives sizes three digits and a decimal unit", () => {
    const shown = [0, 999, 1000, 1_234_567, 999_600, 5_000_000_000].map(formatBytes);
    assert.deepEqual(shown, ["0 B", "999 B", "1 kB", "1.23 MB", "1 MB", "5 GB"]);
  });

  it("gives durations as a person says them", () => {
    assert.deepEqual([40, 9_940, 12_400, 200_000].map(formatDuration), ["0.0 s", "9.9 s", "12 s", "3 min 20 s"]);
  });

  it("gives ages in one unit", () => {
    const now = 1_000_000_000_000;
    const ages = [5, 300, 7200, 864_000, 28_080_000, 94_608_000].map((seconds) =>
      formatMessage(formatAge(now - seconds * 1000, now)),
    );
    assert.deepEqual(ages, ["just now", "5 min ago", "2 h ago", "10 days ago", "11 months ago", "3 years ago"]);
  });
});

describe("names", () => {
  for (const folder of ["node-app", "My App", "한글", "__x__", "a..b", "UPPER_case", "-", "app.v2"]) {
    it(`makes an image name of the folder ${folder}`, () =>
      assert.ok(tryParseReference(`${imageNameFor(folder)}:latest`)));
  }

  it("makes container names that are not taken", () => {
    assert.equal(containerNameFor("ghcr.io/o/app:1.0", new Set()), "app");
    assert.equal(containerNameFor("app:latest", new Set(["app", "app-2"])), "app-3");
    assert.equal(containerNameFor("localhost:5000/app", new Set()), "app");
  });
});

describe("ports", () => {
  it("reads what docker run -p takes", () => {
    assert.deepEqual(parsePorts("3000:80, 127.0.0.1:53:53/udp 9000"), {
      ports: [
        { hostIp: "", hostPort: 3000, containerPort: 80, protocol: "tcp" },
        { hostIp: "127.0.0.1", hostPort: 53, containerPort: 53, protocol: "udp" },
        { hostIp: "", hostPort: 0, containerPort: 9000, protocol: "tcp" },
      ],
    });
  });

  for (const text of ["http", "3000:", "70000:80", "80:0", "1:2:3:4:5", "3000:80/sctp"]) {
    it(`refuses ${text}`, () => assert.ok("problem" in parsePorts(text)));
  }

  it("writes the form of the API", () => {
    const parsed = parsePorts("3000:80 3001:80");
    assert.ok("ports" in parsed);
    assert.deepEqual(portOptions(parsed.ports).PortBindings, {
      "80/tcp": [
        { HostIp: "", HostPort: "3000" },
        { HostIp: "", HostPort: "3001" },
      ],
    });
  });

  it("offers free ports that need no root", async () => {
    const busy = new Set([3000, 8080]);
    const offered = await suggestPorts(["80/tcp", "443/tcp", "8080/tcp", "53/udp"], async (port) => !busy.has(port));
    assert.equal(offered, "3001:80, 8443:443, 8081:8080, 8053:53/udp");
  });

  it("shows a mapping once though the API lists both address families", () => {
    const port = { PublicPort: 3000, PrivatePort: 80, Type: "tcp" };
    assert.deepEqual(publishedPorts([port, port, { PrivatePort: 90, Type: "tcp" }]), ["3000→80"]);
  });
});
