import { readManifest } from "../../lint/node-project.ts";
import { systemOf } from "../data/bases.ts";
import { type Program, packages, programs, type Verb } from "../data/programs.ts";
import type { Offer, Offers } from "./offer.ts";
import { type Place, viewAt } from "./place.ts";

const wrappers = new Set(["sudo", "exec", "time", "env", "nice", "command", "if", "then", "do", "else", "!"]);
const foreign: Readonly<Record<string, readonly string[]>> = {
  apt: ["apk", "dnf", "microdnf", "yum"],
  apk: ["apt-get", "dnf", "microdnf", "yum", "useradd", "groupadd"],
  dnf: ["apt-get", "apk"],
};

/** Programs, their words and flags, and packages, in RUN and its heredocs. What the shell itself would expand is left alone. */
export function ofShell(place: Place): Offers | undefined {
  const { before, kind } = place;
  const text = kind === "heredoc" ? before : before.replace(/^(?:--\S+\s+)*/, "");
  if (text.startsWith("[")) return undefined;
  const words = wordsOfLastCommand(text);
  if (!words) return undefined;
  const typed = words.at(-1) ?? "";
  const tail = /^[\w./@+-]*/;
  const known = words.slice(0, -1);
  while (known[0] !== undefined && (wrappers.has(known[0]) || /^\w+=/.test(known[0]))) known.shift();
  const [name, ...args] = known;
  if (name === undefined) {
    const flags: Offer[] =
      text === "" && kind === "arguments"
        ? [{ label: "--mount=", kind: "Property", doc: "flag/RUN/mount", again: true }]
        : [];
    return { typed, tail, offers: [...programOffers(place), ...flags] };
  }
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  // A blank between the words of any program opens no list: the next Enter would take its first item.
  if (place.trigger === " " && !program?.verbs) return undefined;
  return program && { typed, tail, offers: wordOffers(place, program, args, typed) };
}

function programOffers(place: Place): readonly Offer[] {
  let view = viewAt(place);
  while (view?.parent) view = view.parent;
  const system = view && systemOf(view.base);
  const unlikely = new Set(system ? foreign[system] : []);
  const names = Object.keys(programs).filter((name) => !unlikely.has(name));
  const own = system === "apt" ? "apt-get" : system;
  const image = view?.base.repository?.split("/").at(-1) ?? "";
  const first = [...(ofImage[image] ?? []), ...(own === undefined ? [] : [own])];
  return [...new Set([...first, ...names])].map((label) => ({ label, kind: "Function" }));
}

const ofImage: Readonly<Record<string, readonly string[]>> = {
  node: ["npm", "corepack"],
  python: ["pip", "uv", "poetry"],
  golang: ["go"],
  rust: ["cargo"],
  ruby: ["bundle"],
  php: ["composer"],
  maven: ["mvn"],
  gradle: ["gradle"],
  sdk: ["dotnet"],
};

function wordOffers(place: Place, program: Program, args: readonly string[], typed: string): readonly Offer[] {
  const verbName = args.find((arg) => program.verbs && Object.hasOwn(program.verbs, arg));
  const verb: Verb | undefined = verbName === undefined ? undefined : program.verbs?.[verbName];
  const used = new Set(args);
  const flags = (verb?.flags ?? (verb ? [] : (program.flags ?? []))).filter(
    (flag) => !used.has(flag.split(" ")[0] ?? ""),
  );
  const asFlags = flags.map((label): Offer => ({ label, kind: label.startsWith("-") ? "Property" : "Value" }));
  if (!verb) {
    const verbs = Object.keys(program.verbs ?? {}).map((label): Offer => ({ label, kind: "Method" }));
    return [...verbs, ...asFlags];
  }
  const taken = typed.startsWith("-") ? [] : taking(place, verb).filter((label) => !used.has(label));
  const kind = verb.takes === "files" ? "File" : verb.takes === "scripts" ? "Method" : "Value";
  return [...asFlags, ...taken.map((label): Offer => ({ label, kind }))];
}

function taking({ analysis: { project } }: Place, { takes }: Verb): readonly string[] {
  switch (takes) {
    case undefined:
      return [];
    case "scripts":
      return [...(readManifest(project)?.scripts.keys() ?? [])];
    case "files":
      return project.names.filter((name) => /\.(?:csproj|fsproj|sln|slnx)$/.test(name));
    default:
      return packages[takes];
  }
}

/** Words of the command that the cursor is in, the one being typed last; undefined inside quotes, comments and redirects. */
function wordsOfLastCommand(text: string): string[] | undefined {
  let words: string[] = [""];
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quote !== "") {
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"') at += 1;
    } else if (char === "\\") at += 1;
    else if (char === "'" || char === '"') {
      quote = char;
      words[words.length - 1] += char;
    } else if (/[;&|(\n]/.test(char)) words = [""];
    else if (char === "#" && words.at(-1) === "") {
      const end = text.indexOf("\n", at);
      if (end < 0) return undefined;
      at = end - 1;
    } else if (/[<>]/.test(char)) {
      // What follows is the name of a file.
      words = ["<", ""];
    } else if (/\s/.test(char)) {
      if (words.at(-1) !== "") words.push("");
    } else words[words.length - 1] += char;
  }
  return quote === "" ? words : undefined;
}
