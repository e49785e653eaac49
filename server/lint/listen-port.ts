import type { Command } from "../shell/model.ts";
import { readManifest } from "./node-project.ts";
import { inEffect } from "./start-command.ts";
import type { InstructionView, StageView } from "./views.ts";

/** The port on which the stage's program plainly listens; undefined in any doubt. */
export function listenPort(stage: StageView): number | undefined {
  const started = [inEffect(stage, "ENTRYPOINT"), inEffect(stage, "CMD")].filter((view) => view !== undefined);
  const commands = started.flatMap(({ script }) => script.commands);
  const inArguments = only(started.flatMap(portsInArguments));
  if (inArguments !== undefined || commands.length > 2) return inArguments;
  // A flag that is there with a variable, or two different ones, decide over anything else.
  if (started.some(({ instruction }) => /--?(?:port|bind|p|b|listen)\b/.test(instruction.rest.text))) return undefined;
  const environment = environmentPort(stage);
  const files = commands.flatMap((command) => programFiles(command, stage));
  const texts = files.map((file) => stage.project.text(file)).filter((text) => text !== undefined);
  return only(texts.flatMap((text) => portsInText(text, environment)));
}

function only(ports: readonly (number | undefined)[]): number | undefined {
  const [first] = ports;
  return ports.every((port) => port === first) ? first : undefined;
}

function portsInArguments({ script, instruction: { json } }: InstructionView): readonly number[] {
  // CMD's words may be arguments of ENTRYPOINT, so that their first one counts too.
  const lists = json
    ? [json.map(({ value }) => value)]
    : script.commands.map(({ words }) => words.map(({ text }) => text));
  return lists.flatMap((words) =>
    words.flatMap((word, at) => {
      const flag = /^(?:--(?:port|http-port|server-port|server\.port|bind|listen)|-p|-b|-l)(?:=(.*))?$/.exec(word);
      if (flag) return portOf(flag[1] ?? words[at + 1] ?? "");
      const isAddress = words[at - 1] === "runserver" || words[at - 1] === "http.server";
      return isAddress ? portOf(word) : [];
    }),
  );
}

function portOf(text: string): readonly number[] {
  const port = Number(/^(?:[\w.*[\]]*:)?(\d{2,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535 ? [port] : [];
}

function environmentPort(stage: StageView): number | undefined {
  const { instructions, from } = stage.stage;
  const variable = stage.variablesAt(instructions.at(-1) ?? from).get("PORT");
  return variable?.kind === "ENV" ? portOf(variable.value ?? "")[0] : undefined;
}

/** The file of the context that a command starts: `node server.js`, `python app.py`, `npm start`. */
function programFiles(command: Command, stage: StageView): readonly string[] {
  const words = command.words.map(({ text }) => text);
  const [program = "", ...args] = [command.name, ...words.slice(1)];
  if (/^(?:npm|yarn|pnpm)$/.test(program) && args.at(-1) === "start") {
    const script = /^node ([\w./-]+)$/.exec(readManifest(stage.project)?.scripts.get("start") ?? "")?.[1];
    return script === undefined ? [] : [script];
  }
  // A program that was built from the Go sources beside the Dockerfile.
  const isBuilt = command.program.text.includes("/") && args.length === 0 && !stage.isBase;
  if (isBuilt) return stage.project.names.includes("go.mod") ? ["main.go"] : [];
  if (!/^(?:node|nodejs|nodemon|python3?(?:\.\d+)?|bun|deno)$/.test(program)) return [];
  const file = args.find((arg) => /\.(?:[cm]?js|ts|py)$/.test(arg));
  if (file === undefined) return [];
  const folder = stage.workdirAt(stage.stage.instructions.at(-1) ?? stage.stage.from);
  return [file.startsWith(`${folder}/`) ? file.slice((folder?.length ?? 0) + 1) : file.replace(/^\.\//, "")];
}

const listening = [
  /\.listen\(\s*(?:\{\s*port\s*:\s*)?(\d{2,5})\b/g,
  /\.run\([^()]*\bport\s*=\s*(\d{2,5})\b/g,
  /\bserve\([^()]*\bport\s*=\s*(\d{2,5})\b/g,
  /\b(?:ListenAndServe|Listen|Start|Run)\(\s*":(\d{2,5})"/g,
  /HTTPServer\(\(\s*["'][^"']*["']\s*,\s*(\d{2,5})\s*\)/g,
];
const fromEnvironment =
  /(?:process\.env\.PORT|env\[["']PORT["']\])\s*(?:\|\||\?\?)\s*["']?(\d{2,5})\b|(?:environ\.get|getenv)\(\s*["']PORT["']\s*,\s*["']?(\d{2,5})\b/g;

/** The port that a program plainly says; undefined in any doubt. */
export function portInText(text: string): number | undefined {
  return only(portsInText(text, undefined));
}

/** A number that depends on PORT is that of ENV, if there is one. An answer that is not plain makes two different ones. */
function portsInText(text: string, environment: number | undefined): readonly (number | undefined)[] {
  const plain = listening.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => Number(match[1])));
  const asked = [...text.matchAll(fromEnvironment)].map((match) => environment ?? Number(match[1] ?? match[2]));
  return [...plain, ...asked];
}
