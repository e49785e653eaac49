import {
  type Connection,
  createConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ProposedFeatures,
} from "vscode-languageserver/node";
import { Inbox } from "./inbox.ts";
import { type ListOf, takenAsIs, Wire } from "./wire.ts";
import { WireReader } from "./wire-reader.ts";

/** Over the standard streams, or the channel of the process that forked this one. */
export function connect(): { readonly connection: Connection; readonly inbox: Inbox; readonly listOf: ListOf } {
  const { reader, writer, listOf } = process.argv.includes("--node-ipc") ? overChannel() : overStreams();
  const inbox = new Inbox(reader, writer);
  return { connection: createConnection(ProposedFeatures.all, inbox, writer), inbox, listOf };
}

function overChannel() {
  const listOf: ListOf = (json) => [...json.toJSON()];
  return { reader: new IPCMessageReader(process), writer: new IPCMessageWriter(process), listOf };
}

/** A client that breaks the protocol's frame is told on stderr: nobody else would hear of it. */
function overStreams() {
  const reader = new WireReader(process.stdin, (problem) => process.stderr.write(`drydock: ${problem}\n`));
  // The editor has gone.
  process.stdin.on("close", () => process.exit(1));
  return { reader, writer: new Wire(process.stdout), listOf: takenAsIs };
}
