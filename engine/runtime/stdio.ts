import { chownSync, closeSync, constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import path from "node:path";
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

/**
 * Real pipes. Node's own are sockets, and a socket cannot be opened through /dev/stdout (ENXIO), which is where images of
 * servers send their logs. They belong to the user who opens them there, as Docker sees to it too.
 */
export async function makePipes(mkfifo: string, owner: { readonly uid: number; readonly gid: number }): Promise<Pipes> {
  const folder = makeScratch();
  const names = ["in", "out", "err"].map((name) => path.join(folder, name));
  const opened: number[] = [];
  const open = (file: string | undefined, flags: number) => {
    const fd = openSync(file ?? "", flags);
    opened.push(fd);
    return fd;
  };
  try {
    const result = await runTool(mkfifo, ["-m", "600", ...names]);
    if (result.code !== 0) throw setupFailed(result.stderr);
    if (owner.uid !== 0) for (const name of names) chownSync(name, owner.uid, owner.gid);
    const [input, output, errors] = names;
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
    // fifo(7): a reader that does not wait first, then nobody has to wait. O_NONBLOCK stays on this side only.
    const reader = openSync(input ?? "", O_RDONLY | O_NONBLOCK);
    const toChild = open(input, O_WRONLY | O_NONBLOCK);
    const childIn = open(input, O_RDONLY);
    closeSync(reader);
    const fromOut = open(output, O_RDONLY | O_NONBLOCK);
    const childOut = open(output, O_WRONLY);
    const fromErr = open(errors, O_RDONLY | O_NONBLOCK);
    const childErr = open(errors, O_WRONLY);
    const childEnds = [childIn, childOut, childErr] as const;
    return {
      stdin: writeEnd(toChild),
      stdout: readEnd(fromOut),
      stderr: readEnd(fromErr),
      childEnds,
      closeChildEnds: () => childEnds.forEach(closeSync),
    };
  } catch (error) {
    opened.forEach(closeSync);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
