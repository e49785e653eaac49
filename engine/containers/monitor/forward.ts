import dgram from "node:dgram";
import net from "node:net";
import type { MonitorPlan } from "../folder.ts";
import { udpType } from "../host-ports.ts";

/** A datagram client that says nothing for so long is forgotten. */
const udpIdleMs = 90_000;
const maxUdpClients = 1024;

/**
 * Serves the inherited host ports. The sockets belong to the host's network namespace in which the engine opened them;
 * this process lives in the container's, so 127.0.0.1 is the container.
 */
export function forwardPorts(ports: MonitorPlan["ports"]): void {
  for (const { mapping, fd } of ports) {
    if (mapping.protocol === "udp") forwardUdp(fd, mapping.containerPort, udpType(mapping));
    else forwardTcp(fd, mapping.containerPort);
  }
}

export function forwardTcp(fd: number, port: number): net.Server {
  // A half-closed connection is passed on as such: `nc -N`, HTTP/1.0 and database protocols end a request that way.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    client.on("error", () => client.destroy());
    connectInside(client, port, "127.0.0.1", () => connectInside(client, port, "::1", () => client.resetAndDestroy()));
  });
  server.on("error", (error) => console.error(`port ${port}: ${error.message}`));
  return server.listen({ fd });
}

function connectInside(client: net.Socket, port: number, host: string, refused: () => void): void {
  const inside = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
  const leave = () => inside.destroy();
  client.once("close", leave);
  inside.once("error", () => {
    client.off("close", leave);
    if (!client.destroyed) refused();
  });
  inside.once("connect", () => {
    inside.removeAllListeners("error");
    inside.on("error", () => client.destroy());
    inside.once("close", (failed) => {
      if (failed) client.destroy();
    });
    client.pipe(inside);
    inside.pipe(client);
  });
}

export function forwardUdp(fd: number, port: number, type: "udp4" | "udp6"): dgram.Socket {
  const outside = dgram.createSocket(type);
  const clients = new Map<string, { socket: dgram.Socket; timer: NodeJS.Timeout }>();
  outside.on("error", (error) => console.error(`port ${port}/udp: ${error.message}`));
  outside.on("message", (data, from) => {
    const key = `${from.address} ${from.port}`;
    let client = clients.get(key);
    if (!client) {
      if (clients.size >= maxUdpClients) return;
      const socket = dgram.createSocket("udp4");
      const forget = () => {
        clearTimeout(clients.get(key)?.timer);
        if (clients.delete(key)) socket.close();
      };
      socket.on("error", forget);
      socket.on("message", (answer) => {
        clients.get(key)?.timer.refresh();
        outside.send(answer, from.port, from.address);
      });
      client = { socket, timer: setTimeout(forget, udpIdleMs) };
      clients.set(key, client);
    }
    client.timer.refresh();
    client.socket.send(data, port, "127.0.0.1");
  });
  outside.bind({ fd, exclusive: true });
  return outside;
}
