// Runs mocha inside the real extension host, where `require("vscode")` works. Chromium opens VS Code's server with the
// extension under development and a bundle of the tests; each outcome comes back over a loopback connection as it happens.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build } from "esbuild";
import { untilGone } from "./engine-lab.ts";
import { startChromium } from "./vscode-browser.ts";
import { account, buildFor, give, launch, privateFolder } from "./vscode-process.ts";

export interface HostRun {
  /** Sources of the tests (*.test.ts), bundled here. */
  readonly tests: readonly string[];
  /** The workspace folder; a copy of it is opened, so that tests may write. */
  readonly folder: string;
  /** The extension's folder; the repository by default, whose dist/ must be built. */
  readonly extension?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly asUser?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The whole run, from starting the server to the last test. Default: 300 000. */
  readonly timeoutMs?: number;
}

export interface HostOutcome {
  readonly title: string;
  readonly failure?: string;
  readonly durationMs: number;
}

export interface HostResult {
  readonly outcomes: readonly HostOutcome[];
  /** What the tests handed out through `report(name, value)`: measurements. */
  readonly reports: Readonly<Record<string, unknown>>;
}

type Message =
  | { readonly kind: "outcome"; readonly outcome: HostOutcome }
  | { readonly kind: "report"; readonly name: string; readonly value: unknown }
  | { readonly kind: "end"; readonly error?: string };

export async function runExtensionHostTests(options: HostRun): Promise<HostResult> {
  const user = options.asUser === undefined ? undefined : account(options.asUser);
  if (options.asUser !== undefined && !user) throw new Error(`This machine has no user ${options.asUser}`);
  const vscode = buildFor(user);
  const home = privateFolder(user, "exthost");
  const folder = path.join(home, "workspace");
  cpSync(options.folder, folder, { recursive: true });
  mkdirSync(path.join(folder, ".vscode"), { recursive: true });
  // Whatever engines this machine has.
  const settings = { "drydock.engine": "embedded", ...options.settings };
  writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(settings, undefined, 2));
  give(home, user);
  const results = await listen();
  const bundle = await bundleTests(options.tests, path.join(home, "tests"), results.url);
  const args = [vscode.serverMain, "--host", "127.0.0.1", "--port", "0", "--without-connection-token"];
  args.push("--accept-server-license-terms", "--enable-smoke-test-driver", "--telemetry-level", "off");
  args.push("--user-data-dir", path.join(home, "data"), "--server-data-dir", path.join(home, "server"));
  args.push("--extensions-dir", path.join(home, "extensions"), "--disable-workspace-trust");
  const server = launch(vscode.nodePath, { args, user, env: options.env ?? {}, home });
  const browser = await startChromium();
  try {
    const [, port = ""] = await server.printed(/Extension host agent listening on (\d+)/);
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${port}${file}`;
    const payload = JSON.stringify([
      ["extensionDevelopmentPath", remote(path.resolve(options.extension ?? "."))],
      ["extensionTestsPath", remote(bundle)],
    ]);
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`http://127.0.0.1:${port}/?folder=${folder}&payload=${encodeURIComponent(payload)}`);
    return await results.finished(options.timeoutMs ?? 300_000, server.output);
  } finally {
    await browser.close();
    await server.stop();
    results.close();
    await untilGone(home);
    // A process that the editor started may write its last lines meanwhile.
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** One bundle whose `run()` VS Code calls; `vscode` and mocha stay outside. */
async function bundleTests(tests: readonly string[], outdir: string, url: string): Promise<string> {
  const runner = path.resolve("test/support/vscode-host-runner.ts");
  const mocha = path.resolve("node_modules/mocha");
  const loads = tests.map((file) => `() => require(${JSON.stringify(path.resolve(file))})`);
  const outfile = path.join(outdir, "tests.js");
  await build({
    stdin: {
      contents: `import { runTests } from ${JSON.stringify(runner)};
        export const run = () => runTests(require(${JSON.stringify(mocha)}), ${JSON.stringify(url)}, [${loads.join(", ")}]);`,
      resolveDir: process.cwd(),
      loader: "ts",
    },
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode", mocha, "cpu-features", "*.node"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return outfile;
}

interface Results {
  readonly url: string;
  finished(timeoutMs: number, serverOutput: () => string): Promise<HostResult>;
  close(): void;
}

async function listen(): Promise<Results> {
  const outcomes: HostOutcome[] = [];
  const reports: Record<string, unknown> = {};
  let resolveEnd: (error: string | undefined) => void = () => {};
  const end = new Promise<string | undefined>((resolve) => {
    resolveEnd = resolve;
  });
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const message: Message = JSON.parse(body);
      if (message.kind === "outcome") outcomes.push(message.outcome);
      else if (message.kind === "report") reports[message.name] = message.value;
      else resolveEnd(message.error);
      response.end();
    });
  };
  const http = createServer(receive);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    finished: async (timeoutMs, serverOutput) => {
      const timer = setTimeout(
        () => resolveEnd(`no end after ${timeoutMs} ms; the server printed:\n${serverOutput()}`),
        timeoutMs,
      );
      const error = await end;
      clearTimeout(timer);
      if (error !== undefined)
        throw new Error(`The run in the extension host broke off after ${outcomes.length} tests: ${error}`);
      return { outcomes, reports };
    },
    close: () => http.close(),
  };
}
