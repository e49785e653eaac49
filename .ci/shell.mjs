// What the scripts of this folder share: running programs, finding them, ending with a clear message.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

// Not import.meta.dirname: an older Node has none, and must get as far as being told that it is too old.
export const root = path.resolve(fileURLToPath(import.meta.url), "../..");

/** An end the person can do something about: the message is printed alone, without a stack. */
export class Stop extends Error {}

/** Runs a script's main function; a `Stop` prints its message, anything else its stack. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

export function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    `Drydock needs Node 20.19 or newer; this is ${process.version}. Install a newer one: https://nodejs.org`,
  );
}

/** The absolute path of a program on PATH, or undefined. */
export function which(name, searchPath = `${process.env.PATH}:/usr/sbin:/sbin`) {
  for (const dir of searchPath.split(path.delimiter)) {
    const file = path.join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

/**
 * Runs a program and waits for it. Quiet by default: its output is shown only when it fails. `stdio: "inherit"` streams it.
 * Rejects with a `Stop` naming the program when it ends with another code than 0, unless `check` is false.
 */
export function run(command, args, { check = true, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => reject(new Stop(`Could not start ${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      const result = { code: code ?? 1, signal, output };
      if (!check || result.code === 0) return resolve(result);
      const tail = output.trim().split("\n").slice(-25).join("\n");
      reject(
        new Stop(`${path.basename(command)} ${args.join(" ")} failed (${signal ?? `exit code ${code}`})\n${tail}`),
      );
    });
  });
}
