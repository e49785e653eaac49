import dgram from "node:dgram";
import net from "node:net";
import { answers } from "./dns-packet.ts";

const timeoutMs = 2500;
const port = 53;

/** Asks one server after the other, as the question came. Undefined when none answers. */
export async function askUpstreams(
  query: Buffer,
  servers: readonly string[],
  protocol: "udp" | "tcp",
  serverPort = port,
): Promise<Buffer | undefined> {
  for (const server of servers) {
    if (net.isIP(server) === 0) continue;
    const answer = await (protocol === "udp" ? askUdp : askTcp)(query, server, serverPort);
    if (answer) return answer;
  }
  return undefined;
}

/** From a socket of its own: its port is as hard to guess as the number in the packet. */
function askUdp(query: Buffer, server: string, serverPort: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(net.isIPv6(server) ? "udp6" : "udp4");
    const settle = (answer?: Buffer) => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(settle, timeoutMs);
    socket.on("error", () => settle());
    socket.on("message", (packet) => {
      if (answers(packet, query)) settle(packet);
    });
    // Connected, so that only this server is heard, and "nobody listens" is.
    socket.connect(serverPort, server, () => socket.send(query));
  });
}

function askTcp(query: Buffer, server: string, serverPort: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: server, port: serverPort });
    const settle = (answer?: Buffer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle());
    socket.on("error", () => settle());
    socket.on("close", () => settle());
    const read = packetsOf((packet) => settle(answers(packet, query) ? packet : undefined));
    socket.on("data", read);
    socket.on("connect", () => socket.write(framed(query)));
  });
}

/** Over TCP each packet has its length before it. */
export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}

/** Cuts a TCP stream into packets. */
export function packetsOf(onPacket: (packet: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const packet = rest.subarray(2, end);
      rest = rest.subarray(end);
      onPacket(packet);
    }
  };
}
