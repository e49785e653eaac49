import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { isFreePort } from "../../client/ui/free-port.ts";

/** A port that nothing listens on, below those that the kernel gives to connections: it is still free when it is used. */
export async function freePort(): Promise<number> {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  const end = Number.parseInt(range, 10);
  for (;;) {
    const port = randomInt(Math.min(10_000, end - 1000), end);
    if (await isFreePort(port)) return port;
  }
}
