// The checkout itself made ready: dependencies as the lockfile says, and dist/ built from the sources as they are now.
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { root, run, Stop } from "./shell.mjs";

/** `npm ci` when node_modules is not what the lockfile says. Install scripts are not needed and do not run. */
export async function ensureModules(say = console.log) {
  if (modulesMatchLock()) return;
  say("Installing dependencies (npm ci) …");
  const { code, output } = await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { check: false });
  if (code !== 0) {
    throw new Stop(`npm ci failed. Is the npm registry reachable (\`npm config get registry\`)?\n${output.trim()}`);
  }
}

/** npm leaves what it installed in node_modules/.package-lock.json; packages for other platforms are optional and absent. */
function modulesMatchLock() {
  const read = (file) => JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
  if (!existsSync(path.join(root, "node_modules/.package-lock.json"))) return false;
  const installed = read("node_modules/.package-lock.json");
  return Object.entries(read("package-lock.json")).every(([name, wanted]) => {
    if (name === "") return true;
    const found = installed[name];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

export async function buildProject(...flags) {
  await run(process.execPath, ["esbuild.mjs", ...flags]);
  const outputs = ["client", "server", "engine", "monitor", "cli"].map((name) => path.join(root, "dist", `${name}.js`));
  const missing = outputs.filter((file) => !existsSync(file) || statSync(file).size === 0);
  if (missing.length > 0) throw new Stop(`The build did not write ${missing.join(", ")}`);
}
