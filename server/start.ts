// dist/server.js: runs server-main.js, with what V8 has compiled of it in an earlier process (README.md, "Start").
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { tune } from "./tune.ts";

/** What server-main.js says of itself. */
interface Program {
  /** It has checked a file: what a start needs is compiled. */
  readonly hasChecked: () => boolean;
}

const file = path.join(__dirname, "server-main.js");
/** One for each kind of runtime: editors bring their own, and the command line has another. */
const cache = path.join(__dirname, `server.${process.versions.electron === undefined ? "node" : "electron"}.cache`);
const headBytes = 64;
/** By then the editor has asked for everything that it shows at once. */
const quietMs = 5000;

run();

function run(): void {
  // First: V8 takes back only what was compiled with the same settings.
  tune();
  const { size, mtimeMs } = statSync(file);
  // V8 compares versions, flags and the length of the text, but not the text.
  const head = `${size} ${mtimeMs}`.padEnd(headBytes);
  const cachedData = readCache(head);
  // All of it is ASCII: this way V8 keeps one byte a character.
  const script = new Script(readFileSync(file, "latin1"), { filename: file, ...(cachedData && { cachedData }) });
  if (!cachedData || script.cachedDataRejected) keep(script, head);
  script.runInThisContext()(exports, require, module, file, __dirname);
  // Patterns are compiled when they are first used, and not a second time. Set here: Node reads its own modules slower after it.
  setFlagsFromString("--no-regexp-tier-up");
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
  const tag = cachedDataVersionTag();
  const write = () => {
    clearTimeout(timer);
    process.off("exit", write);
    if (!(module.exports as Program).hasChecked()) return;
    const content = withFlagsOf(tag, () => Buffer.concat([Buffer.from(head, "latin1"), script.createCachedData()]));
    if (!content) return;
    const aside = `${cache}.${process.pid}`;
    try {
      writeFileSync(aside, content);
      renameSync(aside, cache);
    } catch {
      rmSync(aside, { force: true });
    }
  };
  const timer = setTimeout(write, quietMs);
  timer.unref();
  process.on("exit", write);
}

/** The grammars' code is compiled with other flags (shell/grammar-bytes.ts); under those V8 would take nothing at the next start. */
function withFlagsOf<T>(tag: number, make: () => T): T | undefined {
  if (cachedDataVersionTag() === tag) return make();
  const back = ["--regexp-tier-up", "--no-liftoff-only", "--wasm-tier-up", "--wasm-dynamic-tiering"];
  for (const flag of back) setFlagsFromString(flag);
  const made = cachedDataVersionTag() === tag ? make() : undefined;
  for (const flag of ["--no-regexp-tier-up", "--liftoff-only"]) setFlagsFromString(flag);
  return made;
}
