// Recorded answers: what real engines said, by group and case. `record` asks them again.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Answer } from "./answer.ts";
import { type Case, type Group, inputOf, type Peer, peers } from "./case.ts";
import type { PeerEngine } from "./docker.ts";

export type Recorded = { readonly input: string } & Readonly<Partial<Record<Peer, Answer>>>;
export type Recording = Readonly<Record<string, Recorded>>;

const fileOf = (group: Group): string =>
  path.resolve("test/engine/conformance/golden", `${group.name.replaceAll(" ", "-")}.json`);

export function recordingOf(group: Group): Recording {
  return JSON.parse(readFileSync(fileOf(group), "utf8"));
}

/** Writes what the engines answer to those of the group's cases that are not recorded as they are now; returns how many. */
export async function record(group: Group, engines: Readonly<Record<Peer, PeerEngine>>, all: boolean): Promise<number> {
  const before: Recording = existsSync(fileOf(group)) && !all ? recordingOf(group) : {};
  const recording = new Map<string, Recorded>();
  for (const one of group.cases) {
    const known = before[one.name];
    recording.set(one.name, known?.input === inputOf(one) ? known : { input: inputOf(one) });
  }
  const fresh = group.cases.filter(({ name }) => recording.get(name) !== before[name]);
  for (const peer of peers) {
    const asked = fresh.filter(({ unasked }) => unasked?.[peer] === undefined);
    const answers = await engines[peer].answers(asked);
    for (const [at, one] of asked.entries()) {
      const answer = answers[at];
      if (answer) recording.set(one.name, { input: inputOf(one), ...recording.get(one.name), [peer]: answer });
    }
  }
  writeFileSync(fileOf(group), `${JSON.stringify(Object.fromEntries(recording), undefined, 1)}\n`);
  return fresh.length;
}

export function isRecorded(recording: Recording, one: Case): boolean {
  return recording[one.name]?.input === inputOf(one);
}
