import dgram from "node:dgram";
import net from "node:net";
import os from "node:os";
import type { MonitorPlan } from "../folder.ts";
import { udpType } from "../host-ports.ts";

/** A datagram client that says nothing for so long is forgotten. */
const udpIdleMs = 90_000;
const maxUdpClients = 1024;
/** Of a connection. Node's own 64 KiB make four times as many turns. */
const bufferBytes = 256 * 1024;
/** Of connections that are over, for the next ones. */
const spareBuffers: Buffer[] = [];
const maxSpareBuffers = 16;
const addressesAgeMs = 1000;

/**
 * Serves the inherited host ports. The sockets belong to the host's network namespace in which the engine opened them;
 * this process lives in the container's, so 127.0.0.1 is the container. Returns what gives the ports back.
 */
export function forwardPorts(ports: MonitorPlan["ports"]): () => void {
  const open = ports.map(({ mapping, fd }) =>
    mapping.protocol === "udp"
      ? forwardUdp(fd, mapping.containerPort, udpType(mapping))
      : forwardTcp(fd, mapping.containerPort),
  );
  return () => {
    for (const port of open) port.close();
  };
}

export function forwardTcp(fd: number, port: number): net.Server {
  const targets = insideTargets();
  // A half-closed connection is passed on as such: `nc -N`, HTTP/1.0 and database protocols end a request that way.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    client.on("error", () => client.destroy());
    connectInside(client, port, targets, targets.list());
  });
  server.on("error", (error) => console.error(`port ${port}: ${error.message}`));
  return server.listen({ fd });
}

interface Targets {
  /** Addresses at which the container's program may listen; the one that did last comes first. */
  list(): readonly string[];
  /** Somebody listens there. */
  good(host: string): void;
}

/**
 * The container's own addresses first, as Docker comes from outside as well: a program may trust whoever comes from loopback
 * (PostgreSQL asks him for no password). They may change while it runs.
 */
function insideTargets(): Targets {
  let known: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let last: string | undefined;
  return {
    list() {
      if (performance.now() - readAt > addressesAgeMs) {
        const addresses = Object.entries(os.networkInterfaces())
          .filter(([name]) => /^eth\d+$/.test(name))
          .flatMap(([, entries]) => entries ?? [])
          .filter(({ address }) => !address.startsWith("fe80:"));
        const own = [...addresses].sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
        known = [...own, "127.0.0.1", "::1"];
        readAt = performance.now();
      }
      return last !== undefined && known.includes(last) ? [last, ...known.filter((host) => host !== last)] : known;
    },
    good(host) {
      last = host;
    },
  };
}

function connectInside(client: net.Socket, port: number, targets: Targets, hosts: readonly string[]): void {
  const [host, ...others] = hosts;
  if (host === undefined) {
    client.resetAndDestroy();
    return;
  }
  // What comes from inside is most of all traffic: it is read into one buffer and written from there, without Node's streams.
  const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  const inside = net.connect({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    onread: {
      buffer,
      callback(size) {
        if (client.destroyed) return false;
        client.write(buffer.subarray(0, size), () => inside.resume());
        // What the kernel has not taken at once is still in the buffer, which must not be read into again until it is gone.
        return client.writableLength === 0;
      },
    },
  });
  inside.once("close", () => {
    if (client.writableLength === 0 && spareBuffers.length < maxSpareBuffers) spareBuffers.push(buffer);
  });
  const leave = () => inside.destroy();
  client.once("close", leave);
  inside.once("error", () => {
    client.off("close", leave);
    if (!client.destroyed) connectInside(client, port, targets, others);
  });
  inside.once("connect", () => {
    targets.good(host);
    inside.removeAllListeners("error");
    inside.on("error", () => client.destroy());
    inside.once("close", (failed) => {
      if (failed) client.destroy();
    });
    inside.once("end", () => client.end());
    client.pipe(inside);
  });
}

export function forwardUdp(fd: number, port: number, type: "udp4" | "udp6"): dgram.Socket {
  const outside = dgram.createSocket(type);
  const targets = insideTargets();
  const clients = new Map<string, UdpSession>();
  outside.on("error", (error) => console.error(`port ${port}/udp: ${error.message}`));
  outside.on("message", (data, from) => {
    const key = `${from.address} ${from.port}`;
    let client = clients.get(key);
    if (!client) {
      if (clients.size >= maxUdpClients) return;
      client = new UdpSession(port, targets, {
        answer: (answer) => outside.send(answer, from.port, from.address, () => {}),
        end: () => clients.delete(key),
      });
      clients.set(key, client);
    }
    client.send(data);
  });
  outside.bind({ fd, exclusive: true });
  return outside;
}

/** What one client says, and what is said to him. When nobody listens at an address, the next one is tried with the same words. */
class UdpSession {
  readonly #port: number;
  readonly #targets: Targets;
  readonly #on: { answer(data: Buffer): void; end(): void };
  readonly #timer: NodeJS.Timeout;
  #hosts: readonly string[];
  #socket: dgram.Socket | undefined;
  #connected = false;
  #early: Buffer[] = [];
  #unanswered: Buffer | undefined;

  constructor(port: number, targets: Targets, on: { answer(data: Buffer): void; end(): void }) {
    this.#port = port;
    this.#targets = targets;
    this.#on = on;
    this.#hosts = targets.list();
    this.#timer = setTimeout(() => this.#end(), udpIdleMs);
    this.#open();
  }

  send(data: Buffer): void {
    this.#timer.refresh();
    if (this.#connected) {
      this.#unanswered ??= data;
      this.#socket?.send(data, () => {});
    } else if (this.#early.length < 64) this.#early.push(data);
  }

  #open(): void {
    const [host, ...others] = this.#hosts;
    if (host === undefined) {
      this.#end();
      return;
    }
    this.#hosts = others;
    const socket = dgram.createSocket(net.isIPv6(host) ? "udp6" : "udp4");
    this.#socket = socket;
    socket.on("error", () => this.#refused(socket));
    socket.on("message", (answer) => {
      this.#timer.refresh();
      this.#targets.good(host);
      this.#unanswered = undefined;
      // It answers: from now on it is this one, also if it is gone for a while.
      this.#hosts = [];
      this.#on.answer(answer);
    });
    // Connected, so that the kernel says when nobody listens.
    socket.connect(this.#port, host, () => {
      this.#connected = true;
      for (const data of this.#early.splice(0)) this.send(data);
    });
  }

  #refused(socket: dgram.Socket): void {
    if (socket !== this.#socket) return;
    const again = this.#unanswered;
    this.#connected = false;
    this.#unanswered = undefined;
    socket.removeAllListeners().on("error", () => {});
    socket.close();
    if (again) this.#early.unshift(again);
    this.#open();
  }

  #end(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.removeAllListeners().on("error", () => {});
      try {
        socket.close();
      } catch {
        // Closed when it was refused.
      }
    }
    this.#on.end();
  }
}
