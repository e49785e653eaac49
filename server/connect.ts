import { type Connection, createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { Inbox } from "./inbox.ts";
import { type ListOf, takenAsIs, Wire } from "./wire.ts";
import { WireReader } from "./wire-reader.ts";

/** Over the standard streams. A client that breaks the protocol's frame is told on stderr: nobody else would hear of it. */
export function connect(): { readonly connection: Connection; readonly inbox: Inbox; readonly listOf: ListOf } {
  const wire = new Wire(process.stdout);
  const reader = new WireReader(process.stdin, (problem) => process.stderr.write(`drydock: ${problem}\n`));
  // The editor has gone.
  process.stdin.on("close", () => process.exit(1));
  const inbox = new Inbox(reader, wire);
  return { connection: createConnection(ProposedFeatures.all, inbox, wire), inbox, listOf: takenAsIs };
}
