import net from "node:net";
import { finished } from "node:stream/promises";
import type { RunningProcess, TerminalSize } from "../../runtime/types.ts";
import { bodyOf } from "../errors.ts";
import type { MonitorPlan, MonitorState } from "../folder.ts";
import { encodeChunks, encodeFrame, type Frame, FrameReader, kinds, type Order } from "../frames.ts";
import type { LogKeeper } from "./log-writer.ts";

/** More than this waiting for one attachment, and the process waits with it … */
const maxBufferedBytes = 1024 * 1024;
/** … but not longer than this without the attachment reading: then it is dropped. */
const stallMs = 30_000;

interface Connection {
  readonly socket: net.Socket;
  readonly reader: FrameReader;
  attached: boolean;
  /** An engine that wants to know what happens. */
  watching: boolean;
  ownsStdin: boolean;
  /** Frames that came before the process ran. */
  readonly early: Frame[];
  stall: NodeJS.Timeout | undefined;
}

/** Whoever does what comes in. */
export interface Orders {
  readonly state: MonitorState;
  signal(number: number, final: boolean): void;
  resize(size: TerminalSize): Promise<void>;
  order(order: Order): Promise<void>;
}

/** The container's side of attach.sock: any number of attachments and control connections at once. */
export class AttachServer {
  readonly #plan: MonitorPlan;
  /** From when the engine has said `go`. */
  #orders: Orders | undefined;
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

  obey(orders: Orders): void {
    this.#orders = orders;
  }

  tell(state: MonitorState): void {
    const frame = encodeFrame(kinds.state, Buffer.from(JSON.stringify(state)));
    for (const { socket, watching } of this.#connections) if (watching) socket.write(frame);
  }

  /** Connects a run of the process with its log and the attachments. Resolves when its output has ended. */
  async serve(running: RunningProcess, log: LogKeeper): Promise<void> {
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

  /** Attachments end with the process that they were attached to, also when it is started again. */
  endRun(): void {
    this.#running = undefined;
    this.#stdinWanted = true;
    for (const connection of this.#connections) {
      if (!connection.attached) continue;
      // What it still does, such as closing, is not meant for the next run.
      connection.attached = false;
      connection.ownsStdin = false;
      connection.socket.end(encodeFrame(kinds.exit));
      void this.#closed(connection);
    }
  }

  /** Tells everybody that it is over and waits until they have read it. */
  async close(): Promise<void> {
    this.#server.close();
    for (const { socket } of this.#connections) socket.end();
    await Promise.all([...this.#connections].map((connection) => this.#closed(connection)));
  }

  /** Resolves when the other side has read everything, or was given up. */
  #closed({ socket }: Connection): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), stallMs);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.resume();
    });
  }

  #accept(socket: net.Socket): void {
    const connection: Connection = {
      socket,
      reader: new FrameReader(),
      attached: false,
      watching: false,
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
    if (frame.kind === kinds.watch) {
      connection.watching = true;
      if (this.#orders) this.tell(this.#orders.state);
      return;
    }
    const [running, orders] = [this.#running, this.#orders];
    if (frame.kind === kinds.stdin || frame.kind === kinds.closeStdin) {
      if (!running) {
        connection.early.push(frame);
        connection.socket.pause();
      } else if (frame.kind === kinds.closeStdin) this.#endStdin(connection);
      else if (connection.ownsStdin) this.#writeStdin(connection, running, frame.payload);
    } else if (orders) this.#answer(connection, () => obey(orders, frame));
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

async function obey(orders: Orders, { kind, payload }: Frame): Promise<void> {
  if (kind === kinds.resize) await orders.resize({ rows: payload.readUInt16BE(0), columns: payload.readUInt16BE(2) });
  else if (kind === kinds.signal) orders.signal(payload.readUInt8(0), payload[1] === 1);
  else if (kind === kinds.order) await orders.order(JSON.parse(payload.toString()) as Order);
}
