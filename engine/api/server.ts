import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { splitVersion } from "./api-version.ts";
import { readOn } from "./body.ts";
import type { Call } from "./call.ts";
import { noSuchPage, shuttingDown, toErrorBody } from "./errors.ts";
import { responseHeaders } from "./headers.ts";
import { createRouter } from "./router.ts";
import { routes } from "./routes.ts";
import type { Services } from "./services.ts";

export interface ApiServer {
  readonly http: Server;
  /** Open connections, also those that have left HTTP. */
  readonly connections: number;
  /** Called whenever a connection opens or closes. */
  onConnections(listener: () => void): void;
  /** Stops listening, aborts what is being answered (builds, streams) and resolves when every connection is closed. */
  close(): Promise<void>;
}

/** The Docker Engine API and `/drydock/` over HTTP; the caller binds it to a socket. */
export function createApiServer(services: Services): ApiServer {
  const find = createRouter(routes);
  const sockets = new Set<Socket>();
  const listeners: (() => void)[] = [];
  const ending = new AbortController();

  const answer = async (req: IncomingMessage, res: ServerResponse, upgrade?: Duplex): Promise<void> => {
    const call = openCall(req, res, ending.signal, upgrade);
    try {
      if (ending.signal.aborted) throw shuttingDown();
      const method = req.method ?? "GET";
      const path = new URL(req.url ?? "/", "http://engine").pathname;
      const version = splitVersion(path);
      const match = find(method, version.path);
      if (!match) throw noSuchPage(method, version.path);
      await match.handler({ ...call, minor: version.minor, params: match.params }, services);
    } catch (error) {
      await fail(call, error, services);
    }
  };

  const http = createServer((req, res) => void answer(req, res));
  // A build context may take longer to send than Node's default of five minutes.
  http.requestTimeout = 0;
  http.on("upgrade", (req: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (head.length > 0) socket.unshift(head);
    const res = new ServerResponse(req);
    res.shouldKeepAlive = false;
    res.assignSocket(socket);
    // An upgraded request that gets an ordinary answer (an error, usually) ends its connection.
    res.on("finish", () => socket.end());
    void answer(req, res, socket);
  });
  http.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      for (const listener of listeners) listener();
    });
    for (const listener of listeners) listener();
  });

  return {
    http,
    get connections() {
      return sockets.size;
    },
    onConnections: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        ending.abort();
        http.closeIdleConnections();
        // Answers that are about to end get a moment to do so.
        setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, 300).unref();
      }),
  };
}

function openCall(req: IncomingMessage, res: ServerResponse, ending: AbortSignal, upgrade?: Duplex): Call {
  for (const [name, value] of Object.entries(responseHeaders)) res.setHeader(name, value);
  const gone = new AbortController();
  const leave = () => gone.abort();
  ending.addEventListener("abort", leave, { once: true });
  (upgrade ?? res).once("close", () => {
    ending.removeEventListener("abort", leave);
    gone.abort();
  });
  // A client that resets its connection is not an error of ours.
  res.on("error", () => {});
  req.on("error", () => {});
  return {
    req,
    res,
    params: {},
    query: new URL(req.url ?? "/", "http://engine").searchParams,
    minor: 0,
    signal: gone.signal,
    ...(upgrade ? { upgrade } : {}),
  };
}

async function fail(call: Call, error: unknown, services: Services): Promise<void> {
  const { status, body } = toErrorBody(error);
  const what = `${call.req.method} ${call.req.url?.split("?")[0]}`;
  if (body.drydock?.code === "internal") {
    services.log(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (call.res.destroyed || call.signal.aborted) return;
  if (call.res.headersSent || call.res.socket === null) {
    // Too late for a status: breaking the connection is the only honest answer left.
    (call.upgrade ?? call.res).destroy();
    return;
  }
  if (!call.upgrade) await readOn(call.req);
  if (call.res.destroyed || call.signal.aborted) return;
  const data = Buffer.from(`${JSON.stringify(body)}\n`);
  // An upload that is refused half way must not be read to its end.
  const close = call.req.complete ? {} : { connection: "close" };
  call.res.writeHead(status, { "content-type": "application/json", "content-length": data.length, ...close });
  call.res.end(call.req.method === "HEAD" ? undefined : data);
}
