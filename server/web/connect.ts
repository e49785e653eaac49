import {
  BrowserMessageReader,
  BrowserMessageWriter,
  type Connection,
  createConnection,
  ProposedFeatures,
} from "vscode-languageserver/browser";
import { Inbox } from "../inbox.ts";
import type { ListOf } from "../wire.ts";
import { readProgram } from "./program.ts";

interface Port {
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** Messages of this worker. */
export function connect(): { readonly connection: Connection; readonly inbox: Inbox; readonly listOf: ListOf } {
  const port = globalThis as never;
  (port as Port).addEventListener("message", ({ data }) => readProgram(data));
  const writer = new BrowserMessageWriter(port);
  const inbox = new Inbox(new BrowserMessageReader(port), writer);
  return {
    connection: createConnection(ProposedFeatures.all, inbox, writer),
    inbox,
    listOf: (json) => [...json.toJSON()],
  };
}
