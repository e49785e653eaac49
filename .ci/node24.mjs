// Node 24 from npm, for what needs a newer Node than the one running: VS Code's server build, vsce, the test images.
import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "./cache.mjs";
import { main, run, Stop } from "./shell.mjs";

const NODE = "24";

/** A Node 24 binary: the running one when it is new enough, else the one npm's `node` package carries. */
export async function ensureNode24(say = console.log) {
  if (Number(process.versions.node.split(".")[0]) === Number(NODE)) return process.execPath;
  const folder = path.join(cacheDir(), `node-${NODE}`);
  const done = path.join(folder, "done");
  const nodePath = path.join(folder, "bin/node");
  if (!existsSync(done)) {
    say(`Getting Node ${NODE} from npm …`);
    await rm(folder, { recursive: true, force: true });
    // Not the package `node`: it fetches this one in an install script, and install scripts do not run here.
    const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
    const platform = `${prefix}-${process.platform}-${process.arch}`;
    await npm(["install", `${platform}@${NODE}`], folder);
    const source = path.join(folder, "node_modules", platform, "bin/node");
    await mkdir(path.dirname(nodePath), { recursive: true });
    await cp(source, nodePath);
    await run(nodePath, ["--version"]);
    await writeFile(done, "");
  }
  return nodePath;
}

/** npm without install scripts in a folder of its own, run by the given Node. */
export async function npm(args, cwd, nodePath = process.execPath) {
  await mkdir(cwd, { recursive: true });
  if (!existsSync(path.join(cwd, "package.json")))
    await writeFile(path.join(cwd, "package.json"), '{ "private": true }\n');
  const env = { ...process.env, PATH: `${path.dirname(nodePath)}${path.delimiter}${process.env.PATH}` };
  // Variables npm sets for its own scripts would leak this project's settings into the other install.
  for (const name of Object.keys(env))
    if (/^npm_(package|lifecycle|config_local_prefix|config_prefix)/.test(name)) delete env[name];
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--loglevel=error"];
  const { code, output } = await run("npm", [...args, ...flags], { cwd, env, check: false });
  if (code === 0) return;
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(output);
  const why = offline
    ? "The npm registry cannot be reached: check the network or `npm config get registry`."
    : output.trim();
  throw new Stop(`npm ${args.join(" ")} failed.\n${why}`);
}

// `node .ci/node24.mjs` prints the binary's path; progress goes to stderr.
if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    console.log(await ensureNode24(console.error));
  });
}
