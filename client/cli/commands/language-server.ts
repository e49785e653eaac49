import path from "node:path";
import { type Command, parse } from "../command.ts";

/** Becomes the language server: it lies beside this program, and reads its options from the same arguments. */
export const languageServer: Command = {
  usage: "usage: drydock language-server [--stdio] [--locale=<language>]",
  async run(args) {
    // `--stdio` is what editors are used to write; there is no other way here.
    parse({ args: [...args], options: { stdio: { type: "boolean" }, locale: { type: "string" } } });
    if (!process.argv.includes("--stdio")) process.argv.push("--stdio");
    // The server ends this process when the editor says so. One that goes away without a word is an error (LSP, `exit`).
    const isLeft = new Promise<number>((resolve) => process.stdin.once("end", () => resolve(1)));
    await import(path.join(__dirname, "server.js"));
    return isLeft;
  },
};
