// dist/server.js: runs server-main.js, with what V8 has compiled of it in an earlier process (README.md, "Start").
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Script } from "node:vm";

/** What server-main.js says of itself. */
interface Program {
  /** It has checked a file: what a start needs is compiled. */
  readonly hasChecked: () => boolean;
}

/** What a build for people says of the text of server-main.js: an installation gives files other times. */
declare const builtProgram: string | undefined;

const file = path.join(__dirname, "server-main.js");
/** One for each kind of runtime: editors bring their own, and the command line has another. */
const cache = path.join(__dirname, `server.${process.versions.electron === undefined ? "node" : "electron"}.cache`);
const headBytes = 64;
/** By then the editor has asked for everything that it shows at once. */
const quietMs = 5000;

run();

function run(): void {
  const { size, mtimeMs } = statSync(file);
  // V8 compares versions, flags and the length of the text, but not the text.
  const id = typeof builtProgram === "string" ? builtProgram : mtimeMs;
  const head = `${size} ${id}`.padEnd(headBytes);
  const cachedData = readCache(head);
  // All of it is ASCII: this way V8 keeps one byte a character.
  const script = new Script(readFileSync(file, "latin1"), { filename: file, ...(cachedData && { cachedData }) });
  if (!cachedData || script.cachedDataRejected) keep(script, head);
  script.runInThisContext()(exports, require, module, file, __dirname);
}

function readCache(head: string): Buffer | undefined {
  try {
    const content = readFileSync(cache);
    return content.toString("latin1", 0, headBytes) === head ? content.subarray(headBytes) : undefined;
  } catch {
    return undefined;
  }
}

/** Written once, in a quiet moment or at the end; a folder that is read-only, or a full disk, costs later starts their time and nothing else. */
function keep(script: Script, head: string): void {
  const flags = flagsNow();
  const write = () => {
    clearTimeout(timer);
    process.off("exit", write);
    if (!(module.exports as Program).hasChecked()) return;
    const data = withFlags(script.createCachedData(), flags);
    if (!data) return;
    const aside = `${cache}.${process.pid}`;
    try {
      writeFileSync(aside, Buffer.concat([Buffer.from(head, "latin1"), data]));
      renameSync(aside, cache);
    } catch {
      rmSync(aside, { force: true });
    }
  };
  const timer = setTimeout(write, quietMs);
  timer.unref();
  process.on("exit", write);
}

/** Where V8 writes which flags were set: the fourth number of what it has compiled. */
const flagsAt = 12;

/** Of a program of no weight: nothing in it but the flags can differ in one process. */
function flagsNow(): Buffer {
  return new Script("0").createCachedData();
}

/**
 * The server sets flags behind its start (tune.ts, shell/grammar-bytes.ts), because Node reads its own modules slower with
 * any. None of them changes what is compiled, so it may say that it was compiled without. Undefined where V8 writes it elsewhere.
 */
function withFlags(data: Buffer, atStart: Buffer): Buffer | undefined {
  const now = flagsNow();
  const flags = atStart.subarray(flagsAt, flagsAt + 4);
  if (!data.subarray(flagsAt, flagsAt + 4).equals(now.subarray(flagsAt, flagsAt + 4))) return undefined;
  flags.copy(now, flagsAt);
  flags.copy(data, flagsAt);
  return now.equals(atStart) ? data : undefined;
}
