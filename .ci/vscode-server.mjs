// A real VS Code where Microsoft's download site cannot be reached: code-server's npm package carries VS Code's own server
// build. It is installed once into the cache: Node 24 from npm, the package, its dependencies, its native modules compiled.
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "./cache.mjs";
import { ensureNode24, npm } from "./node24.mjs";
import { main, requireNode, run, Stop, which } from "./shell.mjs";

const CODE_SERVER = "4.139.1";
const NATIVE = [
  "node-pty",
  "@vscode/spdlog",
  "@vscode/native-watchdog",
  "@vscode/fs-copyfile",
  "@vscode/deviceid",
  "@vscode/sqlite3",
];

/** Debian packages the native modules are compiled with, each with a file or program that shows it is there. */
export const compilerPackages = [
  ["g++", "g++"],
  ["make", "make"],
  ["python3", "python3"],
  ["libkrb5-dev", "/usr/include/gssapi.h"],
  ["libsecret-1-dev", "/usr/include/libsecret-1/libsecret/secret.h"],
  ["libx11-dev", "/usr/include/X11/Xlib.h"],
  ["libxkbfile-dev", "/usr/include/X11/extensions/XKBfile.h"],
  ["pkg-config", "pkg-config"],
];

/**
 * Node 24 and VS Code's server build, installed when they are not there yet (about a minute; afterwards at once).
 * nodePath runs it; codeServerEntry serves the editor to a browser; serverMain is VS Code's own entry, for test runs.
 */
export async function ensureVSCode(say = console.log) {
  const nodePath = await ensureNode24(say);
  const folder = path.join(cacheDir(), `code-server-${CODE_SERVER}`);
  const codeServer = path.join(folder, "node_modules/code-server");
  const serverRoot = path.join(codeServer, "lib/vscode");
  const done = path.join(folder, "done");
  if (!existsSync(done)) {
    requireCompiler();
    say(`Getting VS Code's server build from npm (code-server ${CODE_SERVER}) …`);
    // A half-finished earlier attempt is thrown away: the stamp is written last.
    await rm(folder, { recursive: true, force: true });
    await npm(["install", `code-server@${CODE_SERVER}`], folder, nodePath);
    await npm(["install", "--omit=dev"], serverRoot, nodePath);
    say("Compiling its native modules …");
    for (const name of NATIVE) await rebuild(path.join(serverRoot, "node_modules", name), nodePath);
    await writeFile(done, `${new Date().toISOString()}\n`);
  }
  return {
    nodePath,
    serverRoot,
    serverMain: path.join(serverRoot, "out/server-main.js"),
    codeServerEntry: path.join(codeServer, "out/node/entry.js"),
  };
}

function requireCompiler() {
  if (process.platform !== "linux") return;
  const missing = compilerPackages.filter(([, shows]) => !isThere(shows)).map(([name]) => name);
  if (missing.length === 0) return;
  const apt = `apt-get install -y ${missing.join(" ")}`;
  throw new Stop(
    `VS Code's server build needs a C++ compiler and libraries once, and these are missing: ${missing.join(", ")}.\n` +
      `Install them and start again:\n\n    ${process.getuid?.() === 0 ? "" : "sudo "}${apt}\n`,
  );
}

export function isThere(shows) {
  return path.isAbsolute(shows) ? existsSync(shows) : which(shows) !== undefined;
}

async function rebuild(folder, nodePath) {
  if (!existsSync(path.join(folder, "binding.gyp"))) return;
  const env = { ...process.env, PATH: `${path.dirname(nodePath)}${path.delimiter}${process.env.PATH}`, JOBS: "max" };
  await run(process.execPath, [await nodeGyp(), "rebuild", ...headers()], { cwd: folder, env });
}

/** The running Node's own headers when its installation has them (the modules use Node-API, so any version's do);
 *  otherwise node-gyp fetches them from nodejs.org. */
function headers() {
  const prefix = path.resolve(process.execPath, "../..");
  return existsSync(path.join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

/** npm's bundled node-gyp, or one from the registry. */
async function nodeGyp() {
  const { output } = await run("npm", ["root", "-g"], { check: false });
  const bundled = path.join(output.trim().split("\n").at(-1) ?? "", "npm/node_modules/node-gyp/bin/node-gyp.js");
  if (existsSync(bundled)) return bundled;
  const folder = path.join(cacheDir(), "node-gyp");
  const own = path.join(folder, "node_modules/node-gyp/bin/node-gyp.js");
  if (!existsSync(own)) await npm(["install", "node-gyp@12"], folder);
  return own;
}

// `node .ci/vscode-server.mjs` prints where everything is as JSON (the test harness asks this way); progress goes to stderr.
if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    requireNode();
    console.log(JSON.stringify(await ensureVSCode(console.error), undefined, 2));
  });
}
