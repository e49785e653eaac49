// npm run package: a production build as drydock-<version>.vsix, and a look inside that nothing else slipped in.
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { ensureNode24 } from "./node24.mjs";
import { buildProject, ensureModules } from "./project.mjs";
import { main, requireNode, root, run, Stop } from "./shell.mjs";

const allowed =
  /^(package\.json|package\.nls(\.[a-z-]+)?\.json|dist\/[a-z-]+\.(js|wasm)|dist\/server\.node\.cache|syntaxes\/|l10n\/|media\/|client\/walkthrough\/[a-z]+\.svg|examples\/first-dockerfile\/|README(\.ko)?\.md|LICENSE(\.txt)?|CHANGELOG\.md)/i;

await main(async () => {
  process.chdir(root);
  requireNode();
  await ensureModules();
  await buildProject("--production");
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync("out", { recursive: true });
  const vsix = path.resolve("out", `${name}-${version}.vsix`);
  // vsce asks for Node 22 or newer.
  const node = await ensureNode24();
  const vsce = [path.resolve("node_modules/@vscode/vsce/vsce")];
  const { output } = await run(node, [...vsce, "ls", "--no-dependencies"], { env: quietEnv(node) });
  const files = output.split("\n").filter((line) => line !== "" && existsSync(line) && statSync(line).isFile());
  const strangers = files.filter((file) => !allowed.test(file));
  if (strangers.length > 0)
    throw new Stop(`These would ship but should not: ${strangers.join(", ")}. See .vscodeignore.`);
  const missing = [
    ...[
      "client",
      "languageclient",
      "dockerode",
      "debug",
      "run-form",
      "layers-page",
      "timeline-page",
      "cli",
      "cli-lint",
      "cli-fmt",
      "cli-forecast",
      "cli-replay",
      "server",
      "server-main",
      "tree-sitter",
      "yaml",
      "dockerfile-language",
      "engine",
      "monitor",
      "peer",
      "forecast",
      "webclient",
      "webserver",
    ].map((name) => `dist/${name}.js`),
    ...["", "-bash", "-powershell"].map((grammar) => `dist/tree-sitter${grammar}.wasm`),
    ...["open", "fix", "build", "run", "change"].map((step) => `client/walkthrough/${step}.svg`),
    ...["Dockerfile", ".dockerignore", "package.json", "server.js"].map((name) => `examples/first-dockerfile/${name}`),
  ].filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Stop(`These would not ship: ${missing.join(", ")}. See .vscodeignore.`);
  const options = ["--no-dependencies", "--skip-license", "--allow-missing-repository", "--no-rewrite-relative-links"];
  await run(node, [...vsce, "package", ...options, "--out", vsix], { env: quietEnv(node) });
  console.log(`${path.relative(root, vsix)}: ${files.length} files, ${(statSync(vsix).size / 1e6).toFixed(2)} MB`);
});

/** vsce runs `npm run vscode:prepublish`: with that Node first on PATH; npm's own variables must not reach it. */
function quietEnv(node) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  return { ...env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
}
