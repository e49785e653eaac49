// Random projects and random edits, by seed: the ways in which a person changes what a build depends on.
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface File {
  readonly text: string;
  readonly mode: number;
  /** A symlink. */
  readonly link?: string;
}

interface StageText {
  readonly from: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/** All that a build depends on. Edits make a new one, so that an earlier one can come back. */
export interface Project {
  readonly files: ReadonlyMap<string, File>;
  readonly ignore: readonly string[];
  readonly globals: readonly string[];
  readonly stages: readonly StageText[];
  readonly target?: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
}

export interface Abilities {
  /** What RUN may have mounted. */
  readonly mounts: readonly ("bind" | "cache" | "tmpfs" | "secret")[];
  readonly copyFlags: readonly string[];
  readonly hasHeredocs: boolean;
  readonly hasIgnoreFile: boolean;
}

export type Random = (below: number) => number;

/** mulberry32: small, and the same on every machine. */
export function randomBy(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const folders = ["", "src/", "src/lib/", "docs/", "conf/"];
const names = ["a", "b.txt", "c.js", "d", "package.json", "x.md"];
const words = ["one", "two", "three", "four"];
const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;
const chance = (random: Random, percent: number): boolean => random(100) < percent;

export function makeProject(random: Random, abilities: Abilities): Project {
  const files = new Map<string, File>();
  for (let count = 6 + random(6); count > 0; count -= 1)
    files.set(pick(random, folders) + pick(random, names), newFile(random));
  files.set("src/a", newFile(random));
  files.set("conf/d", newFile(random));
  files.set("package.json", newFile(random));
  const empty: Project = {
    files,
    ignore: [],
    globals: [],
    stages: [],
    buildArgs: {},
    noCache: false,
    noCacheFilter: [],
  };
  const count = 1 + random(3);
  const stages: StageText[] = [];
  for (let at = 0; at < count; at += 1) {
    const from = at > 0 && chance(random, 30) ? pick(random, stages).name : chance(random, 15) ? "scratch" : "base";
    const lines: string[] = [];
    const partial = { ...empty, stages: [...stages, { from, name: `s${at}`, lines }] };
    for (let more = 2 + random(5); more > 0; more -= 1) lines.push(newLine(random, partial, at, abilities));
    stages.push({ from, name: `s${at}`, lines });
  }
  return { ...empty, stages };
}

function newFile(random: Random): File {
  return { text: `${pick(random, words)} ${random(50)}\n`, mode: chance(random, 80) ? 0o644 : 0o755 };
}

const canRun = ({ stages }: Project, at: number): boolean => {
  let stage = stages[at];
  while (stage && stage.from !== "base" && stage.from !== "scratch") {
    const { from } = stage;
    stage = stages.find(({ name }) => name === from);
  }
  return stage?.from === "base";
};

function newLine(random: Random, project: Project, at: number, abilities: Abilities): string {
  const kinds = [copy, copy, copy, metadata, metadata, workdir, ...(canRun(project, at) ? [run, run, run] : [])];
  if (at > 0) kinds.push(copyFrom, copyFrom);
  if (abilities.hasHeredocs) kinds.push(heredoc);
  return pick(random, kinds)(random, project, at, abilities);
}

function source(random: Random, { files }: Project): string {
  const there = [...files.keys()];
  switch (random(6)) {
    case 0:
      return ".";
    case 1:
      return "src";
    case 2:
      return pick(random, ["*.txt", "src/*", "conf/?", "./package.json", "/src/../conf"]);
    default:
      return pick(random, there);
  }
}

function copy(random: Random, project: Project, _at: number, { copyFlags }: Abilities): string {
  const flag = chance(random, 25) && copyFlags.length > 0 ? `${pick(random, copyFlags)} ` : "";
  const several = chance(random, 15) ? `${source(random, project)} ` : "";
  const keyword = chance(random, 15) && !/--parents|--exclude/.test(flag) ? "ADD" : "COPY";
  return `${keyword} ${flag}${several}${source(random, project)} ${pick(random, ["/app/", "/app/x/", "./", "/opt/"])}`;
}

function copyFrom(random: Random, _project: Project, at: number): string {
  const from = chance(random, 20) ? "base" : `s${random(at)}`;
  return `COPY --from=${from} ${pick(random, ["/", "/app*", "/etc/*", "/o?t"])} ${pick(random, ["/from/", "/app/from/"])}`;
}

function heredoc(random: Random): string {
  const name = pick(random, ["note", "script"]);
  return `COPY <<${name} /${pick(random, ["app", "etc"])}/\n${pick(random, words)} $A\n${name}`;
}

function workdir(random: Random): string {
  return `WORKDIR ${pick(random, ["/app", "/app/sub", "deep", "/$A/x", "/srv"])}`;
}

function metadata(random: Random): string {
  const word = pick(random, words);
  return pick(random, [
    `ENV A=${word}`,
    `ENV B="${word} $A"`,
    `ARG A=${word}`,
    "ARG V",
    `ARG V=${word}`,
    `LABEL l=${word}`,
    `CMD ["${word}"]`,
    `EXPOSE ${8000 + random(5)}`,
    `USER ${pick(random, ["0", "0:0"])}`,
    `# a comment, ${word}`,
    "",
  ]);
}

function run(random: Random, project: Project, at: number, { mounts, hasHeredocs }: Abilities): string {
  const word = pick(random, words);
  const mount = mounts.length > 0 && chance(random, 30) ? `${mountOf(random, project, at, pick(random, mounts))} ` : "";
  return pick(random, [
    `RUN ${mount}echo ${word} > made`,
    `RUN ${mount}echo $A$V > made-${word}`,
    `RUN ${mount}echo   ${word} \\\n  && true`,
    `RUN ${mount}["/bin/sh", "-c", "echo ${word}"]`,
    "RUN true",
    // What it makes is another each time.
    "RUN cat /proc/sys/kernel/random/uuid > unlike; mkdir -p app opt; cp unlike app/unlike",
    ...(hasHeredocs ? [`RUN <<end\necho ${word} > lines\nend`] : []),
  ]);
}

function mountOf(random: Random, project: Project, at: number, kind: string): string {
  const target = pick(random, ["/m/one", "/m/two"]);
  switch (kind) {
    case "bind": {
      const from =
        at > 0 && chance(random, 40)
          ? `from=s${random(at)},source=/`
          : `source=${pick(random, ["src", "conf", [...project.files.keys()][0] ?? "src"])}`;
      return `--mount=type=bind,${from},target=${target}`;
    }
    case "cache":
      return `--mount=type=cache,id=${pick(random, words)},target=${target}`;
    case "secret":
      return `--mount=type=secret,id=${pick(random, words)}`;
    default:
      return `--mount=type=tmpfs,target=${target}`;
  }
}

/** One change, and what a person would call it. */
export function edit(
  random: Random,
  project: Project,
  abilities: Abilities,
): { readonly project: Project; readonly what: string } {
  const edits = [...fileEdits, ...fileEdits, ...textEdits, ...textEdits, ...requestEdits];
  if (abilities.hasIgnoreFile) edits.push(ignoreEdit);
  for (;;) {
    const chosen = pick(random, edits);
    const changed = chosen(random, project, abilities);
    if (changed) return { project: { ...project, noCache: false, noCacheFilter: [], ...changed }, what: chosen.name };
  }
}

type Edit = (random: Random, project: Project, abilities: Abilities) => Partial<Project> | undefined;

const withFile = ({ files }: Project, name: string, file: File | undefined): Partial<Project> => {
  const now = new Map(files);
  if (file) now.set(name, file);
  else now.delete(name);
  return { files: now };
};
const anyFile = (random: Random, { files }: Project): readonly [string, File] => pick(random, [...files]);

const fileEdits: Edit[] = [
  function content(random, project) {
    const [name, file] = anyFile(random, project);
    return file.link === undefined
      ? withFile(project, name, { ...file, text: `${pick(random, words)} ${random(50)}\n` })
      : undefined;
  },
  function mode(random, project) {
    const [name, file] = anyFile(random, project);
    return file.link === undefined
      ? withFile(project, name, { ...file, mode: pick(random, [0o644, 0o755, 0o600]) })
      : undefined;
  },
  function added(random, project) {
    const name = `${pick(random, folders)}${pick(random, names)}${random(5)}`;
    return project.files.has(name) ? undefined : withFile(project, name, newFile(random));
  },
  function removed(random, project) {
    const [name] = anyFile(random, project);
    return project.files.size > 6 ? withFile(project, name, undefined) : undefined;
  },
  function renamed(random, project) {
    const [name, file] = anyFile(random, project);
    const files = new Map(project.files);
    files.delete(name);
    files.set(`${name}-${random(3)}`, file);
    return { files };
  },
  function link(random, project) {
    const name = `${pick(random, folders)}link${random(2)}`;
    return withFile(project, name, {
      text: "",
      mode: 0o777,
      link: pick(random, ["a", "../src/a", "nowhere", "/conf/d"]),
    });
  },
];

const ignoreEdit: Edit = function ignored(random, { ignore }) {
  const pattern = pick(random, [
    "docs",
    "**/*.md",
    "!docs/a",
    "*.txt",
    "Dockerfile",
    ".dockerignore",
    "src/lib",
    "!src/lib/c.js",
  ]);
  return { ignore: ignore.includes(pattern) ? ignore.filter((one) => one !== pattern) : [...ignore, pattern] };
};

const inStage = (
  random: Random,
  { stages }: Project,
  change: (lines: string[], at: number) => void,
): Partial<Project> => {
  const at = random(stages.length);
  return {
    stages: stages.map((stage, index) => {
      if (index !== at) return stage;
      const lines = [...stage.lines];
      change(lines, at);
      return { ...stage, lines };
    }),
  };
};

const textEdits: Edit[] = [
  function instruction(random, project, abilities) {
    return inStage(random, project, (lines, at) => {
      lines[random(lines.length)] = newLine(random, project, at, abilities);
    });
  },
  function inserted(random, project, abilities) {
    return inStage(random, project, (lines, at) => {
      if (lines.length < 9) lines.splice(random(lines.length + 1), 0, newLine(random, project, at, abilities));
    });
  },
  function taken(random, project) {
    return inStage(random, project, (lines) => {
      if (lines.length > 1) lines.splice(random(lines.length), 1);
    });
  },
  function order(random, project) {
    return inStage(random, project, (lines) => {
      const at = random(Math.max(1, lines.length - 1));
      const [one, two] = [lines[at], lines[at + 1]];
      if (one !== undefined && two !== undefined) lines.splice(at, 2, two, one);
    });
  },
  function comment(random, project) {
    return inStage(random, project, (lines) =>
      lines.splice(random(lines.length + 1), 0, `# ${pick(random, words)} ${random(9)}`),
    );
  },
  function global(random, { globals }) {
    return { globals: globals.length > 0 && chance(random, 50) ? [] : [`ARG G=${pick(random, words)}`] };
  },
];

const requestEdits: Edit[] = [
  function nothing() {
    return {};
  },
  function argument(random, { buildArgs }) {
    const name = pick(random, ["A", "V", "UNUSED"]);
    const { [name]: given, ...rest } = buildArgs;
    return { buildArgs: given !== undefined && chance(random, 40) ? rest : { ...rest, [name]: pick(random, words) } };
  },
  function target(random, { stages }) {
    return { target: pick(random, stages).name };
  },
  function noCache(random) {
    return chance(random, 25) ? { noCache: true } : undefined;
  },
  function noCacheFilter(random, { stages }) {
    return chance(random, 25) ? { noCacheFilter: [pick(random, stages).name] } : undefined;
  },
];

export function dockerfileOf({ globals, stages }: Project): string {
  const parts = stages.map(({ from, name, lines }) => [`FROM ${from} AS ${name}`, ...lines].join("\n"));
  return `${[...globals, ...parts].join("\n")}\n`;
}

/** What is on disk: files by name, the Dockerfile and .dockerignore among them. */
export function filesOf(project: Project): ReadonlyMap<string, File> {
  const plain = { mode: 0o644 };
  const files = new Map<string, File>([["Dockerfile", { ...plain, text: dockerfileOf(project) }], ...project.files]);
  if (project.ignore.length > 0) files.set(".dockerignore", { ...plain, text: `${project.ignore.join("\n")}\n` });
  return files;
}

/** Writes what is different and returns the absolute paths of it; `touch`: files that only get another time. */
export function writeChanges(
  root: string,
  before: ReadonlyMap<string, File>,
  now: ReadonlyMap<string, File>,
): readonly string[] {
  const changed: string[] = [];
  const isSame = (one: File | undefined, other: File) =>
    one?.text === other.text && one.mode === other.mode && one.link === other.link;
  for (const name of before.keys()) {
    if (now.has(name)) continue;
    rmSync(path.join(root, name));
    changed.push(path.join(root, name));
  }
  for (const [name, file] of now) {
    if (isSame(before.get(name), file)) continue;
    const place = path.join(root, name);
    mkdirSync(path.dirname(place), { recursive: true });
    if (file.link !== undefined || before.get(name)?.link !== undefined) rmSync(place, { force: true });
    if (file.link !== undefined) symlinkSync(file.link, place);
    else {
      writeFileSync(place, file.text);
      chmodSync(place, file.mode);
    }
    changed.push(place);
  }
  return changed;
}

/** Only its times are others. */
export function touch(random: Random, root: string, { files }: Project): string | undefined {
  const [name, file] = anyFile(random, { files } as Project);
  if (file.link !== undefined) return undefined;
  const when = new Date(Date.UTC(2020, random(12), 1 + random(28)));
  utimesSync(path.join(root, name), when, when);
  return path.join(root, name);
}
