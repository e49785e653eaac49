// The sessions with dockerd's recorded answers, and where ours are others, with the reason.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Peer } from "./peers.ts";
import { formatSession, parseSession, type Session } from "./session.ts";

const folder = path.resolve("test/engine/docker-cli");
const fileOf = (name: string) => path.join(folder, "sessions", `${name}.txt`);

export function sessions(): readonly (Session & { readonly recorded: string })[] {
  return readdirSync(path.join(folder, "sessions"))
    .map((file) => path.basename(file, ".txt"))
    .sort()
    .map((name) => parseSession(name, readFileSync(fileOf(name), "utf8")));
}

export async function record(session: Session & { readonly recorded: string }, peer: Peer): Promise<void> {
  const answers = await peer.answers(session);
  const steps = session.steps.map((step, at) => ({ ...step, answer: answers[at] ?? step.answer }));
  writeFileSync(fileOf(session.name), formatSession({ ...session, steps }));
}

export interface Difference {
  readonly why: string;
  readonly ours: readonly string[];
}

/** By session, then by step. */
export type Differences = Readonly<Record<string, Readonly<Record<string, Difference>>>>;

const differencesFile = path.join(folder, "differences.json");

export function differences(): Differences {
  return JSON.parse(readFileSync(differencesFile, "utf8"));
}

export function writeDifferences(found: Differences): void {
  writeFileSync(differencesFile, `${JSON.stringify(found, undefined, 2)}\n`);
}
