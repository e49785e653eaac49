// `drydock lint` over 2,000 Dockerfiles, those of the corpus again and again with other commands in them; beside hadolint, when it
// is on PATH. Start-up is what one file takes, and is taken off.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSync } from "esbuild";

const corpus = "test/corpus";
const count = 2000;

function writeDockerfiles(folder: string): readonly string[] {
  const sources = readdirSync(corpus).filter((name) => name.endsWith(".Dockerfile"));
  return Array.from({ length: count }, (_, at) => {
    const source = sources[at % sources.length] ?? "";
    const text = readFileSync(path.join(corpus, source), "utf8");
    const name = `${at}-${source}`;
    // No two scripts are the same, so that nothing is known already.
    writeFileSync(path.join(folder, name), text.replace(/^(RUN )(?=[a-z])/gm, `$1true ${at} && `));
    return name;
  });
}

function secondsOf(command: string, args: readonly string[], cwd: string): number {
  const began = performance.now();
  const { error } = spawnSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  if (error) throw error;
  return (performance.now() - began) / 1000;
}

/** Files a second, the best of three. */
function rate(command: string, args: readonly string[], files: readonly string[], cwd: string): string {
  const best = (some: readonly string[]) =>
    Math.min(...[1, 2, 3].map(() => secondsOf(command, [...args, ...some], cwd)));
  const startup = best(files.slice(0, 1));
  const perSecond = (files.length - 1) / Math.max(0.001, best(files) - startup);
  return `${perSecond.toFixed(0)} files a second after ${(startup * 1000).toFixed(0)} ms`;
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.find((folder) => spawnSync(path.join(folder, program), ["--version"]).status === 0);
}

function main(): void {
  const folder = mkdtempSync(path.join(tmpdir(), "drydock-bench-lint-"));
  const show = (name: string, value: string) => console.log(JSON.stringify({ name, value }));
  try {
    const outfile = path.join(folder, "cli.js");
    buildSync({
      entryPoints: ["client/cli/main.ts"],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      mainFields: ["module", "main"],
      external: ["cpu-features", "*.node"],
      logLevel: "error",
    });
    for (const name of ["tree-sitter", "tree-sitter-bash", "tree-sitter-powershell"]) {
      copyFileSync(`node_modules/@vscode/tree-sitter-wasm/wasm/${name}.wasm`, path.join(folder, `${name}.wasm`));
    }
    const files = writeDockerfiles(folder);
    const ours = [outfile, "lint", "--no-shellcheck", "--format", "json"];
    const values = [rate(process.execPath, ours, files, folder)];
    const hadolint = onPath("hadolint");
    if (hadolint === undefined) console.log("No comparison with hadolint: it is not on PATH.");
    else values.push(`hadolint ${rate(path.join(hadolint, "hadolint"), ["--format", "json"], files, folder)}`);
    show(`lint ${count} files`, values.join("; "));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
