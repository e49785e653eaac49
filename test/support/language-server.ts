import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { buildSync } from "esbuild";
import type { Diagnostic, InitializeResult } from "vscode-languageserver";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";

/** The real server as a child process that speaks over its standard streams, as other editors start it. */
export class LanguageServer {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  /** Called for each version that diagnostics come for. */
  onDiagnostics: ((version: number | undefined) => void) | undefined;
  readonly #diagnostics = new Map<string, { version?: number; diagnostics: Diagnostic[] }>();
  readonly #waiting = new Set<() => void>();

  private constructor(process: ChildProcess, connection: MessageConnection) {
    this.process = process;
    this.connection = connection;
    connection.onNotification("textDocument/publishDiagnostics", (sent: PublishedDiagnostics) => {
      this.#diagnostics.set(sent.uri, sent);
      this.onDiagnostics?.(sent.version);
      for (const check of [...this.#waiting]) check();
    });
  }

  static start(outfile: string): LanguageServer {
    LanguageServer.build(outfile);
    return LanguageServer.run(outfile);
  }

  static build(outfile: string): void {
    buildSync({
      entryPoints: ["server/main.ts"],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      mainFields: ["module", "main"],
      logLevel: "warning",
    });
    // What the bundle reads from its own folder.
    for (const file of ["tree-sitter.wasm", "tree-sitter-bash.wasm", "tree-sitter-powershell.wasm"]) {
      copyFileSync(`node_modules/@vscode/tree-sitter-wasm/wasm/${file}`, path.join(path.dirname(outfile), file));
    }
  }

  /** `nodeOptions` go in front of the program, `args` behind it. */
  static run(outfile: string, nodeOptions: readonly string[] = [], args: readonly string[] = []): LanguageServer {
    const argv = [...nodeOptions, outfile, ...args, "--stdio"];
    const child = spawn(process.execPath, argv, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, LC_ALL: "C" },
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.listen();
    return new LanguageServer(child, connection);
  }

  async initialize(params: Record<string, unknown> = {}): Promise<InitializeResult> {
    const result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      ...params,
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  async open(uri: string, text: string, version = 1): Promise<void> {
    const textDocument = { uri, version, text, languageId: "dockerfile" };
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  async change(uri: string, text: string, version: number): Promise<void> {
    const textDocument = { uri, version };
    await this.connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
  }

  /** The diagnostics of one version, once they are sent. */
  diagnostics(uri: string, version = 1): Promise<Diagnostic[]> {
    return new Promise((resolve) => {
      const check = () => {
        const sent = this.#diagnostics.get(uri);
        if (sent?.version !== version) return;
        this.#waiting.delete(check);
        resolve(sent.diagnostics);
      };
      this.#waiting.add(check);
      check();
    });
  }

  ask<T>(method: string, uri: string, rest: Record<string, unknown> = {}): Promise<T> {
    return this.connection.sendRequest<T>(`textDocument/${method}`, { textDocument: { uri }, ...rest });
  }

  /** Says goodbye; resolves to the exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.process.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await ended;
    this.connection.dispose();
    return code;
  }
}

interface PublishedDiagnostics {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: Diagnostic[];
}
