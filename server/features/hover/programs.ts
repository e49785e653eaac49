import { contains } from "../../lint/fixes.ts";
import type { Command } from "../../shell/model.ts";
import { programDocs } from "../docs/programs.ts";
import { own } from "../own.ts";
import { code, type Said, type Spot } from "./spot.ts";

/** The program, or the subcommand, of a package manager. */
export function ofCommand({ view, instruction, position, translate }: Spot): Said | undefined {
  if (!view || instruction.keyword !== "RUN") return undefined;
  const here = view.instructions.find((one) => one.instruction === instruction);
  for (const command of here?.script.commands ?? []) {
    if (!contains(command.range, position)) continue;
    const verb = command.args.find(({ text }) => !text.startsWith("-"));
    const word = [command.program, ...(verb ? [verb] : [])].find(({ range }) => contains(range, position));
    const key = `${aliasOf(command)} ${verb?.text ?? ""}`;
    const says = own(programDocs, key);
    if (word && says)
      return { text: `**${code(`${command.name} ${verb?.text ?? ""}`)}** — ${translate(says)}`, range: word.range };
  }
  return undefined;
}

const aliases: Readonly<Record<string, string>> = {
  apt: "apt-get",
  pip3: "pip",
  microdnf: "dnf",
  yum: "dnf",
  mvnw: "mvn",
};

function aliasOf({ name }: Command): string {
  return own(aliases, name) ?? name;
}
