import dgram from "node:dgram";
import net from "node:net";
import { lookUp, nameOfAddress, namesReader } from "../networks/names.ts";
import { namesAddress } from "../networks/resolver.ts";
import {
  addressAsked,
  encodeFailure,
  encodeReply,
  parseQuery,
  type Question,
  type Reply,
  recordTypes,
  responseCodes,
} from "./dns-packet.ts";
import { askUpstreams, framed, packetsOf } from "./dns-upstream.ts";

export interface NamesPlan {
  readonly file: string;
  /** Whose questions these are. */
  readonly id: string;
}

export interface NamesServer {
  readonly port: number;
  close(): void;
}

/** RFC 1035, 4.2.1. */
const maxUdpBytes = 512;
const maxTcpBytes = 65_535;
const maxWaiting = 512;
const maxConnections = 64;
const idleMs = 10_000;

/**
 * The DNS server of one container, in its network namespace: names of the containers in its networks, and what others say about
 * everything else. It reads what the engine wrote last and needs no engine. `place` is for tests.
 */
export async function serveNames(
  plan: NamesPlan,
  place: { readonly host: string; readonly port: number; readonly upstreamPort?: number } = {
    host: namesAddress,
    port: 53,
  },
): Promise<NamesServer> {
  const table = namesReader(plan.file);
  let waiting = 0;
  let turn = 0;

  const known = ({ name, type }: Question): Reply | undefined => {
    const asked = type === recordTypes.PTR ? addressAsked(name) : undefined;
    const pointer = asked === undefined ? undefined : nameOfAddress(table(), plan.id, asked);
    if (pointer !== undefined) return { pointer };
    const addresses = lookUp(table(), plan.id, name);
    if (!addresses) return undefined;
    // Each of several containers under one name comes first in its turn.
    turn += 1;
    const first = turn % addresses.length;
    return { addresses: [...addresses.slice(first), ...addresses.slice(0, first)] };
  };

  const answer = async (packet: Buffer, protocol: "udp" | "tcp"): Promise<Buffer | undefined> => {
    const parsed = parseQuery(packet);
    if (parsed.type === "hostile")
      return packet.length >= 12 && (packet[2] ?? 0) < 128
        ? encodeFailure(packet, responseCodes.formatError)
        : undefined;
    const reply = parsed.type === "question" ? known(parsed.question) : undefined;
    if (reply && parsed.type === "question")
      return encodeReply(parsed.question, reply, protocol === "udp" ? maxUdpBytes : maxTcpBytes);
    if (waiting >= maxWaiting) return encodeFailure(packet, responseCodes.refused);
    waiting += 1;
    try {
      const servers = table().containers[plan.id]?.upstreams ?? [];
      const theirs = await askUpstreams(packet, servers, protocol, place.upstreamPort);
      if (theirs) return theirs;
    } finally {
      waiting -= 1;
    }
    const failed = { code: responseCodes.serverFailure };
    return parsed.type === "question"
      ? encodeReply(parsed.question, failed, maxUdpBytes)
      : encodeFailure(packet, responseCodes.serverFailure);
  };

  const tcp = net.createServer((socket) => {
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on(
      "data",
      packetsOf((packet) => {
        void answer(packet, "tcp").then((reply) => {
          if (!reply) socket.destroy();
          else if (!socket.destroyed) socket.write(framed(reply));
        });
      }),
    );
  });
  tcp.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    tcp.once("error", reject);
    tcp.listen({ host: place.host, port: place.port }, resolve);
  });
  tcp.on("error", () => {});
  const { port } = tcp.address() as net.AddressInfo;

  // A name server in the container may listen on all addresses beside it, if it says so as well.
  const udp = dgram.createSocket({ type: "udp4", reuseAddr: true });
  udp.on("message", (packet, from) => {
    void answer(packet, "udp").then((reply) => {
      if (reply) udp.send(reply, from.port, from.address, () => {});
    });
  });
  await new Promise<void>((resolve, reject) => {
    udp.once("error", reject);
    udp.bind(port, place.host, resolve);
  });
  udp.on("error", () => {});
  return {
    port,
    close() {
      tcp.close();
      udp.close();
    },
  };
}
