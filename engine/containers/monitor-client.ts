import { closeSync, constants, openSync } from "node:fs";
import net from "node:net";
import type { ErrorBody } from "../base/errors.ts";
import type { TerminalSize } from "../runtime/types.ts";
import { drained } from "./drained.ts";
import { errorFromBody } from "./errors.ts";
import { type MonitorState, socketName } from "./folder.ts";
import { encodeChunks, encodeFrame, type Frame, FrameReader, kinds, type Order } from "./frames.ts";
import type { Attachment } from "./types.ts";

type OutputChunk = { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array };

/**
 * Connects to the attach.sock in a container's folder. The folder's path may be longer than a socket's may (107 bytes), so
 * the way leads through a descriptor of the folder.
 */
async function connect(dir: string): Promise<net.Socket> {
  const fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const socket = net.connect({ path: `/proc/self/fd/${fd}/${socketName}`, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.on("error", () => socket.destroy());
    return socket;
  } finally {
    closeSync(fd);
  }
}

/** The engine's own connection to a monitor: orders, and the news that it is over. */
export class MonitorControl {
  readonly #socket: net.Socket;
  readonly #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** What came before somebody listened. */
  readonly #early: MonitorState[] = [];
  #listener: ((state: MonitorState) => void) | undefined;
  /** Resolves when the monitor has gone, whether or not it could say goodbye. */
  readonly closed: Promise<void>;

  static async open(dir: string): Promise<MonitorControl> {
    return new MonitorControl(await connect(dir));
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on("data", (chunk) => {
      try {
        for (const frame of reader.push(chunk)) this.#handle(frame);
      } catch {
        socket.destroy();
      }
    });
    socket.on("end", () => socket.end());
    socket.write(encodeFrame(kinds.watch));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        // Too late is as good as done: what the order was for has ended.
        for (const { resolve: answer } of this.#waiting.splice(0)) answer();
        resolve();
      });
    });
  }

  /** Tells everything that has happened since this connection was made, and what happens from now on. */
  listen(listener: (state: MonitorState) => void): void {
    this.#listener = listener;
    for (const state of this.#early.splice(0)) listener(state);
  }

  /** `final`: it is meant to end the container, which is not started again then. */
  signal(number: number, { final }: { readonly final: boolean }): Promise<void> {
    return this.#ask(encodeFrame(kinds.signal, Buffer.of(number, final ? 1 : 0)));
  }

  /** @throws EngineError of the monitor */
  order(order: Order): Promise<void> {
    return this.#ask(encodeFrame(kinds.order, Buffer.from(JSON.stringify(order))));
  }

  resize({ rows, columns }: TerminalSize): Promise<void> {
    const payload = Buffer.alloc(4);
    payload.writeUInt16BE(clampSize(rows), 0);
    payload.writeUInt16BE(clampSize(columns), 2);
    return this.#ask(encodeFrame(kinds.resize, payload));
  }

  /** Leaves without touching the container. */
  disconnect(): void {
    this.#socket.destroy();
  }

  #ask(frame: Buffer): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(frame);
    });
  }

  #handle(frame: Frame): void {
    if (frame.kind === kinds.state) {
      const state = JSON.parse(frame.payload.toString()) as MonitorState;
      if (this.#listener) this.#listener(state);
      else this.#early.push(state);
    } else if (frame.kind === kinds.done) this.#waiting.shift()?.resolve();
    else if (frame.kind === kinds.failed)
      this.#waiting.shift()?.reject(errorFromBody(JSON.parse(frame.payload.toString()) as ErrorBody));
  }
}

function clampSize(value: number): number {
  return Math.min(Math.max(Math.trunc(value) || 1, 1), 65535);
}

/**
 * A client's connection to a container's stdio. It may exist before the container runs: what is written until then waits,
 * and `output` begins with the process's first byte.
 */
export class MonitorAttachment implements Attachment {
  readonly #ownsStdin: boolean;
  readonly #connected: Promise<void>;
  #resolveConnected: () => void = () => {};
  #socket: net.Socket | undefined;
  #frames: AsyncIterator<Frame> | undefined;
  #early: Buffer[] = [];
  #stdinEnded = false;
  #gone = false;
  readonly output: AsyncIterable<OutputChunk>;

  constructor({ stdin }: { readonly stdin: boolean }) {
    this.#ownsStdin = stdin;
    this.#connected = new Promise((resolve) => {
      this.#resolveConnected = resolve;
    });
    this.output = this.#output();
  }

  /** False when the client has left before the container started. */
  get waiting(): boolean {
    return !this.#gone && this.#socket === undefined;
  }

  /** Returns once the monitor sends everything that comes from now on. */
  async connect(dir: string): Promise<void> {
    const socket = await connect(dir);
    this.#socket = socket;
    socket.write(encodeFrame(kinds.attach, Buffer.of(this.#ownsStdin ? 1 : 0)));
    const frames = readFrames(socket);
    if ((await frames.next()).done) throw new Error("the monitor has gone");
    this.#frames = frames;
    if (this.#gone) {
      socket.destroy();
    } else {
      for (const frame of this.#early.splice(0)) socket.write(frame);
    }
    this.#resolveConnected();
  }

  write(data: Uint8Array): void {
    if (this.#stdinEnded) return;
    for (const frame of encodeChunks(kinds.stdin, data)) this.#send(frame);
  }

  async drain(): Promise<void> {
    await this.#connected;
    if (this.#socket) await drained(this.#socket);
  }

  closeStdin(): void {
    if (this.#stdinEnded) return;
    this.#stdinEnded = true;
    this.#send(encodeFrame(kinds.closeStdin));
  }

  detach(): void {
    this.#gone = true;
    this.#early = [];
    this.#socket?.destroy();
    this.#resolveConnected();
  }

  #send(frame: Buffer): void {
    if (this.#gone || this.#socket?.destroyed) return;
    if (this.#frames) this.#socket?.write(frame);
    else this.#early.push(frame);
  }

  async *#output(): AsyncGenerator<OutputChunk> {
    await this.#connected;
    if (!this.#frames || this.#gone) return;
    for (;;) {
      const { value: frame } = await this.#frames.next();
      if (frame === undefined) return;
      if (frame.kind === kinds.stdout) yield { stream: "stdout", data: frame.payload };
      else if (frame.kind === kinds.stderr) yield { stream: "stderr", data: frame.payload };
    }
  }
}

/** Ends quietly when the connection does, however it does. */
async function* readFrames(socket: net.Socket): AsyncGenerator<Frame, undefined> {
  const reader = new FrameReader();
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) yield* reader.push(chunk);
  } catch {
    // Destroyed by detach(), or the monitor was killed.
  } finally {
    socket.destroy();
  }
}
