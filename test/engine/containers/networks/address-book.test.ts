import assert from "node:assert/strict";
import type { EngineError } from "../../../../engine/base/errors.ts";
import { formatAddress, parseAddress, parseSubnet } from "../../../../engine/base/ip-address.ts";
import { AddressBook, completeSubnet, freeSubnet } from "../../../../engine/containers/networks/address-book.ts";
import type { Network, NetworkSubnet } from "../../../../engine/containers/networks/types.ts";
import { helperSubnet, hostRoutes } from "../../../../engine/runtime/host-routes.ts";

const network = (...subnets: Partial<NetworkSubnet>[]): Network => ({
  id: "a".repeat(64),
  name: "net",
  driver: "bridge",
  createdAt: 0,
  internal: false,
  attachable: false,
  enableIpv6: false,
  subnets: subnets.map(completeSubnet),
  options: {},
  labels: {},
});
const failsWith = (code: string) => (error: EngineError) => error.code === code;

describe("containers: addresses of networks", () => {
  it("reads addresses of both families and nothing else", () => {
    for (const text of ["::", "::1", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8", "1::", "1:0:0:2::", "10.0.0.255"]) {
      const address = parseAddress(text);
      assert.ok(address, text);
      assert.equal(formatAddress(address), text);
    }
    assert.equal(parseAddress("::ffff:1.2.3.4")?.value, 0xffff01020304n);
    for (const text of [
      "",
      "1.2.3",
      "1.2.3.256",
      "01.2.3.4",
      "1::2::3",
      ":::",
      "1:2:3:4:5:6:7:8:9",
      "fe80::1%eth0",
      "g::",
    ])
      assert.equal(parseAddress(text), undefined, text);
    for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "x/8"])
      assert.equal(parseSubnet(text), undefined, text);
  });

  it("takes the first subnet of Docker's pool that hides no route and no other network", () => {
    const taken = ["172.17.0.0/16", "172.18.5.0/24"].flatMap((text) => parseSubnet(text) ?? []);
    assert.deepEqual(freeSubnet(taken), { subnet: "172.19.0.0/16", gateway: "172.19.0.1" });
    const all = ["172.16.0.0/12", "192.168.0.0/16"].flatMap((text) => parseSubnet(text) ?? []);
    assert.throws(() => freeSubnet(all), failsWith("conflict"));
  });

  it("knows the machine's routes, without the default ones", () => {
    const v4 =
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\nen0\t00000000\t010200C0\t3\t0\t0\t0\t00000000\t0\nen0\t0002000A\t00000000\t1\t0\t0\t0\t00FFFFFF\t0\n";
    const v6 = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 x 0 0 0 0 en0\n";
    const routes = hostRoutes((file) => (file.endsWith("ipv6_route") ? v6 : v4));
    assert.deepEqual(routes, ["10.0.2.0/24", "fd00::/64"].map(parseSubnet));
    assert.equal(helperSubnet(routes).host, "10.0.42.2");
    assert.equal(helperSubnet([]).resolver, "10.0.2.3");
  });

  it("checks what was asked for", () => {
    assert.deepEqual(completeSubnet({ subnet: "10.1.2.3/24", range: "10.1.2.128/25" }), {
      subnet: "10.1.2.0/24",
      gateway: "10.1.2.1",
      range: "10.1.2.128/25",
    });
    for (const wish of [
      { subnet: "10.1.2.0/31" },
      { subnet: "nonsense" },
      { subnet: "10.1.2.0/24", gateway: "10.1.3.1" },
      { subnet: "10.1.2.0/24", range: "10.0.0.0/8" },
    ])
      assert.throws(() => completeSubnet(wish), failsWith("invalid-argument"));
  });

  it("gives the lowest address, keeps one for who comes again, and not at once to another", () => {
    let now = 0;
    const book = new AddressBook(network({ subnet: "10.9.0.0/29", reserved: { router: "10.9.0.4" } }), () => now);
    const next = (id: string, wish?: string) => book.allocate(4, id, wish)?.address;
    assert.deepEqual([next("a"), next("b"), next("c")], ["10.9.0.2", "10.9.0.3", "10.9.0.5"]);
    book.release("a");
    assert.equal(next("d"), "10.9.0.6");
    assert.equal(next("a"), "10.9.0.2");
    assert.throws(() => next("e"), failsWith("conflict"));
    book.release("b");
    assert.equal(next("e"), "10.9.0.3");
    book.release("c");
    now = 10_000;
    assert.equal(next("f"), "10.9.0.5");
  });

  it("gives what is asked for when it is free and there", () => {
    const book = new AddressBook(
      network({ subnet: "10.9.0.0/24", range: "10.9.0.128/25" }, { subnet: "fd12::/64" }),
      () => 0,
    );
    assert.equal(book.allocate(4, "a")?.address, "10.9.0.128");
    assert.equal(book.allocate(6, "a")?.address, "fd12::2");
    assert.equal(book.allocate(4, "b", "10.9.0.7")?.address, "10.9.0.7");
    assert.throws(() => book.allocate(4, "c", "10.9.0.7"), failsWith("forbidden"));
    assert.throws(() => book.allocate(4, "c", "10.9.0.1"), failsWith("forbidden"));
    assert.throws(() => book.allocate(4, "c", "10.8.0.7"), failsWith("invalid-argument"));
    assert.equal(new AddressBook(network({ subnet: "10.9.0.0/24" }), () => 0).allocate(6, "a"), undefined);
  });
});
