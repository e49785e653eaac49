import type { PartChange } from "../base/build-events.ts";
import { type Digest, digestOf } from "../base/digest.ts";
import type { Op, Vertex } from "../graph/graph.ts";

type Part = PartChange["part"];

/**
 * One of the things besides words and files that a step was known by, as a record keeps it: part, name (or empty), value. A value that
 * is not shown whole, because it is long or may be secret, has a mark: equal marks, equal values.
 */
export type Fact = readonly [part: Part, name: string, shown: string | null, mark?: string];

/** Wider than any rule's: a value that is hidden for nothing costs a word, one that is shown cannot be taken back. */
const secretName = /token|secret|passw|passphrase|pwd|key|cred|auth|cert|(?:^|_)pat(?:$|_)/i;
const secretValue =
  /:\/\/[^\s/]*@|PRIVATE KEY|(?:token|passw\w*|secret|_auth\w*|api_?key)["']?\s*[=:]|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-|dckr_|AKIA|ASIA|AIza|sk-|hf_|eyJ)[\w-]{8}/i;
const longest = 60;
const shownOfLong = 40;

/** `key`: of the step. It is made of all values, so that a mark made with it tells nobody more than the key does. */
export function factsOf(vertex: Vertex, key: Digest): readonly Fact[] {
  return valuesOf(vertex).map(({ part, name, value, isHidden }) => {
    if (isHidden || isSecret(name, value)) return [part, name, null, markOf(key, value)];
    if (value.length <= longest) return [part, name, value];
    return [part, name, shortened(value), markOf(key, value)];
  });
}

/** What is different of the step: its variables first, for the rest may follow from them. `key`: of the step that the facts are of. */
export function changedFacts(facts: readonly Fact[], key: Digest, vertex: Vertex): readonly PartChange[] {
  const before = new Map(facts.map((fact) => [idOf(fact[0], fact[1]), fact]));
  const now = valuesOf(vertex);
  const names = new Set(now.map(({ part, name }) => idOf(part, name)));
  const changes: PartChange[] = [];
  for (const one of now) {
    const fact = before.get(idOf(one.part, one.name)) ?? before.get(idOf(otherKeyword(one.part), one.name));
    if (!fact || !isSame(fact, key, one.value)) changes.push(changeOf(one, fact));
  }
  for (const [part, name, shown] of facts) {
    if (names.has(idOf(part, name)) || names.has(idOf(otherKeyword(part), name))) continue;
    changes.push({ part, ...named(name), ...(shown === null ? {} : { from: shown }) });
  }
  const variables = changes.filter(({ part }) => isVariable(part));
  if (variables.length > 0) return variables;
  if (changes.length > 0) return changes;
  const order = (list: readonly (readonly [part: Part, name: string])[]) =>
    list.flatMap(([part, name]) => (isVariable(part) ? [name] : [])).join("\n");
  return order(facts.map(([part, name]) => [part, name])) === order(now.map(({ part, name }) => [part, name]))
    ? []
    : [{ part: "order" }];
}

interface Value {
  readonly part: Part;
  readonly name: string;
  readonly value: string;
  /** Nobody wants to read it. */
  readonly isHidden?: boolean;
}

function valuesOf({ op, text, variables = [], newestMs }: Vertex): readonly Value[] {
  const values: Value[] = variables.map(({ name, value, keyword }) => ({ part: keyword, name, value }));
  const epoch = newestMs === undefined ? [] : [option("SOURCE_DATE_EPOCH", newestMs / 1000)];
  return [...values, ...ownValues(op, text), ...epoch];
}

function ownValues(op: Op, text: string): readonly Value[] {
  // Only the last word is not in what a person sees as it is: a heredoc, or blanks that do not show.
  const hidden = (value: unknown): Value => {
    const part = text.includes("<<") ? "heredoc" : "blanks";
    return { part, name: "", value: JSON.stringify(value), isHidden: true };
  };
  switch (op.kind) {
    case "mkdir":
      return [setting("WORKDIR", op.path), setting("USER", op.user)];
    case "copy":
      return [setting("destination", op.destination), ...(op.inline.length > 0 ? [hidden(op.inline)] : [])];
    case "run": {
      const { extraHosts = [], shmSizeBytes, ulimits = [] } = op.host ?? {};
      return [
        setting("WORKDIR", op.cwd),
        setting("USER", op.user),
        setting("SHELL", op.args.slice(0, -1).join(" ")),
        option("network", op.network),
        ...extraHosts.map((host) => option("add-host", host.replace(/[:=].*$/s, ""))).slice(0, 1),
        ...(shmSizeBytes === undefined ? [] : [option("shm-size", shmSizeBytes)]),
        ...ulimits.map(({ name, soft, hard }) => option(`ulimit ${name}`, `${soft}:${hard}`)),
        hidden([op.args.at(-1), op.scripts ?? []]),
      ];
    }
    default:
      return [];
  }
}

function setting(part: Part, value: string): Value {
  return { part, name: "", value };
}

function option(name: string, value: string | number): Value {
  return { part: "option", name, value: String(value) };
}

function changeOf({ part, name, value, isHidden }: Value, before: Fact | undefined): PartChange {
  const isOpen = !isHidden && !isSecret(name, value);
  const change = { part, ...named(name) };
  if (!before) return isOpen ? { ...change, to: shortened(value) } : change;
  const [, , from] = before;
  const to = shortened(value);
  // Two long values may look alike where they are cut.
  return isOpen && from !== null && from !== to ? { ...change, from, to } : change;
}

function isSame([, , shown, mark]: Fact, key: Digest, value: string): boolean {
  return mark === undefined ? shown === value : mark === markOf(key, value);
}

function markOf(key: Digest, value: string): string {
  return digestOf(JSON.stringify(["drydock.fact", key, value])).slice(7, 19);
}

/** Also for what is shown of words: nobody's password is repeated. */
export function isSecret(name: string, value: string): boolean {
  return secretName.test(name) || secretValue.test(value);
}

export function shortened(value: string): string {
  return value.length > longest ? `${value.slice(0, shownOfLong)}…` : value;
}

function isVariable(part: Part): boolean {
  return part === "ARG" || part === "ENV";
}

/** An ARG that became an ENV of the same value is nothing that a step sees. */
function otherKeyword(part: Part): Part {
  return part === "ARG" ? "ENV" : part === "ENV" ? "ARG" : part;
}

function idOf(part: Part, name: string): string {
  return `${part} ${name}`;
}

function named(name: string): { readonly name?: string } {
  return name === "" ? {} : { name };
}
