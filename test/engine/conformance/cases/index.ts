import { readFileSync } from "node:fs";
import path from "node:path";
import type { Case, Differences, Expectation, Group, Part, Peer } from "../case.ts";
import { add } from "./add.ts";
import { argumentCases, environment } from "./arguments.ts";
import { copy } from "./copy.ts";
import { fromCases } from "./from.ts";
import { heredoc } from "./heredoc.ts";
import { ignore } from "./ignore.ts";
import { metadata, places } from "./metadata.ts";
import { mounts, run } from "./run.ts";
import { history, onbuild, stages } from "./stages.ts";

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(path.resolve("test/engine/conformance/cases", name), "utf8"));

/** Where real engines answer something else than we do, and why: we follow the newest BuildKit. */
const differences = read<readonly Difference[]>("differences.json");
/** What is right there, when buildah does not say it either: as the newest BuildKit behaves. */
const expectations = read<Readonly<Record<string, Expectation>>>("expectations.json");

const written: readonly Group[] = [
  { name: "from", cases: fromCases },
  { name: "run", cases: run },
  { name: "copy", cases: copy },
  { name: "add", cases: add },
  { name: "env and label", cases: environment },
  { name: "arg", cases: argumentCases },
  { name: "workdir and user", cases: places },
  { name: "metadata", cases: metadata },
  { name: "onbuild", cases: onbuild },
  { name: "heredoc", cases: heredoc },
  { name: "ignore", cases: ignore },
  { name: "stages and targets", cases: stages },
  { name: "mounts", cases: mounts },
  { name: "history", cases: history },
];

/** The `group/case` that something is said of. */
export const annotated: readonly string[] = [
  ...differences.flatMap(({ cases }) => Object.keys(cases)),
  ...Object.keys(expectations),
];

export const groups: readonly Group[] = written.map((group) => ({
  ...group,
  cases: group.cases.map((one) => known(`${group.name}/${one.name}`, one)),
}));

interface Difference {
  readonly peer: Peer;
  readonly why: string;
  /** By `group/case`, the parts of the answer. */
  readonly cases: Readonly<Record<string, readonly Part[]>>;
}

function known(key: string, one: Case): Case {
  const differs: { docker?: Differences; buildah?: Differences } = {};
  for (const { peer, why, cases } of differences) {
    for (const part of cases[key] ?? []) differs[peer] = { ...differs[peer], [part]: why };
  }
  const expect = expectations[key];
  return { ...one, differs, ...(expect && { expect }) };
}
