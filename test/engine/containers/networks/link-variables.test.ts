import assert from "node:assert/strict";
import { linkVariables } from "../../../../engine/containers/networks/link-variables.ts";
import type { Member } from "../../../../engine/containers/networks/members.ts";

describe("variables of links", () => {
  const other = (exposedPorts: readonly string[], env: readonly string[] = []) => {
    const endpoint = { networkId: "n", networkName: "bridge", aliases: [], options: {} };
    const given = { endpoints: [{ ...endpoint, ipv4: "172.17.0.2" }], container: { exposedPorts, env } };
    return new Map([["id", given as unknown as Member]]);
  };
  const self = (link: string, alias: string, networkName = "bridge"): Member => {
    const endpoint = { networkId: "n", networkName, aliases: [], options: { links: [link] } };
    const given = { endpoints: [endpoint], container: { name: "self" }, links: { [alias]: "id" }, upstreams: [] };
    return given as unknown as Member;
  };

  it("are address, ports, name and the other's variables", () => {
    const env = ["PATH=/bin", "FOO=a b=c", "HOME=/x", "TERM=xterm"];
    assert.deepEqual(linkVariables(other(["99/tcp", "80/udp", "80/tcp"], env), self("db:My-Db", "my-db")), [
      "MY_DB_PORT=tcp://172.17.0.2:80",
      "MY_DB_PORT_80_TCP=tcp://172.17.0.2:80",
      "MY_DB_PORT_80_TCP_ADDR=172.17.0.2",
      "MY_DB_PORT_80_TCP_PORT=80",
      "MY_DB_PORT_80_TCP_PROTO=tcp",
      "MY_DB_PORT_80_UDP=udp://172.17.0.2:80",
      "MY_DB_PORT_80_UDP_ADDR=172.17.0.2",
      "MY_DB_PORT_80_UDP_PORT=80",
      "MY_DB_PORT_80_UDP_PROTO=udp",
      "MY_DB_PORT_99_TCP=tcp://172.17.0.2:99",
      "MY_DB_PORT_99_TCP_ADDR=172.17.0.2",
      "MY_DB_PORT_99_TCP_PORT=99",
      "MY_DB_PORT_99_TCP_PROTO=tcp",
      "MY_DB_NAME=/self/My-Db",
      "MY_DB_ENV_FOO=a b=c",
      "MY_DB_ENV_TERM=xterm",
    ]);
    assert.deepEqual(linkVariables(other([]), self("db", "db")), ["DB_NAME=/self/db"]);
  });

  it("name the ends of three ports in a row", () => {
    const ends = (...ports: string[]) =>
      linkVariables(other(ports), self("db", "db")).filter((one) => /START|END/.test(one));
    assert.deepEqual(ends("8003/tcp", "8001/tcp", "8002/tcp", "8001/udp"), [
      "DB_PORT_8001_TCP_START=tcp://172.17.0.2:8001",
      "DB_PORT_8001_TCP_PORT_START=8001",
      "DB_PORT_8001_TCP_END=tcp://172.17.0.2:8003",
      "DB_PORT_8001_TCP_PORT_END=8003",
    ]);
    assert.deepEqual(ends("8001/tcp", "8002/tcp", "8003/udp"), []);
  });

  it("are for the default bridge, and while the other runs", () => {
    assert.deepEqual(linkVariables(other(["80/tcp"]), self("db", "db", "shop")), []);
    assert.deepEqual(linkVariables(new Map(), self("db", "db")), []);
  });
});
