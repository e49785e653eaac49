import net from "node:net";
import { finished } from "node:stream/promises";
import type { RunningProcess } from "../../runtime/types.ts";
import { bodyOf } from "../errors.ts";
import type { MonitorPlan } from "../folder.ts";
import { encodeChunks, encodeFrame, type Frame, FrameReader, kinds } from "../frames.ts";
import type { LogWriter } from "./log-writer.ts";

/** More than this waiting for one attachment, and the process waits with it … */
const maxBufferedBytes = 1024 * 1024;
/** … but not longer than this without the attachment reading: then it is dropped. */
const stallMs = 30_000;

interface Connection {
  readonly socket: net.Socket;
  readonly reader: FrameReader;
  attached: boolean;
  ownsStdin: boolean;
  /** Frames that came before the process ran. */
  readonly early: Frame[];
  stall: NodeJS.Timeout | undefined;
}

/** The container's side of attach.sock: any number of attachments and control connections at once. */
export class AttachServer {
  readonly #plan: MonitorPlan;
  readonly #server: net.Server;
  readonly #connections = new Set<Connection>();
  #running: RunningProcess | undefined;
  #stdinWanted = true;

  constructor(plan: MonitorPlan) {
    this.#plan = plan;
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Binds a socket that only this user may open. */
  async listen(name: string): Promise<void> {
    const listening = new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      process.umask(0o077);
      this.#server.listen(name, resolve);
    });
    // The container's process inherits the mask; this is Docker's.
    process.umask(0o022);
    await listening;
  }

  /** Connects the process with its log and the attachments. Resolves when its output has ended. */
  async serve(running: RunningProcess, log: LogWriter): Promise<void> {
    this.#running = running;
    const outputs = [running.stdout, running.stderr];
    for (const [stream, kind] of [
      ["stdout", kinds.stdout],
      ["stderr", kinds.stderr],
    ] as const) {
      running[stream].on("data", (chunk: Buffer) => {
        log.write(stream, chunk);
        this.#broadcast(kind, chunk);
      });
    }
    // A process that closes its input while somebody writes is no failure of ours.
    running.stdin.on("error", () => {});
    if (!this.#plan.openStdin || !this.#stdinWanted) running.stdin.end();
    for (const connection of this.#connections) {
      for (const frame of connection.early.splice(0)) this.#handle(connection, frame);
      connection.socket.resume();
    }
    await Promise.allSettled(outputs.map((output) => finished(output, { writable: false })));
  }

  /** Tells everybody that it is over and waits until they have read it. */
  async close(): Promise<void> {
    this.#server.close();
    await Promise.all(
      [...this.#connections].map(
        ({ socket }) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => socket.destroy(), stallMs);
            socket.once("close", () => {
              clearTimeout(timer);
              resolve();
            });
            if (this.#running) socket.write(encodeFrame(kinds.exit));
            socket.end();
            socket.resume();
          }),
      ),
    );
  }

  #accept(socket: net.Socket): void {
    const connection: Connection = {
      socket,
      reader: new FrameReader(),
      attached: false,
      ownsStdin: false,
      early: [],
      stall: undefined,
    };
    this.#connections.add(connection);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      try {
        for (const frame of connection.reader.push(chunk)) this.#handle(connection, frame);
      } catch {
        socket.destroy();
      }
    });
    socket.on("end", () => socket.end());
    socket.on("drain", () => this.#drained(connection));
    socket.on("close", () => {
      this.#connections.delete(connection);
      this.#drained(connection);
      this.#endStdin(connection);
    });
  }

  #handle(connection: Connection, frame: Frame): void {
    if (frame.kind === kinds.attach) {
      connection.ownsStdin = frame.payload[0] === 1;
      connection.attached = true;
      connection.socket.write(encodeFrame(kinds.attached));
      return;
    }
    const running = this.#running;
    if (!running) {
      connection.early.push(frame);
      connection.socket.pause();
      return;
    }
    switch (frame.kind) {
      case kinds.stdin:
        if (connection.ownsStdin) this.#writeStdin(connection, running, frame.payload);
        break;
      case kinds.closeStdin:
        this.#endStdin(connection);
        break;
      case kinds.resize:
        this.#answer(connection, () =>
          running.resize({ rows: frame.payload.readUInt16BE(0), columns: frame.payload.readUInt16BE(2) }),
        );
        break;
      case kinds.signal:
        this.#answer(connection, () => running.signal(frame.payload.readUInt8(0)));
        break;
    }
  }

  #writeStdin({ socket }: Connection, { stdin }: RunningProcess, data: Buffer): void {
    if (!this.#plan.openStdin || stdin.destroyed || stdin.writableEnded) return;
    if (stdin.write(data)) return;
    socket.pause();
    const go = () => {
      stdin.off("drain", go);
      stdin.off("close", go);
      socket.resume();
    };
    stdin.on("drain", go);
    stdin.on("close", go);
  }

  /** Docker's rule (StdinOnce): the input ends with the first client that leaves; a terminal's never does. */
  #endStdin({ ownsStdin }: Connection): void {
    if (!ownsStdin || !this.#plan.stdinOnce || this.#plan.run.process.tty) return;
    this.#stdinWanted = false;
    this.#running?.stdin.end();
  }

  #answer({ socket }: Connection, action: () => void | Promise<void>): void {
    Promise.resolve()
      .then(action)
      .then(
        () => socket.write(encodeFrame(kinds.done)),
        (error) => socket.write(encodeFrame(kinds.failed, Buffer.from(JSON.stringify(bodyOf(error))))),
      );
  }

  #broadcast(kind: number, chunk: Buffer): void {
    const receivers = [...this.#connections].filter(({ attached }) => attached);
    if (receivers.length === 0) return;
    const frames = encodeChunks(kind, chunk);
    for (const connection of receivers) {
      for (const frame of frames) connection.socket.write(frame);
      if (connection.socket.writableLength <= maxBufferedBytes || connection.stall) continue;
      connection.stall = setTimeout(() => connection.socket.destroy(), stallMs);
      this.#running?.stdout.pause();
      this.#running?.stderr.pause();
    }
  }

  #drained(connection: Connection): void {
    clearTimeout(connection.stall);
    connection.stall = undefined;
    if ([...this.#connections].some(({ stall }) => stall)) return;
    this.#running?.stdout.resume();
    this.#running?.stderr.resume();
  }
}
