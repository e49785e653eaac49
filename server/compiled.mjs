// What V8 compiles of the language server in its first start, made when the program is built (README.md, "Start").
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Stands for the text of server-main.js: the name that server.js knows it by (`builtProgram`, `define` in esbuild.mjs). */
export function programId(folder) {
  const text = readFileSync(path.join(folder, "server-main.js"));
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

const uri = "untitled:Dockerfile";
/** Something of all that a first file has. */
const text = [
  "# syntax=docker/dockerfile:1",
  "ARG VERSION=24",
  "FROM node:$VERSION-slim AS build",
  "ENV NODE_ENV=production \\",
  "    HOME=/srv",
  "WORKDIR /srv",
  "RUN apt-get update \\",
  "    && apt-get install -y curl git",
  "RUN if [ -f x ]; then npm ci | tee log; fi",
  "COPY --chown=node:node package.json ./",
  'RUN --mount=type=cache,target=/root/.npm npm ci && echo "$NODE_ENV"',
  "RUN <<END",
  "set -eu",
  "tar -xzf a.tar.gz",
  "END",
  "FROM build",
  "COPY --from=build /srv /srv",
  "EXPOSE 80 443",
  "HEALTHCHECK --interval=30s CMD curl -f http://localhost/ || exit 1",
  "USER root",
  "CMD node server.js",
  "",
].join("\n");
const position = { line: 10, character: 60 };
const asks = ["completion", "hover", "definition", "documentSymbol", "foldingRange", "semanticTokens/full"];

/** Runs the server of a folder on a file, as an editor does, and ends it: then it keeps what was compiled. */
export async function keepCompiled(folder) {
  const program = path.join(folder, "server.js");
  const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const send = (message) => {
    const json = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
  };
  let said = "";
  const answered = new Promise((resolve) => {
    server.stdout.setEncoding("utf8").on("data", (chunk) => {
      said += chunk;
      const hasAll = asks.every((_, at) => said.includes(`"id":${at + 2},`));
      if (hasAll && said.includes("textDocument/publishDiagnostics")) resolve();
    });
  });
  send({ id: 1, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: {} } });
  send({ method: "initialized", params: {} });
  const document = { uri, languageId: "dockerfile", version: 1, text };
  send({ method: "textDocument/didOpen", params: { textDocument: document } });
  for (const [at, ask] of asks.entries()) {
    send({ id: at + 2, method: `textDocument/${ask}`, params: { textDocument: { uri }, position } });
  }
  await Promise.race([answered, ended]);
  send({ id: 99, method: "shutdown" });
  send({ method: "exit" });
  await ended;
  const cache = path.join(folder, "server.node.cache");
  if (!existsSync(cache)) throw new Error("The language server did not keep what was compiled of it.");
}
