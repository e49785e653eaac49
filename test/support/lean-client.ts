import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { Frames } from "../../server/frames.ts";

/** The bytes of an answer, and when the last of them was there. */
interface Arrived {
  readonly body: Buffer;
  readonly at: number;
}

const headEnd = "\r\n\r\n";
/** Every server writes the id within these bytes; what comes behind is not looked at. */
const idWithin = 60;

/**
 * A client that takes no time of the server's: it looks at the frames of what comes, notes when each answer's last byte is there,
 * and reads an answer as JSON only when somebody asks for it. A real one reads half a megabyte of symbols on the thread that
 * also takes the time.
 */
export class LeanClient {
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, (arrived: Arrived) => void>();
  readonly #frames = new Frames();
  #id = 0;

  constructor(program: string) {
    const stdio = ["pipe", "pipe", "inherit"] as const;
    this.process = spawn(process.execPath, [program, "--stdio"], {
      stdio: [...stdio],
      env: { ...process.env, LC_ALL: "C" },
    });
    this.process.stdout?.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  notify(method: string, params: unknown): void {
    this.#write({ jsonrpc: "2.0", method, params });
  }

  /** The answer may be forgotten: nothing is kept of it then. */
  ask(method: string, params: unknown): { readonly id: number; readonly arrived: Promise<Arrived> } {
    this.#id += 1;
    const id = this.#id;
    const arrived = new Promise<Arrived>((resolve) => this.#waiting.set(id, resolve));
    this.#write({ jsonrpc: "2.0", id, method, params });
    return { id, arrived };
  }

  async result<T>(method: string, params: unknown): Promise<T> {
    return resultOf<T>(await this.ask(method, params).arrived);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    await this.result("shutdown", undefined);
    this.notify("exit", undefined);
    await ended;
  }

  #write(message: object): void {
    const json = JSON.stringify(message);
    this.process.stdin?.write(`Content-Length: ${Buffer.byteLength(json)}${headEnd}${json}`);
  }

  #take(chunk: Buffer): void {
    const at = performance.now();
    for (const body of this.#frames.take(chunk, (problem) => assert.fail(problem))) this.#frame(body, at);
  }

  #frame(body: Buffer, at: number): void {
    const id = /^\{"jsonrpc":"2\.0","id":(\d+),"(?:result|error)"/.exec(body.toString("latin1", 0, idWithin))?.[1];
    if (id === undefined) return;
    const resolve = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    resolve?.({ body, at });
  }
}

/** Undefined: an error was the answer. */
export function resultOf<T>({ body }: Arrived): T {
  return (JSON.parse(body.toString()) as { readonly result: T }).result;
}
