import { closeSync, constants, fchownSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { PassThrough, Readable, Writable } from "node:stream";
import { setupFailed } from "./errors.ts";
import { makeScratch } from "./scratch.ts";
import { runTool } from "./tools.ts";

/** Three pipes for a process. */
export interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** For spawn's `stdio`; close them with `closeChildEnds` when it has been called. */
  readonly childEnds: readonly [number, number, number];
  closeChildEnds(): void;
}

/** The two ends of a pipe. */
interface Ends {
  readonly read: number;
  readonly write: number;
}

interface RawPipes {
  readonly in: Ends;
  readonly out: Ends;
  readonly err: Ends;
}

/** Made ahead: mkfifo(1) takes as long as several other steps of a start. Nothing of them can be seen in a folder. */
const spare: RawPipes[] = [];
let making: Promise<void> | undefined;

/**
 * Real pipes. Node's own are sockets, and a socket cannot be opened through /dev/stdout (ENXIO), which is where images of
 * servers send their logs. They belong to the user who opens them there, as Docker sees to it too.
 */
export async function makePipes(mkfifo: string, owner: { readonly uid: number; readonly gid: number }): Promise<Pipes> {
  const raw = spare.pop() ?? (await openPipes(mkfifo, 1))[0];
  if (!raw) throw setupFailed(mkfifo);
  if (owner.uid !== 0) for (const { read } of [raw.in, raw.out, raw.err]) fchownSync(read, owner.uid, owner.gid);
  return {
    stdin: writeEnd(raw.in.write),
    stdout: readEnd(raw.out.read),
    stderr: readEnd(raw.err.read),
    childEnds: [raw.in.read, raw.out.write, raw.err.write],
    closeChildEnds: () => [raw.in.read, raw.out.write, raw.err.write].forEach(closeSync),
  };
}

/** So that the next processes find their pipes; call it when nobody waits. */
export function preparePipes(mkfifo: string | undefined, count: number): void {
  if (mkfifo === undefined || making || spare.length > 0) return;
  making = openPipes(mkfifo, count)
    .then((made) => void spare.push(...made))
    // Whoever needs them says why they cannot be had.
    .catch(() => {})
    .finally(() => {
      making = undefined;
    });
}

async function openPipes(mkfifo: string, count: number): Promise<RawPipes[]> {
  const folder = makeScratch();
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 1 });
  // Nobody waits for what is made ahead: the process may end meanwhile.
  process.once("exit", remove);
  const sets = Array.from({ length: count }, (_, set) => ["in", "out", "err"].map((name) => `${folder}/${name}${set}`));
  const opened: number[] = [];
  const open = (file: string | undefined): Ends => {
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
    const keep = (flags: number) => {
      const fd = openSync(file ?? "", flags);
      opened.push(fd);
      return fd;
    };
    // fifo(7): a reader that does not wait first, then nobody has to wait.
    const first = openSync(file ?? "", O_RDONLY | O_NONBLOCK);
    const isInput = file?.startsWith(`${folder}/in`) === true;
    try {
      // O_NONBLOCK stays on this side only.
      const write = keep(isInput ? O_WRONLY | O_NONBLOCK : O_WRONLY);
      return { write, read: keep(isInput ? O_RDONLY : O_RDONLY | O_NONBLOCK) };
    } finally {
      closeSync(first);
    }
  };
  try {
    const result = await runTool(mkfifo, ["-m", "600", ...sets.flat()]);
    if (result.code !== 0) throw setupFailed(result.stderr);
    return sets.map(([input, output, errors]) => ({ in: open(input), out: open(output), err: open(errors) }));
  } catch (error) {
    opened.forEach(closeSync);
    throw error;
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function readEnd(fd: number): Readable {
  return new Socket({ fd, readable: true, writable: false });
}

/** A pipe knows no half-close, so the end is a close once everything is written. */
function writeEnd(fd: number): Writable {
  const socket = new Socket({ fd, readable: false, writable: true });
  const writable = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      // EPIPE: the process does not want more; that is its business.
      if (socket.destroyed) done();
      else socket.write(chunk, () => done());
    },
    final(done) {
      socket.destroy();
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on("error", () => socket.destroy());
  return writable;
}

/** What a process with a terminal has for stderr. */
export function silence(): Readable {
  return Readable.from([]);
}

/** A stream that can be ended on this side (`end()`) while the other side still holds it open. */
export function endable(source: Readable): PassThrough {
  const output = new PassThrough();
  source.pipe(output);
  source.on("error", () => output.end());
  output.on("finish", () => source.destroy());
  output.on("close", () => source.destroy());
  return output;
}
