import { chmod, lstat, unlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { socketNotOurs, socketPathTooLong } from "./errors.ts";

/** sizeof(sun_path) on Linux, less the final zero. */
const maxPathBytes = 107;

/**
 * Binds the server to a unix socket with mode 0600. Node cannot read the peer's credentials, so this mode, in a folder of
 * mode 0700, is what keeps other users out. `taken`: somebody answers there already. A socket that refuses connections is
 * what a killed engine left behind, and is replaced.
 */
export async function listenOnSocket(server: Server, socket: string): Promise<"listening" | "taken"> {
  if (Buffer.byteLength(socket) > maxPathBytes) throw socketPathTooLong(socket, maxPathBytes);
  const state = await probe(socket);
  if (state === "answers") return "taken";
  if (state === "stale") {
    // A plain file refuses connections just as a dead socket does.
    if (!(await lstat(socket)).isSocket()) throw socketNotOurs(socket, new Error("not a socket"));
    await unlink(socket);
  }
  const bound = await bind(server, socket);
  if (bound === "taken") return "taken";
  await chmod(socket, 0o600);
  return "listening";
}

function bind(server: Server, socket: string): Promise<"listening" | "taken"> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      // Another engine was quicker between the probe and now.
      if (error.code === "EADDRINUSE") resolve("taken");
      else reject(error);
    };
    server.once("error", onError);
    // The socket is made within the call: no moment in which others could open it.
    const umask = process.umask(0o177);
    try {
      server.listen(socket, () => {
        server.off("error", onError);
        resolve("listening");
      });
    } finally {
      process.umask(umask);
    }
  });
}

type Probe = "answers" | "stale" | "absent";

/** @throws EngineError when something that is not a socket is in the way. */
function probe(socket: string): Promise<Probe> {
  return new Promise((resolve, reject) => {
    const client = connect(socket);
    client.once("connect", () => {
      client.destroy();
      resolve("answers");
    });
    client.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve("absent");
      else if (error.code === "ECONNREFUSED") resolve("stale");
      else reject(socketNotOurs(socket, error));
    });
  });
}
